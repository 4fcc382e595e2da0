"""``manage.py import_contacts`` and ``export_contacts``, as a person at a terminal meets them."""

import io
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from contacts.imports import run, store
from contacts.models import Contact, CustomField
from fluenzr_site.core import clock
from fluenzr_site.workspaces.changes import create_workspace
from fluenzr_site.workspaces.models import Workspace

ROOT = Path(__file__).resolve().parents[3]
Import = Callable[..., dict[str, Any]]


@pytest.fixture
def workspace(db: None) -> Workspace:
    return create_workspace("Acme")


@pytest.fixture
def import_json(workspace: Workspace, tmp_path: Path) -> Import:
    def import_json(content: str | bytes, *arguments: str, name: str = "people.csv") -> dict[str, Any]:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        out = io.StringIO()
        consent = ("--consent-source", "existing", "--certify-consent")
        call_command(
            "import_contacts",
            str(path),
            "--workspace",
            workspace.pk,
            *consent,
            "--json",
            *arguments,
            stdout=out,
            stderr=io.StringIO(),
        )
        found: dict[str, Any] = json.loads(out.getvalue())
        return found

    return import_json


def test_the_json_report(import_json: Import) -> None:
    told = import_json("E-mail;Vorname\nann@example.com;Ann\nnope;Bo\n")
    assert {name: told[name] for name in ("encoding", "delimiter", "headerLine", "mapping")} == {
        "encoding": "utf-8",
        "delimiter": ";",
        "headerLine": 1,
        "mapping": {"email": "E-mail", "firstName": "Vorname"},
    }
    assert [told[name] for name in ("rows", "created", "updated", "skipped", "failed")] == [2, 1, 0, 0, 1]
    assert told["errors"][0].keys() == {"line", "column", "value", "message"}
    assert told["errors"][0]["line"] == 3


def test_groups_by_name_and_id_tags_and_a_map(import_json: Import, workspace: Workspace) -> None:
    told = import_json(
        "Mail,Code\nann@example.com,x=1\n",
        *("--group", "Fair", "--tag", "vip", "--map", "Code=custom:code", "--map", "1=email"),
    )
    contact = workspace.contacts.get()
    assert told["mapping"] == {"email": "Mail", "custom:code": "Code"}
    assert (contact.custom_fields, contact.groups.get().name, contact.tags.get().name) == (
        {"code": "x=1"},
        "Fair",
        "vip",
    )


def test_a_dry_run_imports_nothing(import_json: Import, workspace: Workspace) -> None:
    told = import_json("email\nann@example.com\nnope\n", "--dry-run", "--group", "New")
    assert [told[name] for name in ("rows", "created", "failed", "dryRun")] == [2, 1, 1, True]
    assert "id" not in told
    assert not workspace.contacts.exists()
    assert not workspace.imports.exists()
    assert not workspace.groups.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "PNG|image|picture"),
        (b"name,phone\nAnn,123\n", "No column holds e-mail addresses"),
    ],
)
def test_what_is_no_list_of_contacts_exits_2(import_json: Import, content: bytes, said: str) -> None:
    with pytest.raises(CommandError, match=said) as caught:
        import_json(content)
    assert caught.value.returncode == 2


def test_a_missing_file_exits_2(import_json: Import, workspace: Workspace) -> None:
    with pytest.raises(CommandError, match="Can't read") as caught:
        call_command(
            "import_contacts", "/nowhere.csv", workspace=workspace.pk, consent_source="event", certify_consent=True
        )
    assert caught.value.returncode == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--map", "Nope=email"), 'no column "Nope"'),
        (("--map", "email=shoe"), 'no field "shoe"'),
        (("--map", "email"), "COLUMN=FIELD"),
        (("--group", "grp_00000000000000000000"), "Unknown group"),
        (("--tag", "x" * 65), "64"),
    ],
)
def test_a_wrong_argument_is_named_and_nothing_is_kept(
    import_json: Import, workspace: Workspace, arguments: tuple[str, ...], said: str
) -> None:
    with pytest.raises(CommandError, match=said) as caught:
        import_json("email\nann@example.com\n", *arguments)
    assert caught.value.returncode == 1
    assert not workspace.imports.exists()


