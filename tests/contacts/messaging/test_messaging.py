"""The messaging contacts API: the same contacts on the same paths, chosen by ``x-api-key``."""

from typing import Any

import pytest

from contacts.models import Contact, Location
from fluenzr_site.events.models import Event
from tests.api.world import Api, MessagingApi, Party
from tests.contacts.messaging.support import KEYS, NUMBER, made, names

# ------------------------------------------------------------------------------------------------- writing


def test_a_contact_is_made_and_shown_bare(messaging: MessagingApi, location: Location):
    given = {"stage": "Lead", "notes": "Call late", "customFields": {"size": "L"}, "tags": ["vip", "fair"]}
    contact = made(messaging, location={"id": location.pk, "title": "whatever"}, **given)
    assert list(contact) == KEYS
    assert contact["id"].startswith("con_")
    assert contact == {
        "id": contact["id"],
        "name": "John Smith",
        "phoneNumber": NUMBER,
        "location": {"id": location.pk, "title": "Main street"},
        **given,
    }
    assert messaging.get(f"contacts/{contact['id']}").json == contact


def test_with_nothing_but_name_and_number_the_rest_is_there_and_empty(messaging: MessagingApi):
    contact = made(messaging)
    rest = {name: contact[name] for name in KEYS[3:]}
    assert rest == {"location": None, "stage": "Subscriber", "notes": None, "customFields": {}, "tags": []}


@pytest.mark.parametrize(
    "written", ["+1 (202) 555-0123", "12025550123", "0012025550123", " +1-202-555-0123 ", "+1.202.555.0123"]
)
def test_a_number_is_kept_as_e164_and_known_however_it_is_written(messaging: MessagingApi, written: str):
    contact = made(messaging)
    again = made(messaging, "John S. Smith", written)
    assert (again["id"], again["phoneNumber"], again["name"]) == (contact["id"], NUMBER, "John S. Smith")
    assert Contact.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    ["text", "0612345678", "+1", "+999999999999", "123", "+1202555012345678", 5, ["x"], "+1 202 555 0123 ext 4"],
)
def test_what_is_no_number_is_refused(messaging: MessagingApi, wrong: Any):
    answer = messaging.post("contacts", {"name": "John", "phoneNumber": wrong})
    assert answer.status == 400
    assert list(answer.details) == ["phoneNumber"]
    assert not Contact.objects.exists()


@pytest.mark.parametrize("body", [{}, {"name": None, "phoneNumber": None}, {"name": " ", "phoneNumber": ""}])
def test_name_and_number_are_required(messaging: MessagingApi, body: dict[str, Any]):
    details = messaging.post("contacts", body).details
    assert details == {"name": ["Name is required"], "phoneNumber": ["PhoneNumber is required"]}
    contact = made(messaging)
    assert messaging.put(f"contacts/{contact['id']}", body).details == details


@pytest.mark.parametrize("name", ["Madonna", "Mary Ann Lee", "Ana  de la Cruz", "प्रिया शर्मा", "J"])
def test_a_name_reads_back_as_it_was_written(messaging: MessagingApi, name: str):
    assert made(messaging, name)["name"] == name


def test_a_name_is_split_at_its_first_space(messaging: MessagingApi, api: Api):
    contact = api.get(f"contacts/{made(messaging, 'Mary Ann Lee')['id']}").data
    assert (contact["firstName"], contact["lastName"]) == ("Mary", "Ann Lee")


def test_a_name_that_is_put_back_is_not_split_anew(messaging: MessagingApi, api: Api):
    contact = api.create(firstName="Mary Ann", lastName="Lee", phone=NUMBER)
    messaging.put(f"contacts/{contact['id']}", {"name": "Mary Ann Lee", "phoneNumber": NUMBER})
    found = api.get(f"contacts/{contact['id']}").data
    assert (found["firstName"], found["lastName"]) == ("Mary Ann", "Lee")


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        ("stage", "Nowhere", "stage"),
        ("stage", 5, "stage"),
        ("location", {"id": "loc_none"}, "location.id"),
        ("location", {"title": "Main street"}, "location.id"),
        ("location", {"id": "loc_x", "title": 5}, "location.title"),
        ("location", "loc_x", "location"),
        ("notes", 5, "notes"),
        ("notes", "x" * 20_001, "notes"),
        ("tags", "vip", "tags"),
        ("tags", ["x" * 65], "tags.0"),
        ("customFields", ["x"], "customFields"),
        ("customFields", {"a": {"b": 1}}, "customFields.a"),
        ("name", "x" * 256, "name"),
        ("name", 5, "name"),
        ("name", "a\x00b", "name"),
        ("id", 5, "id"),
    ],
)
def test_a_wrong_value_is_named_and_nothing_is_made(messaging: MessagingApi, field: str, value: Any, path: str):
    answer = messaging.post("contacts", {"name": "John", "phoneNumber": NUMBER, field: value})
    assert (answer.status, list(answer.details)) == (400, [path])
    assert not Contact.objects.exists()


