"""The forms of webhooks. A secret goes in, and comes out once."""

from datetime import timedelta
from typing import Any, ClassVar, Final

from django import forms
from django.core.validators import MinLengthValidator, RegexValidator
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.widgets import CHECKBOX_CLASSES, INPUT_CLASSES, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from fluenzr_site.adminsite.forms import Refused, ScopedForm
from fluenzr_site.core.said import in_words
from fluenzr_site.events.types import ALL
from fluenzr_site.webhooks import changes
from fluenzr_site.webhooks.admin.said import grouped_events, needs_plan
from fluenzr_site.webhooks.api.serializers import SHORTEST_SECRET
from fluenzr_site.webhooks.models import Webhook
from fluenzr_site.webhooks.urls_allowed import InvalidUrl, check_url

_HOURS: Final[list[tuple[int, Any]]] = [
    (0, gettext_lazy("Not at all: it is invalid at once")),
    (1, gettext_lazy("For an hour")),
    (24, gettext_lazy("For a day")),
    (72, gettext_lazy("For three days")),
    (168, gettext_lazy("For a week")),
]


class EventsInput(forms.CheckboxSelectMultiple):
    """Checkboxes below headings, and a button for all of them."""

    # The theme would set one that says "checkbox" beside its label, as a single one.
    input_type = "checkboxes"

    def __init__(self, attrs: Any = None, choices: Any = ()) -> None:
        super().__init__({"class": " ".join(CHECKBOX_CLASSES), **(attrs or {})}, choices)

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        return render_to_string("webhooks/events.html", self.get_context(name, value, attrs))


class MomentInput(forms.DateTimeInput):
    """The browser's own calendar and clock."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__({"class": f"{' '.join(INPUT_CLASSES)} flz-moment"}, format="%Y-%m-%dT%H:%M")


class EventsField(forms.MultipleChoiceField):
    """At least one type of event, in the order of the documents."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=EventsInput, choices=grouped_events, label=gettext_lazy("Events"), **kwargs)
        self.error_messages["required"] = gettext_lazy("Choose at least one event.")

    def clean(self, value: Any) -> list[str]:
        chosen = set(super().clean(value))
        return [type_ for type_ in ALL if type_ in chosen]


class SecretField(forms.CharField):
    """A secret of one's own; empty: one is made."""

    def __init__(self) -> None:
        super().__init__(
            label=gettext_lazy("A secret of your own"),
            required=False,
            strip=False,
            max_length=255,
            validators=[
                RegexValidator(r"\A[!-~]+\Z", gettext_lazy("Use letters, digits and signs of ASCII, without spaces.")),
                MinLengthValidator(SHORTEST_SECRET),
            ],
            widget=UnfoldAdminTextInputWidget({"autocomplete": "off", "spellcheck": "false"}),
            help_text=gettext_lazy("Mostly left empty: a good one is made for you, and shown once."),
        )


class WebhookForm(ScopedForm[Webhook]):
    events = EventsField()
    own_secret = SecretField()

    class Meta:
        model = Webhook
        fields: ClassVar = ["url", "events"]
        help_texts: ClassVar = {
            "url": gettext_lazy(
                "Where the events go, such as https://example.com/webhooks/fluenzr. Keep it to yourself."
            ),
        }

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        try:
            check_url(url)
        except InvalidUrl as error:
            raise forms.ValidationError(in_words(error)) from error
        return url

    def write(self) -> Webhook:
        values = self.given("url", "events")
        try:
            if not self.is_new:
                return changes.update(self.workspace, self.instance.pk, values)
            made, secret = changes.create(self.workspace, secret=self.cleaned_data["own_secret"], **values)
        except changes.TooMany as error:
            raise Refused(None, _("A workspace has at most %(count)d webhooks.") % {"count": changes.MOST}) from error
        except changes.NeedsPlan as error:
            raise Refused(None, needs_plan()) from error
        except changes.Unknown as error:
            raise Refused(None, _("This webhook was deleted meanwhile.")) from error
        made.shown_secret = secret  # type: ignore[attr-defined]
        return made


class RotateForm(forms.Form):
    hours = forms.TypedChoiceField(
        label=gettext_lazy("How long the old one stays valid"),
        choices=_HOURS,
        coerce=int,
        initial=int(changes.OVERLAP / timedelta(hours=1)),
        widget=UnfoldAdminSelectWidget,
    )
    own_secret = SecretField()

    @property
    def overlap(self) -> timedelta:
        return timedelta(hours=self.cleaned_data["hours"])


class ReplayForm(forms.Form):
    """``start`` and ``end`` are of the zone that the pages show times in; without an end it is now."""

    start = forms.DateTimeField(label=pgettext_lazy("first moment", "From"), widget=MomentInput)
    end = forms.DateTimeField(label=gettext_lazy("Up to"), widget=MomentInput, required=False)
    events = EventsField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["start"].help_text = _("In %(zone)s.") % {"zone": get_current_timezone_name()}
        self.fields["end"].help_text = _("Empty: up to now.")

    def clean(self) -> dict[str, Any]:
        start, end = self.cleaned_data.get("start"), self.cleaned_data.get("end")
        if start and end and end < start:
            self.add_error("end", _("This is before the beginning."))
        return self.cleaned_data
