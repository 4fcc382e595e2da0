"""Subjects that responders write, in the languages of the large providers; how people's replies begin."""

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
    "|on paternity leave|annual leave|parental leave|maternity leave|paternity leave|automatic acknowledgement"
    "|automatic acknowledgment|on vacation|on holiday|vacation reply|vacation response|vacation message|away message"
    "|i am on leave|i am away|i am on vacation|i am currently away|office closed"
    # French
    "|réponse automatique|réponse auto|réponse d'absence|message d'absence|absence du bureau|absent du bureau"
    "|absente du bureau|absence de bureau|notification d'absence|en congé|en congés|je suis absent|je suis absente"
    "|je suis en congés|message automatique|réponse automatique d'absence|en congé maternité"
    "|accusé de réception automatique|accusé réception automatique|réponse automatisée|courriel automatique"
    # German
    "|automatische antwort|abwesenheitsnotiz|abwesenheitsnachricht|abwesenheitsmeldung|abwesenheitsassistent"
    "|automatische abwesenheitsnotiz|abwesend|nicht im büro|nicht im hause|außer haus|im urlaub|urlaubsbedingt abwesend"
    "|ich bin nicht im büro|automatische rückmeldung|autom. antwort|abwesenheit|automatische eingangsbestätigung"
    "|automatische empfangsbestätigung|automatische bestätigung|automatische nachricht|automatische e-mail-antwort"
    "|automatisierte antwort|außer haus notiz|abwesenheitshinweis"
    # Spanish
    "|respuesta automática|contestación automática|fuera de la oficina|fuera de oficina|ausente de la oficina"
    "|estoy fuera de la oficina|mensaje automático|de vacaciones|respuesta de vacaciones|ausencia temporal"
    "|confirmación automática|acuse de recibo automático|respuesta automatizada|respuesta de fuera de la oficina"
    # Italian
    "|risposta automatica|fuori ufficio|fuori sede|assente dall'ufficio|messaggio automatico|in ferie"
    "|assenza dall'ufficio|risponditore automatico|conferma automatica|conferma automatica di ricezione"
    "|risposta automatica di assenza|fuori dall'ufficio|avviso di assenza"
    # Portuguese
    "|resposta automática|fora do escritório|fora da empresa|ausência temporária|mensagem automática|de férias"
    "|em férias|ausente do escritório|ausência do escritório|estou de férias|estou fora do escritório"
    "|confirmação automática|resposta automática de ausência|aviso de ausência"
    # Dutch
    "|automatisch antwoord|automatische beantwoording|automatisch bericht|afwezig|afwezigheidsbericht|niet aanwezig"
    "|niet op kantoor|afwezigheidsmelding|met vakantie|op vakantie|automatische reactie|afwezigheid"
    "|automatische ontvangstbevestiging|ontvangstbevestiging automatisch|automatisch e-mailbericht|buiten kantoor"
    "|automatisch afwezigheidsbericht|ik ben afwezig"
    # Polish
    "|odpowiedź automatyczna|automatyczna odpowiedź|autoodpowiedź|poza biurem|jestem poza biurem|nieobecność w biurze"
    "|wiadomość automatyczna|automatyczne potwierdzenie|na urlopie"
    # Swedish, Danish, Norwegian
    "|autosvar|automatiskt svar|automatsvar|frånvaromeddelande|frånvarande|ej på kontoret|inte på kontoret|på semester"
    "|automatisk svar|automatisk besvarelse|fraværsmeddelelse|fraværsbesked|ikke til stede|ikke på kontoret|på ferie"
    "|fraværsmelding|fraværende|automatisk svarmelding|automatisk kvittering|ude af kontoret|borte fra kontoret"
    # Finnish
    "|automaattinen vastaus|automaattivastaus|poissaoloilmoitus|poissa toimistosta|poissa toimistolta|lomavastaaja"
    "|olen lomalla|automaattinen poissaoloilmoitus"
    # Czech, Slovak
    "|automatická odpověď|automatická odpoveď|mimo kancelář|mimo kanceláře|nejsem v kanceláři|nepřítomnost|na dovolené"
    "|oznámení o nepřítomnosti|automatické potvrzení"
    # Hungarian, Romanian
    "|automatikus válasz|házon kívül|răspuns automat|în afara biroului"
    # Russian, Ukrainian
    "|автоответ|авто-ответ|автоматический ответ|автоматическое сообщение|автоматическое уведомление|вне офиса"
    "|нет на месте|нет на работе|отсутствую на рабочем месте|я в отпуске|в отпуске|автоматична відповідь"
    "|автовідповідь"
    # Greek, Turkish
    "|αυτόματη απάντηση|εκτός γραφείου|otomatik yanıt|otomatik cevap|otomatik mesaj|ofis dışında|ofis dışındayım"
    "|yıllık izin|yıllık izindeyim|izindeyim"
    # Japanese
    "|自動応答|自動返信|自動返信メール|自動応答メール"
    "|自動配信|不在通知|不在連絡|不在のお知らせ|不在のご連絡|外出中|休暇中"
    # Chinese
    "|自动回复|自动答复|自动应答|外出自动回复|自動回覆|自動回復|自動答覆|自動回信"
    "|不在办公室|不在辦公室|外出通知|休假通知|休假中"
    # Korean
    "|자동 회신|자동회신|자동 응답|자동응답|자동 답장|자동답장|부재중|부재 중"
    "|부재중 자동 회신|부재 중 자동 회신|부재중 자동 응답|부재 알림"
    # Hindi
    "|स्वचालित उत्तर|स्वतः उत्तर|स्वत: उत्तर|ऑटो रिप्लाई|स्वचालित जवाब|स्वचालित प्रतिक्रिया|कार्यालय से बाहर|ऑफिस से बाहर|अवकाश पर"
    "|छुट्टी पर|मैं छुट्टी पर हूँ|मैं कार्यालय से बाहर हूँ|ऑफ़िस से बाहर|अनुपस्थित"
    "|स्वतः प्रत्युत्तर|स्वचालित प्रत्युत्तर|ऑटो-रिप्लाई|ऑटो रिस्पॉन्स|वार्षिक अवकाश"
)
# Words too common to stand without a colon.
_WITH_COLON = phrases("auto|automatic|absence|absent|away|vacation|leave|absent(e)|ausente|ausencia|assenza|assente")
_WITH_COLON += phrases("ausência|congé|congés|urlaub|vacaciones|ferie|férias|vakantie|out")
_WITH_COLON += phrases("urlop|frånvaro|fravær|poissa|dovolená|отпуск|外出|不在|休暇|休假|부재")
_FOLLOWING = phrases(
    "until|till|from|to|through|re|autoreply|reply|message|notification|notice|today|on|between|for|back"
    "|jusqu|du|au|depuis|le|de|bis|vom|von|ab|am|zum|hasta|desde|del|al|el|fino|dal|dall|fin|até|a|tot"
    "|t/m|van|vanaf|op|से|तक|sowie|und|et|y|e|en|and|bureau"
    "|do|od|från|den|til|indtil|fra|frem|asti|saakka|до|с|по"
)
_DIACRITIC_FREE_START = re.compile(r"[\[({*\s\"'“«【「〔《<-]{0,10}")
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
    # Turkish writes the capital of ı as others write that of i.
    plain = unicodedata.normalize("NFKD", text.casefold()).replace("ı", "i")
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
