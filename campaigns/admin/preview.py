"""An e-mail of a campaign as one of its people would get it: a page to step through them, and the e-mail by itself.

The editor posts what isn't saved yet to the same address, as a form: ``subject`` and ``body``, ``node`` (and
``version``, a or b) of what is saved, or both, where the node says whether opens are tracked; ``contact``;
``format=json`` for ``{subject, from, to, text, html, missing, problems}``, whose ``html`` is the same document for a
sandboxed frame that is answered otherwise.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from campaigns.admin.campaign_page import CampaignPage
from campaigns.admin.preview_people import Chosen, chosen, found_by
from campaigns.models import Campaign
from campaigns.simulating import specimens
from campaigns.simulating.inert import inert
from campaigns.simulating.specimens import Specimen, Text
from campaigns.workflow.parsing import parse
from campaigns.workflow.paths import emails_in_order
from fluenzr_site.adminsite.choices import typed
from fluenzr_site.core import clock
from fluenzr_site.core.said import in_words

#: Of the document alone: nothing runs, nothing loads from elsewhere, and only our own pages frame it.
FRAME_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'; "
    "base-uri 'none'; form-action 'none'; sandbox"
)
MOST_FOUND: Final = 20
#: How a variable is given something to show where a contact has no value.
FALLBACK: Final = "{{firstName|there}}"


@dataclass(frozen=True, slots=True)
class Choice:
    """A version of an e-mail that can be looked at; ``value`` is ``node/version``."""

    value: str
    title: str
    is_chosen: bool = False


class Preview(CampaignPage):
    tab = "review"
    template = "campaigns/campaign/preview.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        emails = email_choices(self.campaign, request.GET.get("email", ""))
        who = chosen(self.campaign, request.GET.get("contact", ""))
        query = typed(request.GET)
        return self.show(
            _("Preview"),
            emails=emails,
            email=next((each for each in emails if each.is_chosen), None),
            who=who,
            query=query,
            found=found_by(self.campaign, query, MOST_FOUND) if query else [],
            own_address=request.user.email if isinstance(request.user, User) else "",
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        text, who = asked_text(self.campaign, request.POST), chosen(self.campaign, request.POST.get("contact", ""))
        shown = Shown(self.campaign, who, specimens.compose(self.campaign, text, who.contact, clock.now()))
        if request.POST.get("format") == "json" or request.headers.get("Accept", "").startswith("application/json"):
            return JsonResponse(shown.as_json())
        return framed(shown.document())


class Message(CampaignPage):
    """What is saved, as a document for the frame of ``Preview``."""

    def get(self, request: HttpRequest) -> HttpResponse:
        text = asked_text(self.campaign, {"email": request.GET.get("email", "")})
        who = chosen(self.campaign, request.GET.get("contact", ""))
        specimen = specimens.compose(self.campaign, text, who.contact, clock.now())
        return framed(Shown(self.campaign, who, specimen).document())


@dataclass(frozen=True, slots=True)
class Shown:
    """A specimen with its head."""

    campaign: Campaign
    who: Chosen
    specimen: Specimen

    def as_json(self) -> dict[str, Any]:
        return {
            "subject": self.specimen.subject,
            "from": self.sender,
            "to": self.recipient,
            "text": self.specimen.text,
            "html": self.document(),
            "missing": list(self.specimen.missing),
            "problems": self.problems,
        }

    def document(self) -> str:
        told = {
            "specimen": self.specimen,
            "problems": self.problems,
            "missing": ", ".join(f"{{{{{name}}}}}" for name in self.specimen.missing),
            "fallback": FALLBACK,
            "sender": self.sender,
            "recipient": self.recipient,
            "who": self.who,
        }
        return render_to_string("campaigns/campaign/preview_message.html", told | {"body": inert(self.specimen.html)})

    @property
    def problems(self) -> list[str]:
        return [in_words(each) for each in self.specimen.problems]

    @property
    def sender(self) -> str:
        return _mailbox(self.campaign.account.name, self.campaign.account.email)

    @property
    def recipient(self) -> str:
        return _mailbox(self.who.contact.full_name, self.who.contact.email or "")


def framed(document: str) -> HttpResponse:
    answer = HttpResponse(document)
    answer["Content-Security-Policy"] = FRAME_POLICY
    answer["X-Frame-Options"] = "SAMEORIGIN"
    return answer


def asked_text(campaign: Campaign, asked: Mapping[str, str]) -> Text:
    """What is to be shown or sent: as posted, else as saved. ``email`` stands for ``node`` and ``version``, as in a
    ``Choice``. Raises Http404 for an e-mail that isn't there."""
    node_id, _slash, version = asked.get("email", "").rpartition("/")
    node_id, version = asked.get("node", node_id), asked.get("version", version or "a").lower()
    saved = specimens.saved_text(campaign, node_id, version)
    if "subject" in asked or "body" in asked:
        text = Text(subject=asked.get("subject", ""), body=asked.get("body", ""))
        return replace(text, track_opens=saved.track_opens) if saved else text
    if saved is None:
        raise Http404
    return saved


def email_choices(campaign: Campaign, wanted: str = "") -> list[Choice]:
    """The campaign's e-mails, both versions of each; the first is chosen where ``wanted`` is none of them."""
    found: list[Choice] = []
    emails = emails_in_order(parse(campaign.workflow))
    for number, node in enumerate(emails, 1):
        said = {"number": number, "subject": node.subject or _("(no subject)")}
        if node.variant_b is None:
            found.append(Choice(f"{node.id}/a", _("E-mail %(number)s: %(subject)s") % said))
            continue
        of_b = said | {"subject": node.variant_b.subject or _("(no subject)")}
        found.append(Choice(f"{node.id}/a", _("E-mail %(number)s, version A: %(subject)s") % said))
        found.append(Choice(f"{node.id}/b", _("E-mail %(number)s, version B: %(subject)s") % of_b))
    known = {each.value for each in found}
    at = wanted if wanted in known else next(iter(found)).value if found else ""
    return [replace(each, is_chosen=each.value == at) for each in found]


def _mailbox(name: str, email: str) -> str:
    return f"{name} <{email}>" if name else email
