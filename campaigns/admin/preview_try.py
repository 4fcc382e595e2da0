"""Sending one e-mail of a campaign to oneself, before anybody else gets it."""

from typing import Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from campaigns.admin.campaign_page import CampaignPage
from campaigns.admin.preview import asked_text
from campaigns.admin.preview_people import chosen
from campaigns.simulating.trials import Outcome, send_test
from fluenzr_site.core import clock, counters
from fluenzr_site.core.said import in_words

#: Tests that a person may send in MINUTES.
MOST: Final = 20
MINUTES: Final = 10


class Try(CampaignPage):
    """Posted as to ``Preview``, and ``to``; ``format=json`` for ``{ok, message}``. Outside any transaction: it talks to
    a server for up to a minute."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return redirect(self.address("preview"))

    def post(self, request: HttpRequest) -> HttpResponse:
        outcome = self._outcome(request)
        if request.POST.get("format") == "json" or request.headers.get("Accept", "").startswith("application/json"):
            return JsonResponse({"ok": outcome.ok, "message": in_words(outcome.message)})
        (messages.success if outcome.ok else messages.error)(request, in_words(outcome.message))
        asked = urlencode({name: request.POST.get(name, "") for name in ("email", "contact")})
        return redirect(f"{self.address('preview')}?{asked}")

    def _outcome(self, request: HttpRequest) -> Outcome:
        text = asked_text(self.campaign, request.POST)
        recipient = request.POST.get("to", "").strip() or getattr(request.user, "email", "")
        if not recipient:
            return Outcome(False, _("Enter the address that the test goes to."))
        subject = f"test sends:{request.user.pk}"
        counted = counters.hit(subject, seconds=60 * MINUTES, now=clock.now().timestamp())
        if counted.hits > MOST:
            text_of = _("That were many tests: wait %(minutes)s minutes, then send the next.")
            return Outcome(False, text_of % {"minutes": MINUTES})
        return send_test(self.campaign, text, chosen(self.campaign, request.POST.get("contact", "")).contact, recipient)
