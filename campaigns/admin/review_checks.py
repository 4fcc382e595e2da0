"""What is to be looked at before a campaign starts, each with how it stands and where it is mended."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns import health
from campaigns.admin.campaign_page import address
from campaigns.admin.preview import email_choices
from campaigns.admin.unfinished import unfinished
from campaigns.models import IN_CAMPAIGN, Campaign, Enrolment
from campaigns.readiness import problems_of
from campaigns.sending import gates
from campaigns.simulating.recipients import Recipients
from campaigns.workflow.graph import Email, Workflow
from fluenzr_site.adminsite.numbers import number
from fluenzr_site.core import heartbeat
from fluenzr_site.core.said import in_words
from fluenzr_site.workspaces.models import Workspace

State = Literal["good", "warn", "info"]
STATES: Final = {"good": gettext_lazy("Fine"), "warn": gettext_lazy("Look at it"), "info": gettext_lazy("Good to know")}
MOST_GAPS: Final = 6


@dataclass(frozen=True, slots=True)
class Check:
    """``link`` leads to where it is mended or seen, under the name ``todo``."""

    state: State
    title: str
    said: str
    todo: str = ""
    link: str = ""

    @property
    def word(self) -> str | Promise:
        return STATES[self.state]


def checks(
    campaign: Campaign, workflow: Workflow, found: Recipients, now: datetime, *, administers: bool
) -> list[Check]:
    """Everything but what keeps it from starting, which is told by ``readiness``; what is wrong first."""
    every = [
        *_workflow(campaign, workflow),
        *_unfinished(campaign, workflow),
        *_gaps(campaign, found),
        *_accounts(campaign, now, administers=administers),
        *_worker(now),
        *_address(campaign, administers=administers),
        *_domains(campaign, administers=administers),
        *_tracking(campaign, workflow, found),
        *_elsewhere(campaign),
    ]
    order = {"warn": 0, "good": 1, "info": 2}
    return sorted(every, key=lambda each: order[each.state])


def _workflow(campaign: Campaign, workflow: Workflow) -> Iterator[Check]:
    problems = problems_of(campaign, workflow)
    names = _email_names(campaign)
    for each in problems:
        if each.severity != "error":
            title = names.get(f"{each.node_id}/a", _("Steps"))
            yield Check("warn", title, in_words(each.message), _("Open"), f"{address(campaign, 'edit')}#{each.node_id}")
    if not problems:
        yield Check("good", _("Steps"), _("Every step leads on, and every e-mail can be written."))


def _unfinished(campaign: Campaign, workflow: Workflow) -> Iterator[Check]:
    names = _email_names(campaign)
    for node in workflow.nodes:
        for field, said in unfinished(node) if isinstance(node, Email) else ():
            version = "b" if field.startswith("b.") else "a"
            link = f"{address(campaign, 'edit')}#{node.id}"
            yield Check("warn", names.get(f"{node.id}/{version}", node.id), said, _("Open"), link)


def _gaps(campaign: Campaign, found: Recipients) -> Iterator[Check]:
    """Variables that come out as nothing for some people: no error, and no good e-mail either."""
    if not found.missing:
        if found.written:
            yield Check("good", _("Variables"), _("Everybody has a value for what the e-mails say about them."))
        return
    names = _email_names(campaign)
    for (node_id, version, name), count in found.missing.most_common(MOST_GAPS):
        said = ngettext(
            "%(count)s person has no value for %(name)s, and there is no fallback: nothing stands there.",
            "%(count)s people have no value for %(name)s, and there is no fallback: nothing stands there.",
            count,
        ) % {"count": number(count), "name": f"{{{{{name}}}}}"}
        link = f"{address(campaign, 'review_people')}?missing={node_id}/{version}/{name}"
        yield Check("warn", names.get(f"{node_id}/{version}", node_id), said, _("See who"), link)
    more = len(found.missing) - MOST_GAPS
    if more > 0:
        said = ngettext("%(count)s more gap like these.", "%(count)s more gaps like these.", more)
        yield Check("warn", _("Variables"), said % {"count": number(more)})


def _email_names(campaign: Campaign) -> dict[str, str]:
    return {each.value: each.title for each in email_choices(campaign)}


def _accounts(campaign: Campaign, now: datetime, *, administers: bool) -> Iterator[Check]:
    accounts = gates.own_accounts(campaign)
    known = health.healths(campaign.workspace, accounts, now)
    for account in accounts:
        verdict = known[account.pk]
        link = reverse("admin:campaigns_emailaccount_change", args=[account.pk]) if administers else ""
        if verdict.verdict == "good":
            yield Check("good", account.email, _("Nothing is wrong with it."), _("Open") if link else "", link)
        for reason in verdict.reasons:
            yield Check("warn", account.email, reason, _("Open") if link else "", link)


def _worker(now: datetime) -> Iterator[Check]:
    if not heartbeat.is_alive(gates.WORKER, now):
        said = _("The program that sends isn't running: whoever runs the server starts it (serve or worker).")
        yield Check("warn", _("Worker"), said)


def _address(campaign: Campaign, *, administers: bool) -> Iterator[Check]:
    title = _("Postal address")
    if campaign.workspace.postal_address.strip():
        yield Check("good", title, _("It stands under every e-mail."))
        return
    back = urlencode({"next": address(campaign, "review")})
    link = f"{reverse('admin:workspaces_workspace_changelist')}?{back}" if administers else ""
    said = _("There is none under the e-mails yet. Many countries' laws ask for one.")
    yield Check("warn", title, said, _("Add it") if link else "", link)


def _domains(campaign: Campaign, *, administers: bool) -> Iterator[Check]:
    """DNS isn't asked here: it takes its time."""
    if not administers:
        return
    seen: set[str] = set()
    for account in gates.own_accounts(campaign):
        domain = account.email.rpartition("@")[2]
        if domain not in seen:
            seen.add(domain)
            said = _("Have you looked at what it publishes (SPF, DKIM, DMARC)? Without it, e-mails end up in spam.")
            yield Check(
                "info", domain, said, _("Open"), reverse("admin:campaigns_emailaccount_change", args=[account.pk])
            )


