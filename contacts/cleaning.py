"""What a contact may be made of: raw values, under the API's names, to a draft that can be written.

Pure: no database. Whether an id is known or a custom value fits its definition is settled later, for a whole
batch at once, by the write path.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from contacts.addresses import InvalidAddress, normalise
from fluenzr_site.core.saying import Sentence, say

# The API's name of each plain text field, with the model's name and its greatest length in characters.
TEXT_FIELDS: Final[dict[str, tuple[str, int]]] = {
    "firstName": ("first_name", 255),
    "lastName": ("last_name", 255),
    "company": ("company", 255),
    "jobTitle": ("job_title", 255),
    "phone": ("phone", 64),
    "website": ("website", 2048),
    "notes": ("notes", 20_000),
    "channel": ("channel", 32),
}
# What the FluenzR documents call a contact's fields; ``notes`` and ``channel`` are set elsewhere.
API_TEXT_FIELDS: Final = ("firstName", "lastName", "company", "jobTitle", "phone", "website")
SETTABLE_STATUSES: Final = ("active", "blocked")
MAX_TAG: Final = 64
MAX_GROUP_NAME: Final = 120
MAX_KEY: Final = 100
MAX_CUSTOM_KEYS: Final = 100
MAX_CUSTOM_BYTES: Final = 10_000
MAX_NAMES: Final = 1000
# What no text column takes: NUL (PostgreSQL refuses it), other controls, half of a surrogate pair.
FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")

EMAIL_REQUIRED: Final = say("Email is required")
# What is wrong with a row's cells is kept in English: these are recognised in it.
ONE_OF: Final = Sentence("Must be one of: %(allowed)s")
_UNSTORABLE: Final = say("Must not contain control characters or broken surrogate pairs")
_NOT_TEXT: Final = say("Must be a string")
_TOO_LONG: Final = Sentence("Must be at most %(limit)s characters")
_TOO_MANY_BYTES: Final = Sentence("Must be at most %(limit)s bytes")
_IDS: Final = (say("Must be a list of ids"), say("Must be at most %(most)s ids", most=str(MAX_NAMES)))
_TAG_NAMES: Final = (
    say("Must be a list of tag names"),
    say("Must be at most %(most)s tag names", most=str(MAX_NAMES)),
)

Problems = dict[str, list[str]]


class Invalid(Exception):
    """Values that can't be taken; ``problems`` maps each field (dotted) to what is wrong with it."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        super().__init__(next(iter(problems.values()))[0])


@dataclass(slots=True)
class Draft:
    """What is to be written of one contact: only what was given. ``email`` None means "not given"."""

    email: str | None = None
    email_cleared: bool = False
    values: dict[str, Any] = field(default_factory=dict)
    custom_fields: dict[str, Any] = field(default_factory=dict)
    group_ids: list[str] | None = None
    tags: list[str] | None = None
    stage_id: str | None = None
    stage_given: bool = False
    # What the messaging API speaks of: a name in one, a number (E.164) that is the contact's own, a location.
    full_name: str | None = None
    number: str | None = None
    location_id: str | None = None
    location_given: bool = False


def tag_key(name: str) -> str:
    """What a tag is matched by: its name without case."""
    return name.casefold()


def clean(data: Any, *, needs_email: bool) -> Draft:
    """A draft of ``data`` (a JSON object under the API's names). Unknown keys are passed over.

    Raises Invalid, naming every bad field at once. With ``needs_email`` an address must be there; without,
    an absent one leaves the contact's own.
    """
    if not isinstance(data, Mapping):
        raise Invalid({"contact": [say("Must be a JSON object")]})
    draft, problems = Draft(), Problems()
    _take_email(data, draft, problems, needs_email)
    for name in API_TEXT_FIELDS:
        if name in data:
            attempt(problems, name, _text_setter(draft, name, data[name]))
    for name, setter in _SETTERS.items():
        if name in data:
            attempt(problems, name, lambda s=setter, n=name: s(draft, data[n]))  # type: ignore[misc]
    if problems:
        raise Invalid(problems)
    return draft


def attempt(problems: Problems, name: str, action: Callable[[], None]) -> None:
    """Do it; what it finds Invalid joins the problems, under ``name``."""
    try:
        action()
    except Invalid as error:
        for path, messages in error.problems.items():
            problems.setdefault(f"{name}.{path}" if path else name, []).extend(messages)


