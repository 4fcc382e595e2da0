"""Short ways to the pages of campaigns."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import Campaign
from fluenzr_site.core import clock
from tests.campaigns.api.support import Outreach
from tests.campaigns.workflow.examples import email, node, sequence

LIST = "admin:campaigns_campaign_changelist"
ADD = "admin:campaigns_campaign_add"
COMPARE = "admin:campaigns_campaign_compare"
#: Two e-mails, two days apart, the first in two versions.
TWO = sequence(
    email("first", subject="Hello", variantB={"subject": "Hi there", "body": "Hi", "split": 50, "criterion": "opened"}),
    node("wait", "delay", days=2),
    email("second", subject="Again"),
)
UNTRACKED = sequence(email("first", trackOpens=False, trackClicks=False))


def at(campaign_id: str, page: str = "change") -> str:
    return reverse(f"admin:campaigns_campaign_{page}", args=[campaign_id])


def names(page: Any) -> list[str]:
    """The addresses of the people that a page lists."""
    return [row.enrolment.contact.email for row in page.context["rows"]]


def row(campaign_id: str) -> Campaign:
    return Campaign.objects.get(pk=campaign_id)


@pytest.fixture
def reads_mail(outreach: Outreach) -> None:
    """The account has a server for answers, so that they can be known."""
    outreach.account.imap_host = "127.0.0.1"
    outreach.account.save(update_fields=["imap_host"])


def opened(outreach: Outreach, *addresses: str, node_id: str = "first") -> None:
    for address in addresses:
        outreach.outcome("opened", address, node_id, at=clock.now(), user_agent=None, address=None)


def get(client: Client, address: str, **query: Any) -> Any:
    page = client.get(address, query)
    assert page.status_code == 200, page.status_code
    return page
