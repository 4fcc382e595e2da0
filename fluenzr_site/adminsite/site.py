"""The admin site: one workspace at a time."""

from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite


class WorkspaceAdminSite(UnfoldAdminSite):
    site_title = _("FluenzR")
    site_header = _("FluenzR")
    index_title = _("Dashboard")


site = WorkspaceAdminSite()
