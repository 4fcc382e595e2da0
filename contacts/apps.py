from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContactsConfig(AppConfig):
    name = "contacts"
    verbose_name = _("Contacts")

    def ready(self) -> None:
        from contacts.changes.pipeline import create_first_stages
        from fluenzr_site.workspaces.signals import workspace_created

        workspace_created.connect(create_first_stages, dispatch_uid="contacts.first_stages")
