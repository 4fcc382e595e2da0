"""A working call of each operation, in the world of the documents; a test executes every one."""

from typing import Final

from fluenzr_site.api.openapi import Example

EXAMPLES: Final[dict[str, Example]] = {
    "listEmailAccounts": Example(
        {
            "success": True,
            "data": [
                {
                    "id": "acc_123",
                    "email": "sales@example.com",
                    "name": "Sales team",
                    "createdAt": "2025-01-15T10:30:00Z",
                }
            ],
            "meta": {"page": 1, "perPage": 20, "total": 1, "totalPages": 1, "nextCursor": None},
        }
    ),
}
