"""A working call of each operation, in the world of the documents; a test executes every one."""

from typing import Any, Final

from fluenzr_site.api.openapi import Example

CONTACT: Final[dict[str, Any]] = {
    "id": "con_abc123",
    "name": "John Smith",
    "phoneNumber": "+12025550123",
    "location": {"id": "loc_abc", "title": "Main street"},
    "stage": "Subscriber",
    "notes": "Prefers to be written to",
    "customFields": {},
    "tags": ["vip"],
}
_OF_CONTACT: Final = {"contactId": "con_abc123"}
_TAGS: Final = {"id": "con_abc123", "tags": ["vip", "fair"]}

EXAMPLES: Final[dict[str, Example]] = {
    "findContacts": Example([CONTACT], query={"limit": "20", "tags": "vip,fair", "searchText": "smith"}),
    "addOrUpdateContactByIdOrNumber": Example(
        CONTACT | {"tags": ["vip", "fair"]},
        body={"name": "John Smith", "phoneNumber": "+1 202 555 0123", "tags": ["vip", "fair"]},
    ),
    "getContactByItsId": Example(CONTACT, path=_OF_CONTACT),
    "changeContact": Example(
        CONTACT | {"phoneNumber": "+12025550124", "stage": "Qualified", "customFields": {"size": "L"}},
        path=_OF_CONTACT,
        body={
            "name": "John Smith",
            "phoneNumber": "+12025550124",
            "stage": "Qualified",
            "customFields": {"size": "L"},
        },
    ),
    "changeContactPatch": Example(
        CONTACT | {"name": "Johnny Smith"},
        path=_OF_CONTACT,
        body={"name": "Johnny Smith", "phoneNumber": "+12025550123"},
    ),
    "removeContact": Example({"success": True}, path=_OF_CONTACT),
    "addTagsToContactOwn": Example(_TAGS, path=_OF_CONTACT, body={"tags": ["fair"]}),
    "removeTagsFromContactOwn": Example({"id": "con_abc123", "tags": []}, path=_OF_CONTACT, body={"tags": ["vip"]}),
}
