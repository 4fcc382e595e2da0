"""``sandbox``: what a person, or a script, reads from it."""

import json
import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from campaigns.management.commands import sandbox
from campaigns.models import Campaign
from tests.campaigns.sandbox.support import everything, source
from tests.campaigns.workflow.examples import email, node, sequence

pytestmark = pytest.mark.django_db

TWO = sequence(
    email("first", subject="Hello {{firstName}}"), node("wait", "delay", days=1), email("second", subject="Bye")
)


@pytest.fixture
def campaign() -> Campaign:
    return source(["ann", "bob"], TWO)


def run(campaign: Campaign, *arguments: str) -> str:
    out = StringIO()
    call_command("sandbox", "--workspace", campaign.workspace_id, "--campaign", campaign.pk, *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "people.json"
    path.write_text(json.dumps([{"who": "ann@example.com", "does": "reply", "after": 2}]))
    return path


def test_a_line_a_happening_and_a_table(campaign: Campaign, script: Path):
    before = everything()
    said = run(campaign, "--script", str(script), "--start", "2026-11-24T08:00")
    lines = said.splitlines()
    assert lines[0] == "Tue 24 Nov 08:00  started                                     Autumn"
    assert re.fullmatch(r"Tue 24 Nov 09:0\d  sent          ann@example\.com               Hello Ann", lines[1])
    assert re.fullmatch(r"Tue 24 Nov 11:\d\d  replied       ann@example\.com  .*Thursday\?", lines[3])
    assert re.fullmatch(r"Wed 25 Nov 09:\d\d  sent          bob@example\.com               Bye", lines[4])
    table = lines[lines.index("") + 1 :]
    assert table[0].split() == ["E-mail", *sandbox._COUNTED]
    assert table[1].split() == ["1.", "Hello", "{{firstName}}", "2", "2", "0", "0", "1", "0", "0"]
    assert table[2].split() == ["2.", "Bye", "1", "1", "0", "0", "0", "0", "0"]
    assert table[3].split() == ["Together", "3", "3", "0", "0", "1", "0", "0"]
    assert table[-1] == "After 2 days the campaign is completed. Its contacts: 1 completed, 1 replied."
    assert everything() == before


def test_who_is_left_is_told(campaign: Campaign, script: Path):
    options = ["--script", str(script), "--start", "2026-11-27T08:00+01:00", "--days", "1"]
    *_, last, left = run(campaign, *options).splitlines()
    assert last == "After 1 day the campaign is active. Its contacts: 1 in progress, 1 replied."
    assert left.startswith("  bob@example.com is still in it: The next step is due at 2026-11-28 08:0")
    assert "bob" not in run(campaign, *options, "--contacts", "1")


def test_as_json(campaign: Campaign, script: Path):
    told = json.loads(run(campaign, "--script", str(script), "--start", "2026-11-24T08:00", "--json"))
    assert told["happenings"][0] == {"at": "2026-11-24T07:00:00Z", "what": "started", "who": "", "detail": "Autumn"}
    summary = told["summary"]
    assert summary["startedAt"] == "2026-11-24T07:00:00Z" and summary["days"] == 2
    assert summary["states"] == {"ann@example.com": "replied", "bob@example.com": "completed"}
    assert summary["totals"]["sent"] == 3 and [each["nodeId"] for each in summary["emails"]] == ["first", "second"]


def test_the_default_mixture_and_start(campaign: Campaign):
    assert "the campaign is " in run(campaign)


def test_what_isn_t_ready_is_listed_by_node():
    campaign = source([], sequence(email("first", subject="{{nickname}}"), node("wait", "delay")))
    with pytest.raises(CommandError) as refused:
        run(campaign)
    said = str(refused.value).splitlines()
    assert said[0] == "The campaign isn't ready:"
    assert sorted(line.split(":")[0] for line in said[1:]) == ["  first", "  wait"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--contacts", "0"], "--contacts must be from 1 to 1000"),
        (["--days", "1000"], "--days must be from 1 to 366"),
        (["--start", "soon"], "--start must be a date or time"),
        (["--start", "0001-01-01"], "--start must be in a year"),
        (["--script", "/nowhere.json"], "/nowhere.json: "),
        (["--campaign", "cmp_none"], "Unknown campaign: cmp_none"),
        (["--workspace", "wsp_none"], "Unknown workspace: wsp_none"),
    ],
)
def test_wrong_arguments(campaign: Campaign, arguments: list[str], said: str):
    with pytest.raises(CommandError, match=said):
        run(campaign, *arguments)


@pytest.mark.parametrize(
    ("text", "said"), [("{", "Expecting"), ('[{"who": "*"}]', "Rule 1: does must be one of"), ("{}", "list of rules")]
)
def test_a_wrong_script(campaign: Campaign, tmp_path: Path, text: str, said: str):
    path = tmp_path / "wrong.json"
    path.write_text(text)
    with pytest.raises(CommandError, match=said):
        run(campaign, "--script", str(path))


def test_an_interrupted_run_says_so(campaign: Campaign, monkeypatch: pytest.MonkeyPatch):
    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sandbox, "run", interrupted)
    with pytest.raises(CommandError, match="Interrupted") as stopped:
        run(campaign)
    assert stopped.value.returncode == 130


def test_help_tells_of_scripts_and_exit_codes(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        call_command("sandbox", "--help")
    said = capsys.readouterr().out
    assert "out_of_office" in said and "exit codes:" in said and "manage.py sandbox --workspace" in said
