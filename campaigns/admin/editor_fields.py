"""The contact fields that conditions compare and e-mails put in, under the names people know them by."""

from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import queries
from contacts.models import Contact, CustomField, PipelineStage
from fluenzr_site.workspaces.models import Workspace

_LABELS: Final[dict[str, str | Promise]] = {
    "firstName": gettext_lazy("First name"),
    "lastName": gettext_lazy("Last name"),
    "fullName": gettext_lazy("Full name"),
    "email": gettext_lazy("E-mail"),
    "company": gettext_lazy("Company"),
    "jobTitle": gettext_lazy("Job title"),
    "phone": gettext_lazy("Phone"),
    "website": gettext_lazy("Website"),
    "status": gettext_lazy("Status"),
    "channel": gettext_lazy("Channel"),
    "notes": gettext_lazy("Notes"),
    "pipelineStage": gettext_lazy("Pipeline stage"),
    "stage": gettext_lazy("Pipeline stage"),
    "tags": gettext_lazy("Tags"),
    "groups": gettext_lazy("Groups"),
    "location": gettext_lazy("Location"),
    "owner": gettext_lazy("Owner"),
    "createdAt": gettext_lazy("Created on"),
    "updatedAt": gettext_lazy("Last changed on"),
    "consentDate": gettext_lazy("Consent date"),
    "unsubscribe_link": gettext_lazy("Unsubscribe link"),
    "current_date": gettext_lazy("Today's date"),
    "current_year": gettext_lazy("This year"),
}
_DATES: Final = {"current_date", "createdAt", "updatedAt", "consentDate"}


def fields(workspace: Workspace) -> list[dict[str, Any]]:
    """Standard fields in the order of their use, then the workspace's own, then what isn't the contact's.

    ``name`` is what templates and conditions say, ``kind`` is contact, own or system; ``alias`` is a name that is
    understood and not offered.
    """
    own = list(CustomField.objects.of(workspace))
    known = queries.known_fields(workspace)
    keys = {field.key for field in own}
    standard = [name for name in _LABELS if name in known and not (name in keys and name in queries.RELATED)]
    standard += sorted(known - set(standard) - keys)
    stages = _stages(workspace)
    options = {"status": list(Contact.Status.values), "pipelineStage": stages, "stage": stages}
    return [
        *(_field(name, "contact", options=options.get(name, [])) for name in standard),
        *(_own(field) for field in own if field.key not in standard),
        *(_field(name, "system") for name in queries.SYSTEM),
    ]


def _stages(workspace: Workspace) -> list[str]:
    return list(PipelineStage.objects.of(workspace).values_list("name", flat=True))


def _field(name: str, kind: str, *, options: list[str] | None = None) -> dict[str, Any]:
    type_ = "date" if name in _DATES else "text"
    return {"name": name, "label": str(_LABELS.get(name, name)), "kind": kind, "type": type_} | {
        "options": options or [],
        "alias": name in queries.ALIASES,
    }


def _own(field: CustomField) -> dict[str, Any]:
    options = [str(option) for option in field.options]
    if field.type == CustomField.Type.CHECKBOX:
        options = ["true", "false"]
    return {"name": field.key, "label": field.label, "kind": "own", "type": field.type} | {
        "options": options,
        "alias": False,
    }


def kinds() -> dict[str, str]:
    """The headings that fields stand under."""
    return {"contact": _("Contact"), "own": _("Your own fields"), "system": _("Other")}
