from typing import Any

from django import forms
from django.contrib.admin import register
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import display
from unfold.widgets import UnfoldBooleanWidget

from contacts.admin.cells import contacts_link
from contacts.changes import tags as changes
from contacts.cleaning import Invalid, tag_key, tag_names
from contacts.models import ContactTag, Tag
from fluenzr_site.adminsite.forms import Refused, ScopedForm
from fluenzr_site.adminsite.scoped import ScopedAdmin, actor
from fluenzr_site.adminsite.site import site
from fluenzr_site.core.said import in_words


class TagForm(ScopedForm[Tag]):
    taken = ("name", gettext_lazy("There is a tag of this name already."))
    merge = forms.BooleanField(
        label=gettext_lazy("Merge"),
        required=False,
        widget=UnfoldBooleanWidget,
        help_text=gettext_lazy("Where there is a tag of that name already, make the two one."),
    )

    class Meta:
        model = Tag
        fields = ["name"]

    def clean_name(self) -> str:
        try:
            return tag_names([self.cleaned_data["name"]])[0]
        except Invalid as error:
            raise forms.ValidationError(in_words(error)) from error

    def write(self) -> Tag:
        name = self.cleaned_data["name"]
        other = Tag.objects.of(self.workspace).filter(key=tag_key(name)).exclude(pk=self.instance.pk).first()
        if other and not self.cleaned_data["merge"]:
            message = _("There is a tag “%(name)s” already. Tick “Merge” to make the two one.")
            raise Refused("name", message % {"name": other})
        return changes.rename_tag(self.instance, name, by=self.actor)


@register(Tag, site=site)
class TagAdmin(ScopedAdmin):
    delete_text = gettext_lazy("Delete tag")
    form = TagForm
    list_display = ["name", "contact_count", "created_at"]
    search_fields = ["name"]
    ordering = ["name", "id"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Tags come into being on contacts."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        counts = ContactTag.objects.filter(tag_id=OuterRef("pk")).order_by().values("tag_id")
        size = Subquery(counts.annotate(size=Count("*")).values("size"))
        return super().get_queryset(request).annotate(size=Coalesce(size, 0))

    @display(description=gettext_lazy("contacts"))
    def contact_count(self, tag: Any) -> SafeString | str:
        return contacts_link(tag.size, tag=tag.name)

    def delete_question(self, request: HttpRequest, obj: Any) -> str:
        borne = ngettext(
            "Delete the tag “%(name)s” and take it off %(count)d contact?",
            "Delete the tag “%(name)s” and take it off %(count)d contacts?",
            obj.size,
        )
        return borne % {"name": obj, "count": obj.size}

    def delete_model(self, request: HttpRequest, obj: Tag) -> None:
        changes.delete_tag(obj, by=actor(request))
