"""The people of a workspace, as owners of contacts and as actors of its history."""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db.models import QuerySet

from fluenzr_site.workspaces.models import Workspace


def members(workspace: Workspace) -> QuerySet[User]:
    return get_user_model().objects.filter(memberships__workspace=workspace).order_by("username")


def person_name(user: User) -> str:
    return user.get_full_name() or user.get_username()
