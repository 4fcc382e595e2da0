"""The mailboxes that a workspace sends from, for its administrators: how they do, and what they are set to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin import register
from django.contrib.admin.utils import unquote
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.formats import localize
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import display

from campaigns import health
from campaigns.admin import connecting
from campaigns.admin.account_forms import PASSWORDS, RAMP, SERVERS, AccountForm
from campaigns.admin.account_pages import PAGES
from campaigns.changes import account_settings
from campaigns.models import EmailAccount
from campaigns.oauth import providers
from fluenzr_site.adminsite.moments import ago
from fluenzr_site.adminsite.scoped import ScopedAdmin, ScopedList
from fluenzr_site.adminsite.site import site
from fluenzr_site.core import clock

STATE_COLOURS = {
    EmailAccount.State.CONNECTED: "success",
    EmailAccount.State.FAILING: "danger",
    EmailAccount.State.PAUSED: "warning",
}
VERDICT_COLOURS = {"good": "success", "attention": "warning", "stopped": "danger"}
VERDICTS = {
    "good": gettext_lazy("Good"),
    "attention": gettext_lazy("Needs attention"),
    "stopped": gettext_lazy("Doesn't send"),
}


class AccountList(ScopedList):
    """A list that knows the health of the rows on its page, from two queries for all of them."""

    result_list: Any

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows: Sequence[Any] = list(self.result_list)
        known = health.healths(self.model_admin.workspace(request), rows, clock.now())
        for row in rows:
            row.health = known[row.pk]
        self.result_list = rows


@register(EmailAccount, site=site)
class EmailAccountAdmin(ScopedAdmin):
    admins_only = True
    add_text = gettext_lazy("Add e-mail account")
    delete_text = gettext_lazy("Delete e-mail account")
    form = AccountForm
    list_display = ["account", "shown_state", "today", "bounce_rate", "activity", "verdict"]
    list_before_template = "campaigns/accounts/above.html"
    list_fullwidth = True
    # Above the list stand all the ways to add one.
    show_add_link = False
    search_fields = ["email", "name"]
    sortable_by = ["account"]
    # The address alone is the link, not what stands below it.
    list_display_links = None
    ordering = ["email"]
    change_form_outer_before_template = "campaigns/accounts/health.html"

    # -------------------------------------------------------------------------------------------- the list

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[AccountList]:
        return AccountList

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponseBase:
        connections = [_connection(name) for name in providers.NAMES]
        told = {"connections": connections, "to_set_up": [each for each in connections if each.missing]}
        return super().changelist_view(request, told | (extra_context or {}))

    @display(description=gettext_lazy("e-mail account"), ordering="email")
    def account(self, account: Any) -> SafeString:
        url = reverse("admin:campaigns_emailaccount_change", args=[account.pk])
        reasons = format_html_join("", '<p class="flz-hint">{}</p>', ((reason,) for reason in account.health.reasons))
        return format_html('<div><a class="text-link" href="{}">{}</a>{}</div>', url, account.email, reasons)

    @display(description=gettext_lazy("state"), label=STATE_COLOURS)
    def shown_state(self, account: EmailAccount) -> tuple[str, str]:
        return account.state, account.get_state_display()

    @display(description=gettext_lazy("today"))
    def today(self, account: Any) -> str:
        return account.health.today.text

    @display(description=gettext_lazy("bounce rate"))
    def bounce_rate(self, account: Any) -> str:
        rate = account.health.bounce_rate
        return "–" if rate is None else f"{localize(rate)} %"

    @display(description=gettext_lazy("last success"))
    def activity(self, account: EmailAccount) -> SafeString | str:
        done = [(_("Sent"), account.last_sent_at), (_("Read"), account.last_read_at)]
        lines = [(what, ago(at)) for what, at in done if at]
        return format_html("<div>{}</div>", format_html_join("", "<p>{} {}</p>", lines)) if lines else "–"

    @display(description=gettext_lazy("health"))
    def verdict(self, account: Any) -> SafeString:
        return badge(account.health.verdict)

    # -------------------------------------------------------------------------------------------- the form

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        ramp = gettext_lazy(
            "A new mailbox that sends much at once looks like a spammer's. With a ramp-up it begins with a few, and "
            "may send some more each day. Leave all three empty for none."
        )
        limits = [
            (_("Limits"), {"fields": ["daily_limit"]}),
            (_("Ramp-up"), {"fields": [*RAMP], "description": ramp}),
        ]
        if obj is not None and obj.login != EmailAccount.Login.PASSWORD:
            return [(None, {"fields": ["email", "name"]}), *limits]
        return [
            (None, {"fields": ["email", "name"]}),
            (_("Sending (SMTP)"), {"fields": _server_fields("smtp")}),
            (_("Reading replies (IMAP)"), {"fields": _server_fields("imap")}),
            *limits,
        ]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        if obj is not None and obj.login != EmailAccount.Login.PASSWORD:
            for name in (*SERVERS, *PASSWORDS):
                form.base_fields.pop(name, None)
        return form

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        # One button: each of them would lead to the account's page.
        alone = {"show_save_and_add_another": False, "show_save_and_continue": False}
        page: HttpResponse = super().add_view(request, form_url, alone | (extra_context or {}))
        return page

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        account = self.get_object(request, unquote(object_id))
        told = self.told(request, account) if account else {}
        page: HttpResponse = super().change_view(request, object_id, form_url, told | (extra_context or {}))
        return page

    def told(self, request: HttpRequest, account: EmailAccount) -> dict[str, Any]:
        """What the panel above the form shows."""
        [found] = health.healths(self.workspace(request), [account], clock.now()).values()
        told: dict[str, Any] = {"health": found, "badge": badge(found.verdict)}
        # One of the reasons mostly tells it.
        error = health.last_error(account)
        told["last_error"] = "" if any(error in reason for reason in found.reasons) else error
        if account.login in providers.NAMES:
            told["connection"] = _connection(account.login, email=account.email)
        return told

    def response_add(
        self, request: HttpRequest, obj: EmailAccount, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Back to the account: the next thing to do is to try it."""
        messages.success(request, _("%(email)s is added. Try it now: see whether it sends.") % {"email": obj.email})
        return redirect("admin:campaigns_emailaccount_change", obj.pk)

    # ------------------------------------------------------------------------------------------- other pages

    def get_urls(self) -> list[URLPattern]:
        ours = [
            path(
                f"<str:object_id>/{name}/",
                self.admin_site.admin_view(page.as_view(model_admin=self)),
                name=f"campaigns_emailaccount_{name}",
            )
            for name, page in PAGES.items()
        ]
        return connecting.urls(self) + ours + list(super().get_urls())

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        raise Http404

    # --------------------------------------------------------------------------------------------- deleting

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        account = self.get_object(request, unquote(object_id))
        kept = account and self.allowed(request) and account_settings.uses(account)
        if kept:
            messages.error(request, _kept_by(account, kept))
            return redirect("admin:campaigns_emailaccount_change", account.pk)
        try:
            return super().delete_view(request, object_id, extra_context)
        except account_settings.InUse as error:
            messages.error(request, _kept_by(account, error.uses))
            return redirect("admin:campaigns_emailaccount_changelist")

    def delete_question(self, request: HttpRequest, obj: EmailAccount) -> str:
        goes = account_settings.belongings(obj)
        asked = _("Delete the e-mail account %(email)s and the passwords kept for it?") % {"email": obj.email}
        if not goes.conversations:
            return asked
        also = ngettext(
            "%(count)d conversation goes with it.", "%(count)d conversations go with it.", goes.conversations
        )
        return f"{asked} {also % {'count': goes.conversations}}"

    def delete_model(self, request: HttpRequest, obj: EmailAccount) -> None:
        account_settings.delete(obj)


