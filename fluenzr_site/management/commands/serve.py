import os
import socket
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from fluenzr_site.serving.first_run import welcome
from fluenzr_site.serving.processes import Group

EXAMPLES = """\
examples:
  manage.py serve
  manage.py serve --port 9000 --workers 4
  DATABASE_URL=postgres://… CELERY_BROKER_URL=redis://… manage.py serve --host 0.0.0.0

The web server and the worker run in one group of processes; Ctrl-C or SIGTERM ends them all. Migrations are
applied first. Where many hosts share the work, run granian and celery there instead (see README.md).
"""


class Command(BaseCommand):
    help = "Run everything: web and worker."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.epilog, parser.formatter_class = EXAMPLES, RawDescriptionHelpFormatter
        parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (%(default)s)")
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
        parser.add_argument("--workers", type=int, default=1, help="web processes (%(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = options["host"], options["port"]
        # Before anything is made, and before what is shown once is shown.
        _require_free(host, port)
        call_command("migrate", verbosity=0, interactive=False)
        url = f"http://{host}:{port}"
        told = welcome()
        if told is not None:
            self.stdout.write(told.text(url))
        self.stdout.write(f"FluenzR is running at {url}/  (Ctrl-C ends it)")
        self.stdout.flush()
        commands = {"web server": _web(host, port, options["workers"]), "worker": _worker()}
        code = Group(commands, {"FLUENZR_PUBLIC_URL": os.environ.get("FLUENZR_PUBLIC_URL", url)}).run()
        if code:
            raise CommandError("It ends again and again: what it says above is why", returncode=code)


def _require_free(host: str, port: int) -> None:
    """Raise CommandError when the port is taken: the web server would share it with whoever has it, silently."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except (OSError, OverflowError) as error:
        raise CommandError(f"Can't listen on {host}:{port}: {error}. Choose another with --port or PORT") from None


def _web(host: str, port: int, workers: int) -> list[str]:
    program = str(Path(sys.executable).with_name("granian"))
    return [
        program,
        *("--interface", "wsgi", "--host", host, "--port", str(port), "--workers", str(workers)),
        *("--blocking-threads", "4", "--backlog", "1024", "--no-ws", "--log-level", "warning"),
        *("--respawn-failed-workers", "fluenzr_site.wsgi:application"),
    ]


def _worker() -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), "worker"]
