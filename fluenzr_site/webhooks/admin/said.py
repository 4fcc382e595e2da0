"""What the pages say of webhooks, events and times."""

from collections.abc import Sequence
from typing import Any, Final

from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from fluenzr_site.core import clock
from fluenzr_site.events import types
from fluenzr_site.webhooks.models import Attempt, Webhook

STATUS_COLOURS: Final[dict[str, str]] = {
    Webhook.Status.ACTIVE: "success",
    Webhook.Status.FAILED: "danger",
    # Without a colour the list would show the bare value.
    Webhook.Status.DISABLED: "",
}
OUTCOME_COLOURS: Final[dict[str, str]] = {
    Attempt.Status.DELIVERED: "success",
    Attempt.Status.FAILED: "danger",
    Attempt.Status.PENDING: "info",
}
GONE: Final = 410
_GROUPS: Final[dict[str, Any]] = {
    "contact": gettext_lazy("Contacts"),
    "campaign": gettext_lazy("Campaigns"),
    "email": gettext_lazy("E-mails"),
}
_MEANINGS: Final[dict[str, Any]] = {
    types.CONTACT_CREATED: gettext_lazy("A contact was added"),
    types.CONTACT_UPDATED: gettext_lazy("A contact was changed"),
    types.CONTACT_DELETED: gettext_lazy("A contact was deleted"),
    types.CAMPAIGN_STARTED: gettext_lazy("A campaign was started"),
    types.CAMPAIGN_PAUSED: gettext_lazy("A campaign was paused"),
    types.CAMPAIGN_COMPLETED: gettext_lazy("A campaign came to its end"),
    types.EMAIL_SENT: gettext_lazy("An e-mail was sent"),
    types.EMAIL_DELIVERED: gettext_lazy("The recipient's server took an e-mail"),
    types.EMAIL_OPENED: gettext_lazy("An e-mail was opened"),
    types.EMAIL_CLICKED: gettext_lazy("A link was clicked"),
    types.EMAIL_REPLIED: gettext_lazy("Somebody replied"),
    types.EMAIL_BOUNCED: gettext_lazy("An e-mail bounced"),
    types.EMAIL_UNSUBSCRIBED: gettext_lazy("Somebody unsubscribed"),
}


def grouped_events() -> list[tuple[str, list[tuple[str, SafeString]]]]:
    """The choices of a form: each type with its meaning, below what it is about."""
    groups: dict[str, list[tuple[str, SafeString]]] = {}
    for type_ in types.ALL:
        label = format_html("{} <code>{}</code>", _MEANINGS.get(type_, ""), type_)
        groups.setdefault(type_.partition(".")[0], []).append((type_, label))
    return [(str(_GROUPS.get(about, about)), choices) for about, choices in groups.items()]


def how_many_events(chosen: Sequence[str]) -> str:
    if set(chosen) >= set(types.ALL):
        return _("All events")
    return ngettext("%(count)d event", "%(count)d events", len(chosen)) % {"count": len(chosen)}


def reasons(webhook: Webhook, *, is_gone: bool) -> list[str]:
    """Why it is as it is, and what to do. ``is_gone``: its receiver's last answer was 410."""
    if webhook.status == Webhook.Status.FAILED:
        return [
            _(
                "Its last deliveries all failed, so it gets no more events. Its log says why: mend the receiver, send "
                "a test, then switch the webhook on again and replay what it missed."
            )
        ]
    if webhook.status == Webhook.Status.DISABLED:
        gone = [_("The receiver answered that it is gone for good (410).")] if is_gone else []
        return [*gone, _("It is switched off: it gets no events until somebody switches it on again.")]
    return [*_rest(webhook), *_failures(webhook)]


def needs_plan() -> str:
    return _("The plan of this workspace has no API, which webhooks are part of: nothing is sent to them.")


def _rest(webhook: Webhook) -> list[str]:
    if webhook.rests_until is None or webhook.rests_until <= clock.now():
        return []
    until = date_format(localtime(webhook.rests_until), "SHORT_DATETIME_FORMAT")
    return [_("Its receiver asked for a rest (Retry-After): until %(time)s nothing is sent.") % {"time": until}]


def _failures(webhook: Webhook) -> list[str]:
    if not webhook.failures:
        return []
    text = ngettext(
        "The last delivery was given up: its log says why.",
        "The last %(count)d deliveries were given up: its log says why.",
        webhook.failures,
    )
    return [text % {"count": webhook.failures}]
