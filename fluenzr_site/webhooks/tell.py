"""Tells a workspace's administrators by e-mail, once, that a webhook gets no more events."""

import logging
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMessage, get_connection
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from fluenzr_site.webhooks.models import Webhook
from fluenzr_site.workspaces.models import Membership, Profile, Workspace
from fluenzr_site.workspaces.profiles import language_of

log = logging.getLogger("fluenzr.webhooks")

_DUMMY = "django.core.mail.backends.dummy.EmailBackend"


def tell_due() -> int:
    """Tell of each webhook that is to be told of; how many there were. No transaction is open meanwhile."""
    told = 0
    for webhook in Webhook.objects.filter(to_tell=True).select_related("workspace").order_by("id"):
        # Noted first: an administrator who is told twice by two workers trusts the next e-mail less.
        if Webhook.objects.filter(pk=webhook.pk, to_tell=True).update(to_tell=False):
            _tell(webhook)
            told += 1
    return told


def _tell(webhook: Webhook) -> None:
    people = _administrators(webhook.workspace)
    if settings.EMAIL_BACKEND == _DUMMY or not people:
        log.warning("Webhook %s is %s; nobody is told by e-mail (FLUENZR_EMAIL_URL)", webhook.pk, webhook.status)
        return
    try:
        get_connection().send_messages([_message(webhook, person) for person in people])
    except OSError as error:
        log.error("Administrators couldn't be told of webhook %s: %s", webhook.pk, type(error).__name__)


def _administrators(workspace: Workspace) -> list[User]:
    members = Membership.objects.filter(workspace=workspace, role=Membership.Role.ADMIN, is_active=True)
    people = User.objects.filter(memberships__in=members, is_active=True).exclude(email="")
    return list(people.select_related("profile").order_by("pk"))


def _message(webhook: Webhook, person: User) -> EmailMessage:
    """One each, in their own language: they needn't learn each other's addresses."""
    profile = getattr(person, "profile", None) or Profile(user=person)
    # RFC 3834: nobody's out-of-office answers it.
    headers = {"Auto-Submitted": "auto-generated"}
    with translation.override(language_of(profile)):
        return EmailMessage(_subject(webhook), _text(webhook), to=[person.email], headers=headers)


def _subject(webhook: Webhook) -> str:
    # One line, whatever the name holds.
    name = " ".join(webhook.workspace.name.split())
    return _("FluenzR: a webhook of %(workspace)s gets no more events") % {"workspace": name}


def _text(webhook: Webhook) -> str:
    # The host alone: the rest of the URL may be a secret.
    named = {"host": urlsplit(webhook.url).hostname, "id": webhook.pk, "workspace": webhook.workspace.name}
    if webhook.status == Webhook.Status.DISABLED:
        what = _("The receiver at %(host)s answered that it is gone (410), so the webhook %(id)s was disabled.")
    else:
        what = _("The last deliveries to %(host)s all failed, so the webhook %(id)s was marked failed.")
    then = _(
        "It gets no more events of %(workspace)s until somebody makes it active again. Its log says what was answered; "
        "what happened meanwhile can be replayed."
    )
    page = reverse("admin:webhooks_webhook_change", args=[webhook.pk])
    return f"{what % named}\n\n{then % named}\n\n{settings.FLUENZR_PUBLIC_URL}{page}\n"
