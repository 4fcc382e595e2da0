"""What must be there before a campaign starts, and what is missing, named by node."""

from campaigns import queries
from campaigns.composing.message import Prepared, prepare
from campaigns.composing.variables import InvalidTemplate, unknown_sentences
from campaigns.models import IN_CAMPAIGN, Campaign
from campaigns.workflow.checking import check
from campaigns.workflow.graph import Condition, Email, Workflow
from campaigns.workflow.parsing import parse
from campaigns.workflow.problems import Problem
from fluenzr_site.core.saying import say
from fluenzr_site.workspaces.plans import LimitReached

Problems = dict[str, list[str]]


class NotReady(Exception):
    """``problems``: node id, ``workflow``, ``contacts`` or ``emailAccountId`` -> what is to be mended."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        super().__init__(say("The campaign can't start yet"))


def require_ready(campaign: Campaign) -> Workflow:
    """The campaign's workflow, if it may start or go on. Raises NotReady, naming everything at once, or LimitReached.

    One that goes on needs no contacts: where nobody is left in it, it is completed.
    """
    workflow = parse(campaign.workflow)
    problems: Problems = {}
    for problem in problems_of(campaign, workflow):
        if problem.severity == "error":
            problems.setdefault(problem.node_id or "workflow", []).append(problem.message)
    if not any(account.can_send for account in (campaign.account, *campaign.more_accounts.all())):
        problems["emailAccountId"] = [
            say("The e-mail account isn't connected: give it a server, or mend what it refused")
        ]
    if campaign.status != Campaign.Status.PAUSED and not _has_contacts(campaign):
        problems["contacts"] = [say("The campaign has no contacts: add at least one, or a dynamic group")]
    if problems:
        raise NotReady(problems)
    _require_plan(campaign, workflow)
    return workflow


def _has_contacts(campaign: Campaign) -> bool:
    return campaign.enrolments.filter(status__in=IN_CAMPAIGN).exists() or campaign.dynamic_groups.exists()


def problems_of(campaign: Campaign, workflow: Workflow) -> list[Problem]:
    """Everything that is wrong with a workflow, its e-mails' templates included."""
    known = queries.known_fields(campaign.workspace)
    found = check(workflow, known_fields=known)
    for node in workflow.nodes:
        if isinstance(node, Email):
            versions = [(node.subject, node.body)]
            versions += [(node.variant_b.subject, node.variant_b.body)] if node.variant_b else []
            for subject, body in versions:
                found += [
                    Problem(node.id, "template", message)
                    for message in template_problems(subject, body, known | set(queries.SYSTEM))
                ]
    return list(dict.fromkeys(found))


def template_problems(subject: str, body: str, known: set[str]) -> list[str]:
    """What is wrong with one version of an e-mail, each in a sentence."""
    try:
        prepared: Prepared = prepare(subject, body)
    except InvalidTemplate as error:
        return list(error.problems)
    return [*unknown_sentences(prepared.subject, known), *unknown_sentences(prepared.body, known)]


def _require_plan(campaign: Campaign, workflow: Workflow) -> None:
    limits = campaign.workspace.limits
    if not limits.ab_tests and any(isinstance(node, Email) and node.variant_b for node in workflow.nodes):
        raise LimitReached(say("The %(title)s plan has no A/B tests", title=limits.title))
    if not limits.conditions and any(isinstance(node, Condition) for node in workflow.nodes):
        raise LimitReached(say("The %(title)s plan has no conditions", title=limits.title))
