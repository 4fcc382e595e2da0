"""How long the server takes for the admin's lists when there are many contacts, beside a page without a list.

``benchmarks/pages.py [CONTACTS]`` (100000), on SQLite in a temporary folder, or on the empty database of
``DATABASE_URL``, which is migrated and filled. Contacts come in as a person brings them, by a CSV file; all of them are
in a running campaign and have got its e-mail in the last four weeks, a tenth have answered. Of each page: the time once
its numbers are known (the median, and the processor's part in it), the time of a first visit after a change, and its
queries. Rounds alternate over the pages.
"""

import csv
import io
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from due import campaign_of, counted, enrol, insert, settle
from rounds import own_site

ROUNDS, FIRST_ROUNDS = 15, 3
NAMES = ("Marie", "Jean", "Asha", "Ravi", "Olga", "Li", "Sam", "Zoë", "Émile", "Noor")
TAGS = ("customer", "prospect", "newsletter", "fair 2026", "partner")
HEAD = ("First name", "Last name", "Email", "Company", "Phone", "Tags", "City")


def people(count: int) -> bytes:
    """The file they come in."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(HEAD)
    for number in range(count):
        name, tag = NAMES[number % len(NAMES)], TAGS[number % len(TAGS)]
        email, phone = f"{number}@company{number % 997}.example", f"+336{number:08}"
        rows.writerow([name, f"Person {number}", email, f"Company {number % 997}", phone, tag, "Paris"])
    return out.getvalue().encode()


def bring_in(workspace: Any, count: int) -> None:
    from contacts.imports import run, store

    draft = store.create(workspace, io.BytesIO(people(count)), "people.csv", by=None)
    store.choose(draft, on_duplicate="skip", consent_source="existing", certified=True)
    run.start(draft)
    while run.run_due():
        pass


def spread(workspace: Any) -> list[str]:
    """Contacts over stages and a group; their ids."""
    from contacts.models import Contact, PipelineStage

    stages = [*PipelineStage.objects.of(workspace), None]
    everybody = list(Contact.objects.of(workspace).order_by("id").values_list("pk", flat=True))
    for number, stage in enumerate(stages):
        of_stage = everybody[number :: len(stages)]
        for start in range(0, len(of_stage), 500):
            Contact.objects.filter(pk__in=of_stage[start : start + 500]).update(stage=stage)
    return everybody


def send(campaign: Any, enrolment_ids: list[str], contact_ids: list[str]) -> None:
    """An e-mail to each over the last four weeks, every third opened, and the tallies of that."""
    from collections import Counter
    from datetime import timedelta

    from campaigns.models import Message, Tally
    from fluenzr_site.core import clock, ids

    now, step = clock.now(), timedelta(weeks=4) / len(contact_ids)
    fixed = {"workspace_id": campaign.workspace_id, "campaign_id": campaign.pk, "account_id": campaign.account_id}
    fixed |= {"node_id": "e1", "state": "sent", "subject": "Hello"}
    sent: Counter[int] = Counter()
    opened: Counter[int] = Counter()
    rows = []
    for number, made in enumerate(ids.new_batch("msg", len(contact_ids))):
        at = now - number * step
        quarter, is_opened = int(at.timestamp()) // 900 * 900, not number % 3
        sent[quarter] += 1
        opened[quarter] += is_opened
        rows.append(
            Message(
                id=made,
                enrolment_id=enrolment_ids[number],
                contact_id=contact_ids[number],
                message_id=f"{number}@benchmark.example",
                recipient=f"{number}@company.example",
                claimed_at=at,
                sent_at=at,
                opened_at=at if is_opened else None,
                **fixed,
            )
        )
    insert(rows)
    insert(
        [
            Tally(campaign_id=campaign.pk, node_id="e1", quarter=quarter, sent=count, opened=opened[quarter])
            for quarter, count in sent.items()
        ]
    )


def correspond(campaign: Any, contact_ids: list[str]) -> None:
    """A conversation with each, and the answer in it."""
    from campaigns.models import Conversation, MailFolder, ReceivedMail
    from fluenzr_site.core import clock, ids

    folder = MailFolder.objects.create(account=campaign.account, name="INBOX")
    fixed = {"workspace_id": campaign.workspace_id, "account_id": campaign.account_id}
    talks = [
        Conversation(id=made, contact_id=contact, campaign_id=campaign.pk, last_at=clock.now(), **fixed)
        for made, contact in zip(ids.new_batch("cnv", len(contact_ids)), contact_ids, strict=True)
    ]
    insert(talks)
    mail = {"workspace_id": campaign.workspace_id, "folder_id": folder.pk, "uid_validity": 1, "kind": "reply"}
    insert(
        [
            ReceivedMail(
                id=made,
                uid=number,
                conversation_id=talk.pk,
                contact_id=talk.contact_id,
                subject="Re: Hello",
                text="Tell me more.\n\n> Hello",
                at=talk.last_at,
                **mail,
            )
            for number, (made, talk) in enumerate(zip(ids.new_batch("rcv", len(talks)), talks, strict=True))
        ]
    )


def pages(campaign: Any, count: int) -> dict[str, str]:
    from django.urls import reverse

    contacts = reverse("admin:contacts_contact_changelist")
    return {
        "no list: profile": reverse("admin:profile"),
        "dashboard": reverse("admin:index"),
        "contacts": contacts,
        "contacts, halfway": f"{contacts}?p={count // 200}",
        "contacts, searched": f"{contacts}?q=company+99",
        "contacts, one found": f"{contacts}?q=Person+777",
        "board": reverse("admin:contacts_board"),
        "board's statistics": reverse("admin:contacts_board_stats"),
        "campaigns": reverse("admin:campaigns_campaign_changelist"),
        "campaign": reverse("admin:campaigns_campaign_change", args=[campaign.pk]),
        "campaign's funnel": reverse("admin:campaigns_campaign_funnel", args=[campaign.pk]),
        "campaign's people": reverse("admin:campaigns_campaign_people", args=[campaign.pk]),
        "inbox": reverse("admin:campaigns_conversation_changelist"),
        "groups": reverse("admin:contacts_group_changelist"),
        "tags": reverse("admin:contacts_tag_changelist"),
        "imports": reverse("admin:contacts_import_changelist"),
    }


def timed(work: Callable[[], Any]) -> tuple[float, float]:
    """Milliseconds by the wall's clock, and of the processor."""
    began, worked = time.perf_counter(), time.process_time()
    work()
    return (time.perf_counter() - began) * 1000, (time.process_time() - worked) * 1000


