"""What the engine sends, to whom and when, seen from the mail server."""

from campaigns.models import EmailAccount
from campaigns.sending.turn import take_turn
from contacts.models import Contact, Suppression
from contacts.models.suppression import address_digest
from fluenzr_site.core import clock as present
from fluenzr_site.core import ids
from tests.api.world import set_status
from tests.campaigns.api.support import MailServer, Outreach
from tests.campaigns.workflow.examples import branching, email, node, sequence

TWO = sequence(email("first"), node("wait", "delay", days=2), email("second", subject="Again"))


def test_an_e_mail_arrives_once(outreach: Outreach, smtp: MailServer):
    outreach.started(to=["ann@x.co", "bob@x.co"])
    outreach.run()
    outreach.wait(days=3)
    assert sorted(smtp.recipients) == ["ann@x.co", "bob@x.co"]


def test_an_e_mail_has_the_headers_that_it_needs(outreach: Outreach, smtp: MailServer):
    outreach.started(sequence(email("first", subject="Hello {{email}}", body="For {{email}}")))
    outreach.run()
    (got,) = smtp.received
    message, row = got.message, outreach.message("ann@x.co")
    assert (got.sender, message["From"]) == ("sam@sender.test", "Sam Sender <sam@sender.test>")
    assert (message["To"], message["Subject"]) == ("ann@x.co", "Hello ann@x.co")
    assert message["Message-ID"] == row.message_id == f"<{row.pk}@sender.test>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Unsubscribe"] == f"<http://127.0.0.1:8000{got.path('u')}>"
    assert message["In-Reply-To"] is message["References"] is None
    assert "For ann@x.co" in got.text and "For ann@x.co" in got.html


def test_the_footer_has_the_postal_address_and_the_unsubscribe_link(outreach: Outreach, smtp: MailServer):
    outreach.workspace.postal_address = "1 Long Street"
    outreach.workspace.save()
    outreach.started()
    outreach.run()
    (got,) = smtp.received
    assert "1 Long Street" in got.text and "1 Long Street" in got.html
    assert got.path("u") in got.text and "when it is opened" in got.text


def test_the_second_e_mail_goes_on_in_the_thread_of_the_first(outreach: Outreach, smtp: MailServer):
    outreach.started(TWO)
    outreach.run()
    outreach.wait(days=2)
    first, second = (each.message for each in smtp.received)
    assert second["In-Reply-To"] == second["References"] == first["Message-ID"]
    assert second["Message-ID"] != first["Message-ID"]


def test_a_delay_is_waited_for(outreach: Outreach, smtp: MailServer):
    outreach.started(TWO)
    outreach.run()
    outreach.wait(days=2, minutes=-5)
    assert len(smtp.received) == 1
    outreach.wait(minutes=10)
    assert [each.message["Subject"] for each in smtp.received] == ["Hello", "Again"]


def test_nothing_is_sent_outside_the_sending_hours(outreach: Outreach, smtp: MailServer):
    hours = {"sendDays": ["monday", "tuesday"], "sendHoursStart": 12, "sendHoursEnd": 14, "timezone": "Europe/Paris"}
    outreach.clock.move_to("2030-01-07T10:30:00Z")
    outreach.started(settings=hours)
    outreach.run()
    assert smtp.received == []
    outreach.wait(minutes=31)
    assert len(smtp.received) == 1


def test_what_is_missed_on_friday_evening_goes_on_monday(outreach: Outreach, smtp: MailServer):
    outreach.clock.move_to("2030-01-11T18:00:00Z")
    outreach.started(settings={"sendDays": ["monday", "friday"], "sendHoursStart": 9, "sendHoursEnd": 18})
    for _ in range(63):
        outreach.wait(hours=1)
        if smtp.received:
            break
    assert outreach.message("ann@x.co").sent_at.isoformat()[:13] == "2030-01-14T09"


def test_the_hourly_limit_holds_in_every_hour(outreach: Outreach, smtp: MailServer, no_rate_limit: None):
    outreach.started(to=[f"{number}@x.co" for number in range(12)], settings={"maxEmailsPerHour": 4})
    sent = []
    for minute in range(240):
        before = len(smtp.received)
        take_turn()
        sent += [minute] * (len(smtp.received) - before)
        outreach.clock.shift(60)
    assert len(sent) == 12
    assert all(sum(start <= at < start + 60 for at in sent) <= 4 for start in range(240))
    assert len(set(sent)) == 12, "spread, not in a burst"


