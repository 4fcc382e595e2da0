"""Workflows to start from, in the language of whoever starts."""

from typing import Any

from django.utils.translation import gettext as _

from campaigns.workflow.graph import NO, YES, Condition, Delay, Edge, Email, End, Node, Start, Workflow


def templates() -> list[dict[str, Any]]:
    """Each as ``{name, about, steps, workflow}``; ``steps`` are the kinds of its steps, for a small picture."""
    return [
        _template(_("One e-mail"), _("A single message, such as an invitation."), _chain(_first())),
        _template(
            _("Three e-mails with pauses"),
            _("An introduction and two reminders. Whoever answers gets no more."),
            _chain(_first(), _wait("wait-1", 3), _reminder("email-2"), _wait("wait-2", 5), _last("email-3")),
        ),
        _template(
            _("Follow up if not opened"),
            _("The same offer under another subject, for those who haven't opened the first e-mail."),
            _branching("opened", yes=None, no=_again()),
        ),
        _template(
            _("Two ways by what they click"),
            _("Whoever clicks a link hears more of it; the others get a short reminder."),
            _branching("clicked", yes=_interested(), no=_reminder("email-3")),
        ),
        _template(_("Empty"), _("A start and an end: add the steps yourself."), _chain()),
    ]


def _template(name: str, about: str, workflow: Workflow) -> dict[str, Any]:
    kinds = [node.kind for node in workflow.nodes if node.kind not in ("start", "end")]
    return {"name": name, "about": about, "steps": kinds, "workflow": workflow.as_json()}


def _chain(*steps: Node) -> Workflow:
    nodes = (Start(id="start"), *steps, End(id="end"))
    pairs = zip(nodes, nodes[1:], strict=False)
    return Workflow(nodes=nodes, edges=tuple(Edge(source=one.id, target=next_.id) for one, next_ in pairs))


def _branching(criterion: str, *, yes: Email | None, no: Email) -> Workflow:
    """An e-mail, three days, and a question whose answers go on to an e-mail or straight to the end."""
    begin = (Start(id="start"), _first(), _wait("wait-1", 3), Condition(id="question", criterion=criterion))
    edges = [Edge(source=one.id, target=next_.id) for one, next_ in zip(begin, begin[1:], strict=False)]
    for answer, email in ((YES, yes), (NO, no)):
        edges.append(Edge(source="question", target=email.id if email else "end", when=answer))
        edges += [Edge(source=email.id, target="end")] if email else []
    nodes = (*begin, *(email for email in (yes, no) if email), End(id="end"))
    return Workflow(nodes=nodes, edges=tuple(edges))


def _wait(node_id: str, days: int) -> Delay:
    return Delay(id=node_id, days=days, business_days=True)


def _first() -> Email:
    subject = _("A question about {{company|your company}}")
    body = _(
        "Hello {{firstName|there}},\n\n"
        "I came across {{company|your company}} and wondered how you handle …\n\n"
        "We help teams like yours to …\n\n"
        "Would a short call next week suit you?\n\n"
        "Kind regards"
    )
    return Email(id="email-1", subject=subject, body=body)


def _again() -> Email:
    body = _(
        "Hello {{firstName|there}},\n\n"
        "perhaps my last e-mail came at a bad moment. In one sentence: …\n\n"
        "Is this of interest to you?\n\n"
        "Kind regards"
    )
    return Email(id="email-2", subject=_("In short: an idea for {{company|your team}}"), body=body)


def _interested() -> Email:
    body = _(
        "Hello {{firstName|there}},\n\n"
        "here is what others in your field ask first: …\n\n"
        "Shall I show you how it works? Tell me a time that suits you.\n\n"
        "Kind regards"
    )
    return Email(id="email-2", subject=_("More about it"), body=body)


def _reminder(node_id: str) -> Email:
    body = _(
        "Hello {{firstName|there}},\n\n"
        "I don't want this to get lost: have you had a moment to think about my e-mail?\n\n"
        "Kind regards"
    )
    return Email(id=node_id, subject=_("Re: A question about {{company|your company}}"), body=body)


def _last(node_id: str) -> Email:
    body = _(
        "Hello {{firstName|there}},\n\n"
        "this is my last e-mail about this. If the time isn't right, I wish you all the best; if it is, "
        "one line is enough.\n\n"
        "Kind regards"
    )
    return Email(id=node_id, subject=_("May I close this?"), body=body)