def filled(count: int) -> tuple[Any, Any]:
    """A workspace's campaign, and who looks at it."""
    from django.contrib.auth.models import User

    from fluenzr_site.workspaces.changes import add_member, create_workspace

    workspace = create_workspace("Benchmark")
    user = User.objects.create(username="ada", is_staff=True)
    add_member(workspace, user, role="admin")
    bring_in(workspace, count)
    everybody = spread(workspace)
    campaign = campaign_of(workspace)
    send(campaign, enrol(campaign, everybody), everybody)
    correspond(campaign, everybody[::10])
    settle()
    return campaign, user


def visit(user: Any, path: str) -> Callable[[], None]:
    """Each in a session of its own: lists keep their filters."""
    from django.test import Client

    client = Client()
    client.force_login(user)

    def go() -> None:
        answer = client.get(path)
        if answer.status_code != 200:
            raise SystemExit(f"{path}: {answer.status_code} {answer.headers.get('Location', '')}")

    return go


def statements(go: Callable[[], None]) -> int:
    go()
    with counted() as told:
        go()
    return len(told)


def main(count: int) -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from django.db import connection

    from fluenzr_site.api import totals

    campaign, user = filled(count)
    visits = {name: visit(user, path) for name, path in pages(campaign, count).items()}
    queries = {name: statements(go) for name, go in visits.items()}
    firsts: dict[str, list[float]] = {name: [] for name in visits}
    later: dict[str, list[tuple[float, float]]] = {name: [] for name in visits}
    for _ in range(FIRST_ROUNDS):
        for name, go in visits.items():
            totals._remembered.clear()
            firsts[name].append(timed(go)[0])
    for _ in range(ROUNDS + 1):
        for name, go in visits.items():
            later[name].append(timed(go))
    print(f"{connection.vendor}, {count} contacts, all in a campaign; milliseconds")
    for name, each in later.items():
        # The first round found nothing known.
        wall, cpu = (statistics.median(column) for column in zip(*each[1:], strict=True))
        first = statistics.median(firsts[name])
        print(f"{name:20}{wall:7.1f} (processor {cpu:6.1f}), first {first:7.1f}, {queries[name]:3} queries")


if __name__ == "__main__":
    with own_site(FLUENZR_DEBUG="0"):
        main(int([*sys.argv[1:], "100000"][0]))