def test_an_unknown_stage_names_those_there_are(messaging: MessagingApi):
    answer = messaging.post("contacts", {"name": "John", "phoneNumber": NUMBER, "stage": "Nowhere"})
    assert answer.message.startswith("Must be one of: Subscriber, Lead, ")


def test_subscriber_takes_a_contact_out_of_its_stage(messaging: MessagingApi, api: Api):
    contact = made(messaging, stage="lead")
    assert contact["stage"] == "Lead"
    assert made(messaging, stage="Subscriber")["stage"] == "Subscriber"
    assert api.get(f"contacts/{contact['id']}").data["pipelineStage"] is None


def test_an_id_that_exists_updates_it_and_any_other_is_passed_over(messaging: MessagingApi, stranger: Party):
    contact = made(messaging)
    again = made(messaging, "New Name", "+33612345678", id=contact["id"])
    assert (again["id"], again["phoneNumber"]) == (contact["id"], "+33612345678")
    theirs = stranger.api.create()["id"]
    other = made(messaging, "Other", "+33612345679", id=theirs)
    assert other["id"] not in (theirs, contact["id"])
    assert stranger.api.get(f"contacts/{theirs}").data["firstName"] is None


def test_of_id_and_number_that_are_two_contacts_neither_is_changed(messaging: MessagingApi):
    first, second = made(messaging), made(messaging, "B", "+33612345678")
    body = {"id": first["id"], "name": "X", "phoneNumber": "+33612345678"}
    answer = messaging.post("contacts", body)
    assert (answer.status, answer.message) == (409, "Phone number already exists")
    assert messaging.put(f"contacts/{first['id']}", body).status == 409
    assert names(messaging) == ["B", "John Smith"]
    assert second["phoneNumber"] == "+33612345678"


def test_what_is_absent_stays_and_null_clears(messaging: MessagingApi, location: Location):
    given = {"stage": "Lead", "notes": "n", "customFields": {"a": "1"}, "tags": ["t"], "location": {"id": location.pk}}
    contact = made(messaging, **given)
    core = {"name": "New", "phoneNumber": NUMBER}
    kept = messaging.put(f"contacts/{contact['id']}", core).json
    assert {name: kept[name] for name in ("stage", "notes", "customFields", "tags")} == {
        name: given[name] for name in ("stage", "notes", "customFields", "tags")
    }
    assert kept["location"]["id"] == location.pk
    cleared = dict.fromkeys(given)
    left = messaging.put(f"contacts/{contact['id']}", {**core, **cleared, "customFields": {"a": None}}).json
    assert [left[name] for name in KEYS[3:]] == [None, "Subscriber", None, {}, []]


def test_a_fetched_contact_can_be_put_back(messaging: MessagingApi, location: Location):
    contact = made(messaging, location={"id": location.pk}, stage="Lead", notes="n", tags=["a"])
    events = Event.objects.count()
    assert messaging.put(f"contacts/{contact['id']}", contact).json == contact
    assert messaging.post("contacts", contact).json == contact
    assert Event.objects.count() == events


def test_delete(messaging: MessagingApi):
    contact = made(messaging)
    assert messaging.delete(f"contacts/{contact['id']}").json == {"success": True}
    assert messaging.delete(f"contacts/{contact['id']}").status == 404
    assert messaging.get(f"contacts/{contact['id']}").message == "Contact not found"


def test_tags_are_added_and_removed(messaging: MessagingApi):
    contact = made(messaging, tags=["VIP"])
    path = f"contacts/{contact['id']}/tags"
    assert messaging.post(f"{path}/add", {"tags": ["vip", "new"]}).json == {
        "id": contact["id"],
        "tags": ["VIP", "new"],
    }
    assert messaging.post(f"{path}/remove", {"tags": ["Vip", "none"]}).json["tags"] == ["new"]
    assert messaging.post(f"{path}/add", {}).details == {"tags": ["tags is required and must have at least one entry"]}
    assert messaging.post(f"{path}/add", {"tags": [5]}).details == {"tags.0": ["Must be a string"]}
    assert messaging.post("contacts/con_none/tags/add", {"tags": ["x"]}).status == 404
    assert messaging.get(f"{path}/add").status == 405


# ------------------------------------------------------------------------- beside the FluenzR dialect


def test_such_a_contact_has_no_address_in_the_other_dialect(messaging: MessagingApi, api: Api):
    contact = api.get(f"contacts/{made(messaging)['id']}").data
    assert (contact["email"], contact["phone"], contact["status"]) == (None, NUMBER, "active")
    assert api.put(f"contacts/{contact['id']}", contact).status == 200


