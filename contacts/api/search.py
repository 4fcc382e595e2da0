"""``POST /v1/contacts/search``: the list's filters and some more, in a body."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson
from rest_framework.response import Response

from contacts import queries
from contacts.api.bodies import taken
from contacts.api.filters import MOST_TEXT, custom_filtered, known_status, moment
from contacts.api.listing import answer_page
from contacts.cleaning import Invalid, custom_scalar, identifiers, text, wanted_tags
from contacts.queries import Contacts
from fluenzr_site.api.errors import ApiError, invalid
from fluenzr_site.workspaces.models import Workspace

_PAGING: Final[dict[str, type]] = {"page": int, "perPage": int, "cursor": str}
# A page speaks of its own parameters; here they stand in an object.
_SORT_PATHS: Final = {"sort": "sort.field", "order": "sort.order"}
_KINDS: Final = {int: "a whole number", str: "text"}


def answer_search(workspace: Workspace, body: dict[str, Any]) -> Response:
    contacts = searched(workspace, body)
    paging = {name: body[name] for name in _PAGING if body.get(name) is not None}
    for name, value in paging.items():
        if isinstance(value, float) and value.is_integer():
            # In JSON 2.0 is a whole number too.
            paging[name] = value = int(value)
        if type(value) is not _PAGING[name]:
            raise invalid({name: [f"{name} must be {_KINDS[_PAGING[name]]}"]})
    sort = _object(body.get("sort"), "sort")
    paging |= {name: sort[key] for name, key in (("sort", "field"), ("order", "order")) if sort.get(key) is not None}
    filters = _object(body.get("filters"), "filters")
    known = {name: filters[name] for name in FILTERS if filters.get(name) is not None}
    question = orjson.dumps([body.get("query"), known], option=orjson.OPT_SORT_KEYS)
    try:
        return answer_page(workspace, contacts, paging, question)
    except ApiError as error:
        error.details = {_SORT_PATHS.get(name, name): said for name, said in error.details.items()}
        raise


def searched(workspace: Workspace, body: Mapping[str, Any]) -> Contacts:
    """The contacts that a search's ``query`` and ``filters`` ask for. Raises ApiError naming the bad one."""
    contacts = queries.contacts_of(workspace)
    if body.get("query") is not None:
        contacts = queries.matching(contacts, _text(body["query"], "query"))
    filters = _object(body.get("filters"), "filters")
    for name, narrow in FILTERS.items():
        if filters.get(name) is not None:
            contacts = narrow(contacts, workspace, filters[name])
    return contacts


def _text(value: Any, path: str) -> str:
    return taken(value, path, lambda given: text(given, MOST_TEXT))


def _object(value: Any, path: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise invalid({path: [f"{path} must be an object"]})
    return value


def _list(value: Any, path: str, read: Callable[[Any], list[str]] = identifiers) -> list[str]:
    return [_text(item, path) for item in taken(value, path, read)]


def _by_status(contacts: Contacts, _workspace: Workspace, value: Any) -> Contacts:
    return contacts.filter(status=known_status(value, "filters.status"))


def _by_groups(contacts: Contacts, workspace: Workspace, value: Any) -> Contacts:
    group_ids = _list(value, "filters.groups")
    unknown = queries.unknown_groups(workspace, group_ids)
    if unknown:
        raise invalid({"filters.groups": [f"Unknown group: {group_id}" for group_id in unknown]})
    return queries.in_groups(contacts, group_ids) if group_ids else contacts


def _by_tags(contacts: Contacts, _workspace: Workspace, value: Any) -> Contacts:
    names = _list(value, "filters.tags", wanted_tags)
    return queries.with_tags(contacts, names) if names else contacts


def _by_custom_fields(contacts: Contacts, workspace: Workspace, value: Any) -> Contacts:
    wanted = _object(value, "filters.customFields")
    problems = {}
    for key, item in wanted.items():
        _text(key, "filters.customFields")
        try:
            custom_scalar(item)
        except Invalid as error:
            problems[f"filters.customFields.{key}"] = [str(error)]
    if problems:
        raise invalid(problems)
    return custom_filtered(contacts, workspace, wanted)


def _by_stage(contacts: Contacts, workspace: Workspace, value: Any) -> Contacts:
    stage_id = _text(value, "filters.pipelineStageId")
    if not queries.has_stage(workspace, stage_id):
        raise invalid({"filters.pipelineStageId": [f"Unknown pipeline stage: {stage_id}"]})
    return contacts.filter(stage_id=stage_id)


def _created_after(contacts: Contacts, _workspace: Workspace, value: Any) -> Contacts:
    return queries.created_between(contacts, moment(value, "filters.createdAfter"), None)


def _created_before(contacts: Contacts, _workspace: Workspace, value: Any) -> Contacts:
    return queries.created_between(contacts, None, moment(value, "filters.createdBefore"))


FILTERS: Final[dict[str, Callable[[Contacts, Workspace, Any], Contacts]]] = {
    "status": _by_status,
    "groups": _by_groups,
    "tags": _by_tags,
    "customFields": _by_custom_fields,
    "pipelineStageId": _by_stage,
    "createdAfter": _created_after,
    "createdBefore": _created_before,
}
