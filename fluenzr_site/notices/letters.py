"""How the site writes to its people: one look, text and HTML, and the way to hear no more of it in every e-mail."""

from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from fluenzr_site.notices.models import Notice
from fluenzr_site.workspaces.models import Membership, Workspace

DUMMY: Final = "django.core.mail.backends.dummy.EmailBackend"


@dataclass(frozen=True, slots=True)
class Letter:
    """What is to be said: ``notices/<template>.txt`` and ``.html`` say it. ``told`` is noted once it is sent."""

    subject: str
    template: str
    context: dict[str, Any]
    told: dict[str, Any] = field(default_factory=dict)


def can_send() -> bool:
    """Whether the site has a mail server of its own: FLUENZR_EMAIL_URL."""
    return bool(settings.EMAIL_BACKEND != DUMMY)


def link(workspace: Workspace, route: str, *args: str) -> str:
    """To a page of that workspace, whichever its reader is in at the time."""
    page = reverse(f"admin:{route}", args=args).removeprefix("/")
    return _public("notices:open", workspace.pk, _signature("open", workspace.pk, page), page)


def leads_to(workspace_id: str, signature: str, page: str) -> bool:
    """Whether we have signed such a link."""
    return constant_time_compare(signature, _signature("open", workspace_id, page))


def stop_link(membership: Membership, kind: str) -> str:
    return _public("notices:stop", membership.pk, kind, _signature("stop", membership.pk, kind))


def stops(membership_id: str, kind: str, signature: str) -> bool:
    """Whether it is a link of ours that ends notices of that kind."""
    return constant_time_compare(signature, _signature("stop", membership_id, kind))


def written(notice: Notice, letter: Letter) -> EmailMultiAlternatives:
    """The e-mail, in the language that is active. The same notice has the same Message-ID, if it is sent twice."""
    membership = notice.membership
    stop = stop_link(membership, notice.kind)
    context = letter.context | {
        "subject": letter.subject,
        "language": translation.get_language(),
        "workspace": membership.workspace,
        "why": _why(notice),
        "stop": stop,
        "profile": _public("admin:profile") + "#notices",
    }
    message = EmailMultiAlternatives(
        # One line, whatever a name holds.
        " ".join(letter.subject.split()),
        render_to_string(f"notices/{letter.template}.txt", context).strip() + "\n",
        to=[membership.user.email],
        headers={
            "Message-ID": f"<{notice.pk}@{urlsplit(settings.FLUENZR_PUBLIC_URL).hostname}>",
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            # RFC 3834: nobody's out-of-office answers it.
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(render_to_string(f"notices/{letter.template}.html", context), "text/html")
    return message


def _why(notice: Notice) -> str:
    texts = {
        Notice.Kind.REPLIES: _("You get this because you want to hear of replies in %(workspace)s."),
        Notice.Kind.WEEKLY: _("You get this every Monday because you want the weekly report of %(workspace)s."),
        Notice.Kind.TROUBLE: _("You get this because you administer %(workspace)s and its e-mail accounts."),
        Notice.Kind.WEBHOOK: _("You get this because you administer %(workspace)s and its webhooks."),
    }
    return texts[Notice.Kind(notice.kind)] % {"workspace": notice.membership.workspace.name}


def _public(route: str, *args: str) -> str:
    return f"{settings.FLUENZR_PUBLIC_URL}{reverse(route, args=args)}"


def _signature(purpose: str, *signed: str) -> str:
    """Of 132 bits, so that the links stay short."""
    signer = signing.Signer(key=settings.FLUENZR_LINK_KEY, salt=f"notices.{purpose}")
    return signer.signature("/".join(signed))[:22]
