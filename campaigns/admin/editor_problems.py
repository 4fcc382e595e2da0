"""What is wrong with a workflow, in the reader's language, each with the field that mends it."""

from collections.abc import Iterator
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from campaigns import queries
from campaigns.admin.unfinished import unfinished
from campaigns.composing.message import prepare
from campaigns.composing.variables import InvalidTemplate, unknown_names, unknown_sentence
from campaigns.models import Campaign
from campaigns.workflow.checking import check
from campaigns.workflow.graph import Email, Workflow
from fluenzr_site.core.said import in_words

# By code: the field, and what is said. A code that isn't here is said as the checking has it, at its node.
_SAID: Final[dict[str, tuple[str, str | Promise]]] = {
    "no_start": ("", gettext_lazy("The campaign has no start.")),
    "second_start": ("", gettext_lazy("There is a start already: delete this one.")),
    "no_email": ("", gettext_lazy("The campaign sends nothing: add at least one e-mail.")),
    "edge_into_start": ("", gettext_lazy("Something leads back to the start: nothing may come before it.")),
    "edge_out_of_end": ("", gettext_lazy("Something follows this end: nothing may come after it.")),
    "dead_end": ("exit:", gettext_lazy("Nothing follows: say where it goes on, or end the campaign here.")),
    "no_yes_edge": ("exit:yes", gettext_lazy("Nothing follows “yes”: say where it goes on.")),
    "no_no_edge": ("exit:no", gettext_lazy("Nothing follows “no”: say where it goes on.")),
    "several_edges": ("exit:", gettext_lazy("It goes on to several steps: choose one.")),
    "several_yes_edges": ("exit:yes", gettext_lazy("“Yes” goes on to several steps: choose one.")),
    "several_no_edges": ("exit:no", gettext_lazy("“No” goes on to several steps: choose one.")),
    "loop": ("exit:", gettext_lazy("The steps go round in a circle: let one of them go on elsewhere.")),
    "unreachable": ("", gettext_lazy("Nothing leads here: let a step go on to it, or delete it.")),
    "subject_empty": ("subject", gettext_lazy("The subject is empty.")),
    "body_empty": ("body", gettext_lazy("The message is empty.")),
    "subject_too_long": ("subject", gettext_lazy("The subject is too long.")),
    "body_too_long": ("body", gettext_lazy("The message is too long.")),
    "variant_b_subject_empty": ("b.subject", gettext_lazy("The subject of version B is empty.")),
    "variant_b_body_empty": ("b.body", gettext_lazy("The message of version B is empty.")),
    "variant_b_subject_too_long": ("b.subject", gettext_lazy("The subject of version B is too long.")),
    "variant_b_body_too_long": ("b.body", gettext_lazy("The message of version B is too long.")),
    "split_out_of_range": ("split", gettext_lazy("The share of version B must be a whole number from 1 to 99.")),
    "variant_criterion_unknown": ("winBy", gettext_lazy("Choose what the versions are compared by.")),
    "variant_untracked": ("winBy", gettext_lazy("The versions are compared by what this e-mail doesn't track.")),
    "sample_size_invalid": ("sampleSize", gettext_lazy("The sample must be a whole number, at least 1.")),
    "wait_hours_invalid": ("waitHours", gettext_lazy("The wait must be a whole number of hours, at most a year.")),
    "delay_unclear": ("delay", gettext_lazy("Say how long to wait: a number of days or of hours.")),
    "delay_out_of_range": ("delay", gettext_lazy("The wait must be a whole number, from 1 to a year.")),
    "field_missing": ("field", gettext_lazy("Choose the field to compare.")),
    "field_unknown": ("field", gettext_lazy("Contacts don't have this field any more: choose another.")),
    "operator_unknown": ("operator", gettext_lazy("Choose how to compare.")),
    "value_missing": ("value", gettext_lazy("Say what to compare with.")),
    "criterion_unknown": ("criterion", gettext_lazy("Choose what is asked.")),
    "no_delay_before_condition": (
        "",
        gettext_lazy("This is asked right after an e-mail, before anybody can have reacted: wait a while before it."),
    ),
    "email_unclear": ("nodeId", gettext_lazy("It isn't clear which e-mail is meant: choose one.")),
    "not_an_email": ("nodeId", gettext_lazy("The e-mail that is asked about isn't there any more: choose another.")),
    "email_not_passed": (
        "nodeId",
        gettext_lazy("Not everybody who comes here has got that e-mail: choose one that all have."),
    ),
    "email_untracked": ("nodeId", gettext_lazy("That e-mail doesn't track this: turn it on there.")),
}


def shown_problems(campaign: Campaign, workflow: Workflow) -> list[dict[str, Any]]:
    """Each as ``{node, field, message, severity}``: what ``readiness.problems_of`` finds, and where it is mended."""
    known = queries.known_fields(campaign.workspace)
    found = []
    for problem in check(workflow, known_fields=known):
        field, message = _SAID.get(problem.code, ("", in_words(problem.message)))
        found.append(_shown(problem.node_id, field, str(message), problem.severity))
    for node in workflow.nodes:
        if isinstance(node, Email):
            found += _of_templates(node, known | set(queries.SYSTEM))
            found += [_shown(node.id, field, message, "warning") for field, message in unfinished(node)]
    places = {node_id: place for place, node_id in enumerate(workflow.by_id)}
    return sorted(found, key=lambda each: places.get(each["node"], -1))


def _of_templates(node: Email, known: set[str]) -> Iterator[dict[str, Any]]:
    versions = [("", node.subject, node.body)]
    versions += [("b.", node.variant_b.subject, node.variant_b.body)] if node.variant_b else []
    for prefix, subject, body in versions:
        # One by one, so that each leads to its field.
        for field, texts in (("subject", (subject, "")), ("body", ("", body))):
            for message in _template_problems(*texts, known):
                yield _shown(node.id, f"{prefix}{field}", in_words(message), "error")


def _template_problems(subject: str, body: str, known: set[str]) -> list[str]:
    try:
        prepared = prepare(subject, body)
    except InvalidTemplate as error:
        return list(error.problems)
    names = unknown_names(prepared.subject, known) + unknown_names(prepared.body, known)
    return [unknown_sentence(name, known) for name in names]


def _shown(node: str, field: str, message: str, severity: str) -> dict[str, Any]:
    return {"node": node, "field": field, "message": message, "severity": severity}
