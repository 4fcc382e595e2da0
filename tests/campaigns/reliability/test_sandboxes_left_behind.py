"""A sandbox whose process was killed is cleared up by the next one, and none that somebody is at work on."""

import json
import signal
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from campaigns.sandbox import leftovers, world
from fluenzr_site.core import clock
from fluenzr_site.workspaces.changes import create_workspace
from fluenzr_site.workspaces.models import Workspace
from tests.campaigns.kill.run import Child
from tests.campaigns.reliability.support import Place, sql
from tests.support.frozen import stand_still
from tests.support.waiting import wait_for

START = ("--start", "2026-11-24T08:00")
LEFT = "SELECT count(*) FROM workspaces_workspace WHERE is_sandbox"
SOURCE = """
import django; django.setup()
from tests.campaigns.sandbox.support import source
campaign = source(f"p{number}" for number in range(200))
print(campaign.workspace_id, campaign.pk)
"""


class Sandboxes:
    """Runs ``manage.py sandbox`` for a campaign of its own."""

    def __init__(self, place: Place) -> None:
        workspace, campaign = place.run("-c", SOURCE).split()
        self.place, self.count = place, 0
        self.command = ("manage.py", "sandbox", "--workspace", workspace, "--campaign", campaign, *START)

    def begun(self) -> Child:
        """One that goes on for long, and has sent its first e-mails."""
        self.count += 1
        child = Child(self.place, f"sandbox-{self.count}", *self.command, "--contacts", "200", "--days", "366")
        wait_for(lambda: "  sent " in child.said.read_text(), "its first e-mail is sent")
        return child

    def run(self) -> str:
        return self.place.run(*self.command, "--contacts", "1", "--days", "1", "--json")


@pytest.mark.processes
@pytest.mark.once
def test_the_next_clears_up_after_one_that_was_killed(place: Place):
    sandboxes = Sandboxes(place)
    assert sandboxes.begun().end(signal.SIGKILL) == -signal.SIGKILL
    assert sql(place, LEFT) == [(1,)]
    assert json.loads(sandboxes.run())["summary"]["totals"]["sent"] == 1
    assert sql(place, LEFT) == [(0,)]
    assert list((place.var / "sandboxes").iterdir()) == []


@pytest.mark.processes
@pytest.mark.once
def test_one_that_is_at_work_is_left_alone(place: Place):
    sandboxes = Sandboxes(place)
    busy = sandboxes.begun()
    # However long it says nothing.
    stand_still(busy.process, Path(urlsplit(place.env["DATABASE_URL"]).path))
    sandboxes.run()
    assert sql(place, LEFT) == [(1,)]
    busy.tell(signal.SIGCONT)
    # As Ctrl-C does.
    assert busy.end(signal.SIGINT) == 130, busy.complained.read_text()
    assert sql(place, LEFT) == [(0,)]


# ------------------------------------------------------------------------------- those of other machines


@pytest.fixture
def sandbox(db: None) -> Workspace:
    """As another machine's, that has no file here."""
    return Workspace.objects.create(name=world.NAME, is_sandbox=True)


def aged(workspace: Workspace, by: timedelta) -> None:
    Workspace.objects.filter(pk=workspace.pk).update(created_at=clock.now() - by)


@pytest.mark.parametrize(("age", "stays"), [(leftovers.OLDEST / 2, True), (leftovers.OLDEST * 2, False)])
def test_of_another_machine_s_only_what_is_old_goes(sandbox: Workspace, age: timedelta, stays: bool):
    aged(sandbox, age)
    world.clear_up()
    assert Workspace.objects.filter(pk=sandbox.pk).exists() == stays


def test_one_that_is_marked_stays_however_old(sandbox: Workspace):
    aged(sandbox, leftovers.OLDEST * 2)
    with leftovers.marked(sandbox):
        world.clear_up()
        assert Workspace.objects.filter(pk=sandbox.pk).exists()
    world.clear_up()
    assert not Workspace.objects.filter(pk=sandbox.pk).exists()


def test_no_other_workspace_is_touched(db: None):
    workspace = create_workspace("Acme")
    aged(workspace, leftovers.OLDEST * 2)
    world.clear_up()
    assert Workspace.objects.filter(pk=workspace.pk).exists()


def test_nothing_is_left_of_a_file_either(sandbox: Workspace, settings: object, tmp_path: Path):
    settings.VAR_DIR = tmp_path
    with leftovers.marked(sandbox):
        assert len(list((tmp_path / "sandboxes").iterdir())) == 1
        world.delete(sandbox)
    assert list((tmp_path / "sandboxes").iterdir()) == []
