"""A workspace to look at: plausible people at addresses that nobody has."""

from typing import Any, Final

from contacts.changes.contacts import Rules, save_many
from contacts.changes.custom_fields import create_field
from contacts.changes.groups import create_group
from contacts.cleaning import clean
from fluenzr_site.events.recording import Actor
from fluenzr_site.workspaces.changes import create_workspace
from fluenzr_site.workspaces.models import Workspace

# First and last names that go together.
_NAMES: Final = (
    (("Mary", "Tom", "Grace", "Emma", "Olivia"), ("Johnson", "Baker", "Okafor", "Mitchell")),
    (("Jean", "Amélie", "Zoé", "Noé", "Hugo"), ("Dupont", "Lefèvre", "Moreau", "Girard")),
    (("राहुल", "अनीता", "नेहा"), ("शर्मा", "वर्मा")),
    (("Sofia", "Lucas", "Marco"), ("Rossi", "Silva")),
    (("Priya", "Vikram", "Anjali"), ("Patel", "Nair")),
)
_COMPANIES: Final = (
    *("StartupIO", "Acme Corp", "Atelier Nord", "Lotus Foods", "Blue Harbour", "Granite & Co", "Vela"),
)
_TITLES: Final = ("CEO", "Sales Director", "Head of Growth", "Founder", "Directrice commerciale")
_SECTORS: Final = ("SaaS", "Fintech", "Retail", "Logistics")
_TAGS: Final[tuple[list[str], ...]] = (
    ["prospect"],
    ["prospect", "saas"],
    ["fair 2026"],
    ["newsletter", "prospect"],
    [],
)


def make_demo(contacts: int = 200, name: str = "Demo") -> Workspace:
    """A workspace with so many contacts, groups, tags, a custom field and a filled pipeline."""
    workspace = create_workspace(name)
    groups = [
        create_group(workspace, {"name": "LinkedIn Leads", "color": "#3b82f6"}),
        create_group(workspace, {"name": "Customers", "color": "#22c55e"}),
    ]
    create_field(workspace, {"key": "sector", "label": "Sector", "type": "dropdown", "options": [*_SECTORS]})
    stages: list[str | None] = [*workspace.stages.values_list("pk", flat=True), None, None, None]
    rows = [_person(number, groups[number % 2].pk, stages[number * 7 % len(stages)]) for number in range(contacts)]
    for start in range(0, contacts, 1000):
        drafts = [clean(row, needs_email=True) for row in rows[start : start + 1000]]
        save_many(workspace, drafts, rules=Rules(), by=Actor("command", "demo"))
    return workspace


def _person(number: int, group_id: str, stage_id: str | None) -> dict[str, Any]:
    company = _pick(_COMPANIES, number * 3)
    first_names, last_names = _pick(_NAMES, number)
    turn = number // len(_NAMES)
    domain = "".join(letter for letter in company.lower() if letter.isalnum())
    return {
        "email": f"person{number + 1}@{domain}.example.com",
        "firstName": _pick(first_names, turn),
        "lastName": _pick(last_names, turn),
        "company": company,
        "jobTitle": _pick(_TITLES, number),
        "website": f"https://{domain}.example.com",
        "groupIds": [group_id] if number % 3 else [],
        "tags": _pick(_TAGS, number),
        "customFields": {"sector": _pick(_SECTORS, number)},
        "pipelineStageId": stage_id,
    }


def _pick(choices: Any, number: int) -> Any:
    return choices[number % len(choices)]
