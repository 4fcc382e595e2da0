"""The inbox's pages, for members of the workspace and nobody else."""

import html
import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from campaigns.models import Conversation, EmailAccount, ReceivedMail, Reply
from contacts.models import Contact, PipelineStage, StageMove
from fluenzr_site.core import clock
from tests.admin.conftest import signed_in
from tests.campaigns.admin.inbox_support import LIST, another, answered, page_of
from tests.campaigns.api.support import MailServer, Outreach
from tests.campaigns.correspondence import Correspondence, member, send_all
from tests.campaigns.receiving.folder_server import FolderServer

pytestmark = pytest.mark.django_db
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "<iframe src=javascript:alert(1)></iframe>",
    "<a href=javascript:alert(1)>x</a>",
    "{{ constructor.constructor('alert(1)')() }}",
    "{% debug %}{{ token }}",
    "</textarea><script>alert(1)</script>",
    "</div></li><form action=//evil.test><input name=x>",
    "<link rel=stylesheet href=//evil.test/a.css>",
    "<style>*{background:url(//evil.test)}</style>",
    "<b x-data x-init=alert(1) hx-get=//evil.test>x</b>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\u202egnp.exe\u202c <base href=//evil.test>",
]


@pytest.fixture
def mailbox(outreach: Outreach, smtp: MailServer, imap: FolderServer) -> Correspondence:
    return answered(outreach, smtp, imap)


@pytest.fixture
def mia(mailbox: Correspondence) -> User:
    return member(mailbox.outreach.workspace)


@pytest.fixture
def client(mia: User) -> Client:
    return signed_in(mia)


def token_in(page: Any) -> str:
    return re.search(r'name="token" value="(\w+)"', page.text)[1]


# ------------------------------------------------------------------------------------------------ the list


def test_the_list_shows_who_wrote_what(client: Client) -> None:
    page = client.get(reverse(LIST))
    assert page.status_code == 200
    for text in ("Ann Lee", "Lee &amp; Sons", "Re: Hello", "Tell me more.", "Unread"):
        assert text in page.text
    assert "Hi</em>" not in page.text


def test_chips_count_and_filter(client: Client, mailbox: Correspondence) -> None:
    another(mailbox, "ben@x.co", status="archived")
    another(mailbox, "cat@x.co", status="replied")
    page = client.get(reverse(LIST))
    counts = {chip.label: chip.count for chip in page.context["statuses"]}
    assert counts == {"All": 2, "Unread": 1, "Read": 0, "Replied": 1, "Archived": 1}
    assert "ben@x.co" not in page.text and "cat@x.co" in page.text
    archived = client.get(reverse(LIST), {"status": "archived"})
    assert "ben@x.co" in archived.text and "cat@x.co" not in archived.text
    assert client.get(reverse(LIST), {"status": "' OR 1=1"}).status_code == 200


@pytest.mark.parametrize("query", ["ann l", "ANN@X", "sons", "hello"])
def test_search_finds_names_addresses_and_subjects(client: Client, mailbox: Correspondence, query: str) -> None:
    another(mailbox, "ben@y.co", subject="Other")
    page = client.get(reverse(LIST), {"q": query})
    assert "Ann Lee" in page.text and "ben@y.co" not in page.text


def test_search_that_finds_nothing_says_so(client: Client) -> None:
    for query in ("nobody", "%", "\x00", "x" * 5000):
        assert client.get(reverse(LIST), {"q": query}).status_code == 200
    assert "No conversation fits the search." in client.get(reverse(LIST), {"q": "nobody"}).text


