"""Webhooks in the browser. Importing the package registers everything with the admin site."""

from fluenzr_site.webhooks.admin import troubled, webhooks

__all__ = ["troubled", "webhooks"]