def _tracking(campaign: Campaign, workflow: Workflow, found: Recipients) -> Iterator[Check]:
    title = _("Opens")
    is_off = campaign.workspace.open_tracking == Workspace.OpenTracking.OFF
    if is_off or not any(node.track_opens for node in workflow.nodes if isinstance(node, Email)):
        yield Check("info", title, _("They aren't tracked, and no e-mail says that they were."))
        return
    said = _("They are tracked, and the footer of each e-mail says so.")
    if found.objecting:
        more = ngettext(
            "%(count)s person has objected and isn't tracked.",
            "%(count)s people have objected and aren't tracked.",
            found.objecting,
        )
        said = f"{said} {more % {'count': number(found.objecting)}}"
    yield Check("info", title, said)


def _elsewhere(campaign: Campaign) -> Iterator[Check]:
    """Nothing keeps somebody from being in two campaigns; a person should know."""
    count = in_others(campaign).count()
    if count:
        said = ngettext(
            "%(count)s of these people is in another running campaign too.",
            "%(count)s of these people are in another running campaign too.",
            count,
        ) % {"count": number(count)}
        yield Check("info", _("Other campaigns"), said, _("See who"), f"{address(campaign, 'review_people')}?elsewhere")
    if shared := _sharing(campaign):
        said = ngettext(
            "%(count)s other running campaign sends from the same accounts, and shares their daily limits.",
            "%(count)s other running campaigns send from the same accounts, and share their daily limits.",
            shared,
        )
        yield Check("info", _("Shared accounts"), said % {"count": number(shared)})


def in_others(campaign: Campaign) -> QuerySet[Enrolment]:
    """Who is in this campaign, and on the way in another one that runs."""
    inside = Enrolment.objects.of(campaign.workspace).filter(status__in=IN_CAMPAIGN)
    others = inside.filter(campaign__status=Campaign.Status.ACTIVE).exclude(campaign=campaign)
    return inside.filter(campaign=campaign, contact__in=others.values("contact"))


def _sharing(campaign: Campaign) -> int:
    accounts = [account.pk for account in gates.own_accounts(campaign)]
    others = Campaign.objects.of(campaign.workspace).filter(status=Campaign.Status.ACTIVE).exclude(pk=campaign.pk)
    return others.filter(Q(account__in=accounts) | Q(more_accounts__in=accounts)).distinct().count()
