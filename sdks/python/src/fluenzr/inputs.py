"""The shapes of arguments that are objects. A key that isn't there isn't sent."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal, Required, TypedDict

Order = Literal["asc", "desc"]
OnDuplicate = Literal["skip", "update"]
Interval = Literal["hour", "day", "week"]


class ContactInput(TypedDict, total=False):
    """A row of ``contacts.bulk``."""

    email: Required[str]
    first_name: str | None
    last_name: str | None
    company: str | None
    job_title: str | None
    phone: str | None
    website: str | None
    status: str
    group_ids: list[str]
    tags: list[str]
    custom_fields: Mapping[str, Any]
    pipeline_stage_id: str | None


class SearchFilters(TypedDict, total=False):
    """They combine with AND. ``groups`` and ``tags``: any of them; ``custom_fields``: all equal."""

    status: str
    groups: Iterable[str]
    tags: Iterable[str]
    custom_fields: Mapping[str, Any]
    pipeline_stage_id: str
    created_after: datetime | str
    created_before: datetime | str


class SettingsInput(TypedDict, total=False):
    """A campaign's settings; on update those given are changed, one by one."""

    send_days: Iterable[str]
    send_hours_start: int
    send_hours_end: int
    timezone: str
    max_emails_per_hour: int
