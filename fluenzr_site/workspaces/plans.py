"""Plans are data in settings (``FLUENZR_PLANS``), not branches in code. None stands for "no limit"."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Q

from fluenzr_site.core.saying import Counted, say


@dataclass(frozen=True, slots=True)
class Plan:
    """What a plan allows. Limits are counts; ``requests_a_minute`` is a workspace's API rate."""

    name: str
    title: str
    api: bool
    contacts: int | None
    email_accounts: int | None
    members: int | None
    emails_a_day: int | None
    import_rows: int | None
    requests_a_minute: int
    ab_tests: bool
    conditions: bool


class LimitReached(Exception):
    """A plan's limit stands in the way; the message names the limit."""


def plan(name: str) -> Plan:
    """The plan of that name; an unknown one is the default plan, so that a renamed plan locks nobody out."""
    plans: dict[str, dict[str, Any]] = settings.FLUENZR_PLANS
    known = name if name in plans else settings.FLUENZR_DEFAULT_PLAN
    return Plan(name=known, **plans[known])


def choices() -> list[tuple[str, str]]:
    return [(name, values["title"]) for name, values in settings.FLUENZR_PLANS.items()]


def without_api() -> Q:
    """Of workspaces: those whose plan has no API."""
    names = list(settings.FLUENZR_PLANS)
    denied = Q(plan__in=[name for name in names if not plan(name).api])
    # One of an unknown name is the default plan.
    return denied if plan(default_plan()).api else denied | ~Q(plan__in=names)


def default_plan() -> str:
    """The plan of a new workspace."""
    name: str = settings.FLUENZR_DEFAULT_PLAN
    return name


def require_room(limit: int | None, *, used: int, adding: int, what: Counted, plan_title: str) -> None:
    """Raise LimitReached when ``used + adding`` is over ``limit``. ``what`` says how many of what."""
    if limit is not None and used + adding > limit:
        raise LimitReached(
            say(
                "The %(plan)s plan allows %(allowed)s: %(used)s used, %(adding)s more asked for",
                plan=plan_title,
                allowed=what(count=str(limit)),
                used=str(used),
                adding=str(adding),
            )
        )
