"""The webhooks that the examples speak of: one that failed once, and one whose receiver answers."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from fluenzr_site.events import outbox
from fluenzr_site.events.models import Event
from fluenzr_site.webhooks import secrets
from fluenzr_site.webhooks.api.examples import LOG, LOG_ID, SECRET, TESTED_ID, WEBHOOK, WEBHOOK_ID
from fluenzr_site.webhooks.models import Attempt, Delivery, Webhook
from fluenzr_site.workspaces.models import Workspace

MADE = datetime(2025, 1, 15, 10, 30, tzinfo=UTC)
SENT = datetime(2025, 1, 15, 14, 45, tzinfo=UTC)


class _Answers(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@contextmanager
def receiving() -> Iterator[str]:
    """The URL of a receiver on loopback that takes everything."""
    receiver = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    threading.Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{receiver.server_port}/"
    finally:
        receiver.shutdown()
        receiver.server_close()


def populate_webhooks(workspace: Workspace, url: str) -> None:
    """``url``: where the tested one sends to."""
    outbox.listen(workspace)
    failed = _webhook(workspace, WEBHOOK_ID, WEBHOOK["url"], "active")
    _webhook(workspace, TESTED_ID, url, "disabled")
    event = _event(workspace, LOG["eventId"], "contact.created")
    # Never delivered: what a replay finds.
    _event(workspace, "evt_def456", "email.replied")
    delivery = Delivery.objects.create(webhook=failed, event=event, state="failed", attempts=1)
    Attempt.objects.create(
        id=LOG_ID,
        webhook=failed,
        delivery=delivery,
        number=1,
        status="failed",
        status_code=500,
        milliseconds=LOG["responseTime"],
        error=LOG["error"],
        at=SENT,
    )


def _event(workspace: Workspace, event_id: str, type_: str) -> Event:
    return Event.objects.create(
        id=event_id,
        workspace=workspace,
        type=type_,
        subject_id="con_abc123",
        actor="test:1",
        body="{}",
        created_at=SENT,
    )


def _webhook(workspace: Workspace, webhook_id: str, url: str, status: str) -> Webhook:
    return Webhook.objects.create(
        id=webhook_id,
        workspace=workspace,
        url=url,
        events=WEBHOOK["events"],
        status=status,
        secret=secrets.seal(webhook_id, SECRET),
        created_at=MADE,
    )
