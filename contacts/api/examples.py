"""A working call of each operation, in the world of the documents; a test executes every one."""

from typing import Any, Final

from fluenzr_site.api.openapi import Example

CONTACT: Final[dict[str, Any]] = {
    "id": "con_abc123",
    "email": "john.smith@example.com",
    "firstName": "John",
    "lastName": "Smith",
    "company": "Acme Corp",
    "jobTitle": "Sales Director",
    "phone": "+1234567890",
    "website": "https://acme.com",
    "status": "active",
    "groups": [{"id": "grp_xyz789", "name": "LinkedIn Leads"}],
    "tags": ["prospect", "fintech"],
    "customFields": {"sector": "Fintech", "company_size": "50-100"},
    "pipelineStage": {"id": "stg_qualified", "name": "Qualified"},
    "createdAt": "2025-01-15T10:30:00Z",
    "updatedAt": "2025-01-15T14:45:00Z",
}
GROUP: Final[dict[str, Any]] = {
    "id": "grp_xyz789",
    "name": "LinkedIn Leads",
    "description": None,
    "type": "static",
    "color": None,
    "contactCount": 1,
    "createdAt": "2025-01-15T10:30:00Z",
    "updatedAt": "2025-01-15T14:45:00Z",
}
_NEW_CONTACT: Final = {
    **CONTACT,
    "id": "con_06gzv704t5mt68yt034w",
    "email": "marie.dupont@example.com",
    "firstName": "Marie",
    "lastName": "Dupont",
    "company": "Innovation SAS",
    "jobTitle": None,
    "phone": None,
    "website": None,
    "groups": [{"id": "grp_abc", "name": "Newsletter"}],
    "tags": ["decision-maker"],
    "customFields": {"sector": "SaaS"},
    "pipelineStage": None,
}
_NEW_GROUP: Final = {
    **GROUP,
    "id": "grp_06gzv704t5mt68yt034w",
    "name": "Trade fair",
    "description": "Everybody we met in Lyon",
    "color": "#3b82f6",
    "contactCount": 0,
}
_OF_CONTACT: Final = {"contactId": "con_abc123"}
_OF_GROUP: Final = {"groupId": "grp_xyz789"}
_JOINED: Final = [*CONTACT["groups"], {"id": "grp_abc", "name": "Newsletter"}]


def _ok(data: Any) -> dict[str, Any]:
    return {"success": True, "data": data}


def _page(*rows: Any, per_page: int = 20) -> dict[str, Any]:
    meta = {"page": 1, "perPage": per_page, "total": len(rows), "totalPages": 1, "nextCursor": None}
    return _ok(list(rows)) | {"meta": meta}


def _changed(**values: Any) -> dict[str, Any]:
    return _ok(CONTACT | values)


EXAMPLES: Final[dict[str, Example]] = {
    "listContacts": Example(
        _page(CONTACT, per_page=50), query={"status": "active", "groupId": "grp_xyz789", "perPage": "50"}
    ),
    "createContact": Example(
        _ok(_NEW_CONTACT),
        body={
            "email": "marie.dupont@example.com",
            "firstName": "Marie",
            "lastName": "Dupont",
            "company": "Innovation SAS",
            "groupIds": ["grp_abc"],
            "tags": ["decision-maker"],
            "customFields": {"sector": "SaaS"},
        },
    ),
    "createOrUpdateUpTo1000Contacts": Example(
        _ok(
            {
                "created": 1,
                "updated": 0,
                "skipped": 1,
                "errors": [
                    {
                        "index": 2,
                        "email": "nope",
                        "code": "VALIDATION_ERROR",
                        "message": "Invalid email format",
                    }
                ],
            }
        ),
        body={
            "contacts": [
                {"email": "ann@example.com", "firstName": "Ann"},
                {"email": "john.smith@example.com", "company": "Acme"},
                {"email": "nope"},
            ],
            "groupIds": ["grp_abc"],
            "onDuplicate": "skip",
        },
    ),
    "searchContacts": Example(
        _page(CONTACT),
        body={
            "query": "smith",
            "filters": {"status": "active", "tags": ["fintech"], "customFields": {"sector": "Fintech"}},
            "sort": {"field": "createdAt", "order": "desc"},
            "page": 1,
            "perPage": 20,
        },
    ),
    "getContact": Example(_ok(CONTACT), path=_OF_CONTACT),
    "updateContact": Example(
        _changed(jobTitle="CEO", customFields={"sector": "Fintech"}),
        path=_OF_CONTACT,
        body={"jobTitle": "CEO", "customFields": {"company_size": None}},
    ),
    "updateContactPatch": Example(_changed(company="Globex"), path=_OF_CONTACT, body={"company": "Globex"}),
    "deleteContact": Example(_ok({"id": "con_abc123", "deleted": True}), path=_OF_CONTACT),
    "addContactToGroups": Example(_changed(groups=_JOINED), path=_OF_CONTACT, body={"groupIds": ["grp_abc"]}),
    "removeContactFromGroups": Example(_changed(groups=[]), path=_OF_CONTACT, body={"groupIds": ["grp_xyz789"]}),
    "addTagsToContact": Example(
        _changed(tags=["prospect", "fintech", "vip"]), path=_OF_CONTACT, body={"tags": ["vip"]}
    ),
    "removeTagsFromContact": Example(_changed(tags=["fintech"]), path=_OF_CONTACT, body={"tags": ["prospect"]}),
    "listGroups": Example(_page(GROUP), query={"name": "leads"}),
    "createGroup": Example(
        _ok(_NEW_GROUP),
        body={"name": "Trade fair", "description": "Everybody we met in Lyon", "color": "#3b82f6"},
    ),
    "getGroup": Example(_ok(GROUP), path=_OF_GROUP),
    "updateGroup": Example(
        _ok(GROUP | {"name": "Leads", "type": "dynamic"}), path=_OF_GROUP, body={"name": "Leads", "type": "dynamic"}
    ),
    "updateGroupPatch": Example(_ok(GROUP | {"color": "#3b82f6"}), path=_OF_GROUP, body={"color": "#3b82f6"}),
    "deleteGroupItsContactsStay": Example(_ok({"id": "grp_xyz789", "deleted": True}), path=_OF_GROUP),
    "listGroupContacts": Example(_page(CONTACT), path=_OF_GROUP),
    "addContactsToGroup": Example(
        _ok({"added": 0, "skipped": 1, "errors": []}), path=_OF_GROUP, body={"contactIds": ["con_abc123"]}
    ),
    "removeContactsFromGroup": Example(
        _ok({"removed": 1, "skipped": 0, "errors": []}), path=_OF_GROUP, body={"contactIds": ["con_abc123"]}
    ),
    "listTags": Example(
        _page(
            {"id": "tag_06gzv704t5mt68yt034w", "name": "fintech"},
            {"id": "tag_06gzv704t5mt68yt0351", "name": "prospect"},
        )
    ),
    "listPipelineStages": Example(
        _page({"id": "stg_qualified", "name": "Qualified", "color": None, "position": 0, "kind": "open"}, per_page=1),
        query={"perPage": "1"},
    ),
    "listCustomFields": Example(
        _page(
            {
                "id": "fld_06gzv704t5mt68yt034w",
                "key": "company_size",
                "label": "company_size",
                "type": "text",
                "required": False,
                "default": None,
                "options": [],
            },
            per_page=1,
        ),
        query={"perPage": "1", "sort": "key"},
    ),
    "listLocations": Example(_page({"id": "loc_abc", "title": "Main street"})),
}
