import pytest

from campaigns.receiving.automatic import reason
from campaigns.receiving.classify import kind
from campaigns.receiving.parsing import MOST_IDS, read
from campaigns.receiving.subjects import is_automatic, is_reply
from tests.campaigns.receiving.samples import ORIGINAL, classified, classify, message, names, raw

OTHERS = {
    "challenge": "challenge",
    "complaint_abuse": "complaint",
    "complaint_without_recipient": "complaint",
    "deleted_unread": "receipt",
    "delivered": "receipt",
    "feedback_auth_failure": "automatic",
    "feedback_not_spam": "automatic",
    "no_sender": "other",
    "own_forwards_bounce": "own",
    "own_returned": "own",
    "own_sent": "own",
    "read_receipt": "receipt",
}
# Marks without which each sample would have passed for a person's: taken away, it must.
MARKS = {
    "x_autorespond": "X-Autorespond",
    "x_autoreply": "X-Autoreply",
    "machine_generated": "X-FC-MachineGenerated",
    "auto_submitted_comment": "Auto-Submitted",
    "auto_notified": "Auto-Submitted",
    "vacation_re_subject": "Precedence",
    "precedence_auto_reply": "Precedence",
    "null_return_path": "Return-Path",
    "outlook_subject_only": "Subject",
    "hindi": "Subject",
    "german_absent": "Subject",
    "swedish": "Subject",
    "danish": "Subject",
    "norwegian": "Subject",
    "finnish": "Subject",
    "polish": "Subject",
    "czech": "Subject",
    "russian": "Subject",
    "turkish": "Subject",
    "japanese": "Subject",
    "japanese_brackets": "Subject",
    "chinese": "Subject",
    "korean": "Subject",
    "french_receipt": "Subject",
    "english_leave": "Subject",
}


@pytest.mark.parametrize("name", sorted(names("automatic")))
def test_automatic(name: str) -> None:
    assert classify(f"automatic/{name}").kind == "automatic"


@pytest.mark.parametrize("name", sorted(names("replies")))
def test_replies_are_taken_for_nothing_else(name: str) -> None:
    found = classify(f"replies/{name}")
    assert (found.kind, found.report) == ("reply", None)


@pytest.mark.parametrize("name", sorted(names("others")))
def test_others(name: str) -> None:
    assert classify(f"others/{name}").kind == OTHERS[name]


def test_the_corpus_is_whole() -> None:
    assert names("others") == set(OTHERS)
    assert len(names("automatic")) >= 44 and len(names("replies")) >= 21


@pytest.mark.parametrize("name", sorted(MARKS))
def test_the_mark_decides(name: str) -> None:
    lines = raw(f"automatic/{name}").decode().split("\n")
    kept = "\n".join(line for line in lines if not line.startswith(f"{MARKS[name]}:"))
    assert classified(read(kept.encode())).kind == "reply"


def test_list_marks_count_where_nothing_of_ours_is_named() -> None:
    text = raw("replies/list_software").replace(b"msg_01", b"other")
    assert classified(read(text)).kind == "automatic"


@pytest.mark.parametrize("name", ["complaint_abuse", "complaint_without_recipient"])
def test_complaint(name: str) -> None:
    report = classify(f"others/{name}").report
    assert report is not None
    assert (report.original_id, report.failures[0].recipient) == (ORIGINAL, "jane@example.org")


def test_forwarded_complaint_is_no_complaint() -> None:
    text = raw("others/complaint_abuse").replace(b"multipart/report; report-type=feedback-report", b"multipart/mixed")
    assert classified(read(text)).kind == "reply"


def test_own_address_in_any_case() -> None:
    assert classified(message("From: Sam <SALES@Example.COM>\r\nSubject: Re: x")).kind == "own"


