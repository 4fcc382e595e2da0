"""A group of processes that can't be kept up says so and ends, with nothing left running."""

import sys

import pytest

from fluenzr_site.serving import processes

FAILS = [sys.executable, "-c", "raise SystemExit(3)"]
WAITS = [sys.executable, "-c", "import signal; signal.pause()"]


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "RESTART_SECONDS", 0.0)
    monkeypatch.setattr(processes, "_POLL_SECONDS", 0.01)
    # The test's process keeps its own handlers.
    monkeypatch.setattr(processes.signal, "signal", lambda number, handler: None)


def test_what_fails_again_and_again_is_given_up(capfd: pytest.CaptureFixture[str]):
    group = processes.Group({"web server": FAILS, "worker": WAITS}, {})
    assert group.run() == 1
    assert capfd.readouterr().err.count("The web server ended with code 3") == processes.QUICK_ENDS
    assert all(process.poll() is not None for process in group.running.values())


def test_one_that_had_run_for_long_is_never_given_up(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(processes, "STEADY_SECONDS", 0.0)
    group = processes.Group({"worker": [sys.executable, "-c", ""]}, {})
    started = []
    real = group._start

    def count(name: str) -> None:
        started.append(name)
        group.stopping = len(started) > processes.QUICK_ENDS + 2
        real(name)

    monkeypatch.setattr(group, "_start", count)
    assert group.run() == 0
