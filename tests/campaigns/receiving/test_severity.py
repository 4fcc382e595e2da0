import pytest

from campaigns.receiving.severity import basic_in, judge, status_in


@pytest.mark.parametrize(
    ("status", "code", "words", "hardness"),
    [
        ("5.1.1", "550", "", "hard"),
        ("5.1.2", "", "", "hard"),
        ("5.1.6", "", "Mailbox has moved", "hard"),
        ("5.1.7", "", "Bad sender's address", "soft"),
        ("5.2.1", "", "", "hard"),
        ("5.2.2", "", "", "soft"),
        ("5.1.1", "", "The mailbox is full", "soft"),
        ("5.3.0", "", "Blocked for spam", "soft"),
        ("5.3.0", "", "", "hard"),
        ("5.3.4", "", "", "soft"),
        ("5.4.1", "", "Recipient address rejected: Access denied", "hard"),
        ("5.4.1", "", "No answer from host", "soft"),
        ("5.4.4", "", "", "hard"),
        ("5.4.6", "", "Routing loop", "soft"),
        ("5.4.14", "", "Hop count exceeded", "soft"),
        ("5.4.310", "", "DNS domain does not exist", "hard"),
        ("5.5.0", "550", "Requested action not taken", "hard"),
        ("5.5.2", "", "Syntax error", "soft"),
        ("5.6.1", "", "Media not supported", "soft"),
        ("5.7.1", "", "", "soft"),
        ("5.7.1", "", "No such user", "hard"),
        ("5.7.17", "", "", "hard"),
        ("5.7.25", "", "The PTR record does not exist", "soft"),
        ("5.7.26", "", "Unauthenticated: DMARC policy", "soft"),
        ("4.1.1", "450", "User unknown", "soft"),
        ("5.0.0", "554", "", "soft"),
        ("5.0.0", "550", "", "hard"),
        ("", "421", "", "soft"),
        ("", "550", "", "hard"),
        ("", "550", "Your host is on our blocklist", "soft"),
        ("", "552", "", "soft"),
        ("", "554", "This account has been disabled", "hard"),
        ("", "571", "", "soft"),
        ("", "", "No such user", "hard"),
        ("", "", "Something went wrong", "soft"),
        ("", "", "", "soft"),
        ("2.0.0", "250", "user unknown", "soft"),
    ],
)
def test_judge(status: str, code: str, words: str, hardness: str) -> None:
    assert judge(status, code, words).hardness == hardness


@pytest.mark.parametrize(
    ("text", "status", "code"),
    [
        ("550 5.1.1 <a@example.org>", "5.1.1", "550"),
        ("said: 550-5.7.26 This", "5.7.26", "550"),
        ("(#5.1.1)", "5.1.1", ""),
        ("host [5.1.1.9] said: 550 no", "", "550"),
        ("version 15.1.1 and 192.4.2.2", "", ""),
        ("554: delivery error", "", "554"),
        ("2.0.0 then 4.2.2", "4.2.2", ""),
        ("port 587, 5500 times, 650 no", "", ""),
    ],
)
def test_codes_in_text(text: str, status: str, code: str) -> None:
    assert (status_in(text), basic_in(text)) == (status, code)