def test_reason_names_the_mark() -> None:
    incoming = message("From: a@example.org\r\nAuto-Submitted: auto-replied (x)")
    assert reason(incoming, answers_ours=True) == "Auto-Submitted: auto-replied"


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: Hello",
        "AUTOMATIC REPLY: Hello",
        "[Automatic reply] Hello",
        "Out of Office",
        "Out of office until 5 May",
        "Out of Office - Jane",
        "I'm out of the office",
        "OOO: Hello",
        "Auto: Hello",
        "Réponse automatique\xa0: Bonjour",
        "Absence du bureau",
        "Automatische Antwort: Hallo",
        "Abwesend vom 1.5. bis 5.5.",
        "Fora do escritório: Olá",
        "Afwezig tot 5 mei",
        "Fuori ufficio",
        "स्वचालित उत्तर: नमस्ते",
        "स्वचालित जवाब: नमस्ते",
        "Accusé de réception automatique",
        "Accusé de réception automatique\xa0: Bonjour",
        "Annual leave",
        "Annual leave: Hello",
        "Annual leave until 5 May",
        "Automatische Empfangsbestätigung: Hallo",
        "Automatisch antwoord: Hallo",
        "Confirmación automática: Hola",
        "Conferma automatica di ricezione: Ciao",
        "Confirmação automática: Olá",
        "Odpowiedź automatyczna: Dzień dobry",
        "Automatyczna odpowiedź: Dzień dobry",
        "Poza biurem: Dzień dobry",
        "Autosvar: Hej",
        "Automatiskt svar: Hej",
        "Frånvaromeddelande: Hej",
        "Automatisk svar: Hej",
        "Fraværsmelding: Hei",
        "Ikke til stede: Hei",
        "Automaattinen vastaus: Hei",
        "Poissa toimistosta: Hei",
        "Automatická odpověď: Dobrý den",
        "Mimo kancelář: Dobrý den",
        "Автоответ: Привет",
        "Автоматический ответ: Привет",
        "Вне офиса: Привет",
        "Otomatik yanıt: Merhaba",
        "Otomatik Yanıt: Merhaba",
        "OTOMATİK YANIT: Merhaba",
        "Ofis dışında: Merhaba",
        "自動応答: こんにちは",
        "自動返信：こんにちは",
        "【自動返信】お問い合わせありがとうございます",
        "不在通知: こんにちは",
        "自动回复: 你好",
        "自動回覆：你好",
        "外出自动回复: 你好",
        "自动答复: 你好",
        "자동 회신: 안녕하세요",
        "자동 응답: 안녕하세요",
        "부재중: 안녕하세요",
        "부재 중 자동 회신: 안녕하세요",
    ],
)
def test_subjects_of_responders(subject: str) -> None:
    assert is_automatic(subject)


@pytest.mark.parametrize(
    "subject",
    [
        "Re: automatic reply settings",
        "Re: Automatic reply: Hello",
        "AW: Abwesenheitsnotiz",
        "Automatic reply settings",
        "Out of office solutions",
        "Vacation homes for teams",
        "Away days in spring",
        "Abwesenheitsnotizen",
        "Absence of evidence",
        "Autoreplying robots",
        "Auto parts",
        "Re: automatic answer to what you asked",
        "Re: 自動応答: こんにちは",
        "回复：自动回复: 你好",
        "SV: Autosvar: Hej",
        "Odp: Odpowiedź automatyczna: Dzień dobry",
        "Annual leave planner",
        "Annual leave policy",
        "Autosvarare till salu",
        "Автоответчик",
        "Can you send me the automatic reply",
        "自動応答システムの見積もり",
        "自动回复功能的问题",
        "자동 응답 시스템 문의",
        "Odpowiedź automatyczna czy ręczna?",
        "Accusé de réception automatique des commandes",
        "",
    ],
)
def test_subjects_of_people(subject: str) -> None:
    assert not is_automatic(subject)


@pytest.mark.parametrize("subject", ["Re: x", "RE : x", "re[2]: x", "AW: x", "Rif: x", "TR : x", "उत्तर: x", "回复：x"])
def test_reply_subjects(subject: str) -> None:
    assert is_reply(subject)
    assert not is_reply("x " + subject)


def test_a_report_of_unknown_type_is_no_reply() -> None:
    text = "--b\n\nYour certificate expires.\n--b\nContent-Type: message/x-report\n\nx\n--b--"
    incoming = message("From: ca@example.org\r\nContent-Type: multipart/report; boundary=b", text)
    assert classified(incoming).kind == "automatic"


def test_the_lookup_is_asked_a_bounded_number_of_times() -> None:
    asked: list[str] = []

    def lookup(message_id: str) -> bool:
        asked.append(message_id)
        return False

    many = " ".join(f"<{each}@example.org>" for each in range(5000))
    incoming = message(f"From: a@example.org\r\nMessage-ID: <m@x>\r\nReferences: {many}\r\nIn-Reply-To: {many}")
    assert kind(incoming, own_addresses=(), own_message_ids_lookup=lookup).kind == "reply"
    assert len(asked) == 2 * MOST_IDS + 1


def test_what_we_forward_is_ours_whatever_it_carries() -> None:
    headers = "From: sales@example.com\r\nX-Failed-Recipients: jane@example.org\r\nSubject: Fwd: Undelivered"
    assert classified(message(headers, "550 5.1.1 jane@example.org")).kind == "own"


def test_newsletter_without_precedence() -> None:
    headers = "From: news@example.org\r\nList-Unsubscribe: <https://example.org/u>"
    assert classified(message(headers)).reason == "list-unsubscribe"
