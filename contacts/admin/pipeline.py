from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import register
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from contacts.admin import board
from contacts.admin.board_statistics import Statistics
from contacts.admin.cells import chip, contacts_link
from contacts.changes import pipeline as changes
from contacts.models import Contact, PipelineStage
from fluenzr_site.adminsite.forms import ScopedForm
from fluenzr_site.adminsite.pages import shown
from fluenzr_site.adminsite.scoped import ScopedAdmin, actor
from fluenzr_site.adminsite.site import site
from fluenzr_site.adminsite.widgets import ColourInput


class StageForm(ScopedForm[PipelineStage]):
    taken = ("name", gettext_lazy("There is a stage of this name already."))

    class Meta:
        model = PipelineStage
        fields = ["name", "kind", "color", "position"]
        widgets = {"color": ColourInput}
        help_texts = {"position": gettext_lazy("Stages stand in this order, the smallest number first.")}

    def write(self) -> PipelineStage:
        values = self.given("name", "kind", "color", "position")
        if self.is_new:
            return changes.create_stage(self.workspace, values)
        return changes.update_stage(self.instance, values)


class MoveForm(forms.Form):
    """Where a deleted stage's contacts go."""

    move_to = forms.ModelChoiceField(
        label=gettext_lazy("Move its contacts to"),
        queryset=PipelineStage.objects.none(),
        widget=UnfoldAdminSelectWidget,
        empty_label=gettext_lazy("Select a stage"),
    )

    def __init__(self, stage: Any, data: Any) -> None:
        super().__init__(data)
        others: Any = self.fields["move_to"]
        others.queryset = PipelineStage.objects.of(stage.workspace).exclude(pk=stage.pk)
        others.required = stage.size > 0


@register(PipelineStage, site=site)
class StageAdmin(ScopedAdmin):
    add_text = gettext_lazy("Add pipeline stage")
    delete_text = gettext_lazy("Delete pipeline stage")
    form = StageForm
    list_display = ["shown_name", "kind", "contact_count", "position"]
    ordering = ["position", "id"]

    def site_urls(self) -> list[URLPattern]:
        """The board's addresses, which are the site's own: the menu tells it from the list of stages by them."""
        routes: dict[str, tuple[str, Any]] = {
            "": ("contacts_board", board.Board),
            "move/": ("contacts_board_move", board.MoveCard),
            "more/": ("contacts_board_more", board.MoreCards),
            "statistics/": ("contacts_board_stats", Statistics),
        }
        return [
            path(f"contacts/board/{route}", self.admin_site.admin_view(page.as_view(model_admin=self)), name=name)
            for route, (name, page) in routes.items()
        ]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"position": PipelineStage.objects.of(self.workspace(request)).count()}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        counts = Contact.objects.filter(stage_id=OuterRef("pk")).order_by().values("stage_id")
        size = Subquery(counts.annotate(size=Count("*")).values("size"))
        return super().get_queryset(request).annotate(size=Coalesce(size, 0))

    @display(description=gettext_lazy("name"), ordering="name")
    def shown_name(self, stage: PipelineStage) -> SafeString:
        return chip(stage.name, stage.color)

    @display(description=gettext_lazy("contacts"))
    def contact_count(self, stage: Any) -> SafeString | str:
        return contacts_link(stage.size, stage=stage.pk)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        stage = self.get_object(request, unquote(object_id))
        if not self.has_delete_permission(request):
            raise PermissionDenied
        if stage is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        form = MoveForm(stage, request.POST if request.method == "POST" else None)
        if form.is_valid():
            return self._delete(request, stage, form.cleaned_data["move_to"])
        asked = {"object": stage, "form": form, "question": self.delete_question(request, stage)}
        return shown(self, request, "contacts/stage_delete.html", _("Delete stage"), **asked)

    def _delete(self, request: HttpRequest, stage: PipelineStage, to: PipelineStage | None) -> HttpResponse:
        name = stage.name
        moved = changes.delete_stage(stage, move_to=to, by=actor(request))
        told = ngettext("%(count)d contact was moved.", "%(count)d contacts were moved.", moved)
        text = _("The stage “%(name)s” was deleted.") % {"name": name}
        messages.success(request, f"{text} {told % {'count': moved}}" if moved else text)
        return redirect("admin:contacts_pipelinestage_changelist")

    def delete_question(self, request: HttpRequest, obj: Any) -> str:
        asked = ngettext(
            "Delete the stage “%(name)s”? It has %(count)d contact.",
            "Delete the stage “%(name)s”? It has %(count)d contacts.",
            obj.size,
        )
        return asked % {"name": obj, "count": obj.size}
