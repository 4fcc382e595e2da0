"""One e-mail as one contact would get it, without a message that is stored, followed or sent."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from campaigns import queries, readiness
from campaigns.composing.footer import Footer, with_footer
from campaigns.composing.message import Content, InvalidTemplate
from campaigns.models import Campaign
from campaigns.sending.writing import prepared, tracks_opens
from campaigns.simulating.gaps import empty_variables
from campaigns.tracking import tokens
from campaigns.workflow.graph import Email
from campaigns.workflow.parsing import parse
from contacts.models import Contact

#: Stands for the links of an e-mail that nobody was sent: it unsubscribes nobody.
NOBODY: Final = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What an e-mail is made of, saved or not yet."""

    subject: str
    body: str
    track_opens: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Specimen:
    """``html`` is a fragment, and empty where the text is no template. ``missing``: variables that this contact has
    no value for; ``problems``: what keeps the e-mail from being sent, in sentences."""

    subject: str
    text: str
    html: str
    missing: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def compose(campaign: Campaign, text: Text, contact: Contact, at: datetime) -> Specimen:
    """As ``writing.write`` makes it, but for tracked links and the picture that tells of opens."""
    known = queries.known_fields(campaign.workspace) | set(queries.SYSTEM)
    problems = tuple(readiness.template_problems(text.subject, text.body, known))
    try:
        template = prepared(text.subject, text.body)
    except InvalidTemplate:
        return Specimen(subject=text.subject, text=text.body, html="", problems=problems)
    unsubscribe = tokens.url("u", NOBODY)
    zone = ZoneInfo(campaign.settings["timezone"])
    values = queries.values_of(contact) | queries.system_values(at.astimezone(zone), unsubscribe)
    footer = Footer(
        unsubscribe_url=unsubscribe,
        postal_address=campaign.workspace.postal_address,
        tracking_notice=text.track_opens and tracks_opens(campaign.workspace, contact),
    )
    content: Content = with_footer(template.compose(values), footer)
    return Specimen(
        subject=content.subject,
        text=content.text,
        html=content.html,
        missing=empty_variables(template, values),
        problems=problems,
    )


def saved_text(campaign: Campaign, node_id: str, version: str = "a") -> Text | None:
    """What the campaign has at an e-mail node now, or None."""
    node = parse(campaign.workflow).by_id.get(node_id)
    if not isinstance(node, Email):
        return None
    of_b = node.variant_b if version == "b" else None
    source = of_b or node
    return Text(subject=source.subject, body=source.body, track_opens=node.track_opens)


def example(campaign: Campaign) -> Contact:
    """Somebody who doesn't exist, for a workspace without contacts."""
    return Contact(
        workspace=campaign.workspace,
        email="ann@example.com",
        first_name=_("Ann"),
        last_name=_("Example"),
        company=_("Example Ltd"),
        job_title=_("Director"),
    )
