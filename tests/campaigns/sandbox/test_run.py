"""Three weeks of a campaign, watched: who got what and when, what was made of it, and that nothing of it stays."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings

from campaigns.models import Campaign, EmailAccount
from campaigns.readiness import NotReady
from campaigns.sandbox import world
from campaigns.sandbox.happenings import Happening
from campaigns.sandbox.recipients import Script, parse_script
from campaigns.sandbox.run import Summary, run
from campaigns.sending import deliver
from campaigns.sending.turn import take_turn
from contacts.models import Contact
from fluenzr_site.core import clock
from fluenzr_site.workspaces.models import Workspace
from fluenzr_site.workspaces.plans import LimitReached
from tests.campaigns.sandbox.support import WORKFLOW, ZONE, everything, source
from tests.campaigns.workflow.examples import email, graph, node, sequence

pytestmark = pytest.mark.django_db

NAMES = ("ann", "bob", "cat", "dan", "eve", "fay", "gus", "hal", "ivy")
#: A Monday, an hour before the campaign opens.
START = datetime(2026, 11, 23, 8, tzinfo=ZoneInfo(ZONE))
SCRIPT = [
    {"who": "ann@example.com", "does": "open", "after": 2},
    {"who": "ann@example.com", "does": "reply", "after": 5, "email": 2},
    {"who": "bob@example.com", "does": "out_of_office", "after": 0.1},
    {"who": "cat@example.com", "does": "hard_bounce"},
    {"who": "dan@example.com", "does": "soft_bounce"},
    {"who": "eve@example.com", "does": "scanner"},
    {"who": "fay@example.com", "does": "unsubscribe"},
    {"who": "gus@example.com", "does": "open", "after": 1},
    {"who": "gus@example.com", "does": "click", "after": 1.5},
    {"who": "hal@example.com", "does": "nothing"},
    {"who": "ivy@example.com", "does": "late_bounce", "after": 3},
]
FIRST, SECOND, THIRD = "Mon 23 Nov", "Thu 26 Nov", "Mon 14 Dec"


def watch(campaign: Campaign, script: Script | None = None, **options: Any) -> tuple[list[Happening], Summary]:
    told: list[Happening] = []
    options = {"contacts": 25, "start": START, "tell": told.append} | options
    summary = run(campaign, script=script or parse_script([]), **options)
    return told, summary


class Watched:
    """One run for all the tests below, and the database before and after it."""

    def __init__(self) -> None:
        campaign = source(NAMES)
        self.before = everything()
        self.told, self.summary = watch(campaign, parse_script(SCRIPT))
        self.after = everything()

    def of(self, what: str) -> list[tuple[str, str]]:
        """Whom it happened to, and on which day, in the order of the clock."""
        return [(each.who.partition("@")[0], day(each)) for each in self.told if each.what == what]

    def at(self, what: str, name: str) -> datetime:
        (at,) = [each.at for each in self.told if (each.what, each.who) == (what, f"{name}@example.com")]
        return at


@cache
def _watched() -> Watched:
    return Watched()


@pytest.fixture
def watched(db: None) -> Iterator[Watched]:
    return _watched()


def day(happening: Happening) -> str:
    return f"{happening.at.astimezone(ZoneInfo(ZONE)):%a %d %b}"


def test_who_got_what_and_on_which_day(watched: Watched):
    got = [(each.who.partition("@")[0], day(each), each.detail) for each in watched.told if each.what == "sent"]
    first = [each for each in got if each[1] == FIRST]
    assert [name for name, *_ in first] == ["ann", "bob", "eve", "fay", "gus", "hal", "ivy"]
    assert all(subject in (f"Hello {name.title()} (A)", f"Hey {name.title()} (B)") for name, _, subject in first)
    assert [each for each in got if each[1] != FIRST] == [
        ("ann", SECOND, "More, Ann"),
        ("gus", SECOND, "More, Gus"),
        # Monday the 23rd and three business days is the 26th, twelve more are the 14th.
        *((name, THIRD, f"Goodbye {name.title()}") for name in ("bob", "eve", "gus", "hal")),
    ]


def test_e_mails_leave_in_the_campaign_s_hours_and_at_its_pace(watched: Watched):
    sent = [each.at.astimezone(ZoneInfo(ZONE)) for each in watched.told if each.what == "sent"]
    tried = [each.at.astimezone(ZoneInfo(ZONE)) for each in watched.told if each.what == "deferred"]
    assert all(9 <= each.hour < 12 and each.weekday() < 5 for each in sent + tried)
    assert all((each.hour, each.minute) < (9, 15) for each in sent), "all at once, as far as the pace allows"
    gaps = [(after - before).total_seconds() for before, after in zip(sent, sent[1:], strict=False)]
    assert min(gaps) >= 48, "60 an hour: a minute apart, give or take 20 %"


def test_delays_count_from_the_e_mail_before(watched: Watched):
    first, second = [each.at for each in watched.told if each.what == "sent" and each.who.startswith("gus")][:2]
    assert 0 <= ((second - first).total_seconds() - 3 * 86400) < 15 * 60
    assert (watched.at("opened", "gus") - first).total_seconds() == 3600


def test_what_the_engine_made_of_what_they_did(watched: Watched):
    assert watched.of("opened") == [("gus", FIRST), ("ann", FIRST)]
    assert watched.of("clicked") == [("gus", FIRST)]
    assert watched.of("unsubscribed") == [("fay", FIRST)]
    assert watched.of("automatic") == [("bob", FIRST)]
    assert watched.of("replied") == [("ann", SECOND)]
    assert watched.of("scanner") == [("eve", FIRST)]
    assert watched.of("completed") == [("", THIRD)]
    assert watched.of("finished") == [(name, THIRD) for name in ("bob", "eve", "gus", "hal")]


def test_bounces(watched: Watched):
    # At once; after having been taken; after three more tries: 2 hours, 12 and 34 later, in the campaign's hours.
    assert watched.of("bounced") == [("cat", FIRST), ("ivy", FIRST), ("dan", SECOND)]
    assert watched.of("deferred") == [("dan", FIRST), ("dan", FIRST), ("dan", "Tue 24 Nov")]
    details = {each.who[:3]: each.detail for each in watched.told if each.what == "bounced"}
    assert [details[name].partition(":")[0] for name in ("cat", "ivy", "dan")] == ["hard", "hard", "soft"]


def test_where_everybody_ends(watched: Watched):
    states = {email.partition("@")[0]: state for email, state in watched.summary.states.items()}
    assert states == {
        "ann": "replied",
        "bob": "completed",
        "cat": "bounced",
        "dan": "failed",
        "eve": "completed",
        "fay": "unsubscribed",
        "gus": "completed",
        "hal": "completed",
        "ivy": "bounced",
    }
    assert (watched.summary.status, watched.summary.days, watched.summary.left) == ("completed", 22, {})


def test_the_statistics(watched: Watched):
    totals = watched.summary.totals
    counted = ("totalContacts", "sent", "delivered", "opened", "clicked", "replied", "bounced", "unsubscribed")
    assert [totals[name] for name in counted] == [9, 15, 12, 2, 1, 1, 3, 1]
    by_email = [[each[name] for name in counted[1:]] for each in watched.summary.emails]
    assert by_email == [[9, 6, 2, 1, 0, 3, 1], [2, 2, 0, 0, 1, 0, 0], [4, 4, 0, 0, 0, 0, 0]]
    versions = Counter(each.detail[-2] for each in watched.told if each.what == "sent" and each.detail.endswith(")"))
    delivered = {each["variant"]: each["sent"] - each["bounced"] for each in watched.summary.emails[0]["variants"]}
    # What ivy's server took at first came back.
    assert sum(delivered.values()) == versions.total() - 1
    assert sum(watched.summary.happened.values()) == len(watched.told)


def test_what_happens_is_told_in_order(watched: Watched):
    times = [each.at for each in watched.told]
    assert times == sorted(times) and times[0] == START
    assert watched.told[0].what == "started" and watched.told[-1].what == "completed"


def test_nothing_stays_and_the_source_is_as_it_was(watched: Watched):
    assert watched.before == watched.after


def test_a_scanner_changed_nothing(watched: Watched):
    mine = [each.what for each in watched.told if each.who == "eve@example.com"]
    assert mine == ["sent", "scanner", "sent", "finished"]
    (scanned,) = [each for each in watched.told if each.what == "scanner"]
    assert (scanned.at - watched.told[watched.told.index(scanned) - 1].at).total_seconds() == 1
    assert scanned.detail == "looked at 3 addresses", "the pixel, the link and the way out"


# ------------------------------------------------------------------------------------------- how it goes otherwise


class Stop(BaseException):
    """As KeyboardInterrupt, which pytest would take for one of a person's."""


