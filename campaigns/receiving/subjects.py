"""Subjects that responders write, in eight languages; how people's replies begin."""

import re
import unicodedata
from typing import Final

from campaigns.receiving.phrases import phrases

#: Whole on their own, or before a colon, a dash, a date, or a word such as "until".
_PHRASES = phrases(
    # English
    "automatic reply|automatic response|automated reply|automated response|auto reply|auto-reply|autoreply"
    "|auto response|auto-response|autoresponse|autoresponder|auto responder|out of office|out of the office"
    "|out-of-office|out of office autoreply|out of office reply|out of office message|out of office notification"
    "|ooo"
    "|i am out of the office|i'm out of the office|i am out of office|away from the office|away from my mail"
    "|away from my desk|currently out of the office|on annual leave|on parental leave|on maternity leave"
    "|on paternity leave|on vacation|on holiday|vacation reply|vacation response|vacation message|away message"
    "|i am on leave|i am away|i am on vacation|i am currently away|office closed"
    # French
    "|réponse automatique|réponse auto|réponse d'absence|message d'absence|absence du bureau|absent du bureau"
    "|absente du bureau|absence de bureau|notification d'absence|en congé|en congés|je suis absent|je suis absente"
    "|je suis en congés|message automatique|réponse automatique d'absence|en congé maternité"
    # German
    "|automatische antwort|abwesenheitsnotiz|abwesenheitsnachricht|abwesenheitsmeldung|abwesenheitsassistent"
    "|automatische abwesenheitsnotiz|abwesend|nicht im büro|nicht im hause|außer haus|im urlaub|urlaubsbedingt abwesend"
    "|ich bin nicht im büro|automatische rückmeldung|autom. antwort|abwesenheit|automatische eingangsbestätigung"
    # Spanish
    "|respuesta automática|contestación automática|fuera de la oficina|fuera de oficina|ausente de la oficina"
    "|estoy fuera de la oficina|mensaje automático|de vacaciones|respuesta de vacaciones|ausencia temporal"
    # Italian
    "|risposta automatica|fuori ufficio|fuori sede|assente dall'ufficio|messaggio automatico|in ferie"
    "|assenza dall'ufficio|risponditore automatico"
    # Portuguese
    "|resposta automática|fora do escritório|fora da empresa|ausência temporária|mensagem automática|de férias"
    "|em férias|ausente do escritório|ausência do escritório|estou de férias|estou fora do escritório"
    # Dutch
    "|automatisch antwoord|automatische beantwoording|automatisch bericht|afwezig|afwezigheidsbericht|niet aanwezig"
    "|niet op kantoor|afwezigheidsmelding|met vakantie|op vakantie|automatische reactie|afwezigheid"
    # Hindi
    "|स्वचालित उत्तर|स्वतः उत्तर|स्वत: उत्तर|ऑटो रिप्लाई|स्वचालित जवाब|स्वचालित प्रतिक्रिया|कार्यालय से बाहर|ऑफिस से बाहर|अवकाश पर"
    "|छुट्टी पर|मैं छुट्टी पर हूँ|मैं कार्यालय से बाहर हूँ|ऑफ़िस से बाहर|अनुपस्थित"
)
# Words too common to stand without a colon.
_WITH_COLON = phrases("auto|automatic|absence|absent|away|vacation|leave|absent(e)|ausente|ausencia|assenza|assente")
_WITH_COLON += phrases("ausência|congé|congés|urlaub|vacaciones|ferie|férias|vakantie|out")
_FOLLOWING = phrases(
    "until|till|from|to|through|re|autoreply|reply|message|notification|notice|today|on|between|for|back"
    "|jusqu|du|au|depuis|le|de|bis|vom|von|ab|am|zum|hasta|desde|del|al|el|fino|dal|dall|fin|até|a|tot"
    "|t/m|van|vanaf|op|से|तक|sowie|und|et|y|e|en|and|bureau"
)
_DIACRITIC_FREE_START = re.compile(r"[\[({*\s\"'“«-]{0,10}")
_REPLY = re.compile(
    r"(?:re|aw|antw|antwort|sv|vs|rif|r|res|odp|ynt|tr|rv|fw|fwd|wg|i|enc|doorst|ref|réf|उत्तर|जवाब|回复|答复|返信)"
    r"(?:\[\d{1,3}\])?\s?[:：]",
    re.IGNORECASE,
)
_CHALLENGES: Final = phrases(
    "please confirm your message|please confirm your email to|confirm your e-mail to|verify your message"
    "|your message requires verification|message verification required|challenge-response|sender verification required"
    "|please verify your email was sent|action required to deliver your|your email requires verification"
    "|confirm that you are human|suspect email"
)


def fold(text: str) -> str:
    """Compatible forms, lower case, no accents, single spaces: both sides of a comparison go through it."""
    text = text[:1000].replace("’", "'").replace("‑", "-")
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(char for char in plain if unicodedata.category(char) not in ("Mn", "Cf")).split())


_FOLDED: Final = sorted({fold(each) for each in _PHRASES}, key=len, reverse=True)
_FOLDED_COLON: Final = sorted({fold(each) for each in _WITH_COLON}, key=len, reverse=True)
_FOLDED_FOLLOWING: Final = {fold(each) for each in _FOLLOWING}


def is_reply(subject: str) -> bool:
    """Whether the subject begins as replies and forwards do: ``Re:``, ``AW:``, ``TR :``, ``उत्तर:``."""
    return _REPLY.match(subject.lstrip()) is not None


def is_automatic(subject: str) -> bool:
    """Whether a responder wrote the subject. What begins with ``Re:`` is a person's, whatever follows."""
    folded = fold(subject)
    start = _DIACRITIC_FREE_START.match(folded)
    folded = folded[start.end() if start else 0 :]
    return any(_begins(folded, each) for each in _FOLDED) or any(
        folded.startswith(each) and folded[len(each) :].lstrip()[:1] == ":" for each in _FOLDED_COLON
    )


def is_challenge(subject: str) -> bool:
    """Whether a filter asks the sender to prove that it is a person."""
    folded = fold(subject)
    return any(each in folded for each in _CHALLENGES)


def _begins(folded: str, phrase: str) -> bool:
    """Whether the phrase stands at the start and what follows doesn't make a longer name of it."""
    if not folded.startswith(phrase):
        return False
    rest = folded[len(phrase) :]
    if not rest.strip():
        return True
    if rest[0].isalnum():
        return False
    rest = rest.lstrip()
    word = rest.split()[0].strip(":;,.!-()[]")
    return not rest[0].isalpha() or word in _FOLDED_FOLLOWING or word.partition("'")[0] in _FOLDED_FOLLOWING
