import pytest

from campaigns.receiving.bounces import Report
from campaigns.receiving.failure import Failure
from campaigns.receiving.matching import match, match_report
from campaigns.receiving.parsing import read
from tests.campaigns.receiving.samples import classify, message, raw


class Known:
    """Messages and contacts of ours, by what names them."""

    def by_message_id(self, message_id: str) -> str | None:
        return message_id[1:7] if message_id.startswith("<msg_") else None

    def by_address(self, address: str) -> str | None:
        return address if address == "jane@example.org" else None


@pytest.mark.parametrize(
    ("headers", "key", "by"),
    [
        ("In-Reply-To: <msg_02@x>\r\nReferences: <msg_01@x> <msg_03@x>", "msg_02", "in_reply_to"),
        ("In-Reply-To: <else@x>\r\nReferences: <msg_01@x>\r\n <msg_03@x> <else@x>", "msg_03", "references"),
        ("References: <msg_01@x>", "msg_01", "references"),
        ("In-Reply-To: <else@x>", "jane@example.org", "sender"),
        ("Subject: fresh", "jane@example.org", "sender"),
    ],
)
def test_match(headers: str, key: str, by: str) -> None:
    found = match(message(f"From: Jane <JANE@example.org>\r\n{headers}"), Known())
    assert found is not None
    assert (found.key, found.by, found.by_id) == (key, by, by != "sender")


@pytest.mark.parametrize("sender", ["From: pat@example.org", "Subject: no sender"])
def test_no_match(sender: str) -> None:
    assert match(message(sender), Known()) is None


@pytest.mark.parametrize(
    ("name", "key", "by"),
    [
        ("postfix_user_unknown", "msg_01", "original"),
        ("exchange_online_policy", "msg_01", "original"),
        ("exim_warning", "jane@example.org", "recipient"),
    ],
)
def test_match_report(name: str, key: str, by: str) -> None:
    report = classify(f"bounces/{name}").report
    assert report is not None
    found = match_report(read(raw(f"bounces/{name}")), report, Known())
    assert found is not None
    assert (found.key, found.by) == (key, by)


def test_report_never_matches_its_sender() -> None:
    report = Report((Failure("pat@example.org", "failed", "hard", "x"),))
    assert match_report(message("From: jane@example.org"), report, Known()) is None
