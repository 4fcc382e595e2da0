from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    name = "campaigns"
    verbose_name = _("Campaigns")

    def ready(self) -> None:
        from campaigns.changes.joining import enrol_joined
        from contacts.signals import joined_group

        joined_group.connect(enrol_joined, dispatch_uid="campaigns.enrol_joined")
