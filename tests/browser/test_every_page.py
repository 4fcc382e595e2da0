"""Every page, as an administrator, in light and dark: what the browser, a screen reader or a telephone would mind.

A page that is new must be entered in ``HOW`` unless it is one of the four that every model has.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

from campaigns.sending.writing import unsubscribe_token
from fluenzr_site.adminsite.site import site
from tests.browser.conftest import DESK, REFUSALS, Visitor, sign_in
from tests.browser.world import World

# Over one world that stays through the module, without transactions: the server writes over connections of its own.
pytestmark = pytest.mark.browser
# Bytes as they travel, of everything: at a first visit, and once what may be kept is kept.
COLD, WARM = 150_000, 40_000
TAGS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"]}
CONTRAST = {"runOnly": ["color-contrast"], "resultTypes": ["violations"]}
DARK = """() => { document.documentElement.classList.replace("light", "dark");
    document.getAnimations().forEach((one) => one.finish()); }"""

ALONE: dict[str, str] = {}
#: It answers to POST alone, or with a part of a page, a file, or nothing.
NOT_A_PAGE = None
DRAFT, RUNNING = {"object_id": "campaign_draft"}, {"object_id": "campaigns_campaign"}
#: The keyword arguments of a page's address and, after "?", of its query, as names of ``World.rows``; or NOT_A_PAGE.
HOW: dict[str, dict[str, str] | None] = {
    "index": ALONE,
    "profile": ALONE,
    "settings_home": ALONE,
    "settings_plan": ALONE,
    "settings_privacy": ALONE,
    "password_change": ALONE,
    "password_change_done": ALONE,
    **dict.fromkeys(["login", "logout", "autocomplete", "jsi18n", "view_on_site", "app_list", "search"], NOT_A_PAGE),
    **dict.fromkeys(["workspace", "hide_steps", "profile_quick"], NOT_A_PAGE),
    **dict.fromkeys(["workspaces_workspace_add", "workspaces_workspace_delete"], NOT_A_PAGE),
    "workspaces_apikey_delete": NOT_A_PAGE,
    "webhooks_webhook_rotate": {"object_id": "webhooks_webhook"},
    "webhooks_webhook_replay": {"object_id": "webhooks_webhook"},
    "webhooks_webhook_log": {"object_id": "webhooks_webhook"},
    "webhooks_webhook_entry": {"object_id": "webhooks_webhook", "log_id": "log_id"},
    **dict.fromkeys([f"webhooks_webhook_{name}" for name in ("on", "off", "test", "retry")], NOT_A_PAGE),
    "contacts_board": ALONE,
    "contacts_board_stats": ALONE,
    **dict.fromkeys(["contacts_board_more", "contacts_board_move"], NOT_A_PAGE),
    "contacts_duplicates": ALONE,
    "contacts_merge": {"?ids": "contacts_contact"},
    "contacts_merge_undo": {"merge_id": "merge"},
    "contacts_changes": ALONE,
    "contacts_changes_one": {"object_id": "change"},
    "contacts_changes_undo": {"object_id": "change"},
    **dict.fromkeys(["contacts_changes_cancel", "contacts_changes_stayed"], NOT_A_PAGE),
    **dict.fromkeys([f"contacts_bulkchange_{name}" for name in ("add", "change", "delete")], NOT_A_PAGE),
    "campaigns_campaign_delete": NOT_A_PAGE,
    **dict.fromkeys(["contacts_view", "contacts_views", "contacts_columns", "contacts_tag_add"], NOT_A_PAGE),
    "contacts_contact_erase": {"object_id": "contacts_contact"},
    **dict.fromkeys([f"contacts_contact_{name}" for name in ("data", "stage", "block", "timeline")], NOT_A_PAGE),
    "contacts_group_export": ALONE,
    "contacts_import_choices": {"object_id": "draft"},
    "contacts_import_preview": {"object_id": "draft"},
    "contacts_import_undo": {"object_id": "contacts_import"},
    **dict.fromkeys(
        [f"contacts_import_{name}" for name in ("discard", "progress", "errors", "cancel", "delete")], NOT_A_PAGE
    ),
    **dict.fromkeys(
        [f"campaigns_emailaccount_{name}" for name in ("connect", "connected", "try", "domain", "pause", "resume")],
        NOT_A_PAGE,
    ),
    "campaigns_campaign_compare": {"?id": "campaigns_campaign"},
    **{f"campaigns_campaign_{name}": DRAFT for name in ("start", "edit", "review", "settings", "preview", "try")},
    **{f"campaigns_campaign_{name}": RUNNING for name in ("pause", "resume", "archive", "recipients", "people")},
    **{f"campaigns_campaign_{name}": RUNNING for name in ("groups", "funnel", "why")},
    **dict.fromkeys(
        [f"campaigns_campaign_{name}" for name in ("remove", "export", "save", "check", "review_people")], NOT_A_PAGE
    ),
    "campaigns_campaign_preview_message": NOT_A_PAGE,
    **dict.fromkeys(
        [f"campaigns_conversation_{name}" for name in ("add", "delete", "status", "stage", "answer")], NOT_A_PAGE
    ),
    **dict.fromkeys([f"campaigns_message_{name}" for name in ("add", "change", "delete")], NOT_A_PAGE),
}
#: Beginnings of the names of pages that members aren't let into.
ADMINISTRATORS = ("workspaces_", "webhooks_", "campaigns_emailaccount_")


def names(patterns: list[Any]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from names(pattern.url_patterns)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield pattern.name


def usual(name: str) -> dict[str, dict[str, str] | None]:
    """The pages that every model has. Nothing has a history of Django's own."""
    model, _underscore, page = name.rpartition("_")
    row = {"object_id": model}
    pages = {"changelist": ALONE, "add": ALONE, "change": row, "delete": row, "history": NOT_A_PAGE}
    return {name: pages[page]} if page in pages else {}


