"""Adds to a campaign's figures, in the transaction of what is counted."""

from datetime import UTC, datetime

from django.db import connection

from campaigns.models import COUNTED, Tally
from campaigns.models.tally import QUARTER


def quarter(at: datetime) -> datetime:
    """The beginning of the quarter of an hour that ``at`` is in."""
    return datetime.fromtimestamp(int(at.timestamp()) // QUARTER * QUARTER, UTC)


def add(campaign_id: str, node_id: str, variant: str, at: datetime, **counted: int) -> None:
    """Add to the quarter of an hour that ``at`` is in: ``sent=1``, ``opened=1`` …, also below zero."""
    if not any(counted.values()):
        return
    quote = connection.ops.quote_name
    table = quote(Tally._meta.db_table)
    values = [counted.get(name, 0) for name in COUNTED]
    columns = ", ".join(["campaign_id", "node_id", "variant", "quarter", *COUNTED])
    marks = ", ".join(["%s"] * (4 + len(COUNTED)))
    sums = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in COUNTED)
    sql = (
        f"INSERT INTO {table} ({columns}) VALUES ({marks}) "  # noqa: S608 - names of ours
        f"ON CONFLICT (campaign_id, node_id, variant, quarter) DO UPDATE SET {sums}"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [campaign_id, node_id, variant, int(quarter(at).timestamp()), *values])
