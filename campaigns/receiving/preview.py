"""The new words of a reply: without what it quotes and without its signature."""

import re
from typing import Final

from campaigns.receiving.phrases import phrases

#: Characters of a text that are looked at.
MOST_TEXT: Final = 100_000

_ATTRIBUTION_LINES = 4
_MOST_ATTRIBUTION = 600
_STARTS = ("on ", "le ", "am ", "el ", "em ", "il ", "op ", "den ", "a ", "no ", "né ", "w ", "vào ")
_WROTE = re.compile(
    r"(?:\bwrote|\bwrites|\ba [ée]crit|\bschrieb|\bescribi[óo]|\bha scritto|\bscrisse|\bescreveu|\bschreef|लिखा|लिखते हैं)"
    r"[^\n]{0,200}[:：]$",
    re.IGNORECASE,
)
_DATED = re.compile(r"\d|@")
_SEPARATOR = re.compile(
    r"[-_*\s]{2,20}(?:original message|original appointment|message d'origine|message original|mensaje original"
    r"|urspr[üu]ngliche nachricht|originalnachricht|messaggio originale|mensagem original|oorspronkelijk bericht"
    r"|reply message|forwarded message|weitergeleitete nachricht|message transféré|मूल संदेश|मूल सन्देश)[-_*\s]{0,20}$",
    re.IGNORECASE,
)
_RULE = re.compile(r"_{20,}$")
_FROM = re.compile(r"\**(?:from|de|von|da|van|प्रेषक|से|द्वारा)\**\s?[:：]\**\s*\S", re.IGNORECASE)
_SENT = re.compile(
    r"\**(?:sent|date|envoy[ée]|envoy[ée] le|gesendet|datum|enviado|enviado el|enviado em|fecha|data|inviato|verzonden"
    r"|भेजा गया|भेजी गई|दिनांक|तारीख|तिथि)\**\s?[:：]",
    re.IGNORECASE,
)
_DEVICES = phrases(
    "sent from my |sent from mail for |sent from outlook|sent from yahoo mail|sent with proton|sent from proton"
    "|sent from iphone|get outlook for |envoyé de mon |envoyé depuis mon |envoyé à partir de |télécharger outlook"
    "|von meinem iphone|von meinem ipad|von meinem handy|von meinem smartphone|von meinem samsung"
    "|von meinem android|gesendet mit der |gesendet von mail|gesendet von meinem |gesendet von outlook|outlook für "
    "|enviado desde mi |obtener outlook|inviato da iphone|inviato da outlook|inviato dal mio |enviado do meu "
    "|verzonden vanaf mijn |मेरे iphone से|मेरे आईफ़ोन से"
)
_HIDDEN = re.compile("[\x00-\x08\x0e-\x1f\x7f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\u00ad\u034f]+")


def reply_preview(text: str, most: int = 200) -> str:
    """The first ``most`` characters of what the person added, on one line.

    Quotations (``>`` lines, attributions and header blocks of Gmail, Outlook and Apple Mail in English, French,
    German, Spanish, Hindi and some more) and the signature (RFC 3676 section 4.3) are left out. Where nothing
    else is there, the text itself stands, so that the preview is empty only where the text is blank.
    """
    text = _HIDDEN.sub("", text[:MOST_TEXT].replace("\u2028", "\n").replace("\r", "\n"))
    kept = _new_lines(text.split("\n"))
    line = _folded(_without_signature(kept)) or _folded(kept) or " ".join(text.split())
    return line if len(line) <= most else _cut(line, most)


def _new_lines(lines: list[str]) -> list[str]:
    """The lines that aren't quoted. An attribution with ``>`` lines below hides only these, since some people
    answer under the quotation; one without hides the rest.
    """
    kept: list[str] = []
    at = 0
    while at < len(lines):
        if is_quoted(lines[at]):
            at += 1
            continue
        if starts_copy(lines, at):
            break
        length = attribution(lines, at)
        if length and not quote_follows(lines, at + length):
            break
        if not length:
            kept.append(lines[at])
        at += length or 1
    return kept


def is_quoted(line: str) -> bool:
    """Whether a mail program marked it as somebody's earlier words."""
    return line.lstrip().startswith((">", "|>"))


def attribution(lines: list[str], at: int) -> int:
    """How many lines the "On …, … wrote:" takes that starts here, which mailers fold; 0 where none does."""
    first = _spaced(lines[at])
    if not first or len(first) > _MOST_ATTRIBUTION:
        return 0
    starts = (
        first.lower().startswith(_STARTS) or first[:1].isdigit() or "लिखा" in first or "<" in first or "को" in first
    )
    if not starts:
        return 0
    joined = ""
    for length in range(1, _ATTRIBUTION_LINES + 1):
        if at + length > len(lines) or not lines[at + length - 1].strip():
            return 0
        joined = f"{joined} {_spaced(lines[at + length - 1])}".strip()[:_MOST_ATTRIBUTION]
        if joined.endswith((":", "：")):
            return length if _WROTE.search(joined) and _DATED.search(joined) else 0
    return 0


def quote_follows(lines: list[str], at: int) -> bool:
    """Whether a quotation begins within the next three lines."""
    below = next((line for line in lines[at : at + 3] if line.strip()), "")
    return is_quoted(below)


def starts_copy(lines: list[str], at: int) -> bool:
    """Whether a copy of the older message begins: a separator, or a block of its headers."""
    line = _spaced(lines[at]).replace("’", "'")[:200]
    if _SEPARATOR.match(line):
        return True
    below = [_spaced(each)[:200] for each in lines[at + 1 : at + 6] if each.strip()]
    if _RULE.match(line):
        return bool(below) and _is_header_block(below[0], below[1:])
    return _is_header_block(line, below)


def _is_header_block(line: str, below: list[str]) -> bool:
    return bool(_FROM.match(line)) and any(_SENT.match(each) for each in below[:4])


def _without_signature(lines: list[str]) -> list[str]:
    """Up to the signature's delimiter or the line that a device adds."""
    for at, line in enumerate(lines):
        if line.rstrip() == "--" or line.strip().lower().startswith(_DEVICES):
            return lines[:at]
    return lines


def _spaced(line: str) -> str:
    return " ".join(line.split())


def _folded(lines: list[str]) -> str:
    return " ".join(" ".join(lines).split())


def _cut(line: str, most: int) -> str:
    """At most ``most`` characters with the ellipsis, at a word's end where one is near."""
    short = line[: max(most - 1, 0)]
    space = short.rfind(" ")
    if space > len(short) * 3 // 4:
        short = short[:space]
    return (short.rstrip() + "…")[: max(most, 0)]
