"""Tells administrators of e-mail accounts that stop working: once for each time that one does."""

from collections import defaultdict
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import health
from campaigns.models import EmailAccount
from fluenzr_site.notices import choosing, sending
from fluenzr_site.notices.letters import Letter, link
from fluenzr_site.notices.models import Choices, Notice
from fluenzr_site.workspaces.models import Membership

KIND: Final = Notice.Kind.TROUBLE
_TOLD: Final = "troubled"


def note_due(now: datetime) -> None:
    """Note an e-mail for each administrator who doesn't know of an account yet that is failing."""
    failing = _failing()
    for membership in choosing.wanting(KIND).filter(workspace__in=failing.keys()):
        if failing[membership.workspace_id] - _told(membership):
            sending.note(membership, KIND, sending.after_last(membership, KIND), now)
    _forget_mended(failing)


def write(membership: Membership, now: datetime) -> Letter | None:
    told, workspace = _told(membership), membership.workspace
    failing = list(EmailAccount.objects.of(workspace).filter(state=EmailAccount.State.FAILING).order_by("email"))
    new = [account for account in failing if account.pk not in told]
    if not new:
        return None
    text = ngettext(
        "%(account)s sends nothing any more", "%(count)d e-mail accounts of %(workspace)s send nothing", len(new)
    )
    subject = text % {"account": new[0].email, "count": len(new), "workspace": workspace.name}
    known = [account.pk for account in failing]
    return Letter(subject, "trouble", {"accounts": described(membership, new, now)}, {_TOLD: known})


def described(membership: Membership, accounts: list[EmailAccount], now: datetime) -> list[dict[str, Any]]:
    """The accounts as notices name them: address, what is wrong, and where to mend it for who may."""
    workspace, may = membership.workspace, membership.role == Membership.Role.ADMIN
    healths = health.healths(workspace, accounts, now)
    return [
        {
            "email": account.email,
            "reason": next(iter(healths[account.pk].reasons), _("It doesn't work.")),
            "link": link(workspace, "campaigns_emailaccount_change", account.pk) if may else "",
        }
        for account in accounts
    ]


def _failing() -> dict[str, set[str]]:
    """The accounts whose server refuses them, by workspace. One that somebody paused is no trouble."""
    rows = EmailAccount.objects.filter(state=EmailAccount.State.FAILING, workspace__is_sandbox=False)
    found: dict[str, set[str]] = defaultdict(set)
    for workspace_id, account_id in rows.values_list("workspace_id", "pk"):
        found[workspace_id].add(account_id)
    return found


def _told(membership: Membership) -> set[str]:
    choices: Choices | None = getattr(membership, "choices", None)
    return set(choices.told.get(_TOLD, [])) if choices else set()


def _forget_mended(failing: dict[str, set[str]]) -> None:
    """Who was told of an account that works again is told when it stops again."""
    for choices in Choices.objects.filter(told__has_key=_TOLD).select_related("membership"):
        known = choices.told[_TOLD]
        still = [each for each in known if each in failing.get(choices.membership.workspace_id, ())]
        if still != known:
            choosing.remember(choices.membership, {_TOLD: still})
