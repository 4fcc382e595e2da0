from contacts.models.bulk_change import BulkChange, BulkPart, EarlierValues
from contacts.models.contact import COMPACT_PHONE, CONSENT_SOURCES, Contact
from contacts.models.custom_field import CustomField
from contacts.models.group import Group, GroupMembership
from contacts.models.imports import Import, ImportPart, ImportProblem, SavedMapping
from contacts.models.location import Location
from contacts.models.merge import Merge, NotDuplicates
from contacts.models.pipeline import PipelineStage, StageMove
from contacts.models.saved_view import ListChoice, SavedView
from contacts.models.suppression import Suppression
from contacts.models.tag import ContactTag, Tag

__all__ = [
    "BulkChange",
    "BulkPart",
    "COMPACT_PHONE",
    "CONSENT_SOURCES",
    "Contact",
    "ContactTag",
    "CustomField",
    "EarlierValues",
    "Group",
    "GroupMembership",
    "Import",
    "ImportPart",
    "ImportProblem",
    "ListChoice",
    "Location",
    "Merge",
    "NotDuplicates",
    "PipelineStage",
    "SavedMapping",
    "SavedView",
    "StageMove",
    "Suppression",
    "Tag",
]
