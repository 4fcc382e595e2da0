"""A campaign of another workspace isn't there, whatever its page and whatever is posted to it."""

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.admin.campaigns import PAGES
from campaigns.models import Campaign, Enrolment
from tests.campaigns.admin.campaign_support import ADD, at
from tests.campaigns.api.support import Outreach


@pytest.mark.parametrize("page", ["change", *PAGES])
def test_every_page_is_404(outsider: Client, outreach: Outreach, page: str) -> None:
    campaign = outreach.started(to=["ann@x.co"])
    contact = Enrolment.objects.get().contact_id
    posted = {"contact": contact, "confirmed": "1", "add": "ticked", "name": "Mine now", "q": "ann"}
    assert outsider.get(at(campaign, page), {"contact": contact}).status_code == 404
    assert outsider.post(at(campaign, page), posted).status_code in (404, 405)
    row = Campaign.objects.get()
    assert (row.name, row.status, Enrolment.objects.get().status) == ("Hello", "active", "pending")


@pytest.mark.parametrize("page", ["change", *PAGES])
def test_nor_is_one_that_does_not_exist(member: Client, outreach: Outreach, page: str) -> None:
    assert member.get(at("cmp_none", page)).status_code == 404


def test_nor_is_it_copied(outsider: Client, outreach: Outreach) -> None:
    campaign = outreach.draft()
    assert outsider.get(reverse(ADD), {"copy": campaign}).status_code == 404


def test_nobody_deletes_one(admin: Client, outreach: Outreach) -> None:
    assert admin.post(at(outreach.draft(), "delete"), {"post": "yes"}).status_code == 403
    assert Campaign.objects.exists()


def test_who_is_signed_out_is_asked_to_sign_in(outreach: Outreach) -> None:
    assert Client().get(at(outreach.draft())).status_code == 302