def test_after_hours_of_downtime_nothing_is_made_up_for(outreach: Outreach, smtp: MailServer, no_rate_limit: None):
    outreach.started(to=[f"{number}@x.co" for number in range(8)], settings={"maxEmailsPerHour": 4})
    outreach.clock.shift(8 * 3600)
    counts = []
    for _ in range(60):
        take_turn()
        outreach.clock.shift(60)
        counts.append(len(smtp.received))
    assert counts[0] <= 1 and counts[-1] <= 4


def test_a_business_day_skips_the_weekend(outreach: Outreach, smtp: MailServer):
    outreach.clock.move_to("2030-01-11T12:00:00Z")
    outreach.started(sequence(email("first"), node("wait", "delay", days=1, businessDays=True), email("second")))
    outreach.run()
    outreach.wait(days=2, hours=23)
    assert len(smtp.received) == 1
    outreach.wait(hours=1, minutes=1)
    assert outreach.message("ann@x.co", "second").sent_at.isoformat()[:13] == "2030-01-14T12"


def test_the_daily_limit_of_the_account_holds_for_all_its_campaigns(outreach: Outreach, smtp: MailServer):
    EmailAccount.objects.update(daily_limit=3)
    outreach.started(to=["a@x.co", "b@x.co"])
    outreach.started(to=["c@x.co", "d@x.co"])
    outreach.run()
    assert len(smtp.received) == 3
    outreach.wait(hours=13, minutes=50)
    assert len(smtp.received) == 3
    outreach.wait(minutes=15)
    assert sorted(smtp.recipients) == ["a@x.co", "b@x.co", "c@x.co", "d@x.co"]


def test_an_account_that_ramps_up_sends_more_each_day(outreach: Outreach, smtp: MailServer):
    EmailAccount.objects.update(ramp_first_day=1, ramp_growth=1, ramp_ceiling=5)
    outreach.started(to=["a@x.co", "b@x.co", "c@x.co"])
    outreach.run()
    assert len(smtp.received) == 1
    outreach.wait(days=1)
    assert len(smtp.received) == 3


def test_the_plan_limits_the_e_mails_of_a_day(outreach: Outreach, smtp: MailServer, settings):
    plans = settings.FLUENZR_PLANS
    settings.FLUENZR_PLANS = plans | {"pro": plans["pro"] | {"emails_a_day": 2}}
    outreach.started(to=["a@x.co", "b@x.co", "c@x.co"])
    outreach.run()
    assert len(smtp.received) == 2
    outreach.wait(days=1)
    assert len(smtp.received) == 3


def test_a_condition_that_is_answered_by_no_leads_to_the_next_e_mail(outreach: Outreach, smtp: MailServer):
    campaign = outreach.started(branching())
    outreach.run()
    outreach.wait(days=2)
    assert len(smtp.received) == 2
    assert outreach.states(campaign) == {"ann@x.co": "completed"}


def test_a_condition_that_is_answered_by_yes_leads_elsewhere(outreach: Outreach, smtp: MailServer):
    campaign = outreach.started(branching())
    outreach.run()
    outreach.fetch(smtp.received[0].path("o"))
    outreach.wait(days=2)
    assert len(smtp.received) == 1
    assert outreach.states(campaign) == {"ann@x.co": "completed"}


def test_a_condition_compares_a_field(outreach: Outreach, smtp: MailServer):
    ask = {"criterion": "field", "nodeId": None, "field": "company", "operator": "equals", "value": "Acme"}
    campaign = outreach.draft(branching(**ask))
    at_acme = outreach.api.create("acme@x.co", company="Acme")["id"]
    outreach.add(campaign, [at_acme, *outreach.people("else@x.co")])
    outreach.api.post(f"campaigns/{campaign}/start")
    outreach.run()
    outreach.wait(days=2)
    assert sorted(smtp.recipients) == ["acme@x.co", "else@x.co", "else@x.co"]


def test_who_was_unsubscribed_or_blocked_since_is_not_mailed(outreach: Outreach, smtp: MailServer):
    campaign = outreach.draft()
    ids = outreach.people("unsubscribed@x.co", "blocked@x.co", "bounced@x.co", "ann@x.co")
    outreach.add(campaign, ids)
    outreach.api.post(f"campaigns/{campaign}/start")
    for contact_id, status in zip(ids, ("unsubscribed", "blocked", "bounced"), strict=False):
        set_status(contact_id, status)
    outreach.run()
    assert smtp.recipients == ["ann@x.co"]
    states = outreach.states(campaign)
    assert states["unsubscribed@x.co"] == "unsubscribed" and states["bounced@x.co"] == "bounced"
    assert states["blocked@x.co"] == "failed"


