"""The contacts in the browser. Importing the package registers everything with the admin site."""

from contacts.admin import (
    contacts,
    custom_fields,
    groups,
    imports,
    locations,
    numbers,
    pipeline,
    settings_uses,
    tags,
    undo,
)

__all__ = [
    "contacts",
    "custom_fields",
    "groups",
    "imports",
    "locations",
    "numbers",
    "pipeline",
    "settings_uses",
    "tags",
    "undo",
]
