"""Sends the notices that are due: claimed under a lease, the mail server asked outside any transaction.

None is lost: what a dead worker held is sent when its lease is over, so that the one in flight may come twice.
"""

import logging
import smtplib
import traceback
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone, translation

from fluenzr_site.core import clock, ids, leases
from fluenzr_site.core.database import outlasting
from fluenzr_site.notices import choosing, letters
from fluenzr_site.notices.letters import Letter
from fluenzr_site.notices.models import Notice
from fluenzr_site.workspaces.models import Membership, Profile
from fluenzr_site.workspaces.profiles import language_of, zone_of

log = logging.getLogger("fluenzr.notices")

State = Notice.State
#: Writes a notice in the language and zone that are active; None where there is nothing to say.
Writer = Callable[[Notice, datetime], Letter | None]

LEASE_SECONDS: Final = 300
#: After a server that doesn't take it now; then again and again as the last says.
RETRIES: Final = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=6))
GIVEN_UP_AFTER: Final = timedelta(days=3)
KEPT: Final = timedelta(days=90)


def to_person(write: Callable[[Membership, datetime], Letter | None]) -> Writer:
    """Of what tells a person all that they haven't been told yet, whichever notice it was noted for."""
    return lambda notice, now: write(notice.membership, now)


def note(membership: Membership, kind: str, period: str, due_at: datetime) -> None:
    """That the person is to get it: once, whoever else notes the same."""
    if not Notice.objects.filter(membership=membership, kind=kind, period=period).exists():
        row = Notice(membership=membership, kind=kind, period=period, due_at=due_at)
        Notice.objects.bulk_create([row], ignore_conflicts=True)


def after_last(membership: Membership, kind: str) -> str:
    """The period of what comes at no set time: it lasts until the one that is waiting is settled."""
    settled = Notice.objects.filter(membership=membership, kind=kind, settled_at__isnull=False).order_by("-pk")
    return f"after {settled.values_list('pk', flat=True).first() or ''}".rstrip()


def send_due(writers: Mapping[str, Writer]) -> bool:
    """Send the notice that has been due longest; whether there was one. Without a mail server there is none."""
    now = clock.now()
    if not letters.can_send():
        return False
    notice = leases.claim(Notice.objects.filter(kind__in=writers), seconds=LEASE_SECONDS, now=now)
    if notice is None:
        return False
    try:
        _send(notice, writers[notice.kind], now)
    except leases.LeaseLost:
        log.warning("What became of the notice %s came too late to be noted", notice.pk)
    except Exception as error:
        # Its message stays out: it may be what somebody wrote. The lease keeps it from being tried at once again.
        where = "".join(traceback.format_tb(error.__traceback__))
        log.error("The notice %s can't be written: %s\n%s", notice.pk, type(error).__name__, where)
    return True


def forget_old(now: datetime) -> None:
    """What is settled is kept for a while, to be looked up."""
    Notice.objects.filter(pk__lt=ids.first_at("ntc", now - KEPT), due_at__isnull=True).delete()


def _send(notice: Notice, write: Writer, now: datetime) -> None:
    # As things are now: who has left since, or wants it no more, gets nothing.
    membership = choosing.wanting(notice.kind).filter(pk=notice.membership_id).first()
    if membership is None:
        _settle(notice, State.DROPPED)
        return
    notice.membership = membership
    profile = getattr(membership.user, "profile", None) or Profile(user=membership.user)
    with translation.override(language_of(profile)), timezone.override(zone_of(profile, membership.workspace)):
        letter = write(notice, now)
        message = letters.written(notice, letter) if letter else None
    if letter is None or message is None:
        _settle(notice, State.DROPPED)
        return
    try:
        message.send()
    except (OSError, ValueError) as error:
        _unsent(notice, letter, error, now)
    else:
        _settle(notice, State.SENT, letter)


def _unsent(notice: Notice, letter: Letter, error: Exception, now: datetime) -> None:
    log.warning("The notice %s couldn't be sent: %s", notice.pk, type(error).__name__)
    is_late = now - ids.made_at(notice.pk) > GIVEN_UP_AFTER
    if is_late or isinstance(error, (smtplib.SMTPRecipientsRefused, ValueError)):
        # Told all the same, or the next one would fail for it too.
        _settle(notice, State.FAILED, letter)
        return
    wait = RETRIES[min(notice.attempts, len(RETRIES) - 1)]
    leases.release(notice, due_at=now + wait, attempts=notice.attempts + 1)


@outlasting
def _settle(notice: Notice, state: Notice.State, letter: Letter | None = None) -> None:
    with transaction.atomic():
        leases.release(notice, due_at=None, state=state, settled_at=clock.now())
        if letter and letter.told:
            choosing.remember(notice.membership, letter.told)
