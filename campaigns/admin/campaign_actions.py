"""What is done with a whole campaign, once a person has read what it means: start, pause, resume, archive."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns import readiness
from campaigns.admin.campaign_page import CampaignPage
from campaigns.admin.campaign_problems import problem_rows
from campaigns.changes import campaigns as changes
from campaigns.models import IN_CAMPAIGN, Campaign, Enrolment
from fluenzr_site.adminsite.numbers import number
from fluenzr_site.adminsite.scoped import actor
from fluenzr_site.core.said import in_words
from fluenzr_site.workspaces.plans import LimitReached

Status = Campaign.Status


@dataclass(frozen=True, slots=True)
class Wording:
    """What is asked, what it means, and what is said when it is done."""

    question: str | Promise
    meaning: str | Promise
    button: str | Promise
    done: str | Promise


class ActionPage(CampaignPage):
    """Asks, then does it. A campaign that is in no state for it leads back to its page, which says so."""

    template = "campaigns/campaign/action.html"
    change: Callable[..., Campaign]
    wording: Wording

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._ask()

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            type(self).change(self.workspace, self.campaign.pk, by=actor(request))
        except readiness.NotReady as error:
            return self._ask(problems=problem_rows(self.campaign, error.problems))
        except LimitReached as error:
            return self._ask(refusal=in_words(error))
        except changes.WrongState:
            self.campaign.refresh_from_db(fields=["status"])
            text = _("The campaign is now “%(status)s”: that can't be done with it.")
            messages.warning(request, text % {"status": self.campaign.get_status_display()})
        else:
            messages.success(request, str(self.wording.done) % {"name": self.campaign.name})
        return redirect(self.address())

    def _ask(self, **more: Any) -> HttpResponse:
        question = str(self.wording.question) % {"name": self.campaign.name}
        status = 409 if more else 200
        page = self.show(question, question=question, wording=self.wording, waiting=self._waiting(), **more)
        page.status_code = status
        return page

    def _waiting(self) -> str:
        count = Enrolment.objects.of(self.workspace).filter(campaign=self.campaign, status__in=IN_CAMPAIGN).count()
        said = ngettext(
            "%(count)s contact is in the campaign and not through it.",
            "%(count)s contacts are in the campaign and not through it.",
            count,
        )
        return said % {"count": number(count)} if count else ""


class Start(ActionPage):
    change = changes.start
    wording = Wording(
        gettext_lazy("Start “%(name)s”?"),
        gettext_lazy("From then on its e-mails are sent by themselves, on the campaign's days and hours."),
        gettext_lazy("Start"),
        gettext_lazy("“%(name)s” has started."),
    )


class Pause(ActionPage):
    change = changes.pause
    wording = Wording(
        gettext_lazy("Pause “%(name)s”?"),
        gettext_lazy("Nothing more is sent until you resume it. Replies, opens and clicks are counted on."),
        gettext_lazy("Pause"),
        gettext_lazy("“%(name)s” is paused: nothing is sent until you resume it."),
    )


class Resume(ActionPage):
    change = changes.resume
    wording = Wording(
        gettext_lazy("Resume “%(name)s”?"),
        gettext_lazy("Everybody goes on where they stood. What you have changed holds for those who haven't begun."),
        gettext_lazy("Resume"),
        gettext_lazy("“%(name)s” sends again."),
    )


class Archive(ActionPage):
    change = changes.archive
    wording = Wording(
        gettext_lazy("Archive “%(name)s” for good?"),
        gettext_lazy("It never sends again and can't be brought back. Its statistics stay."),
        gettext_lazy("Archive"),
        gettext_lazy("“%(name)s” is archived. Its statistics stay here."),
    )


ACTION_PAGES: Final[dict[str, type[CampaignPage]]] = {
    "start": Start,
    "pause": Pause,
    "resume": Resume,
    "archive": Archive,
}
