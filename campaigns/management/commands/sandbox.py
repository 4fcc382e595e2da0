import json
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError

from campaigns.models import Campaign
from campaigns.readiness import NotReady
from campaigns.sandbox.happenings import Happening
from campaigns.sandbox.recipients import DEFAULT_SCRIPT, Script, parse_script
from campaigns.sandbox.run import Summary, run
from fluenzr_site.core import clock
from fluenzr_site.core.clock import iso
from fluenzr_site.workspaces.models import Workspace
from fluenzr_site.workspaces.plans import LimitReached

EXAMPLES = """\
examples:
  manage.py sandbox --workspace wsp_… --campaign cmp_…
  manage.py sandbox --workspace wsp_… --campaign cmp_… --script people.json --contacts 100 --start 2026-11-24T09:00
  manage.py sandbox --workspace wsp_… --campaign cmp_… --days 30 --json

Runs a copy of the campaign in a throwaway workspace, weeks in a minute: the real engine, servers on this machine
alone, recipients that follow a script. No e-mail leaves, and neither the campaign nor its contacts are changed. It
needs no connected account; who may be mailed of the campaign's contacts takes part, or of the workspace's, or
people are invented where there are none.

A script is a JSON list of rules:
  [{"who": "ann@example.com", "does": "reply", "after": 5, "email": 2},
   {"who": "30%", "does": "open"}, {"who": "*", "does": "nothing"}]
who    an address, a share of the people (chosen by their addresses, other people for each rule), or * for the rest
does   reply, out_of_office, hard_bounce, soft_bounce, late_bounce, open, click, scanner, unsubscribe or nothing
after  hours after they got it (default 1); hard_bounce and soft_bounce refuse at once, a scanner comes after a second
email  which of the e-mails that they get, 1 for the first (default 1)
An e-mail's rules that name an address go before shares, and those before *.

exit codes:
  0    it ran to its end, or for --days
  1    the arguments are wrong, or the campaign isn't ready to be started (the reasons are on the standard error)
  130  it was interrupted; nothing of the sandbox stays then either
"""
MOST_CONTACTS: Final = 1000
MOST_DAYS: Final = 366
_INTERRUPTED: Final = 130
_TITLE: Final = 36
_COUNTED: Final = ("sent", "delivered", "opened", "clicked", "replied", "bounced", "unsubscribed")


class Command(BaseCommand):
    help = "Watch a campaign of several weeks run in a minute, before it is really started."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.epilog, parser.formatter_class = EXAMPLES, RawDescriptionHelpFormatter
        parser.add_argument("--workspace", required=True, metavar="ID")
        parser.add_argument("--campaign", required=True, metavar="ID")
        parser.add_argument("--script", type=Path, metavar="FILE", help="what recipients do (default: a mixture)")
        parser.add_argument("--contacts", type=int, default=25, metavar="N", help="at most (default %(default)s)")
        parser.add_argument("--start", metavar="ISO", help="in the campaign's zone unless it says (default: now)")
        parser.add_argument("--days", type=int, default=60, metavar="N", help="at most (default %(default)s)")
        parser.add_argument("--json", action="store_true", help="print a JSON object, at the end")

    def handle(self, *args: Any, **options: Any) -> None:
        campaign = self._campaign(options["workspace"], options["campaign"])
        for name, most in (("contacts", MOST_CONTACTS), ("days", MOST_DAYS)):
            if not 1 <= options[name] <= most:
                raise CommandError(f"--{name} must be from 1 to {most}")
        zone = ZoneInfo(campaign.settings["timezone"])
        start = self._start(options["start"], zone)
        script = self._script(options["script"])
        kept: list[Happening] = []

        def tell(happening: Happening) -> None:
            if options["json"]:
                kept.append(happening)
            else:
                self.stdout.write(_line(happening, zone))

        summary = self._run(campaign, script, start, options, tell)
        if options["json"]:
            self.stdout.write(json.dumps(_document(kept, summary), ensure_ascii=False))
        else:
            self.stdout.write("\n".join(["", *_table(summary)]))

    def _run(self, campaign: Campaign, script: Script, start: datetime, options: dict[str, Any], tell: Any) -> Summary:
        try:
            return run(
                campaign,
                script=script,
                contacts=options["contacts"],
                start=start,
                most_days=options["days"],
                tell=tell,
            )
        except NotReady as error:
            lines = [f"  {where}: {message}" for where, messages in error.problems.items() for message in messages]
            raise CommandError("\n".join(["The campaign isn't ready:", *lines])) from error
        except LimitReached as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            raise CommandError("Interrupted: nothing of the sandbox stays", returncode=_INTERRUPTED) from None

    def _campaign(self, workspace_id: str, campaign_id: str) -> Campaign:
        workspace = Workspace.objects.filter(pk=workspace_id).first()
        if workspace is None:
            raise CommandError(f"Unknown workspace: {workspace_id}")
        found = Campaign.objects.of(workspace).select_related("account").filter(pk=campaign_id).first()
        if found is None:
            raise CommandError(f"Unknown campaign: {campaign_id}")
        found.workspace = workspace
        return found

    def _start(self, text: str | None, zone: ZoneInfo) -> datetime:
        if text is None:
            return clock.now()
        try:
            start = datetime.fromisoformat(text)
        except ValueError:
            raise CommandError(f"--start must be a date or time such as 2026-11-24T09:00, not {text!r}") from None
        if not 1971 <= start.year <= 9990:
            raise CommandError("--start must be in a year from 1971 to 9990")
        return start if start.tzinfo else start.replace(tzinfo=zone)

    def _script(self, path: Path | None) -> Script:
        if path is None:
            return DEFAULT_SCRIPT
        try:
            return parse_script(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, RecursionError) as error:
            raise CommandError(f"{path}: {error}") from error


def _line(happening: Happening, zone: ZoneInfo) -> str:
    at = f"{happening.at.astimezone(zone):%a %d %b %H:%M}"
    return f"{at}  {happening.what:<12}  {happening.who:<28}  {happening.detail}".rstrip()


def _table(summary: Summary) -> list[str]:
    """The figures by e-mail, then who is left."""
    lines = [f"{'E-mail':<{_TITLE}}" + "".join(f"  {name}" for name in _COUNTED)]
    for email in summary.emails:
        lines.append(_row(f"{email['emailNumber']}. {email['subject']}", email))
        lines += [_row(f"   {each['variant']}: {each['subject']}", each) for each in email["variants"]]
    lines.append(_row("Together", summary.totals))
    sums: dict[str, int] = {}
    for state in summary.states.values():
        sums[state] = sums.get(state, 0) + 1
    states = ", ".join(f"{number} {state.replace('_', ' ')}" for state, number in sorted(sums.items()))
    days = "1 day" if summary.days == 1 else f"{summary.days} days"
    lines += ["", f"After {days} the campaign is {summary.status}. Its contacts: {states}."]
    lines += [f"  {who} is still in it: {why}" for who, why in summary.left.items()]
    return lines


def _row(title: str, figures: dict[str, Any]) -> str:
    shown = title if len(title) <= _TITLE else f"{title[: _TITLE - 1]}…"
    return f"{shown:<{_TITLE}}" + "".join(f"{figures[name]:>{len(name) + 2}}" for name in _COUNTED)


def _document(happenings: list[Happening], summary: Summary) -> dict[str, Any]:
    times = {"started_at": iso(summary.started_at), "ended_at": iso(summary.ended_at)}
    told = [asdict(each) | {"at": iso(each.at)} for each in happenings]
    return {"happenings": told, "summary": {_camel(name): value for name, value in (asdict(summary) | times).items()}}


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(each.title() for each in others)
