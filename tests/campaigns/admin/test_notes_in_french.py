"""What workers write down in English is said on the pages in the language of whoever reads it."""

import html
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import EmailAccount, Enrolment, MailFolder, Reply
from contacts.models import Contact
from fluenzr_site.core import encryption
from fluenzr_site.workspaces.profiles import update_profile
from tests.admin.conftest import person, signed_in
from tests.campaigns.admin.support import of
from tests.campaigns.admin.test_editor import at
from tests.campaigns.api.support import MailServer, Outreach
from tests.campaigns.correspondence import Correspondence, send_all
from tests.support.marking import mark

SAYING = (
    "campaigns/changes/account_tokens.py",
    "campaigns/changes/conversations.py",
    "campaigns/composing/headers.py",
    "campaigns/oauth/flow.py",
    "campaigns/queries.py",
    "campaigns/sending/gates.py",
    "campaigns/sending/wording.py",
    "fluenzr_site/core/encryption.py",
    "fluenzr_site/core/outbound.py",
    "fluenzr_site/core/outbound_http.py",
    "fluenzr_site/core/system_words.py",
)
REFUSED = "[Errno 111] Connection refused"
SAID_REFUSED = "«[Errno 111] «Connection refused»»"


@pytest.fixture
def french(outreach: Outreach, monkeypatch: pytest.MonkeyPatch) -> Client:
    ada = person("ada", outreach.workspace, "admin")
    update_profile(ada, {"language": "fr"})
    mark(monkeypatch, *SAYING)
    return signed_in(ada)


def text(client: Client, path: str) -> str:
    return html.unescape(client.get(path).text)


def note() -> str:
    return Enrolment.objects.get().note


# ----------------------------------------------------------------------------------------------- of a contact


def test_a_refused_recipient(french: Client, outreach: Outreach, smtp: MailServer) -> None:
    smtp.answers["ann@x.co"] = "550 5.1.1 No such user"
    campaign_id = outreach.started()
    outreach.run()
    assert note() == "was refused: 550 5.1.1 No such user"
    assert "«was refused: 550 5.1.1 No such user»" in text(french, at(campaign_id, "people"))


def test_an_uncertain_e_mail(french: Client, outreach: Outreach, smtp: MailServer) -> None:
    smtp.hangs_up_on.add("ann@x.co")
    campaign_id = outreach.started()
    outreach.run()
    assert note() == "waits for a person: whether the e-mail was sent isn't known"
    assert f"«{note()}»" in text(french, at(campaign_id, "people"))


def test_who_is_never_mailed(french: Client, outreach: Outreach) -> None:
    campaign_id = outreach.started()
    Contact.objects.update(status="blocked")
    outreach.run()
    assert note() == "is blocked and is never mailed"
    assert "««is blocked» and is never mailed»" in text(french, at(campaign_id, "people"))


def test_an_address_that_can_t_be_written_to(french: Client, outreach: Outreach) -> None:
    campaign_id = outreach.started(to=["é@x.co"])
    outreach.run()
    assert note().startswith("can't be written to: “é@x.co” has letters beyond ASCII")
    assert "«can't be written to: «“é@x.co” has letters beyond ASCII" in text(french, at(campaign_id, "people"))


def test_a_note_that_was_cut_is_shown_as_it_is(french: Client, outreach: Outreach) -> None:
    campaign_id = outreach.started()
    Enrolment.objects.update(note="can't be written to")
    assert ">can't be written to<" in text(french, at(campaign_id, "people"))


# ---------------------------------------------------------------------------------------------- of an account


def test_a_server_that_can_t_be_reached(french: Client, outreach: Outreach) -> None:
    EmailAccount.objects.update(smtp_port=1)
    campaign_id = outreach.started()
    outreach.run()
    assert EmailAccount.objects.get().last_error == REFUSED
    assert f"({SAID_REFUSED})" in text(french, of(outreach.account))
    why = f"«The server of sam@sender.test couldn't be reached: {SAID_REFUSED}»"
    assert why in text(french, at(campaign_id, "why"))
    gates = {gate["name"]: gate for gate in outreach.api.get(f"campaigns/{campaign_id}/why").data["gates"]}
    assert gates["account"]["reason"] == f"The server of sam@sender.test couldn't be reached: {REFUSED}"


def test_a_private_server_that_was_named(french: Client, outreach: Outreach, settings: Any) -> None:
    settings.FLUENZR_PRIVATE_NETWORKS = []
    outreach.started()
    outreach.run()
    assert "(«127.0.0.1 is a private address. FLUENZR_PRIVATE_NETWORKS can name" in text(french, of(outreach.account))


def test_a_password_that_can_t_be_read(french: Client, outreach: Outreach) -> None:
    key = encryption.current_key_id()
    EmailAccount.objects.update(smtp_username="sam", smtp_password=encryption.encrypt("hush", context="elsewhere"))
    outreach.started()
    outreach.run()
    said = f"Not encrypted for this place, or altered (key id {key})"
    assert EmailAccount.objects.get().last_error == said
    assert f"(«{said}»)" in text(french, of(outreach.account))


def test_a_provider_s_answer(french: Client, outreach: Outreach) -> None:
    asked = "Google can't be asked for access now (oauth2.googleapis.com: [Errno 111] Connection refused)."
    EmailAccount.objects.update(state="failing", login="google", last_error=asked)
    inner = "«oauth2.googleapis.com: [Errno 111] «Connection refused»»"
    assert f"«Google can't be asked for access now ({inner}).»" in text(french, of(outreach.account))


def test_a_mailbox_that_can_t_be_read(french: Client, mailbox: Correspondence) -> None:
    EmailAccount.objects.filter(pk=mailbox.account.pk).update(imap_port=1)
    mailbox.read()
    assert MailFolder.objects.filter(name="INBOX").get().last_error == "Connection refused"
    assert "(«Connection refused»)" in text(french, of(mailbox.account))


# ----------------------------------------------------------------------------------------------- of an answer


def test_an_answer_that_is_not_sent(french: Client, mailbox: Correspondence) -> None:
    conversation = mailbox.is_answered()
    mailbox.answer()
    Contact.objects.update(status="blocked")
    send_all()
    assert (Reply.objects.get().state, Reply.objects.get().response) == ("failed", "The contact is blocked.")
    page = text(french, reverse("admin:campaigns_conversation_change", args=[conversation.pk]))
    assert "Non envoyé : «The contact is blocked.»" in page.replace("\xa0", " ")


def test_an_answer_that_waits(french: Client, mailbox: Correspondence) -> None:
    conversation = mailbox.is_answered()
    mailbox.answer()
    EmailAccount.objects.update(state="paused")
    assert send_all() == 1
    assert Reply.objects.get().response == "read@sender.test is paused."
    page = text(french, reverse("admin:campaigns_conversation_change", args=[conversation.pk]))
    assert page.count("«read@sender.test is paused.»") == 2, "the answer's fate, and why none can be written"
