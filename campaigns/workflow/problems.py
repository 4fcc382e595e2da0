"""What can be wrong with a workflow, as it is told."""

from dataclasses import dataclass
from typing import Final, Literal

from campaigns.workflow.plain import shown
from fluenzr_site.core.saying import say

Severity = Literal["error", "warning"]
_MOST_NAMED: Final = 10


@dataclass(frozen=True, slots=True)
class Problem:
    """``node_id`` is the node to mend, empty where no single one is; ``code`` names the rule; ``message`` is a
    sentence that says what would be right. A warning keeps nothing from starting."""

    node_id: str
    code: str
    message: str
    severity: Severity = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The greatest length of a delay in days, and of an e-mail's subject and body in characters."""

    delay_days: int = 365
    subject: int = 500
    body: int = 200_000


def named(node_ids: list[str]) -> str:
    """Node ids in a sentence, the first ten of them."""
    names = ", ".join(f"“{shown(node_id)}”" for node_id in node_ids[:_MOST_NAMED])
    more = len(node_ids) - _MOST_NAMED
    return say("%(names)s and %(more)s more", names=names, more=more) if more > 0 else names
