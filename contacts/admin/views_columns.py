"""The columns of the contacts' list: those there are, those a person sees, and what stands in their cells."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from django.utils.formats import date_format
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.admin.cells import badge, chip, chips
from contacts.admin.people import person_name
from contacts.models import Contact, CustomField, ListChoice, SavedView

CUSTOM: Final = "custom:"
MOST: Final = 15
Cell = SafeString | str


@dataclass(frozen=True, slots=True)
class Column:
    """``sort``: by what the list is ordered where its head is pressed. ``needs``: relations to fetch.
    ``exports``: what the export calls it.
    """

    name: str
    label: Any
    cell: Callable[[Contact], Cell]
    sort: str = ""
    needs: tuple[str, ...] = ()
    exports: tuple[str, ...] = ()


def _text(attribute: str, contact: Contact) -> Cell:
    value = str(getattr(contact, attribute) or "")
    return format_html('<span title="{0}">{0}</span>', value) if len(value) > 18 else escape(value)


def _day(attribute: str, contact: Contact) -> Cell:
    moment = getattr(contact, attribute)
    return date_format(localtime(moment), "SHORT_DATE_FORMAT")


def _website(contact: Contact) -> Cell:
    return escape(contact.website.removeprefix("https://").removeprefix("http://").removesuffix("/"))


def _stage(contact: Contact) -> Cell:
    return chip(contact.stage.name, contact.stage.color) if contact.stage else ""


def _groups(contact: Contact) -> Cell:
    return chips([group.name for group in contact.groups.all()], most=1)


def _tags(contact: Contact) -> Cell:
    return chips([tag.name for tag in contact.tags.all()], most=1)


def _custom(key: str, contact: Contact) -> Cell:
    value = contact.custom_fields.get(key)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    text = "" if value is None else str(value)
    return format_html('<span title="{0}">{0}</span>', text) if len(text) > 18 else escape(text)


NAME: Final = Column(
    "name",
    gettext_lazy("name"),
    lambda contact: escape(contact.full_name or contact.email or contact.phone or contact.pk),
    exports=("firstName", "lastName"),
)
STANDARD: Final = (
    Column("email", gettext_lazy("e-mail"), partial(_text, "email"), sort="email", exports=("email",)),
    Column("company", gettext_lazy("company"), partial(_text, "company"), exports=("company",)),
    Column("job_title", gettext_lazy("job title"), partial(_text, "job_title"), exports=("jobTitle",)),
    Column("phone", gettext_lazy("phone"), partial(_text, "phone"), exports=("phone",)),
    Column("website", gettext_lazy("website"), _website, exports=("website",)),
    Column("stage", gettext_lazy("stage"), _stage, needs=("stage",), exports=("pipelineStage",)),
    Column("groups", gettext_lazy("groups"), _groups, needs=("groups",), exports=("groups",)),
    Column("tags", gettext_lazy("tags"), _tags, needs=("tags",), exports=("tags",)),
    Column("status", gettext_lazy("status"), lambda contact: badge(contact.status), exports=("status",)),
    Column(
        "owner",
        gettext_lazy("owner"),
        lambda contact: escape(person_name(contact.owner)) if contact.owner else "",
        needs=("owner",),
    ),
    Column(
        "location",
        gettext_lazy("location"),
        lambda contact: escape(contact.location.title) if contact.location else "",
        needs=("location",),
    ),
    Column("channel", gettext_lazy("channel"), partial(_text, "channel")),
    Column("consent", gettext_lazy("consent source"), lambda contact: contact.get_consent_source_display()),
    Column("created", gettext_lazy("created"), partial(_day, "created_at"), sort="pk", exports=("createdAt",)),
    Column("updated", gettext_lazy("changed"), partial(_day, "updated_at"), sort="updated_at", exports=("updatedAt",)),
)
AT_FIRST: Final = ("email", "company", "stage", "groups", "tags", "status", "created")
_PREFETCHED: Final = ("groups", "tags")


def all_columns(own: Iterable[CustomField]) -> dict[str, Column]:
    """Every column but the name, which is always first, by its name; with the workspace's own fields."""
    keys = {field.key: field.label for field in own}
    mine = [
        Column(f"{CUSTOM}{key}", label, partial(_custom, key), exports=(f"{CUSTOM}{key}",))
        for key, label in keys.items()
    ]
    return {column.name: column for column in (*STANDARD, *mine)}


@dataclass(slots=True)
class Layout:
    """What one person sees of a workspace's list: the columns there are, those shown, and their own choice."""

    known: Mapping[str, Column]
    choice: ListChoice | None
    views: Sequence[SavedView]
    view: SavedView | None = None
    names: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        chosen = (self.view and self.view.columns) or (self.choice and self.choice.columns) or AT_FIRST
        # A custom field may be gone.
        self.names = [name for name in chosen if name in self.known] or [
            name for name in AT_FIRST if name in self.known
        ]

    @property
    def shown(self) -> list[Column]:
        return [NAME, *(self.known[name] for name in self.names)]

    @property
    def hidden(self) -> list[Column]:
        return [column for name, column in self.known.items() if name not in self.names]

    @property
    def related(self) -> list[str]:
        return [need for column in self.shown for need in column.needs if need not in _PREFETCHED]

    @property
    def prefetched(self) -> list[str]:
        return [need for column in self.shown for need in column.needs if need in _PREFETCHED]

    @property
    def exported(self) -> list[str]:
        """The columns of an export of what the list shows."""
        return [name for column in self.shown for name in column.exports]


def rows_html(layout: Layout, rows: Sequence[Contact], address: Callable[[str], str], checkbox: str) -> SafeString:
    """The rows of the table. By hand, since a page of fifty is most of what a list costs."""
    columns = [
        (escape(column.name.replace(":", "-")), escape(str(column.label)), column.cell) for column in layout.shown[1:]
    ]
    tick = str(_("Select %(name)s"))
    made = []
    for contact in rows:
        name = NAME.cell(contact)
        cells = [
            f'<td class="field-{key}" data-label="{label}">{cell(contact) or "<i>–</i>"}</td>'
            for key, label, cell in columns
        ]
        made.append(
            f'<tr class="data-row"><td class="action-checkbox"><input type="checkbox" name="{checkbox}" '
            f'value="{contact.pk}" class="action-select" aria-label="{tick % {"name": name}}"></td>'
            f'<th scope="row" class="field-name"><a href="{escape(address(contact.pk))}">{name}</a></th>'
            f"{''.join(cells)}</tr>"
        )
    return mark_safe("".join(made))  # noqa: S308 - every value is escaped above or by its cell
