"""The names of events, as the documents spell them. Webhooks offer these; the history shows them."""

from typing import Final

CONTACT_CREATED: Final = "contact.created"
CONTACT_UPDATED: Final = "contact.updated"
CONTACT_DELETED: Final = "contact.deleted"
CAMPAIGN_STARTED: Final = "campaign.started"
CAMPAIGN_PAUSED: Final = "campaign.paused"
CAMPAIGN_COMPLETED: Final = "campaign.completed"
EMAIL_SENT: Final = "email.sent"
EMAIL_DELIVERED: Final = "email.delivered"
EMAIL_OPENED: Final = "email.opened"
EMAIL_CLICKED: Final = "email.clicked"
EMAIL_REPLIED: Final = "email.replied"
EMAIL_BOUNCED: Final = "email.bounced"
EMAIL_UNSUBSCRIBED: Final = "email.unsubscribed"

ALL: Final = (
    CONTACT_CREATED,
    CONTACT_UPDATED,
    CONTACT_DELETED,
    CAMPAIGN_STARTED,
    CAMPAIGN_PAUSED,
    CAMPAIGN_COMPLETED,
    EMAIL_SENT,
    EMAIL_DELIVERED,
    EMAIL_OPENED,
    EMAIL_CLICKED,
    EMAIL_REPLIED,
    EMAIL_BOUNCED,
    EMAIL_UNSUBSCRIBED,
)
