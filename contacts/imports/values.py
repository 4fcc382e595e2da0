"""What the values of a column say: whether they are names, salutations, yes or no, a status."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Final


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SALUTATIONS: Final = _set(
    "mr mrs ms miss mx dr prof professor sir madam rev hon m mme mlle mademoiselle monsieur madame herr "
    "frau dipling "
    "sr sra srta señor señora dott sig signor signora dhr mevr श्री श्रीमती सुश्री 先生 女士 小姐 様 mag "
    "ing"
)
_SYSTEM_ROLES: Final = _set(
    "admin administrator superadmin author editor contributor subscriber user member owner viewer guest "
    "staff customer "
    "moderator shop_manager shopmanager manager"
)
_NO: Final = _set(
    "0 0.0 no n false f off none null nil nan na n/a - -- non nein nej nee não nao nie нет nei falso faux "
    "falsch नहीं いいえ 否"
)
_YES: Final = _set("1 1.0 yes y true t on oui ja sí si sim tak да vrai wahr vero हाँ हां はい 是 x ✓ ✔")
_ACTIVE: Final = _set(
    "active replied "
    "subscribed subscriber enabled confirmed optedin optin valid verified actif abonne aktiv activo attivo ok"
)
_STATUSES: Final[dict[str, frozenset[str]]] = {
    "unsubscribed": _set(
        "unsubscribed unsubscribe unsub usersuppressed optout optedout notsubscribed nonsubscribed "
        "neversubscribed "
        "inactiveunsubscribed removed desabonne desinscrit abgemeldet abbestellt baja cancelado "
        "descadastrado disiscritto "
        "uitgeschreven अनसब्सक्राइब सदस्यतासमाप्त отписан donotcontact donotemail dnc withdrawn revoked"
    ),
    "bounced": _set(
        "bounced bounce hardbounce hardbounced softbounce unreachable undeliverable invalid invalidemail cleaned"
    ),
    "blocked": _set(
        "blocked blocklisted blacklisted banned complained complaint spam spamcomplaint spamreport abuse "
        "suppressed "
        "markedasspam reportedasspam bloque gesperrt bloqueado"
    ),
}
_STATUS_OF: Final = {word: status for status, words in _STATUSES.items() for word in words}
_PHONE = re.compile(r"[+(]?[\d\s().\-/+x]{5,}(?:\s*(?:ext|x|#)\.?\s*\d+)?", re.IGNORECASE)
_NAME = re.compile(r"[^\W\d_][^\d_@/\\#:;=+*<>{}\[\]|]*")


def mostly(test: Callable[[str], bool], values: Sequence[str], share: float = 0.5) -> bool:
    """Whether at least that share of the values passes; False where there are none."""
    return bool(values) and sum(map(test, values)) >= share * len(values)


def present(values: Iterable[str]) -> list[str]:
    return [text for value in values if (text := value.strip())]


def status(value: str) -> str | None:
    """``unsubscribed``, ``bounced`` or ``blocked`` where the value says that the person must not be "
    "mailed."""
    return _STATUS_OF.get(_word(value))


def is_told(value: str) -> bool:
    """Whether the value is one that a status column would hold."""
    word = _word(value)
    return word in _ACTIVE or word in _STATUS_OF


def is_no(value: str) -> bool:
    return value.strip().lower() in _NO


def is_choice(value: str) -> bool:
    """Whether the value is a yes or a no, or says the same as a status."""
    return is_no(value) or value.strip().lower() in _YES or is_told(value)


def is_salutation(value: str) -> bool:
    return all(word in _SALUTATIONS for word in value.lower().replace(".", " ").split())


def is_system_role(value: str) -> bool:
    return value.strip().lower() in _SYSTEM_ROLES


def is_phone(value: str) -> bool:
    return _PHONE.match(value.strip()) is not None and sum(map(str.isdigit, value)) >= 5


def is_code(value: str) -> bool:
    """Whether the value is an order or a customer number rather than anybody's name."""
    text = value.strip()
    return " " not in text and sum(map(str.isdigit, text)) >= max(3, len(text) / 2)


def is_name(value: str) -> bool:
    """Whether the value could be a person's name: a capital or a script without them, few words, no "
    "digits."""
    text = value.strip()
    return _NAME.fullmatch(text) is not None and not text[0].islower() and len(text.split()) <= 5 and len(text) < 80


def _word(value: str) -> str:
    """Letters only, without case and accents: "Opted-Out", "opted_out" and "OPTED OUT" are one."""
    text = unicodedata.normalize("NFKD", value.casefold())
    return "".join(c for c in text if c.isalpha() or unicodedata.category(c) == "Mc")
