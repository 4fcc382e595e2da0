"""Waiting for other processes, which take the time that they take."""

import socket
import time
from collections.abc import Callable


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def wait_for(ready: Callable[[], object], what: str, *, seconds: float = 60) -> None:
    """Until it is ready. Raises TimeoutError, which says ``what`` was waited for."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"Not within {seconds:.0f} s: {what}")
        time.sleep(0.01)
