"""What the description's own formats stand for, and what a single run mustn't wear out."""

import json
import os
import re
from typing import Any

import schemathesis
from campaign_bodies import completed
from hypothesis import strategies as st
from schemathesis.core import NotSet
from webhook_bodies import completed as completed_webhook

WORLD: dict[str, list[str]] = json.loads(os.environ["FLUENZR_WORLD"])
KNOWN = {identifier for known in WORLD.values() for identifier in known}
# The fields of a body that name things: an unknown one is a 400 by contract, which no schema can say.
NAMING = {
    "groupIds": "group-id",
    "groups": "group-id",
    "contactIds": "contact-id",
    "pipelineStageId": "stage-id",
    "stage": "stage-name",
    "emailAccountId": "account-id",
    "timezone": "time-zone",
}
_ID = re.compile(r"[a-z]{3}_[0-9a-z]+")
_SHORTEST_LIMIT = 32
_LOCAL = st.from_regex(r"[a-z0-9]{1,12}(\.[a-z]{1,5})?", fullmatch=True)
_DOMAINS = ["example.com", "EXAMPLE.org", "mañana.example", "sub.domain.example", "उदाहरण.example"]

for name, known in WORLD.items():
    schemathesis.openapi.format(name, st.sampled_from(known))
schemathesis.openapi.format("idn-email", st.builds("{}@{}".format, _LOCAL, st.sampled_from(_DOMAINS)))
schemathesis.openapi.format("phone-number", st.from_regex(r"\+1 ?202-?555[0-9]{4}", fullmatch=True))


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    if case.method == "DELETE" and set(case.path_parameters.values()) & KNOWN:
        # The world is needed to the end.
        case.path_parameters = dict.fromkeys(case.path_parameters, "gone")
    if not isinstance(case.body, NotSet) and (body := _completed(case)) != case.body:
        case.body = body


def _completed(case: Any) -> Any:
    path = case.operation.path
    return completed_webhook(path, completed(path, _known(_named(case)), WORLD))


def _named(case: Any) -> Any:
    """The body with a name and a number in place of none: whether none will do depends on whether there were any."""
    body = case.body
    if case.operation.path.endswith("#messaging") and case.method in ("PUT", "PATCH") and isinstance(body, dict):
        body = dict(body)
        if body.get("phoneNumber", "") is None:
            body["phoneNumber"] = "+12025550100"
        if isinstance(body.get("name"), str) and not body["name"].strip():
            body["name"] = "Johnny"
    return body


def _known(value: Any, name: str = "") -> Any:
    """The body with ids that exist in the fields that name things, and custom fields under few keys."""
    if isinstance(value, dict) and name == "customFields":
        # A workspace has at most 500, and a refusal for their number is no finding.
        return {f"key {sum(key.encode(errors='replace')) % 50}" if key.strip() else key: v for key, v in value.items()}
    if isinstance(value, dict):
        return {key: _known(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_known(item, name) for item in value]
    if isinstance(value, str) and len(value) > _SHORTEST_LIMIT and value != value.strip():
        # The server trims before it counts: what is to be too long must be so without the blanks around it.
        return f"{value.strip()}{'x' * (len(value) - len(value.strip()))}"
    if name in NAMING and isinstance(value, str) and _ID.fullmatch(value) and value not in WORLD[NAMING[name]]:
        return WORLD[NAMING[name]][0]
    return value
