"""What the messaging API's bodies say, as drafts for the write path. Pure."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from contacts.cleaning import TEXT_FIELDS, Draft, Invalid, Problems, attempt, set_custom_fields, tag_names, text
from contacts.messaging.documents import NO_STAGE
from contacts.phones import InvalidNumber, e164

MAX_NAME: Final = 255
_REQUIRED: Final = {"name": "Name", "phoneNumber": "PhoneNumber"}
Stages = Mapping[str, str]


def clean(data: Any, stages: Stages, present: Mapping[str, Any] | None = None) -> Draft:
    """A draft of ``data`` (a JSON object); ``stages``: the workspace's, name to id. Unknown keys are passed over.

    ``name`` and ``phoneNumber`` must be there; what else is absent stays as it is. ``present``: the contact's object
    where there is one; a name and a number that are as they were are left alone, however they came to be, so that
    what was fetched can be put back. Raises Invalid, naming every bad field at once.
    """
    if not isinstance(data, Mapping):
        raise Invalid({"body": ["Must be a JSON object"]})
    draft, problems = Draft(), Problems()
    kept = {name for name in _REQUIRED if present and name in data and data[name] == present[name]}
    for name, label in _REQUIRED.items():
        value = data.get(name)
        if name in kept:
            continue
        if value is None or (isinstance(value, str) and not value.strip()):
            problems[name] = [f"{label} is required"]
    for name, setter in _setters(stages).items():
        if name in data and name not in problems and name not in kept:
            attempt(problems, name, lambda s=setter, n=name: s(draft, data[n]))  # type: ignore[misc]
    if problems:
        raise Invalid(problems)
    return draft


def _setters(stages: Stages) -> dict[str, Callable[[Draft, Any], None]]:
    return {
        "id": _check_id,
        "name": _set_name,
        "phoneNumber": _set_number,
        "location": _set_location,
        "stage": lambda draft, value: _set_stage(draft, value, stages),
        "notes": _text_setter("notes"),
        "channel": _text_setter("channel"),
        "customFields": set_custom_fields,
        "tags": _set_tags,
    }


def _check_id(_draft: Draft, value: Any) -> None:
    """Whose it is doesn't matter here; it must be one that can be looked for."""
    if value is not None:
        text(value, MAX_NAME)


def _set_name(draft: Draft, value: Any) -> None:
    draft.full_name = text(value, MAX_NAME)


def _set_number(draft: Draft, value: Any) -> None:
    try:
        draft.number = e164(text(value, 64))
    except InvalidNumber as error:
        raise Invalid({"": [str(error)]}) from error


def _set_location(draft: Draft, value: Any) -> None:
    """``{"id": …}``; the title is ours to know. Null takes the contact from its location."""
    if value is not None and not isinstance(value, Mapping):
        raise Invalid({"": ["Must be an object with the id of a location, or null"]})
    location_id = value.get("id") if value else None
    if value is not None and not (isinstance(location_id, str) and location_id.strip()):
        raise Invalid({"id": ["Must be the id of a location"]})
    if not isinstance((value or {}).get("title"), str | None):
        raise Invalid({"title": ["Must be text or null"]})
    draft.location_id, draft.location_given = text(location_id, 64) if location_id else None, True


def _set_stage(draft: Draft, value: Any, stages: Stages) -> None:
    known: dict[str, str | None] = {NO_STAGE.casefold(): None}
    known |= {name.casefold(): stage_id for name, stage_id in stages.items()}
    name = NO_STAGE if value is None else value
    if not isinstance(name, str) or name.strip().casefold() not in known:
        raise Invalid({"": [f"Must be one of: {', '.join([NO_STAGE, *stages])}"]})
    stage_id = known[name.strip().casefold()]
    draft.stage_id, draft.stage_given = stage_id, True


def _text_setter(name: str) -> Callable[[Draft, Any], None]:
    attribute, limit = TEXT_FIELDS[name]

    def set_text(draft: Draft, value: Any) -> None:
        draft.values[attribute] = "" if value is None else text(value, limit)

    return set_text


def _set_tags(draft: Draft, value: Any) -> None:
    draft.tags = [] if value is None else tag_names(value)


def tags_of(data: Mapping[str, Any]) -> tuple[str, ...]:
    """The tag names of a body that must have at least one. Raises Invalid."""
    problems, found = Problems(), list[str]()
    if data.get("tags") is not None:
        attempt(problems, "tags", lambda: found.extend(tag_names(data["tags"])))
    if not found and not problems:
        problems["tags"] = ["tags is required and must have at least one entry"]
    if problems:
        raise Invalid(problems)
    return tuple(found)
