from typing import Any, Final

from django.contrib import messages
from django.contrib.admin import register
from django.contrib.admin.utils import unquote
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.admin import bulk, contact_page, duplicates, merging, privacy, views
from contacts.admin.contact_form import ContactForm, contact_form
from contacts.admin.filters import FILTERS, custom_field_filters
from contacts.admin.views_export import beginning_with
from contacts.admin.views_list import ContactList, layout, opening, own_fields, remember
from contacts.admin.views_paginator import RememberingPaginator
from contacts.models import Contact, CustomField
from contacts.queries import matching
from fluenzr_site.adminsite.pages import Page
from fluenzr_site.adminsite.remembering import once
from fluenzr_site.adminsite.scoped import ScopedAdmin
from fluenzr_site.adminsite.site import site

LIST: Final = "admin:contacts_contact_changelist"


@register(Contact, site=site)
class ContactAdmin(ScopedAdmin):
    add_text = gettext_lazy("Add contact")
    delete_text = gettext_lazy("Delete contact")
    form = ContactForm
    list_display = ["__str__"]
    list_fullwidth = True
    list_max_show_all = 0
    # Labels above the fields: the history stands beside them.
    compressed_fields = False
    change_list_template = "contacts/list/page.html"
    change_form_template = "contacts/contact/page.html"
    search_fields = ["search_text"]
    search_help_text = gettext_lazy("Name, e-mail, company or job title")
    ordering = ["-id"]

    # -------------------------------------------------------------------------------------------- the list

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        workspace = self.workspace(request)
        elsewhere = opening(request, workspace) if request.method == "GET" else ""
        if elsewhere:
            return HttpResponseRedirect(request.path + elsewhere)
        remember(request, workspace)
        page: Any = super().changelist_view(request, extra_context)
        return page  # type: ignore[no-any-return]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ContactList]:
        return ContactList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        seen, rows = layout(request), super().get_queryset(request).prefetch_related(*layout(request).prefetched)
        # Without a name it would fetch all that there is.
        return rows.select_related(*seen.related) if seen.related else rows

    def get_paginator(self, request: HttpRequest, *args: Any, **kwargs: Any) -> "Paginator[Any]":
        return RememberingPaginator(self.workspace(request), *args, **kwargs)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return (matching(queryset, search_term) if search_term.strip() else queryset), False

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return once(request, "_contact_filters", lambda: [*FILTERS, *custom_field_filters(own_fields(request))])

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        super().get_actions(request)
        exported = layout(request).exported
        actions: list[Any] = [*(beginning_with(action, exported) for action in bulk.ACTIONS), merging.CHOSEN]
        return {action.name: (action, action.name, action.label) for action in actions}

    # -------------------------------------------------------------------------------------------- the form

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        kwargs["form"] = contact_form(self.workspace(request))
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        own = CustomField.objects.of(self.workspace(request)).values_list("pk", flat=True)
        person = ["email", ("first_name", "last_name"), ("company", "job_title"), ("phone", "website")]
        work = [
            "status",
            *([] if obj else ["stage_choice"]),
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
        routes: list[tuple[str, str, type[Page]]] = [
            ("views/", "contacts_views", views.Add),
            ("views/<str:view_id>/", "contacts_view", views.Change),
            ("columns/", "contacts_columns", views.Columns),
            ("duplicates/", "contacts_duplicates", duplicates.Duplicates),
            ("merge/", "contacts_merge", merging.Compare),
            ("merge/<str:merge_id>/undo/", "contacts_merge_undo", merging.Undo),
            ("<str:object_id>/data/", "contacts_contact_data", privacy.Data),
            ("<str:object_id>/erase/", "contacts_contact_erase", privacy.Erase),
            ("<str:object_id>/stage/", "contacts_contact_stage", contact_page.Stage),
            ("<str:object_id>/block/", "contacts_contact_block", contact_page.Block),
            ("<str:object_id>/timeline/", "contacts_contact_timeline", contact_page.Timeline),
        ]
        ours = [
            path(route, self.admin_site.admin_view(page.as_view(model_admin=self)), name=name)
            for route, name, page in routes
        ]
        return ours + list(super().get_urls())

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        contact = self.get_object(request, unquote(object_id))
        told = contact_page.context(request, contact) if contact else {}
        page: HttpResponse = super().change_view(request, object_id, form_url, told | (extra_context or {}))
        return page

    # ------------------------------------------------------------------------------------------- deleting it

    def delete_question(self, request: HttpRequest, obj: Any) -> str:
        return _("Delete the contact “%(name)s”?") % {"name": obj}

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        contact = self.get_object(request, unquote(object_id)) if self.has_delete_permission(request) else None
        if contact is not None and request.method == "POST":
            # Not by Django's view: a bulk change's steps are transactions of their own.
            bulk.delete_one(request, self.workspace(request), contact.pk)
            return redirect(LIST)
        page: HttpResponse = super().delete_view(
            request, object_id, {"hint": bulk.deleting_hint()} | (extra_context or {})
        )
        return page

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        told = '{} <a class="text-link" href="{}">{}</a>'
        gone = _("This contact isn't there any more: somebody has deleted it, or merged it with another.")
        messages.warning(request, format_html(told, gone, reverse("admin:contacts_changes"), _("Recent changes")))
        return redirect(LIST)
