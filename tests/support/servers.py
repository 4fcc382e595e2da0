"""Says plainly which server the tests miss: ``servers.py postgres://… redis://…``. Exit code 1 when one is."""

import socket
import sys
from urllib.parse import urlsplit

PORTS = {"postgres": 5432, "redis": 6379}


def is_listening(url: str) -> bool:
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "127.0.0.1", parts.port or PORTS[parts.scheme]), timeout=3):
            return True
    except OSError:
        return False


def main(urls: list[str]) -> int:
    missing = [url for url in urls if not is_listening(url)]
    for url in missing:
        parts = urlsplit(url)
        print(f"MISSING: no {parts.scheme} server listens on {parts.hostname}:{parts.port or PORTS[parts.scheme]}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