def _wrong(message: str, path: str = "") -> Invalid:
    return Invalid({path: [message]})


def _take_email(data: Mapping[str, Any], draft: Draft, problems: Problems, needed: bool) -> None:
    value = data.get("email")
    if value is None and not needed:
        # A contact without an address reads ``email: null`` and may be put back as it was read.
        draft.email_cleared = "email" in data
        return
    if value is None or (isinstance(value, str) and not value.strip()):
        problems["email"] = [EMAIL_REQUIRED]
        return
    try:
        if not isinstance(value, str):
            raise InvalidAddress
        draft.email = normalise(value)
    except InvalidAddress as error:
        problems["email"] = [str(error)]


def _text_setter(draft: Draft, name: str, value: Any) -> Callable[[], None]:
    def set_text() -> None:
        attribute, limit = TEXT_FIELDS[name]
        draft.values[attribute] = "" if value is None else text(value, limit)

    return set_text


def text(value: Any, limit: int) -> str:
    """A trimmed string of at most ``limit`` characters that every database takes. Raises Invalid."""
    if not isinstance(value, str):
        raise _wrong(_NOT_TEXT)
    if FORBIDDEN.search(value):
        raise _wrong(_UNSTORABLE)
    stripped = value.strip()
    if len(stripped) > limit:
        raise _wrong(_TOO_LONG(limit=str(limit)))
    return stripped


def identifiers(value: Any) -> list[str]:
    """A list of ids, each once, in the order given. Raises Invalid."""
    return list(dict.fromkeys(_strings(value, *_IDS)))


def identifier(value: Any) -> str:
    """One id. Raises Invalid."""
    if not isinstance(value, str):
        raise _wrong(_NOT_TEXT)
    if FORBIDDEN.search(value):
        raise _wrong(_UNSTORABLE)
    return value


def wanted_tags(value: Any) -> list[str]:
    """A list of what tags are looked for by, each once, in the order given. Raises Invalid."""
    return list(dict.fromkeys(_strings(value, *_TAG_NAMES)))


def tag_names(value: Any) -> list[str]:
    """A list of tag names, trimmed, each once whatever its case. Raises Invalid."""
    names: dict[str, str] = {}
    for position, item in enumerate(_strings(value, *_TAG_NAMES)):
        try:
            name = text(item, MAX_TAG)
        except Invalid as error:
            raise _wrong(str(error), str(position)) from None
        if not name:
            raise _wrong(say("Must be 1 to %(most)s characters", most=str(MAX_TAG)), str(position))
        names.setdefault(tag_key(name), name)
    return list(names.values())


def _strings(value: Any, not_a_list: str, too_many: str) -> list[str]:
    if not isinstance(value, list):
        raise _wrong(not_a_list)
    if len(value) > MAX_NAMES:
        raise _wrong(too_many)
    for position, item in enumerate(value):
        try:
            identifier(item)
        except Invalid as error:
            raise _wrong(str(error), str(position)) from None
    return value


def _set_group_ids(draft: Draft, value: Any) -> None:
    draft.group_ids = [] if value is None else identifiers(value)


def _set_tags(draft: Draft, value: Any) -> None:
    draft.tags = [] if value is None else tag_names(value)


def _set_stage(draft: Draft, value: Any) -> None:
    if value is not None and (not isinstance(value, str) or FORBIDDEN.search(value)):
        raise _wrong(say("Must be the id of a pipeline stage, or null"))
    draft.stage_id, draft.stage_given = value or None, True


def _set_status(draft: Draft, value: Any) -> None:
    # Which statuses may be *set* depends on the contact's present one, so that an object can be put back.
    if value not in ("active", "unsubscribed", "bounced", "replied", "blocked"):
        raise _wrong(ONE_OF(allowed=", ".join(SETTABLE_STATUSES)))
    draft.values["status"] = value


