"""An e-mail node and a contact become the bytes that are sent."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from campaigns import queries
from campaigns.composing.footer import Footer, with_footer, with_pixel
from campaigns.composing.links import rewrite_links
from campaigns.composing.message import Content, Envelope, InvalidTemplate, Prepared, build, prepare
from campaigns.models import Link, Message
from campaigns.tracking import tokens
from campaigns.workflow.graph import Email
from contacts.models import Contact
from contacts.models.suppression import address_digest
from fluenzr_site.core import ids
from fluenzr_site.workspaces.models import Workspace


@lru_cache(maxsize=256)
def prepared(subject: str, body: str) -> Prepared:
    """The parsed templates of a version: once a step, not once a message."""
    return prepare(subject, body)


def template_of(message: Message, node: Email) -> Prepared:
    """Of the version that the contact gets. Raises InvalidTemplate."""
    of_b = node.variant_b if message.variant == "b" else None
    return prepared(of_b.subject, of_b.body) if of_b else prepared(node.subject, node.body)


def asks_related(message: Message, node: Email) -> bool:
    """Whether it speaks of what stands beside the contact in other tables. One that can't be read asks nothing."""
    try:
        return queries.asks_related(template_of(message, node).names)
    except InvalidTemplate:
        return False


def unsubscribe_token(message: Message) -> str:
    return tokens.sign_unsubscribing(message.pk, message.workspace_id, address_digest(message.recipient))


def write(message: Message, node: Email, contact: Contact, earlier: Sequence[str], at: datetime) -> bytes:
    """The bytes of ``message``, whose subject and tracking are set on the way, and whose links are stored.

    ``earlier``: the Message-IDs of the thread, oldest first. Raises InvalidAddress or InvalidTemplate.
    """
    campaign, account = message.campaign, message.account
    unsubscribe = tokens.url("u", unsubscribe_token(message))
    zone = ZoneInfo(campaign.settings["timezone"])
    template = template_of(message, node)
    values = queries.values_of(contact, template.names) | queries.system_values(at.astimezone(zone), unsubscribe)
    content = template.compose(values)
    message.subject = content.subject
    opens = message.tracks_opens = tracks_opens(campaign.workspace, contact) and node.track_opens
    content = _tracked(content, message, node, unsubscribe, contact, opens)
    return build(
        Envelope(
            message_id=message.message_id,
            sender=account.email,
            sender_name=account.name,
            recipient=message.recipient,
            recipient_name=contact.full_name,
            subject=content.subject,
            text=content.text,
            html=content.html,
            date=at,
            in_reply_to=earlier[-1] if earlier else None,
            references=tuple(earlier),
            unsubscribe_url=unsubscribe,
            unsubscribe_mailto=None,
        )
    )


def tracks_opens(workspace: Workspace, contact: Contact) -> bool:
    """The workspace's choice, over which the recipient's objection wins."""
    return workspace.open_tracking != Workspace.OpenTracking.OFF and not contact.tracking_objection


def _tracked(
    content: Content, message: Message, node: Email, unsubscribe: str, contact: Contact, opens: bool
) -> Content:
    html = content.html
    if node.track_clicks and not contact.tracking_objection:
        html = rewrite_links(html, lambda url: url if url == unsubscribe else _click(message, url))
    footer = Footer(
        unsubscribe_url=unsubscribe, postal_address=message.campaign.workspace.postal_address, tracking_notice=opens
    )
    content = with_footer(Content(content.subject, content.text, html), footer)
    if not opens:
        return content
    pixel = tokens.url("o", tokens.sign("open", message.pk))
    return Content(content.subject, content.text, with_pixel(content.html, f"{pixel}.gif"))


def _click(message: Message, url: str) -> str:
    return tokens.url("c", tokens.sign("click", message.pk, _link(message.campaign_id, url)))


# Nearly every e-mail of a step leads to the same addresses. A link is never deleted before its campaign is.
@lru_cache(maxsize=4096)
def _link(campaign_id: str, url: str) -> str:
    """The id of the link to this address, made where it is new."""
    digest = hashlib.sha256(url.encode()).hexdigest()
    row = Link(id=ids.new("lnk"), campaign_id=campaign_id, digest=digest, url=url)
    Link.objects.bulk_create([row], ignore_conflicts=True)
    return Link.objects.values_list("pk", flat=True).get(campaign=campaign_id, digest=digest)
