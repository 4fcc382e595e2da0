"""A preview says what the engine then sends; a test is sent once, for real, and counted nowhere."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from campaigns.models import EmailAccount, Enrolment, Link, Message, Tally
from campaigns.simulating.specimens import Text, compose, example, saved_text
from campaigns.simulating.trials import Outcome, send_test
from contacts.models import Contact, Suppression
from contacts.models.suppression import address_digest
from fluenzr_site.core import clock
from fluenzr_site.workspaces.models import Workspace
from tests.campaigns.api.support import MailServer, Outreach, of
from tests.campaigns.workflow.examples import email, sequence

pytestmark = pytest.mark.django_db
BODY = "<p>Hello {{firstName|there}} of {{company}} in {{current_year}}, <a href='https://x.co/?a=1'>look</a></p>"
VERSIONS = {"subject": "Hey", "body": "B", "split": 50, "criterion": "opened"}
WORKFLOW = sequence(email("first", subject="For {{firstName}}", body=BODY, trackClicks=False, variantB=None))


def ann(outreach: Outreach, **values: Any) -> Contact:
    Contact.objects.filter(email="ann@x.co").update(first_name="Ann", **values)
    found = Contact.objects.of(outreach.workspace).get(email="ann@x.co")
    found.workspace = outreach.workspace
    return found


def tried(outreach: Outreach, campaign_id: str, to: str = "me@x.co", **text: str) -> Outcome:
    return send_test(of(campaign_id), Text(**{"subject": "Hi", "body": "Hello", **text}), example(of(campaign_id)), to)


@pytest.mark.parametrize("tracking", ["off", "date_only"])
def test_a_preview_is_what_the_engine_sends(outreach: Outreach, smtp: MailServer, tracking: str) -> None:
    Workspace.objects.update(open_tracking=tracking, postal_address="Acme\n1 Main Street")
    campaign_id = outreach.started(WORKFLOW)
    contact = ann(outreach, company="Lee & Sons")
    text = saved_text(of(campaign_id), "first")
    told = compose(of(campaign_id), text, contact, clock.now())
    outreach.run()
    (sent,) = smtp.received
    path = sent.path("u")
    assert sent.message["Subject"] == told.subject == "For Ann"
    assert sent.text.split() == told.text.replace("/u/test", path).split()
    assert told.html.replace("/u/test", path) in sent.html.replace("\r\n", "\n")
    assert ("tells its sender" in told.text) == (tracking != "off")
    assert "1 Main Street" in told.text


def test_what_a_contact_lacks_and_what_is_wrong_is_named(outreach: Outreach) -> None:
    campaign = of(outreach.draft(WORKFLOW))
    somebody = example(campaign)
    somebody.company = ""
    told = compose(campaign, Text(subject="{{company}}", body="{{company|x}} {{frstName}}"), somebody, clock.now())
    assert told.missing == ("company", "frstName")
    assert "frstName" in told.problems[0]
    broken = compose(campaign, Text(subject="Hi", body="{% if firstName %}"), somebody, clock.now())
    assert (broken.html, len(broken.problems)) == ("", 1)


def test_a_test_is_sent_and_leaves_no_trace(outreach: Outreach, smtp: MailServer) -> None:
    campaign_id = outreach.draft(WORKFLOW)
    outcome = tried(outreach, campaign_id, subject="For {{firstName}}", body=BODY)
    assert outcome == Outcome(True, "A test is on its way to me@x.co. The server said: 250 2.0.0 queued")
    (sent,) = smtp.received
    assert (sent.recipient, sent.sender) == ("me@x.co", "sam@sender.test")
    assert sent.message["Subject"] == "[Test] For Ann"
    assert "https://x.co/?a=1" in sent.html
    assert "<img" not in sent.html
    assert sum(model.objects.count() for model in (Message, Enrolment, Tally, Link)) == 0


def test_its_unsubscribe_link_unsubscribes_nobody(outreach: Outreach, smtp: MailServer) -> None:
    tried(outreach, outreach.draft(WORKFLOW), to="sam@sender.test")
    path = smtp.received[0].path("u")
    assert outreach.api.client.get(path).status_code == 404
    assert outreach.api.client.post(path).status_code == 404


@pytest.mark.parametrize("why", ["unsubscribed", "erased"])
def test_nobody_who_may_not_be_mailed_gets_one(outreach: Outreach, smtp: MailServer, why: str) -> None:
    campaign_id = outreach.draft(WORKFLOW)
    outreach.people("ann@x.co")
    if why == "erased":
        digest = address_digest("ann@x.co")
        Suppression.objects.create(workspace=outreach.workspace, digest=digest, reason="erased", created_at=clock.now())
    else:
        ann(outreach, status=why)
    assert not tried(outreach, campaign_id, to=" ANN@x.co ").ok
    assert smtp.received == []


@pytest.mark.parametrize("spelled", ["ann@xn--bcher-kva.co", "ann@BÜCHER.co", "ann@ｂücher.co", "ann@bu\u0308cher.co"])
def test_nor_under_another_spelling(outreach: Outreach, smtp: MailServer, spelled: str) -> None:
    outreach.people("ann@bücher.co")
    Contact.objects.update(status="unsubscribed")
    assert not tried(outreach, outreach.draft(WORKFLOW), to=spelled).ok
    assert smtp.received == []


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"to": "nonsense"}, "isn't an e-mail address"),
        ({"to": "a@x.co\nBcc: b@x.co"}, "characters that no address has"),
        ({"body": "{{nmae}}"}, "There is no variable “nmae”"),
        ({"to": "full@x.co"}, "552 5.2.2 mailbox full"),
    ],
)
def test_what_goes_wrong_is_said(outreach: Outreach, smtp: MailServer, values: dict[str, str], said: str) -> None:
    smtp.answers["full@x.co"] = "552 5.2.2 mailbox full"
    outcome = tried(outreach, outreach.draft(WORKFLOW), **values)
    assert not outcome.ok
    assert said in outcome.message
    assert smtp.received == []


def test_an_account_that_is_refused_says_so_from_then_on(outreach: Outreach, smtp: MailServer) -> None:
    account = outreach.connect("b@sender.test", smtp_username="b", smtp_password="wrong")
    outcome = tried(outreach, outreach.draft(WORKFLOW, emailAccountId=account.pk))
    assert "refuses the login of b@sender.test" in outcome.message
    assert EmailAccount.objects.get(pk=account.pk).state == "failing"


def command(outreach: Outreach, campaign_id: str, *options: str) -> dict[str, Any]:
    out = StringIO()
    named = ("--workspace", outreach.workspace.pk, "--campaign", campaign_id, "--to", "me@x.co", "--json")
    call_command("send_test", *named, *options, stdout=out)
    return dict(json.loads(out.getvalue()))


def test_the_command_sends_one_as_somebody_would_get_it(outreach: Outreach, smtp: MailServer) -> None:
    workflow = sequence(email("a"), email("b", subject="For {{firstName}}", variantB=VERSIONS))
    campaign_id = outreach.draft(workflow)
    outreach.people("ann@x.co")
    ann(outreach)
    assert command(outreach, campaign_id, "--email", "2", "--as", "Ann@x.co")["ok"]
    assert command(outreach, campaign_id, "--email", "2", "--variant", "b")["ok"]
    assert [each.message["Subject"] for each in smtp.received] == ["[Test] For Ann", "[Test] Hey"]


def test_the_command_counts_e_mails_as_they_follow_one_another(outreach: Outreach, smtp: MailServer) -> None:
    workflow = sequence(email("a", subject="One"), email("b", subject="Two"))
    campaign_id = outreach.draft(workflow | {"nodes": workflow["nodes"][::-1]})
    outreach.people("ann@x.co")
    for number in ("1", "2"):
        assert command(outreach, campaign_id, "--email", number)["ok"]
    assert [each.message["Subject"] for each in smtp.received] == ["[Test] One", "[Test] Two"]


def test_the_command_tells_failures_apart(outreach: Outreach, smtp: MailServer) -> None:
    campaign_id = outreach.draft(WORKFLOW)
    for wrong in (("--email", "2"), ("--as", "nobody@x.co"), ("--campaign", "cmp_x"), ("--workspace", "wsp_x")):
        with pytest.raises(CommandError) as caught:
            command(outreach, campaign_id, *wrong)
        assert caught.value.returncode == 2
    smtp.answers["me@x.co"] = "550 5.1.1 no"
    with pytest.raises(SystemExit) as ended:
        command(outreach, campaign_id)
    assert ended.value.code == 1