def test_an_erased_address_is_not_mailed_whatever_added_it(outreach: Outreach, smtp: MailServer):
    Suppression.objects.create(
        workspace=outreach.workspace, digest=address_digest("ann@x.co"), reason="erased", created_at=present.now()
    )
    campaign = outreach.draft()
    contacts = [
        Contact.objects.create(
            id=ids.new("con"),
            workspace=outreach.workspace,
            email=each,
            created_at=present.now(),
            updated_at=present.now(),
        ).pk
        for each in ("ann@x.co", "bob@x.co")
    ]
    outreach.add(campaign, contacts)
    outreach.api.post(f"campaigns/{campaign}/start")
    outreach.run()
    assert smtp.recipients == ["bob@x.co"]


def test_a_reply_stops_the_sequence(outreach: Outreach, smtp: MailServer):
    campaign = outreach.started(TWO)
    outreach.run()
    outreach.outcome("replied", "ann@x.co", subject="Re: Hello", preview="Yes")
    outreach.wait(days=3)
    assert len(smtp.received) == 1
    assert outreach.states(campaign) == {"ann@x.co": "replied"}


def test_removal_stops_the_sequence(outreach: Outreach, smtp: MailServer):
    campaign = outreach.started(TWO)
    outreach.run()
    contact = outreach.message("ann@x.co").contact_id
    outreach.api.delete(f"campaigns/{campaign}/contacts", {"contactIds": [contact]})
    outreach.wait(days=3)
    assert len(smtp.received) == 1


def test_who_was_removed_and_comes_again_gets_no_step_twice(outreach: Outreach, smtp: MailServer):
    campaign = outreach.started(TWO, to=["ann@x.co", "bob@x.co"])
    outreach.run()
    contact = outreach.message("ann@x.co").contact_id
    outreach.api.delete(f"campaigns/{campaign}/contacts", {"contactIds": [contact]})
    assert outreach.add(campaign, [contact])["added"] == 1
    outreach.wait(days=3)
    assert [each.message["Subject"] for each in smtp.to("ann@x.co")] == ["Hello", "Again"]


def test_who_was_removed_before_the_start_and_added_after_it_is_mailed(outreach: Outreach, smtp: MailServer):
    campaign = outreach.draft()
    ann, bob = outreach.people("ann@x.co", "bob@x.co")
    outreach.add(campaign, [ann, bob])
    outreach.api.delete(f"campaigns/{campaign}/contacts", {"contactIds": [ann]})
    outreach.api.post(f"campaigns/{campaign}/start")
    assert outreach.add(campaign, [ann])["added"] == 1
    outreach.run()
    assert sorted(smtp.recipients) == ["ann@x.co", "bob@x.co"]


def test_a_paused_campaign_sends_nothing_and_a_resumed_one_goes_on(outreach: Outreach, smtp: MailServer):
    campaign = outreach.started(TWO)
    outreach.run()
    outreach.api.post(f"campaigns/{campaign}/pause")
    outreach.wait(days=3)
    assert len(smtp.received) == 1
    assert outreach.api.post(f"campaigns/{campaign}/resume").status == 200
    outreach.run()
    assert len(smtp.received) == 2


def test_a_campaign_is_completed_when_everybody_is_through(outreach: Outreach, smtp: MailServer):
    campaign = outreach.started(TWO)
    outreach.run()
    assert outreach.status(campaign) == "active"
    outreach.wait(days=3)
    assert outreach.status(campaign) == "completed"


def test_whoever_joins_a_linked_dynamic_group_comes_into_the_campaign(outreach: Outreach, smtp: MailServer):
    group = outreach.api.group("Fans", type="dynamic")
    campaign = outreach.draft()
    outreach.api.post(f"campaigns/{campaign}/contacts", {"groupId": group})
    assert outreach.api.post(f"campaigns/{campaign}/start").status == 200
    outreach.run()
    outreach.api.create("late@x.co", groupIds=[group])
    outreach.run()
    assert smtp.recipients == ["late@x.co"]
    assert outreach.status(campaign) == "active"
