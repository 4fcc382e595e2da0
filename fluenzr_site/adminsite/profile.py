"""A person's own page: name, address, language, time zone, colours, and what they hear of by e-mail."""

from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.generic import View

from fluenzr_site.adminsite.pages import shown
from fluenzr_site.adminsite.profile_forms import NoticesForm, ProfileForm
from fluenzr_site.adminsite.site import site
from fluenzr_site.adminsite.ways import way_back
from fluenzr_site.notices import choosing, letters
from fluenzr_site.workspaces.current import current
from fluenzr_site.workspaces.profiles import Invalid, profile_of, update_profile

#: What the menu of the person sets.
QUICK: Final = ("theme", "language", "timezone")


class PersonPage(View):
    """Whoever is signed in sees it, also who is in no workspace."""

    @property
    def person(self) -> User:
        user = self.request.user
        assert isinstance(user, User)  # noqa: S101 - the admin lets nobody else in
        return user


class ProfilePage(PersonPage):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(*self._forms())

    def post(self, request: HttpRequest) -> HttpResponse:
        form, notices = self._forms(request.POST)
        # All of them, so that everything that is wrong is said at once.
        if not all([form.is_valid(), *[each.is_valid() for each in notices]]):
            messages.error(request, _("Nothing was saved yet: please correct what is marked."))
            return self._page(form, notices)
        form.write()
        for each in notices:
            choosing.choose(each.membership, each.cleaned_data)
        with translation.override(form.cleaned_data["language"] or translation.get_language()):
            messages.success(request, _("Your profile is saved."))
        return redirect("admin:profile")

    def _forms(self, data: Any = None) -> tuple[ProfileForm, list[NoticesForm]]:
        form = ProfileForm(self.person, profile_of(self.person), current(self.request), data)
        return form, [NoticesForm(each, data) for each in choosing.memberships_of(self.person)]

    def _page(self, form: ProfileForm, notices: list[NoticesForm]) -> HttpResponse:
        context = {"form": form, "notices": notices, "can_send": letters.can_send()}
        return shown(None, self.request, "adminsite/profile.html", _("Your profile"), **context)


class QuickChoice(PersonPage):
    """One choice of the menu, from whatever page it was made on; a script that asks gets no page."""

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            update_profile(self.person, {name: request.POST[name] for name in QUICK if name in request.POST})
        except Invalid:
            return HttpResponse(status=400)
        if request.headers.get("X-Quick"):
            return HttpResponse(status=204)
        return redirect(way_back(request) or reverse("admin:profile"))


def urls() -> list[URLPattern]:
    return [
        path("profile/", site.admin_view(ProfilePage.as_view()), name="profile"),
        path("profile/quick/", site.admin_view(QuickChoice.as_view()), name="profile_quick"),
    ]
