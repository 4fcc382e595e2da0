from contacts.models.contact import COMPACT_PHONE, CONSENT_SOURCES, Contact
from contacts.models.custom_field import CustomField
from contacts.models.group import Group, GroupMembership
from contacts.models.imports import Import, ImportPart, ImportProblem, SavedMapping
from contacts.models.location import Location
from contacts.models.pipeline import PipelineStage, StageMove
from contacts.models.suppression import Suppression
from contacts.models.tag import ContactTag, Tag

__all__ = [
    "COMPACT_PHONE",
    "CONSENT_SOURCES",
    "Contact",
    "ContactTag",
    "CustomField",
    "Group",
    "GroupMembership",
    "Import",
    "ImportPart",
    "ImportProblem",
    "Location",
    "PipelineStage",
    "SavedMapping",
    "StageMove",
    "Suppression",
    "Tag",
]
