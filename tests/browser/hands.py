"""Two ways to use a page: with a mouse, and with nothing but keys. A story is told once, for both."""

import re
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Locator, Page

#: More stops of the Tab key than any page has: whoever needs them all goes round in a circle, or is trapped.
MOST_STOPS: Final = 120
#: The letters after "g" that lead to the places of the menu.
PLACES: Final = {"Dashboard": "d", "Contacts": "c", "Pipeline": "p", "Campaigns": "m", "Inbox": "i", "Settings": "s"}
IS_FOCUSED: Final = "(wanted) => wanted === document.activeElement"
#: Where one looks on a page: before or after what has the focus.
IS_BEFORE: Final = """(wanted) => {
    const here = document.activeElement, before = Node.DOCUMENT_POSITION_PRECEDING;
    return here !== document.body && Boolean(here.compareDocumentPosition(wanted) & before);
}"""
IN_CONTENT: Final = "(wanted) => Boolean(wanted.closest('#content'))"
WHERE: Final = "() => document.activeElement.outerHTML.slice(0, 120).replace(/\\s+/g, ' ')"
IS_TYPING: Final = "() => document.activeElement.matches('input, textarea, select')"
SKIPS: Final = "() => document.activeElement.matches('a[href=\"#content\"]')"


class Hands(ABC):
    """What a person does on a page, by the names that a screen reader says."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def named(self, role: Any, name: str) -> Locator:
        """The first of that name: an empty list offers what stands above it once more."""
        return self.page.get_by_role(role, name=name, exact=True).first

    def labelled(self, label: str, group: str = "") -> Locator:
        """A field; of one that is required, the name ends with a star."""
        within = self.page.get_by_role("group", name=group, exact=True) if group else self.page
        return within.get_by_label(re.compile(rf"^\s*{re.escape(label)}\s*\*?\s*$"))

    @abstractmethod
    def press(self, name: str, role: Any = "button") -> None: ...

    @abstractmethod
    def fill(self, label: str, text: str, group: str = "") -> None: ...

    @abstractmethod
    def choose(self, label: str, option: str, group: str = "") -> None: ...

    @abstractmethod
    def tick(self, label: str) -> None: ...

    @abstractmethod
    def bring(self, label: str, file: Path) -> None: ...

    @abstractmethod
    def carry(self, card: str, stage: str) -> None:
        """On the board, to a stage further right."""

    @abstractmethod
    def go(self, place: str) -> None:
        """To one of the menu's places."""

    @abstractmethod
    def open_talk(self, who: str) -> None:
        """In the inbox."""

    @abstractmethod
    def answer(self, text: str) -> None:
        """In an open conversation."""


class Mouse(Hands):
    def press(self, name: str, role: Any = "button") -> None:
        self.named(role, name).click()

    def fill(self, label: str, text: str, group: str = "") -> None:
        self.labelled(label, group).fill(text)

    def choose(self, label: str, option: str, group: str = "") -> None:
        self.labelled(label, group).select_option(option)

    def tick(self, label: str) -> None:
        self.page.get_by_role("checkbox", name=label).check()

    def bring(self, label: str, file: Path) -> None:
        self.labelled(label).set_input_files(file)

    def carry(self, card: str, stage: str) -> None:
        column = self.page.locator(f"[data-column][data-name={stage}]")
        begin, end = self.page.locator(f"[data-card][data-name='{card}']").bounding_box(), column.bounding_box()
        assert begin and end, "There is nothing to drag, or nowhere to drop it"
        self.page.mouse.move(begin["x"] + 60, begin["y"] + 50)
        self.page.mouse.down()
        self.page.mouse.move(end["x"] + 80, end["y"] + 200, steps=4)
        self.page.locator(f".flz-column-over[data-name={stage}]").wait_for()
        self.page.mouse.up()

    def go(self, place: str) -> None:
        self.page.get_by_role("navigation", name="Main menu").get_by_role("link", name=place).click()

    def open_talk(self, who: str) -> None:
        self.page.locator("[data-row]", has_text=who).click()

    def answer(self, text: str) -> None:
        self.fill("Your answer", text)
        self.press("Send")


class Keyboard(Hands):
    """Presses keys, and nothing else: what can't be reached with them isn't reached."""

    def reach(self, wanted: Locator) -> None:
        """Tab, or Shift and Tab, until it has the focus; past the menu by the link that is there for it."""
        wanted.wait_for()
        self.page.wait_for_load_state()
        back = wanted.evaluate(IS_BEFORE)
        skips = not back and wanted.evaluate(IN_CONTENT)
        for _ in range(MOST_STOPS):
            if wanted.evaluate(IS_FOCUSED):
                return
            self.page.keyboard.press("Shift+Tab" if back else "Tab")
            if skips and self.page.evaluate(SKIPS):
                self.page.keyboard.press("Enter")
                skips = False
        raise AssertionError(f"{wanted} isn't reached by Tab; focus is on {self.page.evaluate(WHERE)}")

    def press(self, name: str, role: Any = "button") -> None:
        self.reach(self.named(role, name))
        self.page.keyboard.press("Enter")

    def fill(self, label: str, text: str, group: str = "") -> None:
        self.reach(self.labelled(label, group))
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)

    def choose(self, label: str, option: str, group: str = "") -> None:
        select = self.labelled(label, group)
        self.reach(select)
        self.page.keyboard.type(option)
        assert select.evaluate("(select) => select.selectedOptions[0].label") == option

    def tick(self, label: str) -> None:
        box = self.page.get_by_role("checkbox", name=label)
        self.reach(box)
        self.page.keyboard.press("Space")
        assert box.is_checked()

    def bring(self, label: str, file: Path) -> None:
        # Asked for before the way there: that choosers are to be caught must have reached the page when one opens.
        with self.page.expect_file_chooser() as chooser:
            self.reach(self.labelled(label))
            self.page.keyboard.press("Space")
        chooser.value.set_files(file)

    def carry(self, card: str, stage: str) -> None:
        wanted = self.page.locator(f"[data-card][data-name='{card}']")
        column = wanted.locator("xpath=ancestor::*[@data-column]")
        self.reach(column.locator("[data-card][tabindex='0']"))
        for _ in range(column.locator("[data-card]").count()):
            if wanted.evaluate(IS_FOCUSED):
                break
            self.page.keyboard.press("ArrowDown")
        assert wanted.evaluate(IS_FOCUSED), self.page.evaluate(WHERE)
        self.page.keyboard.press("Space")
        there = self.page.locator(f"[data-column][data-name={stage}] [data-card][data-name='{card}']")
        for _ in range(self.page.locator("[data-column]").count()):
            if there.count():
                break
            self.page.keyboard.press("ArrowRight")
        self.page.keyboard.press("Enter")

    def go(self, place: str) -> None:
        self.page.wait_for_load_state()
        for _ in range(MOST_STOPS):
            if not self.page.evaluate(IS_TYPING):
                break
            self.page.keyboard.press("Tab")
        self.page.keyboard.press("g")
        self.page.keyboard.press(PLACES[place])

    def open_talk(self, who: str) -> None:
        wanted = self.page.locator("[data-row]", has_text=who)
        wanted.wait_for()
        self.page.wait_for_load_state()
        for _ in range(self.page.locator("[data-row]").count()):
            self.page.keyboard.press("j")
            if wanted.evaluate(IS_FOCUSED):
                break
        self.page.keyboard.press("Enter")

    def answer(self, text: str) -> None:
        self.page.wait_for_load_state()
        self.page.keyboard.press("r")
        self.page.keyboard.type(text)
        self.page.keyboard.press("Control+Enter")
