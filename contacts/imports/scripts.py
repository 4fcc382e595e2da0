"""Judges which 8-bit or double-byte encoding makes sense of the non-ASCII cells of a file.

Two questions: do the words consist of non-ASCII letters (another script), or only hold some (Latin with
accents)? And under which encoding do they become the letters people write most, with capitals only where
words begin?
"""

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Final

_WORD = re.compile(rb"[A-Za-z\x80-\xff]+")
_ODD_CAPITAL = re.compile(r"[а-яёіїєґα-ωά-ώ][А-ЯЁІЇЄҐΑ-ΩΆ-Ώ]")
_PLAUSIBLE = 0.9
# Fewer non-ASCII bytes than this tell nothing of another script.
_FEW = 8

_ACCENTED = frozenset("éèêëàâäáãåæçîïíìôöóòõøœùûüúñßÿýÉÈÊÀÂÄÁÃÅÆÇÎÍÔÖÓÕØŒÙÛÜÚÑšžŠŽðþÐÞ")
_CENTRAL = frozenset("ąćęłńóśźżĄĆĘŁŃÓŚŹŻčďěňřšťůžČĎĚŇŘŠŤŮŽőűŐŰáéíúýäöüßÁÉÍÚÝÄÖÜăâîşţĂÂÎŞŢ")
_MARKS = frozenset("’‘“”„–—…€£§©®°ºª«»·•™¿¡\xa0\xad´")


def _letters(pattern: str) -> Callable[[str], bool]:
    match = re.compile(pattern).fullmatch
    return lambda character: match(character) is not None


def _first_level(codec: str, low: int, high: int) -> Callable[[str], bool]:
    """Characters of the standard's first level, which holds those in daily use, told by their lead byte."""

    def common(character: str) -> bool:
        coded = character.encode(codec, "ignore")
        return len(coded) == 2 and low <= coded[0] <= high

    return common


_kana = _letters("[\u3041-\u30ff\u3005]")
_daily_kanji = _first_level("shift_jis", 0x88, 0x98)
_hangul = _letters("[\uac00-\ud7a3]")


def _japanese(character: str) -> bool:
    return _kana(character) or _daily_kanji(character)


#: Name, codec, and what a usual character is; at equal plausibility the earlier wins.
_SCRIPTS: Final = (
    ("windows-1255", "cp1255", _letters("[א-ת]")),
    ("windows-1251", "cp1251", _letters("[А-яЁёІіЇїЄєҐґЎў№]")),
    ("koi8-r", "koi8_r", _letters("[А-яЁё]")),
    ("ibm866", "cp866", _letters("[А-яЁё№]")),
    ("windows-1253", "cp1253", _letters("[Ά-ώ]")),
    ("windows-1256", "cp1256", _letters("[ء-ي]")),
    ("shift_jis", "cp932", _japanese),
    ("euc-kr", "cp949", _hangul),
    ("euc-jp", "euc_jp", _japanese),
    ("gb18030", "gb18030", _first_level("gb2312", 0xB0, 0xD7)),
    ("big5", "cp950", _first_level("big5", 0xA4, 0xC6)),
    ("windows-874", "cp874", _letters("[ก-๛]")),
)
_WESTERN: Final = (
    ("windows-1252", "cp1252", _ACCENTED),
    ("windows-1250", "cp1250", _CENTRAL),
    ("macintosh", "mac_roman", _ACCENTED),
    ("ibm850", "cp850", _ACCENTED),
)


def best(evidence: bytes) -> tuple[str, str] | None:
    """Name and codec of the encoding that fits, or None where none is plausible."""
    share = _share(evidence)
    scores = [(_plausibility(evidence, codec, usual), name, codec) for name, codec, usual in _SCRIPTS]
    score, name, codec = max(scores, key=lambda item: item[0])
    if score >= _PLAUSIBLE and (share >= 0.5 or (codec == "cp932" and share >= 0.3)):
        return name, codec
    return _western(evidence) if share < 0.7 or _foreign_bytes(evidence) < _FEW else None


def _foreign_bytes(evidence: bytes) -> int:
    return sum(byte > 0x7F for byte in evidence)


def _share(evidence: bytes) -> float:
    """How much of the words that hold non-ASCII bytes is non-ASCII: Müller a sixth, Иванов all.

    A lone à counts for nothing: it would make a word of another script.
    """
    found = _WORD.findall(evidence)
    words = b"".join(word for word in found if len(word) > 1 and not word.isascii())
    return sum(byte > 0x7F for byte in words) / max(len(words), 1)


def _plausibility(evidence: bytes, codec: str, usual: Callable[[str], bool]) -> float:
    """The share of usual characters, 0 to 1, less capitals in the middle of words; 0 where it can't be
    decoded.
    """
    try:
        text = evidence.decode(codec)
    except UnicodeDecodeError:
        return 0.0
    foreign = [character for character in text if character > "\x7f" and not _is_mark(character)]
    if len(foreign) < 2:
        return 0.0
    return (sum(map(usual, foreign)) - 2 * len(_ODD_CAPITAL.findall(text))) / len(foreign)


def _is_mark(character: str) -> bool:
    """Punctuation that every script's files share: ideographic and full-width marks, dashes, quotes."""
    return character in _MARKS or "\u3000" <= character <= "\u3004" or "\uff01" <= character <= "\uff65"


def _western(evidence: bytes) -> tuple[str, str]:
    def worth(codec: str, usual: frozenset[str]) -> int:
        text = evidence.decode(codec, "replace")
        odd = sum(a.islower() and b > "\x7f" and b.isupper() for a, b in pairwise(text))
        return sum(2 if c in usual else 1 if c in _MARKS else -2 for c in text if c > "\x7f") - 4 * odd

    return max(((name, codec, worth(codec, usual)) for name, codec, usual in _WESTERN), key=lambda item: item[2])[:2]