def test_nothing_stays_of_a_run_that_is_broken_off():
    campaign = source(["ann", "bob"])
    before, networks = everything(), settings.FLUENZR_PRIVATE_NETWORKS

    def stop(happening: Happening) -> None:
        if happening.what == "opened":
            assert Workspace.objects.filter(is_sandbox=True).count() == 1
            raise Stop

    with pytest.raises(Stop):
        watch(campaign, parse_script([{"who": "*", "does": "open"}]), tell=stop)
    assert everything() == before
    assert networks == settings.FLUENZR_PRIVATE_NETWORKS


def test_the_ordinary_engine_leaves_it_alone():
    campaign = source(["ann"])
    done: list[int] = []

    def look(happening: Happening) -> None:
        if happening.what == "started":
            with clock.standing_at(START.astimezone(UTC).replace(hour=9)):
                done.append(take_turn())

    watch(campaign, tell=look)
    assert done == [0]


def test_the_days_are_a_limit_and_who_is_left_is_told_why():
    _, summary = watch(source(["ann", "bob"]), most_days=2)
    assert summary.status == "active" and summary.days <= 3
    assert summary.left.keys() == {"ann@example.com", "bob@example.com"}
    assert all(why.startswith("The next step is due at 2026-11-26") for why in summary.left.values())


