"""The campaigns in the browser. Importing the package registers everything with the admin site."""

from campaigns.admin import accounts, bulk_enrol, campaigns, contact_history, inbox, numbers, settings_uses, uncertain

__all__ = ["accounts", "bulk_enrol", "campaigns", "contact_history", "inbox", "numbers", "settings_uses", "uncertain"]
