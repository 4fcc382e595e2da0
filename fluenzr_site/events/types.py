"""The names of events, as the documents spell them. Webhooks offer these; the history shows them."""

from typing import Final

CONTACT_CREATED: Final = "contact.created"
CONTACT_UPDATED: Final = "contact.updated"
CONTACT_DELETED: Final = "contact.deleted"
