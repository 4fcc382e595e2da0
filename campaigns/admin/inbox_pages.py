"""One conversation, and what can be done with it: answer, archive, move the contact, settle an uncertain answer."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from campaigns.admin.inbox_list import Listed, shortcuts
from campaigns.admin.inbox_thread import answer_item, thread
from campaigns.changes import conversations as changes
from campaigns.models import Conversation
from contacts.changes.contacts import Edit, edit_many
from contacts.cleaning import Invalid
from contacts.models import PipelineStage
from fluenzr_site.adminsite.pages import Page
from fluenzr_site.adminsite.scoped import actor
from fluenzr_site.core.said import in_words

Status = Conversation.Status


class ConversationPage(Page):
    """A page about one conversation of the workspace; any other is not there."""

    conversation: Conversation

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.conversation_id = kwargs.pop("object_id", "")
        try:
            return super().dispatch(request, *args, **kwargs)
        except changes.Unknown as error:
            raise Http404 from error

    def load(self) -> Conversation:
        rows = Conversation.objects.of(self.workspace).select_related("contact__stage", "account", "campaign")
        found = rows.filter(pk=self.conversation_id).first()
        if found is None:
            raise Http404
        found.workspace = found.account.workspace = found.contact.workspace = self.workspace
        self.conversation = found
        return found

    def back(self) -> HttpResponse:
        return redirect(self.address(self.conversation_id))

    def address(self, conversation_id: str, page: str = "change") -> str:
        """A page of a conversation, which leads back to the list that this one was reached from."""
        path = reverse(f"admin:campaigns_conversation_{page}", args=[conversation_id])
        return path + Listed.of(self.request.GET).address

    def list_address(self) -> str:
        return reverse("admin:campaigns_conversation_changelist") + Listed.of(self.request.GET).address


class Thread(ConversationPage):
    """The conversation and the form that answers it. Opening it makes it read."""

    template = "campaigns/inbox/conversation.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        conversation = self.load()
        was_unread = conversation.status == Status.UNREAD
        changes.mark_read(conversation, by=actor(request))
        return self._page(was_unread=was_unread)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Answer it."""
        self.load()
        text, token = request.POST.get("text", ""), request.POST.get("token", "")
        author = request.user if isinstance(request.user, User) else None
        try:
            changes.reply(self.workspace, self.conversation_id, text, author=author, token=token)
        except changes.Refused as refusal:
            return self._page(text=text, problem=in_words(refusal))
        messages.success(request, _("Your answer is on its way."))
        return self.back()

    def _page(self, **more: Any) -> HttpResponse:
        conversation = self.conversation
        listed = Listed.of(self.request.GET)
        newer, older = listed.ahead_of(conversation), listed.after(conversation)
        why = changes.why_not_answerable(conversation) or changes.why_account_waits(conversation.account)
        return self.show(
            str(conversation.contact),
            conversation=conversation,
            contact=conversation.contact,
            items=thread(conversation),
            stages=list(PipelineStage.objects.of(self.workspace)),
            why_not=in_words(why),
            token=changes.new_token(),
            inbox=self.list_address(),
            kept=listed.address,
            newer=self.address(newer) if newer else "",
            older=self.address(older) if older else "",
            page_shortcuts=[
                ("j", _("Next conversation")),
                ("k", _("Previous conversation")),
                *shortcuts(),
                ("Esc", _("Back to the list")),
            ],
            **more,
        )


class SetStatus(ConversationPage):
    """Archive it, or mark it unread or read, from its page or, by its row, from the list; ``undo`` is what it was.

    Then the list, where it would be read again by being shown; after archiving it on its page, the next.
    """

    def post(self, request: HttpRequest) -> HttpResponse:
        conversation = self.load()
        name, was = str(conversation.contact), conversation.status
        if "undo" in request.POST:
            return self._undo(request.POST["undo"], name)
        told = {
            Status.ARCHIVED: _("The conversation with %(name)s is archived."),
            Status.UNREAD: _("The conversation with %(name)s is unread."),
            Status.READ: _("The conversation with %(name)s is back in the inbox."),
        }
        status = request.POST.get("status", "")
        if status not in changes.SETTABLE:
            raise Http404
        following = Listed.of(request.GET).after(conversation)
        changes.set_status(self.workspace, self.conversation_id, status, by=actor(request))
        said = told[Status(status)] % {"name": name}
        is_archived = status == Status.ARCHIVED != was
        messages.success(request, self._with_undo(said, was) if is_archived else said)
        if request.POST.get("from") == "list":
            # The keyboard goes on where it was: from the one that left the list, or from the same one.
            row = following if is_archived else self.conversation_id
            return redirect(self.list_address() + (f"#{row}" if row else ""))
        return redirect(self.address(following) if is_archived and following else self.list_address())

    def _with_undo(self, said: str, was: str) -> str:
        # Both pages that it is shown on have the form.
        button = '{} <button class="text-link" form="status-form" formaction="{}" name="undo" value="{}">{}</button>'
        return format_html(button, said, self.address(self.conversation_id, "status"), was, _("Undo"))

    def _undo(self, status: str, name: str) -> HttpResponse:
        if status not in Status.values:
            raise Http404
        if changes.put_back(self.workspace, self.conversation_id, status, by=actor(self.request)):
            messages.success(self.request, _("The conversation with %(name)s is back in the inbox.") % {"name": name})
        if self.request.POST.get("from") == "list":
            return redirect(f"{self.list_address()}#{self.conversation_id}")
        return self.back()


class MoveContact(ConversationPage):
    """The contact's stage of the pipeline, in place."""

    def post(self, request: HttpRequest) -> HttpResponse:
        contact = self.load().contact
        stage_id = request.POST.get("stage", "") or None
        try:
            edit_many(self.workspace, [contact.pk], Edit(stage_id=stage_id, stage_given=True), by=actor(request))
        except Invalid:
            messages.error(request, _("There is no such stage any more."))
        else:
            messages.success(request, _("%(name)s was moved.") % {"name": contact})
        return self.back()


class Answer(ConversationPage):
    """One answer: what has become of it; and, where that isn't known, a person says it."""

    def get(self, request: HttpRequest, reply_id: str) -> HttpResponse:
        conversation = self.load()
        reply = conversation.replies.select_related("author").filter(pk=reply_id).first()
        if reply is None:
            raise Http404
        kept = Listed.of(request.GET).address
        told = {"item": answer_item(conversation, reply), "conversation": conversation, "kept": kept}
        return render(request, "campaigns/inbox/item.html", told)

    def post(self, request: HttpRequest, reply_id: str) -> HttpResponse:
        conversation = self.load()
        if not conversation.replies.filter(pk=reply_id).exists():
            raise Http404
        was_sent = request.POST.get("was_sent") == "yes"
        try:
            changes.settle(self.workspace, reply_id, was_sent=was_sent, by=actor(request))
        except changes.Unknown:
            messages.error(request, _("It is known by now what became of the answer."))
        else:
            messages.success(request, _("The answer counts as sent.") if was_sent else _("The answer is sent again."))
        return self.back()
