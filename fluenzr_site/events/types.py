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
