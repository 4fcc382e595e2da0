"""How each person likes the site, and the changes of it."""

from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import User

from fluenzr_site.core.database import retried
from fluenzr_site.workspaces import zones
from fluenzr_site.workspaces.models import Profile, Workspace


class Invalid(Exception):
    """There is no such language, zone or theme; ``field`` names which."""

    def __init__(self, field: str) -> None:
        self.field = field
        super().__init__(field)


def profile_of(user: Any) -> Profile:
    """The person's, or one that says nothing and isn't kept."""
    return Profile.objects.filter(pk=user.pk).first() or Profile(user_id=user.pk)


def language_of(profile: Profile) -> str:
    """What e-mails are written in for who has chosen nothing is the site's own language."""
    return profile.language if profile.language in _languages() else settings.LANGUAGE_CODE


def zone_of(profile: Profile, workspace: Workspace | None) -> ZoneInfo:
    """The person's, else the workspace's."""
    return zones.zone(profile.timezone or (workspace.timezone if workspace else "UTC"))


@retried
def update_profile(user: User, values: dict[str, str]) -> Profile:
    """Set what ``values`` gives of language, timezone and theme. Raises Invalid."""
    for field, known in (("language", _languages()), ("timezone", zones.names()), ("theme", Profile.Theme.values)):
        # Empty is a choice too: as the browser and the workspace have it. A theme is never empty.
        if values.get(field) and values[field] not in known or field == "theme" and values.get(field) == "":
            raise Invalid(field)
    return Profile.objects.update_or_create(user=user, defaults=values)[0]


def rename(user: User, *, first_name: str, last_name: str, email: str) -> None:
    """Set a person's name and address. Whether the address is free is for the form to ask: ``address_taken``."""
    user.first_name, user.last_name, user.email = first_name, last_name, email
    user.save(update_fields=["first_name", "last_name", "email"])


def address_taken(user: User, email: str) -> bool:
    """Whether somebody else has the address, or signs in with it: whoever had it too could be taken for them."""
    others = User.objects.exclude(pk=user.pk)
    return others.filter(email__iexact=email).exists() or others.filter(username__iexact=email).exists()


def _languages() -> tuple[str, ...]:
    return tuple(code for code, _name in settings.LANGUAGES)
