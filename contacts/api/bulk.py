"""``POST /v1/contacts/bulk``: good rows are written, bad ones are told, all in one transaction."""

from collections import Counter
from typing import Any

from rest_framework.response import Response

from contacts import queries
from contacts.api.bodies import taken
from contacts.changes.contacts import RowResult, Rules, save_many
from contacts.cleaning import Draft, Invalid, clean, identifiers
from fluenzr_site.api.errors import invalid
from fluenzr_site.api.views import ok
from fluenzr_site.events.recording import Actor
from fluenzr_site.workspaces.models import Workspace

MOST = 1000


def answer_bulk(workspace: Workspace, body: dict[str, Any], *, by: Actor) -> Response:
    rows = _rows(body.get("contacts"))
    rules = Rules(on_duplicate=_on_duplicate(body), group_ids=_group_ids(workspace, body))
    drafts: list[tuple[int, Draft]] = []
    failed: dict[int, RowResult] = {}
    for index, row in enumerate(rows):
        try:
            drafts.append((index, clean(row, needs_email=True)))
        except Invalid as error:
            failed[index] = RowResult("failed", problems=error.problems)
    results = save_many(workspace, [draft for _, draft in drafts], rules=rules, by=by) if drafts else []
    told = failed | {index: result for (index, _), result in zip(drafts, results, strict=True)}
    counts = Counter(result.kind for result in told.values())
    return ok(
        {
            "created": counts["created"],
            "updated": counts["updated"],
            "skipped": counts["skipped"],
            "errors": [
                _error(index, rows[index], told[index]) for index in sorted(told) if told[index].kind == "failed"
            ],
        }
    )


def _rows(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise invalid({"contacts": ["contacts is required and must be a list of contacts"]})
    if not 1 <= len(value) <= MOST:
        raise invalid({"contacts": [f"contacts must have 1 to {MOST} entries, not {len(value)}"]})
    return value


def _on_duplicate(body: dict[str, Any]) -> Any:
    value = body.get("onDuplicate", "skip")
    if value not in ("skip", "update"):
        raise invalid({"onDuplicate": ["onDuplicate must be skip or update"]})
    return value


def _group_ids(workspace: Workspace, body: dict[str, Any]) -> tuple[str, ...]:
    value = body.get("groupIds")
    group_ids = taken(value, "groupIds", identifiers) if value is not None else []
    unknown = queries.unknown_groups(workspace, group_ids) if group_ids else []
    if unknown:
        raise invalid({"groupIds": [f"Unknown group: {group_id}" for group_id in unknown]})
    return tuple(group_ids)


def _error(index: int, row: Any, result: RowResult) -> dict[str, Any]:
    email = row.get("email") if isinstance(row, dict) else None
    problems = result.problems or {}
    path, messages = next(iter(problems.items()), ("", [""]))
    # "Email is required" says its field itself; "Must be a string" doesn't.
    plain = path in ("email", "contact", "contacts", "groupIds", "pipelineStageId")
    return {
        "index": index,
        "email": email if isinstance(email, str) else None,
        "code": result.code,
        "message": messages[0] if plain else f"{path}: {messages[0]}",
    }