ALL = sorted(set(names(site.urls[0])))
KNOWN = {known: arguments for name in ALL for known, arguments in usual(name).items()} | HOW
PAGES = [name for name in ALL if KNOWN.get(name) is not NOT_A_PAGE]


@pytest.fixture(scope="module")
def world(db: None) -> World:
    return World()


@dataclass
class Watched(Visitor):
    """A tab whose traffic is weighed. ``sizes`` are of what was fetched in it before, by address."""

    page: Any
    url: str
    wrong: list[str] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__(self.page, self.url)
        self.page.add_init_script(REFUSALS)
        self.wire = self.page.context.new_cdp_session(self.page)
        self.wire.send("Network.enable")
        self.wire.on("Network.responseReceived", self._came)
        self.wire.on("Network.loadingFinished", self._ended)

    def _came(self, event: dict[str, Any]) -> None:
        response = event["response"]
        if not self.seen and event["type"] == "Document":
            self.document = event["loaderId"]
        # What the page before still asked for comes later than one thinks.
        if event["loaderId"] == self.document and response["url"].startswith(("http:", "https:")):
            headers = {name.lower(): value for name, value in response["headers"].items()}
            self.seen[event["requestId"]] = (response["url"], "immutable" in headers.get("cache-control", ""))

    def _ended(self, event: dict[str, Any]) -> None:
        if event["requestId"] in self.seen:
            address, _kept = self.seen[event["requestId"]]
            self.sizes[address] = max(self.sizes.get(address, 0), int(event["encodedDataLength"]))

    def open(self, path: str) -> None:
        self.wrong.clear()
        self.seen: dict[str, tuple[str, bool]] = {}
        self.document = ""
        self.go(path)

    def weights(self) -> tuple[int, int]:
        """At a first visit, and later."""
        fetched = dict(self.seen.values())
        cold = sum(self.sizes.get(address, 0) for address in fetched)
        return cold, sum(self.sizes.get(address, 0) for address, kept in fetched.items() if not kept)

    def elsewhere(self) -> list[str]:
        return [address for address, _kept in self.seen.values() if not address.startswith(self.url)]

    def findings(self, options: dict[str, Any]) -> list[str]:
        found = self.page.evaluate("async (options) => (await axe.run(document, options)).violations", options)
        return [f"{one['id']}: {node['html'][:200]} {_said(node)}" for one in found for node in one["nodes"]]


