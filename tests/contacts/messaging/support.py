"""Short ways to contacts of the messaging API."""

from typing import Any

from tests.api.world import MessagingApi

KEYS = ["id", "name", "phoneNumber", "location", "stage", "notes", "customFields", "tags"]
NUMBER = "+12025550123"


def made(messaging: MessagingApi, name: str = "John Smith", number: str = NUMBER, **more: Any) -> dict[str, Any]:
    answer = messaging.post("contacts", {"name": name, "phoneNumber": number, **more})
    assert answer.status == 200, answer.json
    found: dict[str, Any] = answer.json
    return found


def names(messaging: MessagingApi, question: str = "") -> list[str]:
    return [contact["name"] for contact in messaging.get(f"contacts?{question}").json]
