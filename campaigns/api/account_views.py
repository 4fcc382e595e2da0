"""The mailboxes that campaigns are sent from."""

from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.models import EmailAccount
from fluenzr_site.api.listing import Listing
from fluenzr_site.api.openapi import described, listing
from fluenzr_site.api.paging import SortField
from fluenzr_site.core.clock import iso


class EmailAccountObject(serializers.Serializer[Any]):
    id = serializers.CharField(help_text="acc_…")
    email = serializers.EmailField()
    name = serializers.CharField(allow_null=True)
    createdAt = serializers.DateTimeField()


class EmailAccountList(Listing):
    model = EmailAccount
    sorts: ClassVar = {"email": SortField("email"), "createdAt": SortField("id")}
    default_sort = "email"

    @described("List e-mail accounts", answer=EmailAccountObject, many=True, parameters=listing(sorts))
    def get(self, request: Request) -> Response:
        return self.answer(request)

    def document(self, row: EmailAccount) -> dict[str, Any]:
        return {"id": row.pk, "email": row.email, "name": row.name or None, "createdAt": iso(row.created_at)}
