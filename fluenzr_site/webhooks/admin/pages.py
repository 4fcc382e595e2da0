"""What can be done with a webhook from its page: test it, switch it, rotate its secret, replay a period."""

import hashlib
from datetime import timedelta
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fluenzr_site.adminsite.pages import Page, shown
from fluenzr_site.adminsite.scoped import ScopedAdmin, actor
from fluenzr_site.core import clock
from fluenzr_site.webhooks import changes, deliver
from fluenzr_site.webhooks.admin import said
from fluenzr_site.webhooks.admin.forms import ReplayForm, RotateForm
from fluenzr_site.webhooks.models import Attempt, Webhook

Status = Webhook.Status


class WebhookPage(Page):
    """Something about one webhook of the workspace; any other is not there. Opened as a page, it does nothing."""

    webhook: Webhook

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.webhook_id = kwargs.pop("object_id", "")
        try:
            return super().dispatch(request, *args, **kwargs)
        except changes.Unknown as error:
            raise Http404 from error
        except changes.NeedsPlan:
            messages.error(request, said.needs_plan())
            return self.back()

    def get(self, request: HttpRequest, **_kwargs: str) -> HttpResponse:
        self.load()
        return self.back()

    def load(self) -> Webhook:
        found = Webhook.objects.one_of(self.workspace, self.webhook_id)
        if found is None:
            raise Http404
        self.webhook = found
        return found

    def show(self, title: str, **context: Any) -> TemplateResponse:
        # "original" puts the way back to the webhook above the page.
        return super().show(title, webhook=self.webhook, original=self.webhook, **context)

    def back(self) -> HttpResponse:
        return redirect("admin:webhooks_webhook_change", self.webhook.pk)


class SwitchOn(WebhookPage):
    def post(self, request: HttpRequest) -> HttpResponse:
        changes.update(self.workspace, self.load().pk, {"status": Status.ACTIVE})
        messages.success(request, _("The webhook is on: it gets what happens from now on."))
        return self.back()


class SwitchOff(WebhookPage):
    def post(self, request: HttpRequest) -> HttpResponse:
        changes.update(self.workspace, self.load().pk, {"status": Status.DISABLED})
        messages.success(request, _("The webhook is off: nothing is sent to it until it is switched on again."))
        return self.back()


class SendTest(WebhookPage):
    """Outside any transaction: the receiver may take half a minute."""

    template = "webhooks/tested.html"

    def post(self, request: HttpRequest) -> HttpResponse:
        begun = changes.begin_test(self.load(), by=actor(request))
        attempt = deliver.send_test(begun)
        self.load()
        return self.show(_("Test of a webhook"), attempt=attempt, advice=_advice(attempt))


def _advice(attempt: Attempt) -> str:
    """What a refusal mostly means."""
    code = attempt.status_code
    if code is None:
        return _("Is the address right, does the receiver run, and does a firewall let it be reached from here?")
    if 300 <= code < 400:
        return _("The receiver sends callers elsewhere. Enter the address that it sends them to.")
    known = {
        401: _("The receiver wants a login, or checks the signature with another secret."),
        403: _("The receiver wants a login, or checks the signature with another secret."),
        404: _("The receiver knows no such path: is the end of the address right?"),
        405: _("The receiver takes no POST at this address."),
        410: _("It says that it is gone for good, so the webhook was switched off."),
    }
    if code in known:
        return known[code]
    return _("The receiver broke down over it: its own log says why.") if code >= 500 else ""


class Rotate(WebhookPage):
    template = "webhooks/rotate.html"

    def get(self, request: HttpRequest, **_kwargs: str) -> HttpResponse:
        return self._asked(RotateForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form, webhook = RotateForm(request.POST), self.load()
        if request.POST.get("present") != _present(webhook):
            # The page was sent twice, say: the secret that was valid before must not go a second time.
            messages.warning(request, _("The secret was rotated meanwhile: it was not rotated again."))
            return self.back()
        if not form.is_valid():
            return self._asked(form)
        try:
            secret = changes.rotate_secret(
                self.workspace, webhook.pk, secret=form.cleaned_data["own_secret"], overlap=form.overlap
            )
        except changes.StillOverlapping as error:
            form.add_error("hours", _overlapping(error))
            return self._asked(form)
        page = secret_page(self.model_admin, request, self.load(), secret, title=_("Your new secret"))
        return page

    def _asked(self, form: RotateForm) -> HttpResponse:
        return self.show(_("Rotate the secret"), form=form, present=_present(self.load()))


def _overlapping(error: changes.StillOverlapping) -> str:
    text = _(
        "The secret before the present one is valid until %(time)s: wait until then, or end both now by choosing "
        "“Not at all”."
    )
    return text % {"time": date_format(localtime(error.until), "SHORT_DATETIME_FORMAT")}


def _present(webhook: Webhook) -> str:
    """Tells the present secret from any other, and nothing about it."""
    return hashlib.sha256(webhook.secret.encode()).hexdigest()[:16]


def secret_page(
    model_admin: ScopedAdmin | None, request: HttpRequest, webhook: Webhook, secret: str, *, title: str
) -> HttpResponse:
    """The only page that tells a secret."""
    told = {
        "webhook": webhook,
        "original": webhook,
        "secret": secret,
        "overlap": webhook.overlaps_until(clock.now()),
        "is_rotated": bool(webhook.previous_secret),
    }
    page = shown(model_admin, request, "webhooks/secret.html", title, **told)
    page["Cache-Control"] = "no-store"
    return page


class Replay(WebhookPage):
    """Asked for twice, events are sent once more but once: what is on its way is passed over."""

    template = "webhooks/replay.html"

    def get(self, request: HttpRequest, **_kwargs: str) -> HttpResponse:
        webhook = self.load()
        start = clock.now() - timedelta(days=1)
        return self._asked(ReplayForm(initial={"start": start, "events": webhook.events}))

    def post(self, request: HttpRequest) -> HttpResponse:
        form, webhook = ReplayForm(request.POST), self.load()
        if not form.is_valid():
            return self._asked(form)
        values = form.cleaned_data
        end = values["end"] or clock.now() + timedelta(milliseconds=1)
        try:
            count = changes.replay(webhook, start=values["start"], end=end, types=values["events"])
        except changes.TooMany:
            most = _("These are more than %(count)d events: choose a shorter period or fewer types.")
            form.add_error("start", most % {"count": changes.MOST_REPLAYED})
            return self._asked(form)
        _tell_replayed(request, webhook, count)
        return self.back()

    def _asked(self, form: ReplayForm) -> HttpResponse:
        return self.show(_("Replay a period"), form=form)


def _tell_replayed(request: HttpRequest, webhook: Webhook, count: int) -> None:
    if not count:
        messages.warning(request, _("Nothing of that kind happened then, or it is on its way anyway."))
        return
    text = ngettext("%(count)d event is sent once more.", "%(count)d events are sent once more.", count)
    told = text % {"count": count}
    if not webhook.is_active:
        told = f"{told} {_('They wait until the webhook is switched on.')}"
    messages.success(request, told)


PAGES: Final[dict[str, type[WebhookPage]]] = {
    "on": SwitchOn,
    "off": SwitchOff,
    "test": SendTest,
    "rotate": Rotate,
    "replay": Replay,
}
