import pytest

from campaigns.receiving.failure import MOST_REASON, reason_sentence
from campaigns.receiving.parsing import read
from tests.campaigns.receiving.samples import ORIGINAL, classified, classify, message, names, raw

JANE = "jane@example.org"

# name: kind, recipient, hard or soft, enhanced status, basic code, words of the reason
ONE_RECIPIENT = {
    "exchange_html_only": ("bounce", "jane@corp.example", "hard", "5.1.10", "550", "RecipientNotFound"),
    "exchange_online_access_denied": ("bounce", "jane@corp.example", "hard", "5.4.1", "550", "Access denied"),
    "exchange_online_policy": ("bounce", "jane@corp.example", "soft", "5.7.133", "550", "not authenticated"),
    "exchange_onprem": ("bounce", "jane@corp.example", "hard", "5.1.1", "550", "RecipNotFound"),
    "exim_no_report": ("bounce", JANE, "hard", "", "550", "550 No such user here"),
    "exim_warning": ("delayed", JANE, "soft", "", "", "Connection timed out"),
    "exim_without_header": ("bounce", JANE, "hard", "", "", "Unrouteable address"),
    "french_text": ("bounce", JANE, "hard", "", "550", "Utilisateur inconnu"),
    "gmail_delay": ("delayed", JANE, "soft", "4.4.1", "", "did not accept our requests"),
    "gmail_no_such_user": ("bounce", JANE, "hard", "5.1.1", "550", "does not exist. Please try double-checking the"),
    "gmail_old_text": ("bounce", JANE, "soft", "5.7.1", "554", "blocked using"),
    "gmail_over_quota": ("bounce", JANE, "soft", "5.2.2", "552", "out of storage"),
    "lost_report_type": ("bounce", JANE, "hard", "5.1.1", "", "undeliverable"),
    "mailbox_full_temporary": ("bounce", JANE, "soft", "4.2.2", "452", "over quota"),
    "no_recipient_field": ("bounce", JANE, "hard", "5.1.1", "", "No such user."),
    "null_mx": ("bounce", JANE, "hard", "5.1.0", "", "nullMX"),
    "policy_says_unknown": ("bounce", JANE, "hard", "5.7.1", "550", "User unknown"),
    "postfix_delayed": ("delayed", JANE, "soft", "4.2.0", "450", "Greylisted"),
    "postfix_domain_unknown": ("bounce", "jane@gone.example", "hard", "5.4.4", "", "Host not found"),
    "postfix_expired": ("bounce", JANE, "soft", "4.4.1", "", "Connection timed out"),
    "postfix_user_unknown": ("bounce", JANE, "hard", "5.1.1", "550", "rejected: User unknown in virtual mailbox table"),
    "proton_unknown": ("bounce", "jane+news@pm.example", "hard", "5.1.1", "550", "Address does not exist"),
    "qmail_unknown": ("bounce", JANE, "hard", "5.1.1", "550", "does not exist"),
    "relay_denied": ("bounce", JANE, "soft", "5.7.1", "554", "Relay access denied"),
    "sender_refused": ("bounce", JANE, "soft", "5.1.8", "550", "Sender address rejected"),
    "sendmail_text_only": ("bounce", JANE, "hard", "5.1.1", "550", "unknown or illegal alias"),
    "sendmail_unknown": ("bounce", JANE, "hard", "5.3.0", "553", "User unknown"),
    "sendmail_warning": ("delayed", JANE, "soft", "", "", "Deferred"),
    "status_only_in_diagnostic": ("bounce", JANE, "hard", "5.2.1", "550", "switched off"),
    "too_large": ("bounce", JANE, "soft", "5.3.4", "552", "Message size exceeds"),
    "yahoo_policy": ("bounce", "jane@yahoo.example", "soft", "5.7.9", "554", "policy reasons"),
    "yahoo_unknown": ("bounce", "jane@yahoo.example", "hard", "", "554", "doesn't have a yahoo.example account"),
    "zoho_unknown": ("bounce", JANE, "hard", "5.0.0", "550", "mailbox unavailable"),
}
SEVERAL = {
    "postfix_several": [
        ("ok@example.org", "delivered", "soft"),
        ("full@example.org", "failed", "soft"),
        ("gone@example.org", "failed", "hard"),
    ],
    "qmail_several": [("full@example.org", "failed", "soft"), ("gone@example.org", "failed", "hard")],
}
# These reports quote nothing of the message.
WITHOUT_ORIGINAL = {"exim_warning", "sendmail_warning", "french_text"}


