"""Members: kept out and let in again, never without an administrator, never more than the plan has seats."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from fluenzr_site.workspaces.changes import (
    LastAdministrator,
    add_member,
    create_workspace,
    deactivate_member,
    reactivate_member,
    remove_member,
)
from fluenzr_site.workspaces.models import Membership, Workspace
from fluenzr_site.workspaces.plans import LimitReached
from tests.admin.conftest import person, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> Workspace:
    return create_workspace("Acme")


@pytest.fixture
def ada(acme: Workspace) -> User:
    return person("ada", acme, "admin")


@pytest.fixture
def mia(acme: Workspace) -> User:
    return person("mia", acme, "member")


def test_who_is_kept_out_sees_nothing_of_it(acme: Workspace, ada: User, mia: User):
    zebra = create_workspace("Zebra")
    add_member(zebra, mia, role="admin")
    client, membership = signed_in(mia), mia.memberships.get(workspace=acme)
    url = reverse("admin:workspaces_membership_change", args=[membership.pk])
    answer = signed_in(ada).post(url, {"activate": "no"}, follow=True)
    assert "mia is kept out from now on." in answer.text
    client.post(reverse("admin:workspace"), {"workspace": acme.pk})
    assert client.get(reverse("admin:index")).context["workspace"] == zebra
    remove_member_of = zebra.memberships.get(user=mia)
    add_member(zebra, ada, role="admin")
    remove_member(remove_member_of)
    assert client.get(reverse("admin:contacts_contact_changelist")).status_code == 403
    signed_in(ada).post(reverse("admin:workspace"), {"workspace": acme.pk})
    reactivate_member(membership)
    assert client.get(reverse("admin:contacts_contact_changelist")).status_code == 200


def test_an_administrator_who_is_kept_out_administers_nothing(acme: Workspace, ada: User):
    bob = person("bob", acme, "admin")
    deactivate_member(bob.memberships.get())
    assert signed_in(bob).get(reverse("admin:workspaces_membership_changelist")).status_code == 403


def test_the_last_administrator_stays(acme: Workspace, ada: User, mia: User):
    bob = person("bob", acme, "admin")
    mine = ada.memberships.get()
    deactivate_member(bob.memberships.get())
    with pytest.raises(LastAdministrator):
        deactivate_member(mine)
    with pytest.raises(LastAdministrator):
        remove_member(mine)
    url = reverse("admin:workspaces_membership_change", args=[mine.pk])
    answer = signed_in(ada).post(url, {"activate": "no"}, follow=True)
    assert "at least one administrator" in answer.text
    assert Membership.objects.get(pk=mine.pk).is_active


def test_one_whose_account_is_closed_doesn_t_count(acme: Workspace, ada: User):
    person("bob", acme, "admin")
    User.objects.filter(username="bob").update(is_active=False)
    with pytest.raises(LastAdministrator):
        deactivate_member(ada.memberships.get())


def test_a_seat_is_free_once_somebody_is_kept_out(acme: Workspace, ada: User, mia: User):
    for name in ("a", "b", "c"):
        person(name, acme, "member")
    newcomer = User.objects.create(username="d", is_staff=True)
    with pytest.raises(LimitReached):
        add_member(acme, newcomer, role="member")
    membership = mia.memberships.get()
    deactivate_member(membership)
    add_member(acme, newcomer, role="member")
    with pytest.raises(LimitReached):
        reactivate_member(membership)
    url = reverse("admin:workspaces_membership_change", args=[membership.pk])
    assert "plan allows 5 members" in signed_in(ada).post(url, {"activate": "yes"}, follow=True).text


def test_members_and_strangers_keep_nobody_out(acme: Workspace, ada: User, mia: User):
    sam = person("sam", create_workspace("Zebra"), "admin")
    url = reverse("admin:workspaces_membership_change", args=[ada.memberships.get().pk])
    for client in (signed_in(mia), signed_in(sam)):
        client.post(url, {"activate": "no"})
    assert ada.memberships.get().is_active
