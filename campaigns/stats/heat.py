"""At which hours of which weekdays things happen, in the campaign's own zone."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Sum

from campaigns.models import Campaign, Tally
from campaigns.stats.period import Period, within

Grid = list[list[int]]


def heat_map(campaign: Campaign, period: Period, counted: str) -> Grid:
    """Seven rows (Monday first) of 24 hours. ``counted``: a name of COUNTS."""
    zone = ZoneInfo(campaign.settings["timezone"])
    grid = [[0] * 24 for _ in range(7)]
    rows = within(Tally.objects.filter(campaign=campaign).exclude(node_id=""), period)
    for quarter, count in rows.values_list("quarter").annotate(Sum(counted)).order_by():
        local = datetime.fromtimestamp(quarter, zone)
        grid[local.weekday()][local.hour] += count
    return grid
