"""From conversation to conversation, and what is done with a row of the inbox and taken back."""

import html
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import Conversation
from tests.admin.conftest import signed_in
from tests.campaigns.admin.inbox_support import LIST, another, answered, page_of
from tests.campaigns.api.support import MailServer, Outreach
from tests.campaigns.correspondence import Correspondence, member
from tests.campaigns.receiving.folder_server import FolderServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def mailbox(outreach: Outreach, smtp: MailServer, imap: FolderServer) -> Correspondence:
    return answered(outreach, smtp, imap)


@pytest.fixture
def client(mailbox: Correspondence) -> Client:
    return signed_in(member(mailbox.outreach.workspace))


@pytest.fixture
def three(mailbox: Correspondence) -> list[Conversation]:
    """Ann's, the newest, and two older ones that are read."""
    ann, hour = mailbox.conversation(), timedelta(hours=1)
    ben, cat = (another(mailbox, f"{who}@x.co", last_at=ann.last_at - n * hour) for n, who in ((1, "ben"), (2, "cat")))
    return [ann, ben, cat]


def test_a_conversation_leads_to_the_next_of_the_list_it_was_opened_from(
    client: Client, mailbox: Correspondence, three: list[Conversation]
) -> None:
    ann, ben, cat = map(page_of, three)
    for at, newer, older in ((ann, "", ben), (ben, ann, cat), (cat, ben, "")):
        page = client.get(at)
        assert (page.context["newer"], page.context["older"]) == (newer, older)
    only_read = client.get(cat, {"status": "read", "q": "x.co"})
    assert only_read.context["newer"] == f"{ben}?status=read&q=x.co"
    assert f'href="{reverse(LIST)}?status=read&amp;q=x.co"' in only_read.text
    # Opening Ann's made it read; its place is what counts, and it's still the one before.
    Conversation.objects.filter(pk__in=[three[0].pk, three[2].pk]).update(status="unread")
    Conversation.objects.filter(pk=three[1].pk).update(status="replied")
    assert client.get(ann, {"status": "unread"}).context["older"] == f"{cat}?status=unread"
    assert client.get(cat, {"status": "unread"}).context["newer"] == f"{ann}?status=unread"
    Conversation.objects.filter(pk=three[0].pk).update(status="unread")
    assert f'href="{ann}?status=unread"' in client.get(reverse("admin:index")).text


def test_archiving_opens_the_next_and_the_list_after_the_last(client: Client, three: list[Conversation]) -> None:
    ann, _ben, cat = three
    first = client.post(page_of(ann, "status") + "?q=x.co", {"status": "archived"})
    assert first["Location"] == page_of(three[1]) + "?q=x.co"
    assert client.post(page_of(cat, "status"), {"status": "archived"})["Location"] == reverse(LIST)


@pytest.mark.parametrize("was", ["unread", "read", "replied"])
def test_archiving_by_a_row_stays_in_the_list_and_can_be_undone(
    client: Client, three: list[Conversation], was: str
) -> None:
    ann, ben, _cat = three
    Conversation.objects.filter(pk=ann.pk).update(status=was)
    url = page_of(ann, "status") + "?q=x.co"
    answer = client.post(url, {"status": "archived", "from": "list"})
    assert answer["Location"] == f"{reverse(LIST)}?q=x.co#{ben.pk}"
    page = client.get(answer["Location"])
    undo = re.search(r'<button [^>]*formaction="([^"]*)" name="undo" value="(\w+)"', page.text)
    assert undo and (html.unescape(undo[1]), undo[2]) == (url, was)
    assert 'id="status-form"' in page.text
    back = client.post(url, {"undo": was, "from": "list"})
    assert back["Location"] == f"{reverse(LIST)}?q=x.co#{ann.pk}"
    ann.refresh_from_db()
    assert ann.status == was


def test_an_undo_touches_only_what_is_archived(client: Client, three: list[Conversation]) -> None:
    ann = three[0]
    assert client.post(page_of(ann, "status"), {"undo": "replied"}).status_code == 302
    assert client.post(page_of(ann, "status"), {"undo": "gone"}).status_code == 404
    ann.refresh_from_db()
    assert ann.status == "unread"


def test_the_sheet_of_shortcuts_tells_the_inbox_s(client: Client, mailbox: Correspondence) -> None:
    for page in (reverse(LIST), page_of(mailbox.conversation())):
        keys = [key for key, _does in client.get(page).context["page_shortcuts"]]
        assert {"j", "k", "r", "e", "u"} <= set(keys)
        assert "<dt><kbd>u</kbd></dt><dd>Mark unread</dd>" in client.get(page).text