@dataclass(frozen=True, slots=True)
class Connection:
    """The way to sign in at a provider; ``missing`` is what has to be set before."""

    label: str
    link: str
    missing: str
    hint_id: str

    @property
    def attrs(self) -> dict[str, str]:
        """Of a button that can't be pressed yet."""
        return {"type": "button", "disabled": "disabled", "aria-describedby": self.hint_id}


def _connection(name: str, **query: str) -> Connection:
    label = {"google": _("Connect Gmail"), "microsoft": _("Connect Microsoft")}[name]
    link = reverse("admin:campaigns_emailaccount_connect", args=[name])
    missing = providers.what_to_set(name, connecting.redirect_uri())
    return Connection(label, f"{link}?{urlencode(query)}" if query else link, missing, f"connect-{name}")


def badge(verdict: health.Verdict) -> SafeString:
    return render_to_string("unfold/helpers/label.html", {"type": VERDICT_COLOURS[verdict], "text": VERDICTS[verdict]})


def _server_fields(server: str) -> list[Any]:
    login = (f"{server}_username", f"{server}_secret")
    return [f"{server}_host", (f"{server}_port", f"{server}_security"), login]


def _kept_by(account: EmailAccount, uses: account_settings.Uses) -> str:
    campaigns = ngettext("%(count)d campaign", "%(count)d campaigns", uses.campaigns) % {"count": uses.campaigns}
    emails = ngettext("%(count)d e-mail", "%(count)d e-mails", uses.emails) % {"count": uses.emails}
    told = {"email": account.email, "campaigns": campaigns, "emails": emails}
    return (
        _(
            "%(email)s can't be deleted: %(campaigns)s and %(emails)s belong to it. Pause it instead, or give its "
            "campaigns another account."
        )
        % told
    )
