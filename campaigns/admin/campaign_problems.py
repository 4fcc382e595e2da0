"""What keeps a campaign from starting, as the pages list it: each with where it is mended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from campaigns.admin.campaign_page import address
from campaigns.models import Campaign
from campaigns.workflow.parsing import parse
from campaigns.workflow.paths import emails_in_order
from fluenzr_site.core.said import in_words


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """``link`` is the page that mends it."""

    where: str
    message: str
    link: str


def problem_rows(campaign: Campaign, problems: Mapping[str, Sequence[str]]) -> list[ProblemRow]:
    """``problems``: as readiness.NotReady has them."""
    names = _node_names(campaign)
    rows = []
    for key, found in problems.items():
        where, link = _place(campaign, key, names)
        rows += [ProblemRow(where, in_words(message), link) for message in found]
    return rows


def _place(campaign: Campaign, key: str, names: dict[str, str]) -> tuple[str, str]:
    if key == "contacts":
        return _("Recipients"), address(campaign, "recipients")
    if key == "emailAccountId":
        return _("E-mail account"), address(campaign, "settings")
    editor = address(campaign, "edit")
    if key == "workflow":
        return _("E-mails"), editor
    return names.get(key, key), f"{editor}#{key}"


def _node_names(campaign: Campaign) -> dict[str, str]:
    """What each e-mail is called in a list: its number and its subject."""
    emails = emails_in_order(parse(campaign.workflow))
    return {
        node.id: _("E-mail %(number)s: %(subject)s") % {"number": number, "subject": node.subject or _("(no subject)")}
        for number, node in enumerate(emails, 1)
    }
