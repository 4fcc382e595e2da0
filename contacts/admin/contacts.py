from typing import Any

from django.contrib.admin import register
from django.contrib.admin.utils import unquote
from django.core.exceptions import EmptyResultSet
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from contacts.admin import bulk, privacy
from contacts.admin.cells import chip, chips
from contacts.admin.contact_form import ContactForm, contact_form
from contacts.admin.filters import FILTERS, custom_field_filters
from contacts.admin.history import history
from contacts.changes.contacts import delete_many
from contacts.models import Contact, CustomField
from contacts.queries import matching
from fluenzr_site.adminsite.remembering import once
from fluenzr_site.adminsite.scoped import ScopedAdmin, actor
from fluenzr_site.adminsite.site import site
from fluenzr_site.api.totals import remembered
from fluenzr_site.workspaces.models import Workspace

STATUS_COLOURS = {
    Contact.Status.ACTIVE: "success",
    Contact.Status.REPLIED: "info",
    Contact.Status.UNSUBSCRIBED: "warning",
    Contact.Status.BOUNCED: "danger",
    Contact.Status.BLOCKED: "danger",
}


class RememberingPaginator(Paginator):  # type: ignore[type-arg]  # Django's has no parameter at run time
    """Counts a list once, and again only after the workspace has changed."""

    workspace: Workspace

    @cached_property
    def count(self) -> int:
        contacts: Any = self.object_list
        try:
            sql, params = contacts.order_by().query.sql_with_params()
            question = (sql, tuple(params))
            hash(question)
        except EmptyResultSet:
            return 0
        except TypeError:
            return int(contacts.count())
        return remembered(self.workspace, question, contacts.count)


@register(Contact, site=site)
class ContactAdmin(ScopedAdmin):
    form = ContactForm
    list_display = [
        "name",
        "shown_email",
        "company",
        "shown_stage",
        "shown_groups",
        "shown_tags",
        "shown_status",
        "created",
    ]
    list_select_related = ["stage"]
    list_fullwidth = True
    list_before_template = "contacts/filter_chips.html"
    search_fields = ["search_text"]
    search_help_text = gettext_lazy("Name, e-mail, company or job title")
    sortable_by = ["shown_email", "created"]
    ordering = ["-id"]
    change_form_outer_after_template = "contacts/history.html"

    # -------------------------------------------------------------------------------------------- the list

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("groups", "tags")

    def get_paginator(self, request: HttpRequest, *args: Any, **kwargs: Any) -> "Paginator[Any]":
        paginator = RememberingPaginator(*args, **kwargs)
        paginator.workspace = self.workspace(request)
        return paginator

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return (matching(queryset, search_term) if search_term.strip() else queryset), False

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        workspace = self.workspace(request)
        return once(request, "_contact_filters", lambda: [*FILTERS, *custom_field_filters(workspace)])

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        super().get_actions(request)
        return {action.name: (action, action.name, action.label) for action in bulk.ACTIONS}

    @display(description=gettext_lazy("name"))
    def name(self, contact: Contact) -> str:
        return contact.full_name or contact.email or contact.phone or contact.pk

    @display(description=gettext_lazy("e-mail"), ordering="email")
    def shown_email(self, contact: Contact) -> str:
        return contact.email or "–"

    @display(description=gettext_lazy("stage"))
    def shown_stage(self, contact: Contact) -> SafeString | str:
        return chip(contact.stage.name, contact.stage.color) if contact.stage else "–"

    @display(description=gettext_lazy("groups"))
    def shown_groups(self, contact: Contact) -> SafeString | str:
        return chips([group.name for group in contact.groups.all()], most=1)

    @display(description=gettext_lazy("tags"))
    def shown_tags(self, contact: Contact) -> SafeString | str:
        return chips([tag.name for tag in contact.tags.all()], most=1)

    @display(description=gettext_lazy("status"), label=STATUS_COLOURS)
    def shown_status(self, contact: Contact) -> tuple[str, str]:
        return contact.status, contact.get_status_display()

    @display(description=gettext_lazy("created"), ordering="id")
    def created(self, contact: Contact) -> str:
        return date_format(contact.created_at, "SHORT_DATE_FORMAT")

    # -------------------------------------------------------------------------------------------- the form

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        kwargs["form"] = contact_form(self.workspace(request))
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        own = CustomField.objects.of(self.workspace(request)).values_list("pk", flat=True)
        person = ["email", ("first_name", "last_name"), ("company", "job_title"), ("phone", "website")]
        work = [
            "status",
            "stage_choice",
            "owner_choice",
            "group_ids",
            "tag_names",
            "location_choice",
            "channel",
        ]
        consent = ["consent_source", "consent_date", "consent_notes", "tracking_objection"]
        sections = [
            (None, person),
            (_("Work"), work),
            (_("Custom fields"), [f"own_{pk}" for pk in own]),
            (_("Notes"), ["notes"]),
            (_("Consent"), consent),
        ]
        return [(title, {"fields": fields}) for title, fields in sections if fields]

    def get_urls(self) -> list[URLPattern]:
        routes = {"data": privacy.Data, "erase": privacy.Erase}
        ours = [
            path(
                f"<str:object_id>/{name}/",
                self.admin_site.admin_view(page.as_view(model_admin=self)),
                name=f"contacts_contact_{name}",
            )
            for name, page in routes.items()
        ]
        return ours + list(super().get_urls())

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        contact = self.get_object(request, unquote(object_id))
        told = {"history": history(contact)} if contact else {}
        page: HttpResponse = super().change_view(request, object_id, form_url, told | (extra_context or {}))
        return page

    def delete_question(self, request: HttpRequest, obj: Any) -> str:
        return _("Delete the contact “%(name)s” and its history in the pipeline?") % {"name": obj}

    def delete_model(self, request: HttpRequest, obj: Contact) -> None:
        delete_many(self.workspace(request), [obj.pk], by=actor(request))
