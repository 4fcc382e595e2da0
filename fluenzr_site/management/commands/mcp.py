import os
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from contextlib import suppress
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from mcp.server.mcpserver.exceptions import ToolError

from fluenzr_site.mcp_server import Api, create_server
from fluenzr_site.workspaces import keys

EXAMPLES = """\
examples:
  FLUENZR_API_KEY=flz_sk_… manage.py mcp
  FLUENZR_API_KEY=flz_sk_… manage.py mcp --write

Speaks MCP over standard input and output: an assistant's program starts it (README.md has its configuration).
Give the key in the environment: an argument stands in the list of processes, for everybody on the host to read.
Exit code 1 when the key is missing, wrong, or of a plan without the API.
"""


class Command(BaseCommand):
    help = "Serve contacts, groups, tags and pipeline to an assistant over MCP."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.epilog, parser.formatter_class = EXAMPLES, RawDescriptionHelpFormatter
        parser.add_argument("--key", metavar="flz_sk_…", help="otherwise from FLUENZR_API_KEY, which is better")
        parser.add_argument("--write", action="store_true", help="with the tools that change something")

    def handle(self, *args: Any, **options: Any) -> None:
        api = _opened(options["key"] or os.environ.get("FLUENZR_API_KEY", ""))
        with suppress(KeyboardInterrupt):
            create_server(api, write=options["write"]).run("stdio")


def _opened(key: str) -> Api:
    """The API behind a key that it has taken once. Raises CommandError."""
    if not key:
        raise CommandError("No API key: set FLUENZR_API_KEY (manage.py create_api_key makes one)")
    if not keys.is_well_formed(key):
        raise CommandError("This isn't an API key: it begins with flz_sk_ and was printed once, when it was made")
    try:
        api = Api(key)
        api.page("pipeline-stages", perPage=1)
    except ToolError as refusal:
        raise CommandError(str(refusal)) from None
    return api