def test_a_limit_that_only_a_person_can_lift_ends_it():
    campaign = source(["ann"])
    EmailAccount.objects.filter(pk=campaign.account_id).update(daily_limit=0)
    campaign.refresh_from_db()
    _, summary = watch(campaign)
    assert "raise it to send" in summary.left["ann@example.com"] and summary.days == 1


def test_an_engine_that_can_t_go_on_is_no_endless_run(monkeypatch: pytest.MonkeyPatch):
    turns: list[datetime] = []

    def fails(*_: Any) -> bool:
        turns.append(clock.now())
        raise RuntimeError("a fault of the engine's")

    monkeypatch.setattr(deliver, "deliver", fails)
    _, summary = watch(source(["ann"]))
    assert summary.status == "active" and summary.left.keys() == {"ann@example.com"}
    assert 40 < len(set(turns)) < 150, "after a while once or twice a day, for sixty days"


def test_the_account_s_ramp_is_kept():
    campaign = source([f"p{number}" for number in range(6)], sequence(email("first")))
    ramp = {"ramp_first_day": 2, "ramp_growth": 1, "ramp_ceiling": 9, "ramp_started_on": START.date()}
    EmailAccount.objects.filter(pk=campaign.account_id).update(**ramp)
    campaign.refresh_from_db()
    told, _ = watch(campaign)
    days = Counter(day(each) for each in told if each.what == "sent")
    assert days == {"Mon 23 Nov": 2, "Tue 24 Nov": 3, "Wed 25 Nov": 1}


def test_a_version_is_chosen_after_the_sample():
    variant = {"subject": "B", "body": "b", "sampleSize": 4, "waitHours": 20, "criterion": "opened"}
    campaign = source([f"p{number}" for number in range(7)], sequence(email("first", variantB=variant)))
    told, summary = watch(campaign, parse_script([{"who": "*", "does": "open"}]))
    days = Counter(day(each) for each in told if each.what == "sent")
    assert days == {"Mon 23 Nov": 4, "Tue 24 Nov": 3}
    sent = [each for each in told if each.what == "sent"]
    sample, later = ({each.detail for each in sent if day(each) == on} for on in ("Mon 23 Nov", "Tue 24 Nov"))
    winners = [each.at for each in told if each.what == "winner"]
    # With a sample of four, one version may have got nobody: then it's chosen once somebody has got the other.
    assert (len(winners), len(later)) == (1, 1) or len(sample) == 1
    assert len({each.detail for each in sent if winners and each.at >= winners[0]}) <= 1
    assert summary.status == "completed"


def test_untracked_wishes_are_told():
    plain = email("first", trackOpens=False, trackClicks=False)
    told, summary = watch(
        source(["ann", "bob"], sequence(plain)),
        parse_script([{"who": "ann@example.com", "does": "open"}, {"who": "bob@example.com", "does": "click"}]),
    )
    assert [each.who[:3] for each in told if each.what == "untracked"] == ["ann", "bob"]
    assert summary.totals["opened"] == summary.totals["clicked"] == 0


# ------------------------------------------------------------------------------------------------- who takes part


def test_the_workspace_s_contacts_where_the_campaign_has_none_named_ones_first():
    campaign = source(["ann", "bob", "cat", "dan"], sequence(email("first")), enrolled=False)
    Contact.objects.filter(email="cat@example.com").update(status="blocked")
    script = parse_script([{"who": "dan@example.com", "does": "open"}, {"who": "cat@example.com", "does": "open"}])
    _, summary = watch(campaign, script, contacts=2)
    assert summary.states.keys() == {"dan@example.com", "ann@example.com"}


def test_people_are_invented_where_there_are_none():
    _, summary = watch(source([], sequence(email("first"))), contacts=3)
    assert list(summary.states) == [f"person{number}@example.com" for number in (1, 2, 3)]


def test_a_contact_s_fields_and_stage_come_along():
    ask = node("ask", "condition", criterion="field", field="stage", operator="equals", value="Lead")
    greeting = email("first", subject="{{sector}} {{firstName}}")
    ways = ("start ask", "ask first yes", "ask end no", "first end")
    told, _ = watch(source(["ann"], graph([node("start", "start"), ask, greeting, node("end", "end")], *ways)))
    assert [each.detail for each in told if each.what == "sent"] == ["farming Ann"]


# --------------------------------------------------------------------------------------------------- what is refused


def test_a_campaign_that_isn_t_ready_is_refused_and_leaves_nothing():
    campaign = source(["ann"], sequence(email("first", subject="{{nickname}}")))
    before = everything()
    with pytest.raises(NotReady) as refused:
        watch(campaign)
    assert refused.value.problems.keys() == {"first"} and everything() == before


def test_what_the_plan_lacks_is_refused():
    campaign = source(["ann"], WORKFLOW)
    campaign.workspace.plan = "free"
    with pytest.raises(LimitReached, match="no A/B tests"):
        watch(campaign)


def test_only_a_sandbox_is_deleted():
    campaign = source(["ann"])
    with pytest.raises(ValueError, match="no sandbox"):
        world.delete(campaign.workspace)


def test_a_start_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        watch(source([]), start=datetime(2026, 11, 23, 8))