def test_consent_must_be_certified(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("email\nann@example.com\n")
    with pytest.raises(CommandError, match="--certify-consent"):
        call_command("import_contacts", str(path), workspace=workspace.pk, consent_source="event")


def test_when_every_row_fails_the_exit_code_says_so(import_json: Import) -> None:
    with pytest.raises(SystemExit) as caught:
        import_json("email\nnope\n")
    assert caught.value.code == 1


def test_a_header_alone_is_nothing_wrong(import_json: Import) -> None:
    assert import_json("email,name\n")["rows"] == 0


def manage(var: Path, *arguments: str, **kwargs: Any) -> "subprocess.Popen[str]":
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment | {"FLUENZR_VAR": str(var)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **kwargs,
    )


def output(var: Path, *arguments: str) -> str:
    process = manage(var, *arguments)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out.strip()


@pytest.mark.processes
@pytest.mark.once
def test_a_killed_import_goes_on_when_the_command_is_given_again(tmp_path: Path) -> None:
    var, path, rows = tmp_path / "var", tmp_path / "people.csv", 20_000
    path.write_text("email,first name\n" + "".join(f"p{i}@example.com,P{i}\n" for i in range(rows)))
    output(var, "migrate", "-v0")
    workspace_id = output(var, "create_workspace", "Acme")
    command = ("import_contacts", str(path), "--workspace", workspace_id)
    command += ("--consent-source", "existing", "--certify-consent", "--json")

    database = sqlite3.connect(var / "fluenzr.sqlite3", timeout=20)
    first = manage(var, *command)
    while first.poll() is None:
        if database.execute("SELECT max(done_line) FROM contacts_import").fetchone()[0]:
            first.kill()
    first.communicate()
    (done,) = database.execute("SELECT done_line FROM contacts_import").fetchone()
    assert 0 < done < rows

    with database:
        database.execute("UPDATE contacts_import SET leased_until = NULL")
    told = json.loads(output(var, *command))
    assert (told["rows"], told["created"], told["failed"]) == (rows, rows, 0)
    assert database.execute("SELECT count(*), count(DISTINCT email) FROM contacts_contact").fetchone() == (
        rows,
        rows,
    )
    assert database.execute("SELECT count(*) FROM events_event").fetchone() == (rows,)
    database.close()


def test_contacts_come_back_the_same(import_json: Import, workspace: Workspace, tmp_path: Path) -> None:
    import_json(
        "email,first name,phone,company,job title,notes,tags,groups,Shoe size,stage\n"
        'ann@example.com,=Ann,+33612345678,\'=SUM(1),-CEO,@note,"vip; fair","A; B",42,Won\n'
        'cy@example.com,\'\'=Cy,,,,,"[""Paris, France"", ""b""]",,,\n'
        'bo@example.com,"Bo, Jr",,"Say ""hi""\nthere",,,,,,\n',
        *("--map", "Shoe size=custom:shoe_size"),
    )
    before = everything(workspace)
    for format in ("csv", "xlsx"):
        path = tmp_path / f"out.{format}"
        call_command("export_contacts", workspace=workspace.pk, format=format, output=path)
        other = create_workspace(format)
        call_command(
            "import_contacts",
            str(path),
            "--workspace",
            other.pk,
            "--consent-source",
            "existing",
            "--certify-consent",
            stdout=io.StringIO(),
        )
        assert everything(other) == before, format


def test_an_unknown_group_is_not_an_empty_file(workspace: Workspace, tmp_path: Path) -> None:
    output = tmp_path / "out.csv"
    with pytest.raises(CommandError, match="Unknown group: grp_x"):
        call_command("export_contacts", workspace=workspace.pk, group=["grp_x"], output=output)
    assert not output.exists()


def everything(workspace: Workspace) -> list[dict[str, Any]]:
    from contacts.documents import contact_documents

    found = contact_documents(Contact.objects.of(workspace).order_by("email"), also=["notes"])
    for document in found:
        for name in ("id", "createdAt", "updatedAt"):
            del document[name]
        document["groups"] = [group["name"] for group in document["groups"]]
        document["pipelineStage"] = (document["pipelineStage"] or {}).get("name")
    return found


def test_an_export_that_fails_leaves_the_file_before_it(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any) -> Any:
        yield b"half"
        raise OSError(28, "No space left on device")

    output = tmp_path / "out.csv"
    output.write_text("yesterday's")
    monkeypatch.setattr("contacts.management.commands.export_contacts.export", full)
    with pytest.raises(CommandError, match="No space left"):
        call_command("export_contacts", workspace=workspace.pk, output=output)
    assert (output.read_text(), [path.name for path in tmp_path.iterdir()]) == ("yesterday's", ["out.csv"])


def test_custom_columns_are_there_though_nobody_is(workspace: Workspace, tmp_path: Path) -> None:
    CustomField.objects.create(workspace=workspace, key="shoe", label="Shoe", created_at=clock.now())
    call_command("export_contacts", workspace=workspace.pk, output=tmp_path / "out.csv", tag=["none"])
    assert (tmp_path / "out.csv").read_text("utf-8-sig").rstrip().endswith(",custom:shoe")


def test_a_wrong_map_isn_t_remembered(import_json: Import, workspace: Workspace) -> None:
    with pytest.raises(CommandError):
        import_json("Mail,Code\nann@example.com,x\n", "--map", "Code=jobTitle", "--map", "Nope=email")
    assert import_json("Mail,Code\nann@example.com,x\n")["mapping"].get("jobTitle") is None


def test_a_run_that_another_process_ends_is_reported(
    import_json: Import, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "email\nann@example.com\nnope\n"
    source = store.create(workspace, io.BytesIO(text.encode()), "people.csv")
    store.choose(source, on_duplicate="skip", consent_source="existing", certified=True)
    run.start(source, claimed=True)
    # While this process waits, the other goes on.
    monkeypatch.setattr("contacts.management.commands.import_contacts.time.sleep", lambda seconds: run.work(source))
    told = import_json(text)
    assert (told["id"], told["created"], told["failed"]) == (source.pk, 1, 1)
    assert workspace.imports.count() == 1
