"""A worker that is told to end ends in time, and leaves behind nothing that others would have to wait for."""

import signal
import socket
from pathlib import Path

import pytest

from campaigns.tasks import STOP_SECONDS
from tests.campaigns.reliability.support import Place, counted, held, sql, staffed, started, twice
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.processes, pytest.mark.once]

PEOPLE = 12


def test_short_work_ends_and_the_rest_is_handed_back(place: Place, tmp_path: Path):
    hold = tmp_path / "hold"
    hold.touch()
    with staffed(place, hold, delay=0.5) as staff:
        started(place, staff, PEOPLE)
        worker = staff.hire()
        wait_for(staff.received, "an e-mail is at the mail server")
        assert counted(place) == {"sending": 1, "claimed": PEOPLE - 1}
        worker.tell(signal.SIGTERM)
        hold.unlink()
        staff.let_go(worker)

        states, received = counted(place), len(staff.received())
        # It may have begun another before it heard.
        assert 1 <= received < PEOPLE, "it doesn't do all that it had reserved"
        assert states == {"sent": received, "deferred": PEOPLE - received} and held(place) == 0

        staff.hire()
        wait_for(lambda: counted(place) == {"sent": 2 * PEOPLE}, "another sends the rest")
        assert twice(staff) == []


def test_what_waits_for_its_server_is_cut_off_and_uncertain_at_once(place: Place, tmp_path: Path):
    hold = tmp_path / "hold"
    hold.touch()
    with staffed(place, hold) as staff:
        started(place, staff, PEOPLE)
        worker = staff.hire()
        wait_for(staff.received, "an e-mail is at the mail server")
        seconds = staff.let_go(worker)
        assert seconds >= STOP_SECONDS, "it was given its time"
        assert counted(place) == {"uncertain": 1, "deferred": PEOPLE - 1} and held(place) == 0
        shown = "SELECT count(*) FROM campaigns_enrolment WHERE due_at IS NULL AND note <> ''"
        assert sql(place, shown) == [(1,)], "it waits for a person, who is told why"

        hold.unlink()
        staff.hire()
        wait_for(lambda: counted(place) == {"uncertain": 1, "sent": 2 * (PEOPLE - 1)}, "another sends the rest")
        assert twice(staff) == [] and len(staff.received()) == 2 * PEOPLE - 1


def test_a_mailbox_that_says_nothing_is_handed_back_too(place: Place):
    with socket.create_server(("127.0.0.1", 0)) as silent, staffed(place) as staff:
        place.run("-c", MAILBOX.format(port=silent.getsockname()[1]))
        worker = staff.hire()
        silent.settimeout(60)
        with silent.accept()[0]:
            assert sql(place, FOLDER.format("lease <> ''")) == [(1,)], "it is being read"
            staff.let_go(worker)
        free = "lease = '' AND leased_until IS NULL AND last_error = '' AND due_at IS NOT NULL"
        assert sql(place, FOLDER.format(free)) == [(1,)]


MAILBOX = """
import django; django.setup()
from campaigns.changes import accounts
from fluenzr_site.workspaces.changes import create_workspace
server = {{"imap_host": "127.0.0.1", "imap_port": {port}, "imap_security": "none", "imap_username": "sam"}}
accounts.create(create_workspace("Mail"), {{"email": "sam@sender.test", **server}})
"""
FOLDER = "SELECT count(*) FROM campaigns_mailfolder WHERE {}"
