"""``create_workspace`` and ``create_api_key``: what a script reads from them."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from fluenzr_site.workspaces import keys
from fluenzr_site.workspaces.models import ApiKey, Workspace
from tests.api.world import Api

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    """What the command prints, which must be one line."""
    out = StringIO()
    call_command(*arguments, stdout=out)
    assert out.getvalue().count("\n") == 1
    return out.getvalue().removesuffix("\n")


def test_a_workspace_s_id_is_printed_alone():
    made = Workspace.objects.get(pk=run("create_workspace", "  Équipe राहुल "))
    assert (made.name, made.plan) == ("Équipe राहुल", "pro")
    assert made.stages.count() == 6


def test_a_workspace_as_json():
    told = json.loads(run("create_workspace", "Trial", "--plan", "free", "--json"))
    assert told == {"id": Workspace.objects.get().pk, "name": "Trial", "plan": "free"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["Trial", "--plan", "gold"], "gold"), ([" "], "1 to 120"), (["n" * 121], "1 to 120")],
)
def test_a_workspace_that_can_t_be_is_not_made(arguments: list[str], said: str):
    with pytest.raises(CommandError, match=said):
        call_command("create_workspace", *arguments)
    assert not Workspace.objects.exists()


def test_a_key_is_printed_alone_and_opens_the_door():
    workspace = run("create_workspace", "Acme")
    key = run("create_api_key", "--workspace", workspace, "--name", "Zapier")
    assert keys.is_well_formed(key)
    assert Api(key).get("contacts").data == []
    row = ApiKey.objects.get()
    assert (row.name, row.workspace_id) == ("Zapier", workspace)
    assert key not in str(ApiKey.objects.values())


def test_a_key_that_only_reads():
    workspace = run("create_workspace", "Acme")
    told = json.loads(run("create_api_key", "--workspace", workspace, "--name", "Board", "--read-only", "--json"))
    assert told.keys() == {"id", "name", "permission", "key"}
    api = Api(told["key"])
    assert api.get("contacts").status == 200
    assert api.post("contacts", {"email": "ann@example.com"}).message == "This API key is read-only"


def test_a_key_of_no_workspace_is_not_made():
    with pytest.raises(CommandError, match="Unknown workspace: wsp_none"):
        call_command("create_api_key", "--workspace", "wsp_none", "--name", "x")
    assert not ApiKey.objects.exists()