def set_custom_fields(draft: Draft, value: Any) -> None:
    """Keys and values to be merged into the contact's own. Raises Invalid."""
    if value is None:
        return
    if not isinstance(value, Mapping):
        raise _wrong(say("Must be an object of keys and values"))
    if len(value) > MAX_CUSTOM_KEYS:
        raise _wrong(say("Must have at most %(most)s keys", most=str(MAX_CUSTOM_KEYS)))
    problems = Problems()
    for key, item in value.items():
        try:
            draft.custom_fields[custom_key(key)] = custom_scalar(item)
        except Invalid as error:
            problems[key] = [str(error)]
    if problems:
        raise Invalid(problems)


def custom_key(key: str) -> str:
    """A custom field's key: 1 to 100 characters, trimmed. Raises Invalid."""
    name = text(key, MAX_KEY)
    if not name:
        raise _wrong(say("A custom field's key must be 1 to %(most)s characters", most=str(MAX_KEY)))
    return name


def custom_scalar(value: Any) -> Any:
    """A custom field's value before its definition is known: text, a number, true, false or null. Raises Invalid."""
    if isinstance(value, list | Mapping):
        raise _wrong(say("Must be text, a number, true, false or null"))
    if isinstance(value, int | float) and abs(value) > MAX_SAFE_INTEGER:
        # No JSON reader keeps its digits.
        raise _wrong(say("Must be a number of at most 15 digits: send a longer one as text"))
    if not isinstance(value, str):
        return value
    if len(value.encode(errors="replace")) > MAX_CUSTOM_BYTES:
        raise _wrong(_TOO_MANY_BYTES(limit=str(MAX_CUSTOM_BYTES)))
    return text(value, MAX_CUSTOM_BYTES)


_SETTERS: Final[dict[str, Callable[[Draft, Any], None]]] = {
    "groupIds": _set_group_ids,
    "tags": _set_tags,
    "pipelineStageId": _set_stage,
    "status": _set_status,
    "customFields": set_custom_fields,
}


# ------------------------------------------------------------------------- values of defined custom fields

MAX_SAFE_INTEGER: Final = 2**53 - 1


def custom_value(value: Any, *, type_: str, options: list[str]) -> Any:
    """``value`` as a field of ``type_`` keeps it; None (or blank text) removes it. Raises Invalid.

    Text written into a number, checkbox or date field, as imported cells are, is read as one.
    """
    if value is None or value == "":
        return None
    return _KINDS[type_](value, options)


def _as_text(value: Any, _options: list[str]) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _as_number(value: Any, _options: list[str]) -> int | float:
    if isinstance(value, str):
        value = _parse_number(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > MAX_SAFE_INTEGER:
        raise _wrong(say("Must be a number"))
    # 5 and 5.0 are one number; kept as 5, which every JSON reader prints alike.
    return int(value) if float(value).is_integer() else value


def _parse_number(value: str) -> int | float | None:
    compact = value.replace("\u00a0", "").replace("\u202f", "").replace(" ", "")
    if re.fullmatch(r"[+-]?\d{1,15}", compact):
        return int(compact)
    if re.fullmatch(r"[+-]?\d{1,15}[.,]\d{1,15}", compact):
        return float(compact.replace(",", "."))
    return None


def _as_date(value: Any, _options: list[str]) -> str:
    try:
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
            return date.fromisoformat(value).isoformat()
    except ValueError:
        pass
    raise _wrong(say("Must be a date such as 2025-01-31"))


def _as_option(value: Any, options: list[str]) -> str:
    if isinstance(value, str) and value in options:
        return value
    raise _wrong(ONE_OF(allowed=", ".join(options)))


_TRUE: Final = ("true", "yes", "1", "on", "oui", "हाँ")
_FALSE: Final = ("false", "no", "0", "off", "non", "नहीं")


def _as_checkbox(value: Any, _options: list[str]) -> bool:
    if isinstance(value, bool):
        return value
    word = value.casefold() if isinstance(value, str) else None
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise _wrong(say("Must be true or false"))


def _as_url(value: Any, _options: list[str]) -> str:
    if isinstance(value, str) and re.fullmatch(r"https?://[^\s/?#]+[^\s]*", value, re.IGNORECASE):
        return value
    raise _wrong(say("Must be a web address that begins with http:// or https://"))


_KINDS: Final[dict[str, Callable[[Any, list[str]], Any]]] = {
    "text": _as_text,
    "number": _as_number,
    "date": _as_date,
    "dropdown": _as_option,
    "checkbox": _as_checkbox,
    "url": _as_url,
}
