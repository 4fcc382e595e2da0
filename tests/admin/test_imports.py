"""A file from upload to report."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime

from contacts.changes.groups import create_group
from contacts.imports import run
from contacts.models import Contact, Import
from fluenzr_site.workspaces.models import Workspace

CSV = "First name;E-mail;Score;Tags\nAnn;ann@example.com;;vip\nBob;bob@example.com;7;\nBad;nonsense;;\n"
Make = Callable[..., Contact]


def url(page: str, source: Import) -> str:
    return reverse(f"admin:contacts_import_{page}", args=[source.pk])


def upload(client: Client, content: str | bytes = CSV, name: str = "people.csv") -> Any:
    data = content.encode() if isinstance(content, str) else content
    return client.post(reverse("admin:contacts_import_add"), {"file": SimpleUploadedFile(name, data)})


@pytest.fixture
def source(member: Client) -> Import:
    upload(member)
    return Import.objects.get()


def choose(client: Client, source: Import, **values: Any) -> Any:
    chosen = {"on_duplicate": "skip", "consent_source": "existing", "certified": "on", "tags": "imported"}
    return client.post(url("choices", source), chosen | values)


def columns(source: Import, **changed: str) -> dict[str, str]:
    return source.choices | changed


def test_from_upload_to_report(member: Client, mia: User, acme: Workspace, source: Import, contact: Make) -> None:
    contact("bob@example.com")
    group = create_group(acme, {"name": "Readers"})
    page = member.get(url("change", source))
    assert [row.example for row in page.context["rows"]] == ["Ann", "ann@example.com", "7", "vip"]
    # Its fields are named by the number of their column.
    answer = member.post(url("change", source), columns(source, **{"3": "custom:Score"}))
    assert answer.headers["Location"] == url("choices", source)
    assert choose(member, source, group_ids=[group.pk]).headers["Location"] == url("preview", source)
    preview = member.get(url("preview", source))
    found, (line, cells) = preview.context["found"], preview.context["rows"][2]
    assert (line, cells[1].text) == (4, "nonsense")
    assert "Invalid email format" in cells[1].problem
    assert (found.total, found.new, found.duplicates, found.bad) == (3, 1, 1, 1)
    assert "Import 2 rows" in preview.text and "left out" not in preview.text
    member.post(url("preview", source))
    assert "Waiting for the worker" in member.get(url("change", source)).text
    run.run_due()
    report = member.get(url("change", source))
    assert "nonsense" in report.text
    source.refresh_from_db()
    assert (source.created, source.skipped, source.failed, source.created_by) == (1, 1, 1, mia)
    ann = Contact.objects.get(email="ann@example.com")
    assert ann.groups.get() == group
    assert sorted(ann.tags.values_list("name", flat=True)) == ["imported", "vip"]
    errors = b"".join(member.get(url("errors", source)).streaming_content).decode()  # type: ignore[attr-defined]
    assert "nonsense" in errors
    listed = member.get(reverse("admin:contacts_contact_changelist"), {"import": source.pk})
    assert [row.email for row in listed.context["cl"].result_list] == ["ann@example.com"]


def test_columns_that_go_nowhere_are_named(member: Client, source: Import) -> None:
    member.post(url("change", source), columns(source, **{"1": "ignore", "3": "ignore"}))
    choose(member, source)
    assert "2 columns are left out: First name, Score" in member.get(url("preview", source)).text


def test_progress_is_a_fragment_and_ends_with_a_refresh(member: Client, source: Import) -> None:
    choose(member, source)
    member.post(url("preview", source))
    part = member.get(url("progress", source), headers={"HX-Request": "true"})
    assert "<html" not in part.text
    assert 'hx-trigger="every 1s"' in part.text
    run.run_due()
    done = member.get(url("progress", source), headers={"HX-Request": "true"})
    assert done.headers["HX-Refresh"] == "true"


def test_cancel_and_undo(member: Client, source: Import) -> None:
    choose(member, source)
    member.post(url("preview", source))
    member.post(url("cancel", source))
    source.refresh_from_db()
    assert source.state == "cancelled"
    assert member.get(url("cancel", source)).status_code == 405


def test_a_draft_can_be_discarded_and_nothing_else(member: Client, source: Import) -> None:
    assert url("discard", source) in member.get(url("choices", source)).text
    assert "was discarded" in member.post(url("discard", source), follow=True).text
    assert not Import.objects.exists()


def test_an_import_that_has_begun_can_t_be_discarded(member: Client, source: Import) -> None:
    choose(member, source)
    member.post(url("preview", source))
    assert member.post(url("discard", source)).status_code == 302
    assert Import.objects.get().state == "running"


def test_undo_deletes_what_nobody_touched(member: Client, source: Import) -> None:
    choose(member, source)
    member.post(url("preview", source))
    run.run_due()
    assert "2 contacts that it created" in member.get(url("undo", source)).text
    member.post(url("undo", source))
    assert Contact.objects.count() == 0
    assert member.post(url("undo", source)).status_code == 302


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n\x00\x00", b"\x00" * 100])
def test_a_file_that_can_t_be_read_is_said_at_the_field(member: Client, content: bytes) -> None:
    page = upload(member, content)
    assert page.status_code == 200
    assert page.context["form"].errors["file"]
    assert Import.objects.count() == 0


def test_the_address_is_needed_and_comes_from_one_column(member: Client, source: Import) -> None:
    page = member.post(url("change", source), columns(source, **{"2": "ignore"}))
    assert "Choose the column that holds" in page.text
    page = member.post(url("change", source), columns(source, **{"3": "email"}))
    assert "goes there already" in page.text
    page = member.post(url("change", source), columns(source, **{"3": "password"}))
    assert page.status_code == 200


@pytest.mark.parametrize("missing", ["consent_source", "certified"])
def test_consent_is_required(member: Client, source: Import, missing: str) -> None:
    page = choose(member, source, **{missing: ""})
    assert set(page.context["form"].errors) == {missing}
    assert member.get(url("preview", source)).headers["Location"] == url("choices", source)
    member.post(url("preview", source))
    source.refresh_from_db()
    assert source.state == "draft"


def test_foreign_groups_are_refused(member: Client, source: Import, zebras: dict[str, str]) -> None:
    page = choose(member, source, group_ids=[zebras["group"]])
    assert set(page.context["form"].errors) == {"group_ids"}


def test_a_new_group_is_made_with_the_import(member: Client, acme: Workspace, source: Import) -> None:
    group = create_group(acme, {"name": "Readers"})
    answer = choose(member, source, group_ids=[group.pk], new_group=" Fair 2026 ")
    assert answer.headers["Location"] == url("preview", source)
    member.post(url("preview", source))
    run.run_due()
    assert sorted(Contact.objects.get(email="ann@example.com").groups.values_list("name", flat=True)) == [
        "Fair 2026",
        "Readers",
    ]


def test_a_group_of_that_name_is_taken_as_it_is(member: Client, acme: Workspace, source: Import) -> None:
    group = create_group(acme, {"name": "Readers"})
    choose(member, source, new_group="Readers")
    choose(member, source, group_ids=[group.pk], new_group="Readers")
    source.refresh_from_db()
    assert (source.group_ids, acme.groups.count()) == ([group.pk], 1)


def test_a_new_group_s_name_is_judged_as_any_group_s(member: Client, acme: Workspace, source: Import) -> None:
    page = choose(member, source, new_group="x" * 121)
    assert set(page.context["form"].errors) == {"new_group"}
    assert acme.groups.count() == 0


def test_no_group_is_made_for_choices_that_are_refused(member: Client, acme: Workspace, source: Import) -> None:
    choose(member, source, new_group="Fair 2026", tags="x" * 500)
    choose(member, source, new_group="Fair 2026", certified="")
    assert acme.groups.count() == 0


@pytest.mark.parametrize("rows", ["", "\n\n", ";;;\n"])
def test_a_file_of_a_header_alone_is_refused_where_it_was_chosen(member: Client, rows: str) -> None:
    page = upload(member, CSV.splitlines()[0] + "\n" + rows)
    assert page.status_code == 200 and page.context["step"] == "upload"
    assert page.context["form"].errors["file"] == ["people.csv: The file has no rows below its header"]
    assert 'type="file"' in page.text
    assert Import.objects.count() == 0


LIST = "admin:contacts_import_changelist"


def test_the_list_has_no_numbers_of_a_draft_and_a_short_date(member: Client, source: Import) -> None:
    assert re.findall(r"field-shown_\w+[^>]*>(\W)<", member.get(reverse(LIST)).text) == ["–"] * 5
    choose(member, source)
    member.post(url("preview", source))
    run.run_due()
    page = member.get(reverse(LIST)).text
    assert re.findall(r"field-shown_\w+[^>]*>(\d)<", page) == ["3", "2", "0", "0", "1"]
    day = date_format(localtime(source.created_at), "SHORT_DATE_FORMAT")
    assert re.search(rf'<time class="flz-day"[^>]*>{day}</time>', page)


def test_a_state_has_one_tag_wherever_it_stands(member: Client, source: Import) -> None:
    tag = '<span class="flz-badge">To be mapped</span>'
    assert tag in member.get(reverse(LIST)).text
    assert tag in member.get(reverse("admin:index")).text


def test_an_empty_list_has_no_bar_that_counts_nothing(member: Client) -> None:
    assert not re.search(r"\b0\s+imports", member.get(reverse(LIST)).text)
    upload(member)
    assert re.search(r"\b1\s+import\b", member.get(reverse(LIST)).text)


def test_steps_of_a_begun_import_lead_to_its_page(member: Client, source: Import) -> None:
    choose(member, source)
    member.post(url("preview", source))
    for page in ("choices", "preview"):
        assert member.get(url(page, source)).headers["Location"] == url("change", source)
