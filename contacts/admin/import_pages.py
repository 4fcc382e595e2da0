"""The page of an import, whatever its state."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from contacts.admin.import_page import ImportPage
from contacts.admin.import_results import Progress, Report
from contacts.admin.import_steps import Columns
from contacts.models import Import

_PAGES: dict[str, type[ImportPage]] = {Import.State.DRAFT: Columns, Import.State.RUNNING: Progress}


class Overview(ImportPage):
    """What there is to do or see now: columns while it is a draft, then progress, then the report."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        return self._hand_over(_PAGES.get(self.load().state, Report), request)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        return self._hand_over(Columns, request)

    def _hand_over(self, page: type[ImportPage], request: HttpRequest) -> HttpResponseBase:
        return page.as_view(model_admin=self.model_admin)(request, object_id=self.import_id)
