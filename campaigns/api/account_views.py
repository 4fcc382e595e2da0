"""The mailboxes that campaigns are sent from."""

from typing import Any, ClassVar

from django.utils.functional import cached_property
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns import health
from campaigns.models import EmailAccount
from fluenzr_site.api.listing import Listing
from fluenzr_site.api.openapi import described, listing
from fluenzr_site.api.paging import SortField
from fluenzr_site.core import clock
from fluenzr_site.core.clock import iso


class EmailAccountObject(serializers.Serializer[Any]):
    id = serializers.CharField(help_text="acc_…")
    email = serializers.EmailField()
    name = serializers.CharField(allow_null=True)
    status = serializers.ChoiceField(
        EmailAccount.State.choices,
        help_text="Only a connected account sends; a failing one was refused by its server, a paused one by a person",
    )
    sentToday = serializers.IntegerField(help_text="E-mails, on the calendar day in the workspace's time zone")
    dailyLimit = serializers.IntegerField(help_text="How many it may send today, its ramp-up included")
    lastError = serializers.CharField(allow_null=True, help_text="What its server said last; null since it took one")
    createdAt = serializers.DateTimeField()


class EmailAccountList(Listing):
    model = EmailAccount
    sorts: ClassVar = {"email": SortField("email"), "createdAt": SortField("id")}
    default_sort = "email"

    @described("List e-mail accounts", answer=EmailAccountObject, many=True, parameters=listing(sorts))
    def get(self, request: Request) -> Response:
        return self.answer(request)

    @cached_property
    def sent_today(self) -> dict[str, int]:
        return health.sent_today(self.workspace, clock.now())

    def document(self, row: EmailAccount) -> dict[str, Any]:
        return {
            "id": row.pk,
            "email": row.email,
            "name": row.name or None,
            "status": row.state,
            "sentToday": self.sent_today.get(row.pk, 0),
            "dailyLimit": health.limit_today(self.workspace, row, clock.now()),
            "lastError": row.last_error or None,
            "createdAt": iso(row.created_at),
        }
