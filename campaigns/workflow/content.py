"""What must hold inside each e-mail, delay and condition before a campaign starts."""

from collections.abc import Collection, Iterator

from campaigns.workflow.comparing import text
from campaigns.workflow.graph import (
    CRITERIA,
    OPERATORS,
    VARIANT_CRITERIA,
    Condition,
    Delay,
    Email,
    Variant,
    Workflow,
)
from campaigns.workflow.paths import emails_just_before, nearest_email, surely_passed
from campaigns.workflow.plain import shown
from campaigns.workflow.problems import Limits, Problem, named
from fluenzr_site.core.saying import say

_UNTRACKED = {"opened": say("opens"), "clicked": say("clicks")}


def check_content(workflow: Workflow, known_fields: Collection[str], limits: Limits) -> Iterator[Problem]:
    """The problems of nodes taken one by one, in the workflow's order."""
    for node in workflow.nodes:
        match node:
            case Email():
                yield from _email(node, limits)
            case Delay():
                yield from _delay(node, limits)
            case Condition(criterion="field"):
                yield from _field(node, known_fields)
            case Condition():
                yield from _engagement(workflow, node)


def _email(node: Email, limits: Limits) -> Iterator[Problem]:
    yield from _message(node.id, node.subject, node.body, "", limits)
    if node.variant_b:
        yield from _message(node.id, node.variant_b.subject, node.variant_b.body, "variant_b_", limits)
        yield from _experiment(node, node.variant_b, limits)


def _message(node_id: str, subject: str, body: str, prefix: str, limits: Limits) -> Iterator[Problem]:
    for name, what, value, limit in (
        ("subject", say("subject of version B") if prefix else say("subject"), subject, limits.subject),
        ("body", say("body of version B") if prefix else say("body"), body, limits.body),
    ):
        if not value.strip():
            yield Problem(node_id, f"{prefix}{name}_empty", say("The %(what)s is empty: write one.", what=what))
        elif len(value) > limit:
            message = say(
                "The %(what)s has %(count)s characters: shorten it to at most %(limit)s.",
                what=what,
                count=len(value),
                limit=limit,
            )
            yield Problem(node_id, f"{prefix}{name}_too_long", message)


def _experiment(node: Email, variant: Variant, limits: Limits) -> Iterator[Problem]:
    if not _whole(variant.split, 1, 99):
        message = say("The share of version B must be a whole percentage from 1 to 99.")
        yield Problem(node.id, "split_out_of_range", message)
    if variant.criterion not in VARIANT_CRITERIA:
        message = say(
            "Versions can't be compared by “%(criterion)s”: use %(names)s.",
            criterion=shown(variant.criterion),
            names=", ".join(VARIANT_CRITERIA),
        )
        yield Problem(node.id, "variant_criterion_unknown", message)
    elif not _tracks(node, variant.criterion):
        what = _UNTRACKED[variant.criterion]
        message = say(
            "The versions are compared by %(what)s, which this e-mail doesn't track: turn that on.", what=what
        )
        yield Problem(node.id, "variant_untracked", message)
    if variant.sample_size is not None and not _whole(variant.sample_size, 1, 2**53):
        yield Problem(node.id, "sample_size_invalid", say("The sample must be a whole number of contacts, at least 1."))
    hours = limits.delay_days * 24
    if variant.wait_hours is not None and not _whole(variant.wait_hours, 1, hours):
        message = say("The wait for a winner must be a whole number of hours from 1 to %(hours)s.", hours=hours)
        yield Problem(node.id, "wait_hours_invalid", message)


def _delay(node: Delay, limits: Limits) -> Iterator[Problem]:
    if (node.days is None) == (node.hours is None):
        yield Problem(
            node.id, "delay_unclear", say("The delay must say how many days or how many hours: one of the two.")
        )
    for value, unit, most in (
        (node.days, say("days"), limits.delay_days),
        (node.hours, say("hours"), limits.delay_days * 24),
    ):
        if value is not None and not _whole(value, 1, most):
            message = say("The delay must be a whole number of %(unit)s from 1 to %(most)s.", unit=unit, most=most)
            yield Problem(node.id, "delay_out_of_range", message)


def _field(node: Condition, known_fields: Collection[str]) -> Iterator[Problem]:
    if not node.field:
        yield Problem(node.id, "field_missing", say("The condition compares no field: choose one."))
    elif node.field not in known_fields:
        message = say("Contacts have no field “%(field)s”: choose one that exists.", field=shown(node.field))
        yield Problem(node.id, "field_unknown", message)
    if node.operator not in OPERATORS:
        problem = (
            say("“%(operator)s” isn't an operator", operator=shown(node.operator))
            if node.operator
            else say("The operator is missing")
        )
        yield Problem(
            node.id,
            "operator_unknown",
            say("%(problem)s: use one of %(names)s.", problem=problem, names=", ".join(OPERATORS)),
        )
    elif node.operator != "is_empty" and not text(node.value):
        message = say("There is nothing to compare with: give a value, or use the operator is_empty.")
        yield Problem(node.id, "value_missing", message)


def _engagement(workflow: Workflow, node: Condition) -> Iterator[Problem]:
    if node.criterion not in CRITERIA:
        problem = (
            say("“%(criterion)s” isn't a criterion", criterion=shown(node.criterion))
            if node.criterion
            else say("The criterion is missing")
        )
        yield Problem(
            node.id,
            "criterion_unknown",
            say("%(problem)s: use one of %(names)s.", problem=problem, names=", ".join(CRITERIA)),
        )
        return
    if node.node_id or node.criterion != "replied":
        yield from _reference(workflow, node)
    if just_before := emails_just_before(workflow, node.id):
        names = named([node_id for node_id in workflow.by_id if node_id in just_before])
        message = say(
            "The condition comes right after %(names)s, before anybody can have reacted: put a delay between.",
            names=names,
        )
        yield Problem(node.id, "no_delay_before_condition", message, "warning")


def _reference(workflow: Workflow, node: Condition) -> Iterator[Problem]:
    """The e-mail that a condition asks about."""
    email_id = node.node_id or nearest_email(workflow, node.id)
    if email_id is None:
        message = say("It isn't clear which e-mail the condition asks about: name one that every way here passes.")
        yield Problem(node.id, "email_unclear", message)
        return
    email = workflow.by_id.get(email_id)
    if not isinstance(email, Email):
        message = say(
            "The condition asks about %(email_id)s, which isn't an e-mail: name one that is.",
            email_id=named([email_id]),
        )
        yield Problem(node.id, "not_an_email", message)
        return
    if not surely_passed(workflow, email_id, node.id):
        message = say(
            "A contact can come here without %(email_id)s: ask about an e-mail that every way here passes.",
            email_id=named([email_id]),
        )
        yield Problem(node.id, "email_not_passed", message)
    if node.criterion is not None and not _tracks(email, node.criterion):
        what = _UNTRACKED[node.criterion]
        message = say(
            "The condition needs the %(what)s of %(email_id)s, which doesn't track them: turn that on.",
            what=what,
            email_id=named([email_id]),
        )
        yield Problem(node.id, "email_untracked", message)


def _tracks(email: Email, criterion: str) -> bool:
    return {"opened": email.track_opens, "clicked": email.track_clicks}.get(criterion, True)


def _whole(value: int | float, least: int, most: int) -> bool:
    return isinstance(value, int) and least <= value <= most
