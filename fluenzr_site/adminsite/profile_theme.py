"""The person's colours, as the theme takes them, and the files that go with the menu of the person."""

from django.http import HttpRequest
from django.templatetags.static import static

from fluenzr_site.workspaces.preferences import preferences


def theme(request: HttpRequest) -> str | None:
    """What a person has chosen goes with them to every browser; None where nobody is signed in."""
    profile = preferences(request)
    return profile.theme if profile else None


def script(_request: HttpRequest) -> str:
    return static("adminsite/profile.js")


def stylesheet(_request: HttpRequest) -> str:
    return static("adminsite/profile.css")
