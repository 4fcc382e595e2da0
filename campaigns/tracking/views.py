"""The pages and pictures that recipients' programs fetch: they need no login, and believe only signed links."""

import base64
from datetime import datetime
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from campaigns.changes import outcomes, preferences
from campaigns.models import Link, Message
from campaigns.tracking import robots, tokens
from campaigns.tracking.words import words
from contacts.changes import suppressing
from fluenzr_site.core import clock
from fluenzr_site.core.database import retried
from fluenzr_site.events.recording import Actor, change
from fluenzr_site.workspaces.models import Workspace

_PIXEL: Final = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


def _found(message_id: str) -> Message | None:
    """The workspace isn't known before the message is: the token's signature stands for it."""
    rows = Message.objects.select_related("workspace", "contact", "account", "campaign__workspace")
    return rows.filter(pk=message_id).first()


@never_cache
@require_http_methods(["GET", "HEAD"])
def pixel(request: HttpRequest, token: str) -> HttpResponse:
    """A picture of one pixel, whatever the token; an open, if a person's program asks for it."""
    ids = tokens.read("open", token, count=1)
    message = _found(ids[0]) if ids else None
    if message is not None:
        _note_open(request, message)
    return HttpResponse(_PIXEL, content_type="image/gif")


@retried
def _note_open(request: HttpRequest, message: Message) -> None:
    workspace, now = message.workspace, clock.now()
    if not outcomes.tells_opens(message):
        return
    agent = request.headers.get("User-Agent", "")
    # Before its sending is written down, nobody can have looked.
    if robots.is_open_by_robot(request.method or "", agent, now - (message.sent_at or now)):
        _note_robot(message)
        return
    full = workspace.open_tracking == Workspace.OpenTracking.FULL
    if message.opened_at is not None and not full:
        # Only the first open's date is kept.
        return
    with change(workspace, Actor("contact", message.contact_id)) as unit:
        held = outcomes.held(workspace, message.pk)
        if held is not None:
            address = request.META.get("REMOTE_ADDR") if full else None
            outcomes.opened(unit, held, at=now, user_agent=agent[:500] if full else None, address=address)


@never_cache
@require_http_methods(["GET", "HEAD"])
def click(request: HttpRequest, token: str) -> HttpResponse:
    """On to the stored address, and nowhere else."""
    ids = tokens.read("click", token, count=2)
    message = _found(ids[0]) if ids else None
    link = Link.objects.filter(pk=ids[1], campaign=message.campaign_id).first() if ids and message else None
    if message is None or link is None:
        return _gone(request)
    now = clock.now()
    agent = request.headers.get("User-Agent", "")
    robot = robots.is_click_by_robot(request.method or "", agent, now - (message.sent_at or now))
    if not message.contact.tracking_objection:
        if robot:
            _note_robot(message)
        else:
            _note_click(message, link, now)
    response = HttpResponseRedirect(link.url)
    response["Referrer-Policy"] = "no-referrer"
    return response


@retried
def _note_click(message: Message, link: Link, now: datetime) -> None:
    with change(message.workspace, Actor("contact", message.contact_id)) as unit:
        held = outcomes.held(message.workspace, message.pk)
        if held is not None:
            outcomes.clicked(unit, held, link, at=now)


@retried
def _note_robot(message: Message) -> None:
    # Of what nobody knows whether it was sent, a person's visit can't be told from a robot's.
    if message.sent_at is not None or message.state in Message.UNDER_WAY:
        outcomes.visited_by_robot(message)


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, so that a scanner unsubscribes nobody; POST does it, as RFC 8058 wants too."""
    known = tokens.read_unsubscribing(token)
    if known is None:
        return _gone(request)
    message_id, marked, digest = known
    message = _found(message_id)
    if message is None:
        return _unsubscribe_address(request, marked, digest)
    if request.method != "POST":
        return _page(request, message, "ask")
    if "preferences" in request.POST:
        objects = request.POST.get("tracking") == "on"
        preferences.object_to_tracking(message.workspace, message.contact_id, objects)
        message.contact.tracking_objection = objects
        return _page(request, message, "saved")
    _note_unsubscribing(message)
    return _page(request, message, "done")


def _unsubscribe_address(request: HttpRequest, marked: str, digest: str) -> HttpResponse:
    """The contact was deleted, and its messages with it: the address is what is left to say no for."""
    # All are asked, since the mark leads to none by itself: such links are rare.
    workspace = next((each for each in Workspace.objects.only("pk") if tokens.mark(each.pk) == marked), None)
    if workspace is None:
        return _gone(request)
    asked = request.method == "POST"
    if asked:
        suppressing.unsubscribe(workspace, digest)
    said = words(translation.get_language())
    said |= {"ask": said["ask_unnamed"], "done": said["done_unnamed"]}
    context = {"words": said, "said": "done" if asked else "ask", "is_unnamed": True}
    return render(request, "campaigns/unsubscribe.html", context)


@retried
def _note_unsubscribing(message: Message) -> None:
    with change(message.workspace, Actor("contact", message.contact_id)) as unit:
        held = outcomes.held(message.workspace, message.pk)
        if held is not None:
            outcomes.unsubscribed(unit, held)


def _page(request: HttpRequest, message: Message, said: str) -> HttpResponse:
    sender = message.account.name or message.account.email
    text = words(translation.get_language(), sender=sender, email=message.recipient)
    context = {"words": text, "said": said, "objects": message.contact.tracking_objection}
    return render(request, "campaigns/unsubscribe.html", context)


def _gone(request: HttpRequest) -> HttpResponse:
    context = {"words": words(translation.get_language()), "said": "gone"}
    return render(request, "campaigns/unsubscribe.html", context, status=404)
