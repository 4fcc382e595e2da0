import warnings
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from celery.beat import EmbeddedService
from celery.exceptions import SecurityWarning
from django.core.management.base import BaseCommand

from fluenzr_site.celery import app

QUEUES = "default,imports,sending,mailboxes,webhooks"
EXAMPLES = """\
examples:
  manage.py worker
  CELERY_BROKER_URL=redis://… manage.py worker --no-beat --queues imports --concurrency 2

Does what is due: the database says what that is. Without a broker, one worker with its own clock is all there
is; with one, any number of workers with --no-beat and one without it.
"""


class Command(BaseCommand):
    help = "Run the worker, with its clock in a thread."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.epilog, parser.formatter_class = EXAMPLES, RawDescriptionHelpFormatter
        parser.add_argument("--concurrency", type=int, default=4, help="threads (%(default)s)")
        parser.add_argument("--queues", default=QUEUES, help="%(default)s")
        parser.add_argument("--no-beat", action="store_true", help="another worker has the clock")

    def handle(self, *args: Any, **options: Any) -> None:
        # The warning is about pickled messages, and ours are JSON; containers run as root.
        warnings.filterwarnings("ignore", category=SecurityWarning)
        if not options["no_beat"]:
            # In a thread, not in the process that --beat starts: a broker in memory is seen from here alone.
            # The schedule is kept nowhere: it says only how often to look at the database.
            clock = EmbeddedService(app, thread=True, scheduler_cls="celery.beat:Scheduler")
            clock.start()  # type: ignore[union-attr]
        app.worker_main(
            [
                *("--quiet", "worker", "--pool", "threads", "--loglevel", "WARNING"),
                *("--concurrency", str(options["concurrency"]), "--queues", options["queues"]),
                *("--without-gossip", "--without-mingle"),
            ]
        )
