"""A page of contacts, for the list, the search and a group's members alike."""

from collections.abc import Hashable, Mapping
from typing import Any

from rest_framework.response import Response

from contacts.api.filters import SORTS
from contacts.documents import contact_documents
from contacts.models import Contact
from contacts.queries import Contacts
from fluenzr_site.api import paging, totals
from fluenzr_site.api.views import ok
from fluenzr_site.workspaces.models import Workspace

PAGING = ("page", "perPage", "sort", "order", "cursor")


def answer_page(
    workspace: Workspace, contacts: Contacts, paging_values: Mapping[str, Any], question: Hashable
) -> Response:
    """The page that ``paging_values`` (page, perPage, sort, order, cursor) ask for of ``contacts``.

    ``question`` is all that the total depends on: the list and its filters, without the page.
    """
    request = paging.page_request(paging_values, SORTS)
    page = paging.take(contacts, request, paging_values.get("sort"))
    total = totals.remembered(workspace, ("contacts", question), contacts.count)
    rank = {identifier: position for position, identifier in enumerate(page.ids)}
    documents = contact_documents(Contact.objects.of(workspace).filter(pk__in=page.ids)) if rank else []
    documents.sort(key=lambda document: rank[document["id"]])
    return ok(documents, meta=paging.meta(request, page, total))
