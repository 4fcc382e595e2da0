"""What is known of one recipient to whom a message of ours wasn't delivered."""

import re
from dataclasses import dataclass
from typing import Final, Literal

from campaigns.receiving.severity import Hardness

Action = Literal["failed", "delayed", "delivered"]

#: Characters of a reason.
MOST_REASON: Final = 300

_CODE = re.compile(r"\b[245]\d\d[ -](?:[245]\.\d{1,3}\.\d{1,3})?")
# "550-5.1.1 " again and again in answers of several lines; the first stays.
_CONTINUED = re.compile(r"\s(?:[245]\d\d[ -])(?:[245]\.\d{1,3}\.\d{1,3}\s)?(?=\S)")


@dataclass(frozen=True, slots=True)
class Failure:
    """``recipient`` in lower case, or empty where the report doesn't say; ``status`` as RFC 3463 (``5.1.1``) and
    ``code`` as RFC 5321 (``550``) or empty; ``reason`` one plain line of at most 300 characters for a person;
    ``cause`` why it is hard or soft.
    """

    recipient: str
    action: Action
    hardness: Hardness
    cause: str
    status: str = ""
    code: str = ""
    reason: str = ""


def reason_sentence(text: str) -> str:
    """One line of at most MOST_REASON characters; the reply code that each line repeats is kept once."""
    line = " ".join(text[: 10 * MOST_REASON].split())
    first = _CODE.search(line)
    if first:
        line = line[: first.end()] + _CONTINUED.sub(" ", line[first.end() :])
    return line if len(line) <= MOST_REASON else line[: MOST_REASON - 1].rstrip() + "…"
