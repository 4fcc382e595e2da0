"""PostgreSQL crashes and comes back in the middle of a campaign: workers go on by themselves."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.campaigns.kill.run import ROOT
from tests.campaigns.reliability.support import Place, Staff, counted, held, staffed, started, twice
from tests.support.waiting import free_port, wait_for

PROGRAMS = max(Path("/usr/lib/postgresql").glob("*/bin"), default=Path("/nowhere"))
PEOPLE = 100
#: Until workers are at work again.
SOON = 30.0

pytestmark = [
    pytest.mark.processes,
    pytest.mark.services,
    pytest.mark.skipif(not (PROGRAMS / "initdb").exists(), reason="needs PostgreSQL's own programs"),
]


class Cluster:
    """A PostgreSQL server of our own, which may be treated badly."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.data = folder / "data"
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        self._run("initdb", "--no-sync", "-A", "trust", "-U", "postgres", "-D", str(self.data))
        self.start()

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self.folder}"
        self._run("pg_ctl", "-D", str(self.data), "-w", "-o", options, "-l", str(self.folder / "log"), "start")

    def crash(self) -> None:
        """As a kill -9 of it all: nobody is said goodbye to."""
        self._run("pg_ctl", "-D", str(self.data), "-m", "immediate", "-w", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        # It refuses to run as root.
        unprivileged = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if _is_root() else []
        command = [*unprivileged, str(PROGRAMS / program), *arguments]
        subprocess.run(command, check=True, cwd=self.folder, stdout=subprocess.DEVNULL)


def _is_root() -> bool:
    return os.geteuid() == 0


@contextmanager
def _cluster() -> Iterator[Cluster]:
    # Not below pytest's folders, which are root's alone.
    folder = Path(f"/tmp/fluenzr-postgresql-{os.getpid()}")
    folder.mkdir(mode=0o700)
    if _is_root():
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    try:
        cluster = Cluster(folder)
        try:
            yield cluster
        finally:
            cluster.crash()
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with _cluster() as cluster:
        yield cluster


def sent(staff: Staff) -> int:
    return len(staff.received())


@pytest.fixture
def place(cluster: Cluster, tmp_path: Path) -> Place:
    env = {
        "DATABASE_URL": cluster.url,
        "DJANGO_SETTINGS_MODULE": "fluenzr_site.settings",
        "FLUENZR_VAR": str(tmp_path),
        "FLUENZR_PRIVATE_NETWORKS": "127.0.0.0/8",
        "FLUENZR_SECRET_KEY": "",
        "PYTHONPATH": str(ROOT),
    }
    place = Place(tmp_path, env)
    place.run("manage.py", "migrate", "-v0")
    return place


def test_workers_go_on_after_postgresql_crashed(cluster: Cluster, place: Place):
    with staffed(place, delay=0.2) as staff:
        started(place, staff, PEOPLE)
        for _ in range(2):
            staff.hire()
        for some in (10, 60, 120):
            wait_for(lambda some=some: sent(staff) >= some, f"{some} are sent")
            cluster.crash()
            before = sent(staff)
            cluster.start()
            # More than can have been on their way.
            wait_for(lambda before=before: sent(staff) > before + 10, "workers are at work again", seconds=SOON)

        # Nothing is uncertain: workers know what they have sent, and tell it once there is somebody to tell.
        wait_for(lambda: counted(place) == {"sent": 2 * PEOPLE}, "all is sent")
        assert all(worker.process.poll() is None for worker in staff.workers), "nobody had to be started again"
        staff.stop()
        assert held(place) == 0
        assert twice(staff) == [] and sent(staff) == 2 * PEOPLE
