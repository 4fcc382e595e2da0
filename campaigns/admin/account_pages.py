"""What can be done with an account from its page: try it, check its domain, pause it, resume it."""

from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.changes import account_settings
from campaigns.domains.checking import check_domain
from campaigns.domains.records import Verdict
from campaigns.models import EmailAccount
from campaigns.trying import try_account
from fluenzr_site.adminsite.pages import Page
from fluenzr_site.core.said import in_words

#: How long a person waits for the e-mail to come in.
SECONDS: Final = 20.0
#: For each question to DNS; a dozen or three are asked.
DNS_SECONDS: Final = 4.0
_RECORDS: Final = {
    "spf": ("SPF", gettext_lazy("Which servers may send in the domain's name.")),
    "dkim": ("DKIM", gettext_lazy("The key that its e-mails are signed under.")),
    "dmarc": ("DMARC", gettext_lazy("What receivers do with e-mails that fail both.")),
    "mx": ("MX", gettext_lazy("Where replies and bounces go.")),
}
_STATES: Final = {
    "good": ("success", gettext_lazy("Good")),
    "weak": ("warning", gettext_lazy("Could be better")),
    "missing": ("danger", gettext_lazy("Missing")),
    "broken": ("danger", gettext_lazy("Broken")),
}


class AccountPage(Page):
    """Something done with one account of the workspace; any other is not there. Opened as a page, it does nothing."""

    account: EmailAccount

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.account_id = kwargs.pop("object_id", "")
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        self.load()
        return self.back()

    def load(self) -> EmailAccount:
        found = EmailAccount.objects.one_of(self.workspace, self.account_id)
        if found is None:
            raise Http404
        self.account = found
        return found

    def back(self) -> HttpResponse:
        return redirect("admin:campaigns_emailaccount_change", self.account.pk)


class Try(AccountPage):
    """Outside any transaction: it talks to servers for up to a minute."""

    template = "campaigns/accounts/tried.html"

    def post(self, request: HttpRequest) -> HttpResponse:
        outcome = try_account(self.load(), seconds=SECONDS)
        self.account.refresh_from_db()
        title = _("Trying %(email)s") % {"email": self.account.email}
        return self.show(title, account=self.account, outcome=outcome)


@dataclass(frozen=True, slots=True)
class Record:
    """A verdict on what the domain publishes, as the page shows it."""

    title: str
    meaning: str | Promise
    colour: str
    word: str | Promise
    found: str
    advice: str


def _record(verdict: Verdict) -> Record:
    return Record(*_RECORDS[verdict.name], *_STATES[verdict.state], in_words(verdict.found), in_words(verdict.advice))


class Domain(AccountPage):
    template = "campaigns/accounts/domain.html"

    def post(self, request: HttpRequest) -> HttpResponse:
        domain = self.load().email.rpartition("@")[2]
        selector = request.POST.get("selector", "").strip()
        told: dict[str, Any] = {"account": self.account, "domain": domain, "selector": selector}
        try:
            verdicts = check_domain(domain, selectors=[selector] if selector else (), seconds=DNS_SECONDS)
            told["records"] = [_record(verdict) for verdict in verdicts]
        except ValueError as error:
            told["problem"] = in_words(error)
        return self.show(_("What %(domain)s publishes") % {"domain": domain}, **told)


class Pause(AccountPage):
    def post(self, request: HttpRequest) -> HttpResponse:
        account_settings.pause(self.load())
        text = _("%(email)s is paused: nothing is sent from it, and its mailbox is read on.")
        messages.success(request, text % {"email": self.account.email})
        return self.back()


class Resume(AccountPage):
    def post(self, request: HttpRequest) -> HttpResponse:
        account_settings.resume(self.load())
        messages.success(request, _("%(email)s sends again.") % {"email": self.account.email})
        return self.back()


PAGES: Final[dict[str, type[AccountPage]]] = {"try": Try, "domain": Domain, "pause": Pause, "resume": Resume}
