from typing import Any

from django.contrib.admin import register
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from import_export import resources
from import_export.admin import ExportMixin
from import_export.formats.base_formats import CSV, XLSX
from unfold.contrib.import_export.forms import ExportForm
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from contacts.admin.cells import chip, contacts_link
from contacts.changes import groups as changes
from contacts.models import Group, GroupMembership
from fluenzr_site.adminsite.forms import Refused, ScopedForm
from fluenzr_site.adminsite.scoped import ScopedAdmin, actor
from fluenzr_site.adminsite.site import site
from fluenzr_site.adminsite.widgets import ColourInput

NAME_TAKEN = gettext_lazy("There is a group of this name already.")


class GroupForm(ScopedForm[Group]):
    taken = ("name", NAME_TAKEN)

    class Meta:
        model = Group
        fields = ["name", "type", "description", "color"]
        widgets = {"color": ColourInput, "description": UnfoldAdminTextareaWidget({"rows": 3})}
        help_texts = {"type": gettext_lazy("Whoever enters a dynamic group is enrolled in the campaigns linked to it.")}

    def write(self) -> Group:
        values = self.given("name", "type", "description", "color")
        try:
            if self.is_new:
                return changes.create_group(self.workspace, values)
            return changes.update_group(self.instance, values)
        except changes.NameTaken as error:
            raise Refused("name", NAME_TAKEN) from error


class GroupResource(resources.ModelResource):  # type: ignore[misc, unused-ignore]
    class Meta:
        model = Group
        fields = ("id", "name", "type", "description", "color", "created_at")


@register(Group, site=site)
class GroupAdmin(ExportMixin, ScopedAdmin):  # type: ignore[misc, unused-ignore]
    add_text = gettext_lazy("Add group")
    delete_text = gettext_lazy("Delete group")
    form = GroupForm
    resource_classes = [GroupResource]
    export_form_class = ExportForm
    formats = [CSV, XLSX]
    list_display = ["shown_name", "type", "contact_count", "created_at"]
    search_fields = ["name", "description"]
    ordering = ["name", "id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        counts = GroupMembership.objects.filter(group_id=OuterRef("pk")).order_by().values("group_id")
        size = Subquery(counts.annotate(size=Count("*")).values("size"))
        return super().get_queryset(request).annotate(size=Coalesce(size, 0))

    @display(description=gettext_lazy("name"), ordering="name")
    def shown_name(self, group: Group) -> SafeString:
        return chip(group.name, group.color)

    @display(description=gettext_lazy("contacts"))
    def contact_count(self, group: Any) -> SafeString | str:
        return contacts_link(group.size, group=group.pk)

    def delete_question(self, request: HttpRequest, obj: Any) -> str:
        kept = ngettext("Its contact stays.", "Its %(count)d contacts stay.", obj.size) % {"count": obj.size}
        return _("Delete the group “%(name)s”? %(kept)s") % {"name": obj, "kept": kept if obj.size else ""}

    def delete_model(self, request: HttpRequest, obj: Group) -> None:
        changes.delete_group(obj, by=actor(request))