@pytest.mark.parametrize("phone", ["+1 (202) 555-0123", "001 202.555.0123", NUMBER])
def test_a_number_that_the_other_dialect_wrote_is_known(messaging: MessagingApi, api: Api, phone: str):
    contact = api.create(phone=phone, firstName="Ann")
    api.create("bo@example.com", phone=phone)
    assert messaging.get(f"contacts/{contact['id']}").json["phoneNumber"] == phone
    assert made(messaging, "Ann Lee")["id"] == contact["id"]
    found = api.get(f"contacts/{contact['id']}").data
    assert (found["email"], found["phone"], found["lastName"]) == ("ann@example.com", NUMBER, "Lee")


def test_a_phone_written_over_a_number_frees_it(messaging: MessagingApi, api: Api):
    contact = made(messaging)
    api.put(f"contacts/{contact['id']}", {"phone": "desk 4"})
    assert messaging.get(f"contacts/{contact['id']}").json["phoneNumber"] == "desk 4"
    assert made(messaging, "Somebody Else")["id"] != contact["id"]


def test_each_change_raises_its_event(messaging: MessagingApi):
    contact = made(messaging)
    made(messaging, "New Name")
    messaging.post(f"contacts/{contact['id']}/tags/add", {"tags": ["x"]})
    messaging.delete(f"contacts/{contact['id']}")
    found = [event.type for event in Event.objects.order_by("id")]
    assert found == ["contact.created", "contact.updated", "contact.updated", "contact.deleted"]


def test_a_free_plans_contacts_are_counted(messaging: MessagingApi, owner: Party, settings: Any):
    settings.FLUENZR_PLANS = settings.FLUENZR_PLANS | {"pro": settings.FLUENZR_PLANS["pro"] | {"contacts": 1}}
    made(messaging)
    answer = messaging.post("contacts", {"name": "B", "phoneNumber": "+33612345678"})
    assert (answer.status, answer.message) == (403, "The Pro plan allows 1 contact")


# ------------------------------------------------------------------------------------------------- finding


def test_pages_newest_first(messaging: MessagingApi):
    for number in range(25):
        made(messaging, f"P{number}", f"+3361234{number:04}")
    assert names(messaging) == [f"P{number}" for number in range(24, 4, -1)]
    assert names(messaging, "limit=10&page=3") == [f"P{number}" for number in range(4, -1, -1)]
    assert names(messaging, "limit=100&page=2") == []
    assert names(messaging, "limit=&page=") == names(messaging)


@pytest.mark.parametrize("question", ["limit=0", "limit=101", "limit=x", "page=0", "page=-1", "page=1.5"])
def test_numbers_out_of_bounds(messaging: MessagingApi, question: str):
    answer = messaging.get(f"contacts?{question}")
    assert (answer.status, list(answer.details)) == (400, [question.split("=")[0]])


def test_filters(messaging: MessagingApi, location: Location):
    made(messaging, "Ann Lee", "+33612345678", tags=["vip", "fair"], notes="Likes Élan [a]")
    made(messaging, "Bo Émile", "+33612345679", tags=["Fair"], channel="WhatsApp", location={"id": location.pk})
    made(messaging, "Cy", "+12025550123")
    assert names(messaging, "tags=VIP") == ["Ann Lee"]
    assert names(messaging, "tags=vip,%20fair") == ["Bo Émile", "Ann Lee"]
    assert names(messaging, f"locationId={location.pk}") == ["Bo Émile"]
    assert names(messaging, "channel=whatsapp") == ["Bo Émile"]
    assert names(messaging, "searchText=n%20le") == ["Ann Lee"]
    assert names(messaging, "searchText=ÉMI") == ["Bo Émile"]
    assert names(messaging, "searchText=élan%20[A]") == ["Ann Lee"]
    assert names(messaging, "searchText=33612345") == ["Bo Émile", "Ann Lee"]
    assert names(messaging, "searchText=%2B1%20202%20555") == ["Cy"]
    assert names(messaging, "searchText=.*") == []
    assert names(messaging, "searchText=%25") == []
    assert names(messaging, "tags=none") == []


def test_search_looks_into_name_phone_and_notes_only(messaging: MessagingApi, api: Api):
    api.create("needle@example.com", company="Needle", jobTitle="needle", firstName="Ann")
    assert names(messaging, "searchText=needle") == []
    assert names(messaging, "searchText=ann") == ["Ann"]


def test_an_unknown_location_is_named(messaging: MessagingApi, stranger: Party):
    theirs = Location.objects.create(workspace=stranger.workspace, title="Theirs")
    answer = messaging.get(f"contacts?locationId={theirs.pk}")
    assert (answer.status, answer.message) == (404, f"Unknown location: {theirs.pk}")
