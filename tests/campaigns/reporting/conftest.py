"""A team that gets replies, and the site's own mail server."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core import mail

from campaigns.changes import accounts
from campaigns.models import Conversation, EmailAccount, MailFolder, ReceivedMail
from campaigns.reporting.tasks import tell
from contacts.changes.contacts import create
from contacts.cleaning import clean
from fluenzr_site.core import clock, ids
from fluenzr_site.events.recording import Actor
from fluenzr_site.notices import choosing
from fluenzr_site.workspaces.changes import add_member, create_workspace
from fluenzr_site.workspaces.models import Workspace
from fluenzr_site.workspaces.profiles import update_profile

#: A Wednesday.
NOW = "2030-01-09T10:00:00Z"


class Team:
    """A workspace whose account is read, and its people."""

    def __init__(self, name: str) -> None:
        self.workspace: Workspace = create_workspace(name)
        values = {"email": f"sales@{name.lower()}.test", "smtp_host": "127.0.0.1", "imap_host": "127.0.0.1"}
        self.account: EmailAccount = accounts.create(self.workspace, values)

    def person(self, name: str, *, role: str = "member", profile: dict[str, str] | None = None, **wants: Any):
        user = User.objects.create(username=name, first_name=name.title(), email=f"{name}@team.test", is_staff=True)
        membership = add_member(self.workspace, user, role=role)
        if profile:
            update_profile(user, profile)
        return choosing.choose(membership, wants).membership if wants else membership

    def gets(self, name: str, text: str = "Tell me more.", *, kind: str = "reply", subject: str = "Re: Hello"):
        """Mail of that contact, just stored."""
        draft = clean({"email": f"{name}@x.co", "firstName": name.title()}, needs_email=True)
        known = self.workspace.contacts.filter(email=f"{name}@x.co").first()
        contact_id = known.pk if known else create(self.workspace, draft, by=Actor("command", "test"))
        conversation, _new = Conversation.objects.get_or_create(
            workspace=self.workspace, contact_id=contact_id, account=self.account, defaults={"last_at": clock.now()}
        )
        ReceivedMail.objects.create(
            workspace=self.workspace,
            folder=MailFolder.objects.get(account=self.account),
            uid_validity=1,
            uid=ReceivedMail.objects.count() + 1,
            conversation=conversation,
            contact_id=contact_id,
            kind=kind,
            subject=subject,
            text=text,
            at=clock.now(),
        )
        return conversation


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Iterator[time_machine.Traveller]:
    # Ids of one process never go back in time, as tests do.
    monkeypatch.setattr(ids, "_sequence", ids._Sequence())
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def team(db: None, now: time_machine.Traveller, settings: Any) -> Team:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    return Team("Acme")


class Site:
    """The worker that tells people, minute by minute."""

    def __init__(self, now: time_machine.Traveller) -> None:
        self.now = now

    def after(self, **time: float) -> list[Any]:
        """The e-mails that are sent once that much time is over."""
        self.now.shift(timedelta(**time))
        return self.tells()

    def at(self, moment: str) -> list[Any]:
        self.now.move_to(datetime.fromisoformat(moment))
        return self.tells()

    def tells(self) -> list[Any]:
        before = len(mail.outbox)
        tell()
        return mail.outbox[before:]


@pytest.fixture
def site(now: time_machine.Traveller) -> Site:
    return Site(now)


def html(message: Any) -> str:
    return str(message.alternatives[0][0])