def _said(node: dict[str, Any]) -> str:
    return "; ".join(check["message"] for check in (*node["any"], *node["all"], *node["none"]))[:160]


@pytest.fixture(scope="module")
def visitor(chromium: Any, site_url: str, world: World) -> Iterator[Watched]:
    context = chromium.new_context(viewport=DESK, color_scheme="light", reduced_motion="reduce")
    sign_in(context, site_url, world.admin)
    yield Watched(context.new_page(), site_url)
    context.close()


def address(world: World, name: str) -> str:
    arguments = {kwarg: world.rows[row].pk for kwarg, row in (KNOWN[name] or {}).items()}
    query = {kwarg[1:]: pk for kwarg, pk in arguments.items() if kwarg[0] == "?"}
    path = reverse(f"admin:{name}", kwargs={kwarg: pk for kwarg, pk in arguments.items() if kwarg[0] != "?"})
    return f"{path}?{urlencode(query)}" if query else path


def what_is_wrong(visitor: Watched) -> list[str]:
    """Of the page that is open. It is weighed at last: what it fetches once its end is seen counts too."""
    page, found = visitor.page, []
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    page.set_viewport_size({"width": 390, "height": 844})
    if not visitor.fits():
        found.append("it is wider than a telephone")
    page.set_viewport_size({"width": 1280, "height": 850})
    found += [f"without a name: {each}" for each in visitor.nameless()]
    page.evaluate(AXE_SCRIPT)
    found += visitor.findings(TAGS)
    page.evaluate(DARK)
    found += [f"dark: {each}" for each in visitor.findings(CONTRAST)]
    found += [f"refused: {each}" for each in page.evaluate("refused")]
    found += [f"from elsewhere: {each}" for each in visitor.elsewhere()]
    cold, warm = visitor.weights()
    found += [f"{cold:,} bytes at a first visit"] if cold > COLD else []
    found += [f"{warm:,} bytes at each"] if warm > WARM else []
    return visitor.wrong + found


def test_the_table_knows_every_page() -> None:
    assert set(ALL) - KNOWN.keys() == set(), "Say in HOW how they are opened"
    assert HOW.keys() - set(ALL) == set(), "They are gone"


@pytest.mark.parametrize("name", PAGES)
def test_page(visitor: Watched, world: World, name: str) -> None:
    visitor.open(address(world, name))
    wrong = what_is_wrong(visitor)
    assert not wrong, "\n".join([name, *wrong])


@pytest.mark.parametrize("name", PAGES)
def test_who_may_open_it(world: World, name: str) -> None:
    client = Client()
    client.force_login(world.member)
    wanted = 403 if name.startswith(ADMINISTRATORS) else 200
    assert client.get(address(world, name), follow=True).status_code == wanted


def test_pages_of_people_without_a_login(chromium: Any, site_url: str, world: World) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 850}, color_scheme="light")
    visitor = Watched(context.new_page(), site_url)
    unsubscribe = reverse("unsubscribe", args=[unsubscribe_token(world.rows["campaigns_message"])])
    for path in (reverse("admin:login"), unsubscribe, "/nothing-here"):
        visitor.open(path)
        # The last one is missing on purpose, and so is the icon that browsers ask for by themselves.
        wrong = [each for each in what_is_wrong(visitor) if "404" not in each]
        assert not wrong, "\n".join([path, *wrong])
    context.close()
