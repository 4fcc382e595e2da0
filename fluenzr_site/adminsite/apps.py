from django.contrib.admin.apps import AdminConfig


class AdminSiteConfig(AdminConfig):
    """The admin, with a site of our own."""

    default_site = "fluenzr_site.adminsite.site.WorkspaceAdminSite"