def test_every_sample_has_an_expectation() -> None:
    assert names("bounces") == {*ONE_RECIPIENT, *SEVERAL}


@pytest.mark.parametrize("name", sorted(ONE_RECIPIENT))
def test_one_recipient(name: str) -> None:
    found = classify(f"bounces/{name}")
    assert found.report is not None
    (failure,) = found.report.failures
    expected = ONE_RECIPIENT[name]
    assert (found.kind, failure.recipient, failure.hardness, failure.status, failure.code) == expected[:5]
    assert expected[5] in failure.reason
    assert found.hardness == (expected[2] if expected[0] == "bounce" else None)


@pytest.mark.parametrize("name", sorted(SEVERAL))
def test_several_recipients(name: str) -> None:
    found = classify(f"bounces/{name}")
    assert found.report is not None
    assert [(each.recipient, each.action, each.hardness) for each in found.report.failures] == SEVERAL[name]
    assert (found.kind, found.hardness, found.reason) == ("bounce", "hard", "unknown recipient")
    assert [each.recipient for each in found.failed] == ["full@example.org", "gone@example.org"]


@pytest.mark.parametrize("name", sorted(names("bounces")))
def test_original_message(name: str) -> None:
    report = classify(f"bounces/{name}").report
    assert report is not None
    assert report.original_id == (None if name in WITHOUT_ORIGINAL else ORIGINAL)


@pytest.mark.parametrize("name", sorted(names("bounces")))
def test_reason_is_one_plain_line(name: str) -> None:
    report = classify(f"bounces/{name}").report
    assert report is not None
    for failure in report.failures:
        assert 0 < len(failure.reason) <= MOST_REASON
        assert failure.reason == " ".join(failure.reason.split())


def test_repeated_reply_code_is_kept_once() -> None:
    assert reason_sentence("550-5.1.1 No such\n550-5.1.1 user\n550 5.1.1 here") == "550-5.1.1 No such user here"
    assert reason_sentence("x" * 301) == "x" * 299 + "…"


def test_crlf_makes_no_difference() -> None:
    for name in ONE_RECIPIENT:
        unix = raw(f"bounces/{name}")
        assert classified(read(unix.replace(b"\n", b"\r\n"))) == classified(read(unix))


def test_a_person_quoting_a_bounce_bounces_nobody() -> None:
    text = raw("bounces/qmail_unknown").partition(b"\n\n")[2].decode()
    found = classified(message("From: pat@example.org\r\nSubject: failure notice\r\nMessage-ID: <p@example.org>", text))
    assert found.kind == "reply"


def test_action_without_status_fails_softly() -> None:
    found = classified(
        message(
            "From: mailer-daemon@example.net\r\nContent-Type: message/delivery-status",
            "Final-Recipient: rfc822; jane@example.org\r\nAction: failed\r\n",
        )
    )
    assert (found.kind, found.hardness) == ("bounce", "soft")


def test_recipients_of_one_report_are_bounded() -> None:
    group = "Final-Recipient: rfc822; a{0}@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
    report = classified(
        message(
            "From: mailer-daemon@example.net\r\nContent-Type: message/delivery-status",
            "".join(group.format(each) for each in range(500)),
        )
    ).report
    assert report is not None and len(report.failures) == 100


def test_given_up_after_retries_is_no_delay() -> None:
    text = "Delivery to jane@example.org was still being tried and will be retried.\n\nGiving up: connection timed out"
    found = classified(message("From: mailer-daemon@example.net\r\nSubject: Undeliverable", text))
    assert (found.kind, found.hardness) == ("bounce", "soft")


def test_original_is_what_the_report_answers_where_nothing_is_returned() -> None:
    headers = f"From: mailer-daemon@example.net\r\nSubject: failure notice\r\nIn-Reply-To: {ORIGINAL}"
    report = classified(message(headers, "<jane@example.org>: 550 no such user")).report
    assert report is not None and report.original_id == ORIGINAL
