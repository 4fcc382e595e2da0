from typing import Any

from django.contrib.admin import register
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from contacts.changes import locations as changes
from contacts.models import Contact, Location
from fluenzr_site.adminsite.forms import ScopedForm
from fluenzr_site.adminsite.scoped import ScopedAdmin
from fluenzr_site.adminsite.site import site


class LocationForm(ScopedForm[Location]):
    taken = ("title", gettext_lazy("There is a location of this title already."))

    class Meta:
        model = Location
        fields = ["title"]

    def write(self) -> Location:
        if self.is_new:
            return changes.create_location(self.workspace, self.cleaned_data["title"])
        return changes.rename_location(self.instance, self.cleaned_data["title"])


@register(Location, site=site)
class LocationAdmin(ScopedAdmin):
    add_text = gettext_lazy("Add location")
    delete_text = gettext_lazy("Delete location")
    form = LocationForm
    list_display = ["title"]
    search_fields = ["title"]
    ordering = ["title", "id"]

    def delete_question(self, request: HttpRequest, obj: Any) -> str:
        count = Contact.objects.of(self.workspace(request)).filter(location=obj).count()
        if not count:
            return _("Delete the location “%(name)s”? No contact has it.") % {"name": obj}
        asked = ngettext(
            "Delete the location “%(name)s”? %(count)d contact loses it.",
            "Delete the location “%(name)s”? %(count)d contacts lose it.",
            count,
        )
        return asked % {"name": obj, "count": count}

    def delete_model(self, request: HttpRequest, obj: Location) -> None:
        changes.delete_location(obj)
