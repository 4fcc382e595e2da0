import pytest

from contacts.imports.mapping import Mapping, MappingProblem, apply, guess, signature
from contacts.imports.table import Record


def guessed(header: str, *lines: str, custom: dict[str, str] | None = None) -> Mapping:
    """The guess for columns and rows written with bars between the cells."""
    records = [Record(number, tuple(line.split("|"))) for number, line in enumerate(lines, start=2)]
    return guess(header.split("|"), records, custom or {})


@pytest.mark.parametrize(
    ("header", "field"),
    [
        *(
            ("E-mail 1 - Value", "email"),
            ("emailAddress", "email"),
            ("user_email", "email"),
            ("EmailID", "email"),
        ),
        *(
            ("Adresse de messagerie", "email"),
            ("ईमेल", "email"),
            ("メールアドレス", "email"),
            ("邮箱", "email"),
        ),
        *(("Correo electrónico", "email"), ("E-Mail-Adresse", "email"), ("E-postadress", "email")),
        *(
            ("firstName", "firstName"),
            ("FNAME", "firstName"),
            ("PRÉNOM", "firstName"),
            ("Vorname", "firstName"),
        ),
        *(
            ("Family Name", "lastName"),
            ("Apellidos", "lastName"),
            ("Cognome", "lastName"),
            ("उपनाम", "lastName"),
        ),
        *(
            ("Nom complet", "fullName"),
            ("氏名", "fullName"),
            ("नाम", "fullName"),
            ("Person - Name", "fullName"),
        ),
        *(
            ("Organization - Name", "company"),
            ("Société", "company"),
            ("Firma", "company"),
            ("कंपनी", "company"),
        ),
        *(
            ("Job Title", "jobTitle"),
            ("Fonction", "jobTitle"),
            ("पदनाम", "jobTitle"),
            ("Designation", "jobTitle"),
        ),
        *(
            ("Phone 2 - Value", "phone"),
            ("Tél. mobile", "phone"),
            ("फ़ोन", "phone"),
            ("फोन", "phone"),
            ("tel_cell", "phone"),
        ),
        *(("Page Web", "website"), ("URL", "website"), ("Remarques", "notes"), ("टिप्पणी", "notes")),
        *(("Étiquettes", "tags"), ("Group Membership", "groups"), ("Pipeline stage", "stage")),
        *(("HasOptedOutOfEmail", "optOut"), ("crmOptOut", "optOut"), ("Désabonné", "optOut")),
        *(("Accepts Marketing", "optIn"), ("Email Marketing Consent", "optIn"), ("Email Status", "status")),
    ],
)
def test_header(header: str, field: str) -> None:
    assert guessed(header).columns[0].field == field


@pytest.mark.parametrize(
    "header",
    [
        *(
            "Manager email",
            "E-mail 1 - Type",
            "Type de messagerie",
            "Nom complet de l'adresse de messagerie",
            "Email body",
        ),
        *(
            "Email Marketing Consent Timestamp",
            "Fax number",
            "Ad Name",
            "Contact owner",
            "Tier title",
            "氏名（カタカナ）",
        ),
        *("Username", "OPTIN_IP", "Assistant's Phone", "Home Address", "Mailing City", "Campaign name"),
    ],
)
def test_trap(header: str) -> None:
    assert guessed(header).columns[0].field == "ignore"


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        ("Nom|Prénom|Email", ["lastName", "firstName", "email"]),
        ("Nom|Email", ["fullName", "email"]),
        ("Name|Surname|Email", ["firstName", "lastName", "email"]),
        ("Name|Vorname|Email", ["lastName", "firstName", "email"]),
        ("Name|Given Name|Family Name", ["fullName", "firstName", "lastName"]),
    ],
)
def test_name_beside_others(header: str, fields: list[str]) -> None:
    assert [column.field for column in guessed(header).columns] == fields


def test_name_of_the_account() -> None:
    found = guessed("Name|First Name|Last Name|Email", "Acme|Ann|Lee|a@example.com")
    assert found.by_field()["company"] == "Name"


def test_order_number_is_no_name() -> None:
    found = guessed("Name|Email|Billing Name", "#MR1220817|a@example.com|Ann Lee")
    assert found.by_field()["fullName"] == "Billing Name"


def test_salutation_is_no_job() -> None:
    assert "jobTitle" not in guessed("title|email", "Mrs.|a@example.com", "Dr.|b@example.com").by_field()
    assert guessed("title|email", "Founder, CEO|a@example.com").by_field()["jobTitle"] == "title"
    assert "jobTitle" not in guessed("title|isbn", "A book|1").by_field()


def test_values_tell_the_email_column() -> None:
    found = guessed("corrreo|nombre|manager_email", "a@example.com|Ann|b@example.com")
    assert found.by_field() == {"email": "corrreo", "fullName": "nombre"}
    assert guessed("Email|Login", "yes|a@example.com").by_field()["email"] == "Login"


def test_other_email_columns_are_alternatives() -> None:
    found = guessed("E-mail 2 Address|E-mail Address|Secondary Email|Owner Email|Gravatar")
    assert (found.by_field()["email"], found.alternatives) == ("E-mail Address", (0, 2))


def test_file_without_header() -> None:
    found = guessed("Column 1|Column 2|Column 3|Column 4", "Ann Lee|Ann|Lee|a@example.com")
    assert [column.field for column in found.columns] == ["fullName", "firstName", "lastName", "email"]


def test_status_needs_values_that_say_something() -> None:
    assert guessed("Email|Status", "a@example.com|unsubscribed").by_field()["status"] == "Status"
    assert "status" not in guessed("Email|Status", "a@example.com|Open - Not Contacted").by_field()


def test_custom_fields_by_key_or_label() -> None:
    custom = {"shoe_size": "Shoe size", "origin": "Lead source"}
    found = guessed("Email|Shoe Size|lead-source|origin", custom=custom)
    assert [column.field for column in found.columns] == [
        "email",
        "custom:shoe_size",
        "ignore",
        "custom:origin",
    ] or [column.field for column in found.columns] == [
        "email",
        "custom:shoe_size",
        "custom:origin",
        "ignore",
    ]


def test_choices_go_over_the_guess() -> None:
    header = ["Email", "Work mail", "Name", "Name"]
    base = guess(header, [])
    found = apply(header, {"Work mail": "email", "4": "notes"}, guessed=base)
    assert [column.field for column in found.columns] == ["ignore", "email", "fullName", "notes"]
    assert found.alternatives == (0,)
    assert apply(header, base.choices()).columns == base.columns


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"Fax": "phone"}, 'no column "Fax". The columns are "Email", "Name", or their numbers 1 to 2'),
        ({"3": "phone"}, 'no column "3"'),
        ({"Name": "nickname"}, 'no field "nickname". The fields are email, firstName'),
        ({"Name": "custom:unknown"}, 'no field "custom:unknown"'),
        ({"Email": "phone", "Name": "phone"}, '"phone" was chosen for "Email" and "Name"'),
    ],
)
def test_impossible_choice(choices: dict[str, str], message: str) -> None:
    with pytest.raises(MappingProblem, match=message):
        apply(["Email", "Name"], choices)


def test_signature() -> None:
    assert signature(["Email", "First name"]) == signature([" email", "FIRST NAME "])
    assert signature(["Email", "First name"]) != signature(["First name", "Email"])