def test_pages_are_the_newest_first_and_cost_no_more(
    client: Client, mailbox: Correspondence, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        another(mailbox, f"n{number:02}@y.co", last_at=clock.now() - timedelta(hours=1, minutes=number))
    with django_assert_max_num_queries(14):
        first = client.get(reverse(LIST))
    assert [row.conversation.contact.email for row in first.context["rows"]][:3] == ["ann@x.co", "n00@y.co", "n01@y.co"]
    assert len(first.context["rows"]) == 25
    second = client.get(reverse(LIST) + first.context["older"])
    assert [row.conversation.contact.email for row in second.context["rows"]] == [f"n{n}@y.co" for n in range(24, 30)]
    assert (second.context["older"], second.context["newest"]) == ("", "?")
    assert client.get(reverse(LIST), {"before": "nonsense~\x00"}).status_code == 200


def test_an_empty_inbox_says_what_to_do(owner: Any) -> None:
    client = signed_in(member(owner.workspace, "eve"))
    assert "No replies yet" in client.get(reverse(LIST)).text


def test_the_dashboard_has_the_replies_to_treat(client: Client, mailbox: Correspondence) -> None:
    page = client.get(reverse("admin:index"))
    assert "Replies to treat" in page.text and "Tell me more." in page.text
    assert reverse(LIST) in page.text
    Conversation.objects.update(status="read")
    assert "Replies to treat" not in client.get(reverse("admin:index")).text


# ------------------------------------------------------------------------------------------- a conversation


def test_opening_it_makes_it_read(client: Client, mailbox: Correspondence) -> None:
    page = client.get(page_of(mailbox.conversation()))
    assert page.status_code == 200
    assert mailbox.conversation().status == "read"


def test_the_campaigns_e_mail_leads_to_its_text(client: Client, mailbox: Correspondence) -> None:
    first = client.get(page_of(mailbox.conversation())).context["items"][0]
    page = client.get(first.link)
    assert (first.kind, page.status_code) == ("campaign", 200)
    assert (page.context["email"].value.partition("/")[0], page.context["who"].contact.email) == ("first", "ann@x.co")


def test_the_thread_is_in_order_with_quotes_folded(client: Client, mailbox: Correspondence) -> None:
    mailbox.answer("With pleasure.")
    send_all()
    page = client.get(page_of(mailbox.conversation()))
    kinds = [item.kind for item in page.context["items"]]
    assert kinds == ["campaign", "received", "answer"]
    folded = re.search(r"<details>.*?</details>", page.text, re.DOTALL)[0]
    assert "&gt; Hi" in folded and "wrote:" in folded and "Tell me more." not in folded
    for text in ("Lee &amp; Sons", "With pleasure.", "Sent", "Open the contact", "ann@x.co"):
        assert text in page.text


class Skeleton(HTMLParser):
    """The elements of a page and their attributes' names."""

    def __init__(self, page: Any) -> None:
        super().__init__()
        self.bones: list[tuple[str, ...]] = []
        self.feed(page.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.bones.append((tag, *(name for name, _ in attrs)))


def skeletons(client: Client, conversation: Conversation, reply: Reply, said: str) -> list[list[tuple[str, ...]]]:
    """Of every page that shows what a stranger wrote, when it is this."""
    ReceivedMail.objects.update(text=f"Hi {said}\n> {said}", subject=said)
    Contact.objects.update(first_name=said, company=said, job_title=said)
    Reply.objects.update(state="failed", response=said, text=said)
    Conversation.objects.update(status="unread")
    urls = [reverse("admin:index"), reverse(LIST), page_of(conversation), page_of(conversation, "answer", reply.pk)]
    pages = [client.get(url) for url in urls]
    assert [page.status_code for page in pages] == [200] * 4
    assert all(html.escape(said) in page.text for page in pages)
    return [Skeleton(page).bones for page in pages]


@pytest.mark.parametrize("payload", HOSTILE)
def test_hostile_text_is_shown_and_changes_no_element(client: Client, mailbox: Correspondence, payload: str) -> None:
    shown = (mailbox.conversation(), mailbox.answer())
    assert skeletons(client, *shown, payload) == skeletons(client, *shown, "plain")


def test_links_in_received_text_lead_nowhere(client: Client, mailbox: Correspondence) -> None:
    ReceivedMail.objects.update(text="See https://evil.test/?a=b and javascript:alert(1)")
    page = client.get(page_of(mailbox.conversation()))
    assert "https://evil.test/?a=b" in page.text
    assert not re.search(r"(href|src)=\"?[^\" ]*(evil\.test|javascript:)", page.text)


def test_a_huge_mail_is_cut(client: Client, mailbox: Correspondence) -> None:
    ReceivedMail.objects.update(text="word " * 100_000)
    page = client.get(page_of(mailbox.conversation()))
    assert "The text is longer" in page.text
    assert len(page.text) < 100_000


# ------------------------------------------------------------------------------------------------ answering


def test_an_answer_from_the_page_to_the_wire(client: Client, mailbox: Correspondence, mia: User) -> None:
    url = page_of(mailbox.conversation())
    form = {"text": "With pleasure.", "token": token_in(client.get(url))}
    page = client.post(url, form, follow=True)
    assert "Your answer is on its way." in page.text and "Waiting to be sent" in page.text
    assert f'hx-get="{page_of(mailbox.conversation(), "answer", form["token"])}"' in page.text
    send_all()
    assert "Mia" in client.get(url).text
    assert Reply.objects.get().author == mia
    assert mailbox.answers()[0]["In-Reply-To"] == ReceivedMail.objects.get().message_id
    part = client.get(page_of(mailbox.conversation(), "answer", form["token"]))
    assert "hx-get" not in part.text and "<html" not in part.text


def test_a_form_that_is_sent_twice_is_one_mail(client: Client, mailbox: Correspondence) -> None:
    url = page_of(mailbox.conversation())
    form = {"text": "With pleasure.", "token": token_in(client.get(url))}
    client.post(url, form)
    client.post(url, form)
    send_all()
    client.post(url, form)
    send_all()
    assert len(mailbox.answers()) == 1


def test_a_refused_answer_keeps_its_text(client: Client, mailbox: Correspondence) -> None:
    url = page_of(mailbox.conversation())
    token = token_in(client.get(url))
    assert "Write something first." in client.post(url, {"text": " ", "token": token}).text
    page = client.post(url, {"text": "My words </textarea>", "token": "nonsense"})
    assert "out of date" in page.text and "My words &lt;/textarea&gt;" in page.text
    assert Reply.objects.count() == 0


def test_who_cannot_be_answered_is_told_instead_of_a_form(client: Client, mailbox: Correspondence) -> None:
    Contact.objects.update(status="blocked")
    page = client.get(page_of(mailbox.conversation()))
    assert "The contact is blocked." in page.text and 'name="token"' not in page.text
    Contact.objects.update(status="replied")
    EmailAccount.objects.update(state="paused")
    assert "read@sender.test is paused." in client.get(page_of(mailbox.conversation())).text


def test_an_uncertain_answer_is_shown_and_settled(client: Client, mailbox: Correspondence) -> None:
    reply = mailbox.answer()
    Reply.objects.update(state="uncertain", due_at=None)
    conversation = mailbox.conversation()
    assert "Uncertain" in client.get(reverse(LIST)).text
    assert "isn&#x27;t known" in client.get(page_of(conversation)).text
    url = page_of(conversation, "answer", reply.pk)
    page = client.post(url, {"was_sent": "yes"}, follow=True)
    assert "counts as sent" in page.text
    assert "known by now" in client.post(url, {"was_sent": "no"}, follow=True).text
    assert Reply.objects.get().state == "sent"


def test_a_failed_answer_tells_why_and_is_tried_again(
    client: Client, mailbox: Correspondence, smtp: MailServer
) -> None:
    reply = mailbox.answer()
    smtp.answers["ann@x.co"] = "550 5.1.1 No such person"
    send_all()
    assert "No such person" in client.get(page_of(mailbox.conversation())).text
    smtp.answers.clear()
    client.post(page_of(mailbox.conversation(), "answer", reply.pk), {"was_sent": "no"})
    send_all()
    assert len(mailbox.answers()) == 1


# ------------------------------------------------------------------------------------------ what else is done


@pytest.mark.parametrize(
    ("status", "said"), [("archived", "is archived"), ("unread", "is unread"), ("read", "is back")]
)
def test_statuses(client: Client, mailbox: Correspondence, status: str, said: str) -> None:
    url = page_of(mailbox.conversation(), "status")
    assert said in client.post(url, {"status": status}, follow=True).text
    assert mailbox.conversation().status == status
    assert client.post(url, {"status": "replied"}).status_code == 404
    assert client.get(url).status_code == 405


def test_the_stage_is_changed_in_place(client: Client, mailbox: Correspondence, mia: User) -> None:
    stage = PipelineStage.objects.of(mailbox.outreach.workspace).get(name="Won")
    url = page_of(mailbox.conversation(), "stage")
    assert "Ann Lee was moved." in client.post(url, {"stage": stage.pk}, follow=True).text
    assert Contact.objects.get(pk=mailbox.ann).stage == stage
    assert StageMove.objects.get().actor == f"user:{mia.pk}"
    client.post(url, {"stage": ""})
    assert Contact.objects.get(pk=mailbox.ann).stage is None


# -------------------------------------------------------------------------------------------------- borders


def test_nothing_is_there_for_strangers(mailbox: Correspondence, stranger: Any) -> None:
    client = signed_in(member(stranger.workspace, "sam"))
    conversation, reply = mailbox.conversation(), mailbox.answer()
    Reply.objects.update(state="uncertain")
    assert "Ann Lee" not in client.get(reverse(LIST)).text
    for url in (page_of(conversation), page_of(conversation, "answer", reply.pk)):
        assert client.get(url).status_code == 404
    forms = {"change": {"text": "Hi", "token": "rpl_00000000000000000000"}, "status": {"status": "archived"}}
    for name, form in {**forms, "stage": {"stage": ""}}.items():
        assert client.post(page_of(conversation, name), form).status_code == 404
    assert client.post(page_of(conversation, "answer", reply.pk), {"was_sent": "yes"}).status_code == 404
    assert (mailbox.conversation().status, Reply.objects.get().state) == ("unread", "uncertain")


def test_foreign_stages_and_answers_of_other_conversations(
    client: Client, mailbox: Correspondence, stranger: Any
) -> None:
    foreign = PipelineStage.objects.of(stranger.workspace)[0]
    page = client.post(page_of(mailbox.conversation(), "stage"), {"stage": foreign.pk}, follow=True)
    assert "There is no such stage any more." in page.text
    reply = mailbox.answer()
    other = another(mailbox, "ben@x.co")
    assert client.get(page_of(other, "answer", reply.pk)).status_code == 404
    assert client.post(page_of(other, "answer", reply.pk), {"was_sent": "no"}).status_code == 404


def test_who_is_in_no_workspace_sees_nothing(mailbox: Correspondence) -> None:
    nobody = signed_in(User.objects.create(username="nobody", is_staff=True))
    assert nobody.get(reverse(LIST)).status_code == 403
    assert nobody.get(page_of(mailbox.conversation())).status_code == 403
    assert Client().get(reverse(LIST)).status_code == 302


def test_forms_need_their_token(mailbox: Correspondence, mia: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(mia)
    for name, form in {"change": {"text": "Hi"}, "status": {"status": "archived"}, "stage": {"stage": ""}}.items():
        assert client.post(page_of(mailbox.conversation(), name), form).status_code == 403
    assert mailbox.conversation().status == "unread"


def test_there_is_nothing_to_add_or_delete(client: Client, mailbox: Correspondence) -> None:
    assert client.get(reverse("admin:campaigns_conversation_add")).status_code == 403
    delete = client.post(page_of(mailbox.conversation(), "delete"), {"post": "yes"})
    assert delete.status_code == 403
    assert Conversation.objects.count() == 1
