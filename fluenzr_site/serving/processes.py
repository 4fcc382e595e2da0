"""Several processes that live and die together: the web server and the worker of one installation."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import FrameType
from typing import Final

STOP_SECONDS: Final = 15
# A process that ends again and again is started at most this often, and so many times.
RESTART_SECONDS: Final = 2.0
QUICK_ENDS: Final = 5
# One that ran for so long had started well.
STEADY_SECONDS: Final = 30.0
_POLL_SECONDS: Final = 0.2
_PR_SET_PDEATHSIG: Final = 1


def _die_with_parent() -> None:
    """Linux: end when the parent is gone, also by kill -9, so that no orphan goes on sending or serving."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Group:
    """Starts its commands, starts again what ends by itself, and stops them all when it is told to."""

    def __init__(self, commands: Mapping[str, Sequence[str]], environment: Mapping[str, str]) -> None:
        self.commands, self.environment = commands, {**os.environ, **environment}
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.started: dict[str, float] = {}
        self.quick_ends: Counter[str] = Counter()
        self.stopping = False

    def run(self) -> int:
        """Until SIGTERM or SIGINT; 0 then. 1 when one of them can't be kept up."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        for name in self.commands:
            self._start(name)
        while not self.stopping and max(self.quick_ends.values(), default=0) < QUICK_ENDS:
            self._revive()
            time.sleep(_POLL_SECONDS)
        self._end()
        return 0 if self.stopping else 1

    def _start(self, name: str) -> None:
        self.started[name] = time.monotonic()
        # In a session of its own: Ctrl-C reaches us alone, and we pass it on in order.
        self.running[name] = subprocess.Popen(  # noqa: S603 - the commands are serve's own
            self.commands[name],
            env=self.environment,
            preexec_fn=_die_with_parent,
            start_new_session=True,
        )

    def _revive(self) -> None:
        for name, process in list(self.running.items()):
            lived = time.monotonic() - self.started[name]
            if process.poll() is not None and lived > RESTART_SECONDS:
                print(f"The {name} ended with code {process.returncode}; starting it again", file=sys.stderr)
                self.quick_ends[name] = self.quick_ends[name] + 1 if lived < STEADY_SECONDS else 0
                _sweep(process)
                self._start(name)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def _end(self) -> None:
        for process in self.running.values():
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in self.running.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            _sweep(process)


def _sweep(process: subprocess.Popen[bytes]) -> None:
    """End what a process that was killed left behind in its session: a web worker would keep the port."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
