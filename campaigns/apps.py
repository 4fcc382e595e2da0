from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    name = "campaigns"
    verbose_name = _("Campaigns")

    def ready(self) -> None:
        from campaigns.changes.joining import enrol_joined
        from campaigns.changes.merging import give_back, take_over
        from contacts.signals import contacts_merged, contacts_unmerged, joined_group

        joined_group.connect(enrol_joined, dispatch_uid="campaigns.enrol_joined")
        contacts_merged.connect(take_over, dispatch_uid="campaigns.take_over")
        contacts_unmerged.connect(give_back, dispatch_uid="campaigns.give_back")
