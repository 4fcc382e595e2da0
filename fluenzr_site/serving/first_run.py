"""What a new installation gets once: a first administrator and a workspace to look at."""

import secrets
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db import transaction

from fluenzr_site.serving.demo import make_demo
from fluenzr_site.workspaces.changes import add_member, create_api_key
from fluenzr_site.workspaces.models import Membership

LOGIN = "admin"


@dataclass(frozen=True, slots=True)
class Welcome:
    """What is shown once and kept nowhere: the password and the key."""

    login: str
    password: str
    workspace_id: str
    key: str

    def text(self, url: str) -> str:
        return "\n".join(
            [
                "",
                "  Welcome. This is shown once, so keep it:",
                "",
                f"    browser    {url}/admin/",
                f"    login      {self.login}",
                f"    password   {self.password}",
                f"    API key    {self.key}",
                f"    workspace  {self.workspace_id}",
                "",
                "  Try the API:",
                "",
                f'    curl "{url}/v1/contacts?perPage=3" -H "Authorization: Bearer {self.key}"',
                "",
            ]
        )


@transaction.atomic
def welcome() -> Welcome | None:
    """Make the first administrator and the demo workspace; None when somebody is there already."""
    users = get_user_model()
    if users.objects.exists():
        return None
    password = secrets.token_urlsafe(12)
    user: User = users.objects.create_superuser(LOGIN, "", password)
    workspace = make_demo(contacts=40)
    add_member(workspace, user, role=Membership.Role.ADMIN)
    _, key = create_api_key(workspace, name="First key", by=user)
    return Welcome(LOGIN, password, workspace.pk, key)
