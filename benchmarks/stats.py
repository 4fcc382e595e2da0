"""A campaign's statistics through the API, beside counting its e-mails on read, in one run.

``benchmarks/stats.py [MESSAGES]`` (1000000): of three e-mails and thirty days. On SQLite in a temporary folder, or on
the empty database of ``DATABASE_URL``, which is migrated and filled. Rounds alternate, and the medians are told.
"""

import statistics
import sys
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from due import campaign_of, counted, enrol, make_contacts, seconds, send, settle
from rounds import own_site

ROUNDS = 15
READS = 3
EMAILS = ("e1", "e2", "e3")
DAYS = 30
BEGAN = datetime(2026, 3, 2, tzinfo=UTC)


def at(number: int, count: int) -> datetime:
    """They are sent one after another, all day long."""
    return BEGAN + timedelta(days=DAYS) * (number / count)


def fill(count: int) -> Any:
    """The campaign, with as many messages and what was counted of them."""
    from campaigns.changes import tallies
    from fluenzr_site.workspaces.changes import create_workspace

    workspace = create_workspace("Benchmark")
    campaign = campaign_of(workspace, len(EMAILS))
    people = make_contacts(workspace, count // len(EMAILS))
    enrolments = enrol(campaign, people, status="completed", node_id="end", ended_at=BEGAN)
    sums: Counter[tuple[str, datetime, str]] = Counter()
    for index, node in enumerate(EMAILS):

        def values(number: int, index: int = index, node: str = node) -> dict[str, Any]:
            when = at(number * len(EMAILS) + index, count)
            opened = when if number % 5 < 2 else None
            clicked = when if number % 20 == 0 else None
            quarter = tallies.quarter(when)
            for name, happened in (("sent", True), ("opened", opened), ("clicked", clicked)):
                sums[node, quarter, name] += bool(happened)
            return {"node_id": node, "claimed_at": when, "sent_at": when, "opened_at": opened, "clicked_at": clicked}

        send(campaign, enrolments, people, values)
    for (node, quarter, name), number in sums.items():
        tallies.add(campaign.pk, node, "", quarter, **{name: number})
    tallies.add(campaign.pk, "", "", BEGAN, enrolled=len(people))
    return campaign


def on_read(campaign: Any) -> dict[str, Callable[[], Any]]:
    """The same answers from the messages themselves, by path."""
    from django.db.models import Count, Q
    from django.db.models.functions import TruncDay, TruncHour

    from campaigns.models import Message

    sums = {
        name: Count("pk", filter=Q(**{f"{name}_at__isnull": False}))
        for name in ("sent", "opened", "clicked", "replied", "bounced", "unsubscribed")
    }
    rows = Message.objects.filter(campaign=campaign).order_by()
    return {
        "stats": lambda: rows.aggregate(**sums),
        "stats/emails": lambda: list(rows.values("node_id").annotate(**sums)),
        "stats/timeline": lambda: list(rows.values(day=TruncDay("sent_at")).annotate(**sums)),
        "stats/timeline?interval=hour": lambda: list(rows.values(hour=TruncHour("sent_at")).annotate(**sums)),
    }


def main(count: int) -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from django.db import connection
    from django.test import Client

    from fluenzr_site.workspaces.changes import create_api_key

    campaign = fill(count)
    settle()
    client = Client(headers={"authorization": f"Bearer {create_api_key(campaign.workspace, name='benchmark')[1]}"})
    print(f"{connection.vendor}, {campaign.messages.count()} e-mails, {campaign.tallies.count()} tallies")
    for path, plain in on_read(campaign).items():
        url = f"/v1/campaigns/{campaign.pk}/{path}"

        def ours(url: str = url) -> None:
            if client.get(url).status_code != 200:
                raise SystemExit(f"{url} can't be read")

        ours()
        with counted() as statements:
            ours()
        times = [seconds(ours) * 1000 for _ in range(ROUNDS)]
        reads = [seconds(plain) * 1000 for _ in range(READS)]
        middle, read = statistics.median(times), statistics.median(reads)
        print(
            f"{path:<30}{middle:8.1f} ms ({min(times):.1f} to {max(times):.1f}), {len(statements)} queries; "
            f"counted on read {read:8.1f} ms: {read / middle:.0f} times as long"
        )


if __name__ == "__main__":
    with own_site(FLUENZR_REQUESTS_A_MINUTE="100000000"):
        main(int([*sys.argv[1:], "1000000"][0]))
