import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.imports.mapping import FIELDS, Column, Mapping
from contacts.imports.rows import Row, converter
from contacts.imports.table import Record

APOSTROPHES = ["=SUM(A1)", "+33 6 12 34 56 78", "-5", "@handle", "\uff1dA1"]


def convert(fields: dict[str, str], alternatives: tuple[int, ...] = ()) -> Row:
    """The row of a file whose columns are called like their fields (a digit tells two of them apart)."""
    columns = tuple(Column(i, name, name.rstrip("123")) for i, name in enumerate(fields))
    return converter(Mapping(columns, alternatives))(Record(7, tuple(fields.values())))


def person(**fields: str) -> Row:
    return convert({"email": "a@example.com", **fields})


def test_everything() -> None:
    row = convert(
        {
            **{
                "email": " A@Example.com",
                "firstName": " Ann\xa0",
                "company": "Acme",
                "phone": "",
                "notes": "one\r\ntwo",
            },
            **{
                "tags": "vip, fair;vip",
                "groups": "* friends ::: * mine",
                "stage": "Lead",
                "custom:size": "42",
            },
        }
    )
    assert (row.line, row.email, row.problems) == (7, "a@example.com", ())
    assert row.values == {"firstName": "Ann", "company": "Acme", "notes": "one\ntwo"}
    assert (row.tags, row.groups, row.stage) == (("vip", "fair"), ("friends", "mine"), "Lead")
    assert (row.custom_fields, row.status) == ({"size": "42"}, None)


@pytest.mark.parametrize(("cell", "value"), [("", ""), ("call later", "call later"), ("x" * 300, "x" * 200)])
def test_no_address_is_one_problem(cell: str, value: str) -> None:
    row = convert({"email": cell, "firstName": "Ann"})
    assert row.email is None
    assert [(p.line, p.column, p.value) for p in row.problems] == [(7, "email", value)]
    assert "name@example.com" in row.problems[0].message


def test_no_email_column() -> None:
    assert len(convert({"firstName": "Ann"}).problems) == 1


def test_other_email_column_steps_in() -> None:
    blank = convert({"email": " ", "ignore": "b@example.com"}, (1,))
    wrong = convert({"email": "none", "ignore": "b@example.com"}, (1,))
    assert (blank.email, blank.problems) == ("b@example.com", ())
    assert (wrong.email, [p.value for p in wrong.problems]) == ("b@example.com", ["none"])


@pytest.mark.parametrize(
    ("full", "names"),
    [
        ("Ann Lee", {"firstName": "Ann", "lastName": "Lee"}),
        ("Anna van der Berg", {"firstName": "Anna", "lastName": "van der Berg"}),
        ("Lee, Ann", {"firstName": "Ann", "lastName": "Lee"}),
        ("山田\u3000太郎", {"firstName": "山田", "lastName": "太郎"}),
        ("小野時雄", {"firstName": "小野時雄"}),
        ("Lee,", {"firstName": "Lee"}),
        (" ", {}),
    ],
)
def test_full_name(full: str, names: dict[str, str]) -> None:
    assert person(fullName=full).values == names


def test_full_name_gives_way() -> None:
    assert person(fullName="Ann Lee", lastName="Miller").values == {"lastName": "Miller"}


@pytest.mark.parametrize("text", APOSTROPHES)
def test_neutralised_cell_comes_back(text: str) -> None:
    assert person(notes=f"'{text}", phone=f"'{text}").values == {"notes": text, "phone": text}
    assert person(notes=text).values == {"notes": text}


def test_other_apostrophes_stay() -> None:
    assert person(lastName="'t Hooft").values == {"lastName": "'t Hooft"}


def test_too_long_is_a_problem_of_the_cell() -> None:
    row = person(company="x" * 256, phone="1" * 64, tags="ok," + "t" * 65, **{"custom:a": "y" * 10_001})
    assert (row.email, row.values, row.tags, row.custom_fields) == (
        "a@example.com",
        {"phone": "1" * 64},
        ("ok",),
        {},
    )
    assert [(p.column, len(p.value)) for p in row.problems] == [
        ("company", 200),
        ("tags", 65),
        ("custom:a", 200),
    ]
    assert "255" in row.problems[0].message


def test_control_characters_go() -> None:
    assert person(firstName="A\x00n\x07n", company="Acme\r\nInc").values == {
        "firstName": "Ann",
        "company": "Acme Inc",
    }


@pytest.mark.parametrize(
    ("field", "cell", "status"),
    [
        *(
            ("status", "Unsubscribed", "unsubscribed"),
            ("status", "opted-out", "unsubscribed"),
            ("status", "active", None),
        ),
        *(
            ("status", "HARD_BOUNCE", "bounced"),
            ("status", "Spam_complaint", "blocked"),
            ("status", "désabonné", "unsubscribed"),
        ),
        *(
            ("optOut", "1", "unsubscribed"),
            ("optOut", "Yes", "unsubscribed"),
            ("optOut", "2024-01-31", "unsubscribed"),
        ),
        *(
            ("optOut", "FALSE", None),
            ("optOut", "", None),
            ("optOut", "non", None),
            ("optOut", "subscribed", None),
        ),
        *(
            ("optIn", "no", "unsubscribed"),
            ("optIn", "UNSUBSCRIBED", "unsubscribed"),
            ("optIn", "", None),
            ("optIn", "y", None),
        ),
    ],
)
def test_status(field: str, cell: str, status: str | None) -> None:
    assert person(**{field: cell}).status == status


def test_any_column_can_keep_from_mailing() -> None:
    assert person(status="active", optOut1="no", optOut2="yes").status == "unsubscribed"


@given(st.lists(st.text(max_size=30), min_size=len(FIELDS), max_size=len(FIELDS)))
def test_any_cells(cells: list[str]) -> None:
    row = convert(dict(zip(FIELDS, cells, strict=True)))
    assert (row.email is None) <= (len(row.problems) == 1)
    assert all(value and value == value.strip() for value in row.values.values())
    assert not any("\x00" in value for value in [*row.values.values(), *row.tags, *row.groups])
