"""What the sandbox's two servers share: a free port of this machine alone, and threads of their own."""

import socketserver
import sys
import threading
from typing import Any, Final, Self

HOST: Final = "127.0.0.1"
#: Bytes of a command's line; of a message's too, which RFC 5321 limits to 1,000.
LONGEST_LINE: Final = 64 * 1024
_POLL_SECONDS: Final = 0.02


class Loopback(socketserver.ThreadingTCPServer):
    """Serves from entering to leaving; sessions that are open then end with the process."""

    daemon_threads = True

    def __init__(self, session: type["Session"]) -> None:
        super().__init__((HOST, 0), session)
        self._thread = threading.Thread(target=self.serve_forever, args=(_POLL_SECONDS,), daemon=True)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        # Who hangs up early is no news.
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class Session(socketserver.StreamRequestHandler):
    """One connection, in lines that end with CRLF."""

    timeout = 60
    # A reply must not wait until the one before it is acknowledged.
    disable_nagle_algorithm = True

    def say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())

    def hear(self) -> bytes | None:
        """The next line without its end; None when there is no more, or no end to it."""
        line = self.rfile.readline(LONGEST_LINE)
        return line.rstrip(b"\r\n") if line.endswith(b"\n") else None
