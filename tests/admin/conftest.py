"""Named people with known rights: Ada administers Acme, Mia is a member of it, Sam belongs to Zebra."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from contacts.changes.contacts import create
from contacts.changes.groups import create_group
from contacts.cleaning import clean
from contacts.models import Contact, PipelineStage
from fluenzr_site.events.recording import Actor
from fluenzr_site.workspaces.changes import add_member, create_workspace
from fluenzr_site.workspaces.models import Workspace

BY = Actor("command", "test")


@pytest.fixture
def acme(db: None) -> Workspace:
    return create_workspace("Acme")


@pytest.fixture
def zebra(db: None) -> Workspace:
    return create_workspace("Zebra")


def person(name: str, workspace: Workspace, role: str) -> User:
    user = User.objects.create(username=name, email=f"{name}@example.com", is_staff=True)
    add_member(workspace, user, role=role)
    return user


@pytest.fixture
def ada(acme: Workspace) -> User:
    return person("ada", acme, "admin")


@pytest.fixture
def mia(acme: Workspace) -> User:
    return person("mia", acme, "member")


@pytest.fixture
def sam(zebra: Workspace) -> User:
    return person("sam", zebra, "admin")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def admin(ada: User) -> Client:
    return signed_in(ada)


@pytest.fixture
def member(mia: User) -> Client:
    return signed_in(mia)


@pytest.fixture
def contact(acme: Workspace) -> Callable[..., Contact]:
    """Makes a contact of Acme (or another workspace) of API values."""

    def make(email: str, workspace: Workspace | None = None, **values: Any) -> Contact:
        draft = clean({"email": email, **values}, needs_email=True)
        return Contact.objects.get(pk=create(workspace or acme, draft, by=BY))

    return make


@pytest.fixture
def zebras(zebra: Workspace, sam: User, contact: Callable[..., Contact]) -> dict[str, str]:
    """One of everything in Zebra, and its id."""
    group = create_group(zebra, {"name": "Zebra group"})
    stage = PipelineStage.objects.of(zebra)[0]
    stripes = contact(
        "stripes@zebra.example",
        zebra,
        company="Zebra company",
        groupIds=[group.pk],
        tags=["zebra-tag"],
        pipelineStageId=stage.pk,
        customFields={"zebra_field": "x"},
    )
    return {
        "contact": stripes.pk,
        "group": group.pk,
        "tag": stripes.tags.get().pk,
        "pipelinestage": stage.pk,
        "customfield": zebra.custom_fields.get().pk,
        "location": zebra.locations.create(title="Zebra place").pk,
    }
