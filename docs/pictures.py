"""Takes the pictures of messages for the reference, from the sandbox page in a real browser: `python -m docs.pictures`.

It plays the tour as somebody of each company, and takes each message as it stands in that company's window.
"""

import re
from collections.abc import Mapping

from playwright.sync_api import Page, expect, sync_playwright

from docs.shown import PICTURES_FOLDER as FOLDER
from tests.fakes.sandbox_page import Sandbox, demo, launched, what_is_missing

SIDES = {"dc": "slack", "mc": "teams"}
TITLE = "The second milestone moved again"
WORDS = "It moved by a week, for the third time. We need a date to which both of us hold."
NOT_POINTED_AT = "document.querySelectorAll('.is-pointed-at').forEach((one) => one.classList.remove('is-pointed-at'))"
SAYS: Mapping[str, re.Pattern[str]] = {
    "charter": re.compile("proposes it"),
    "checkin": re.compile("How is it going"),
    "pulse": re.compile("Anonymous"),
    "results": re.compile("Results of pulse"),
    "escalation": re.compile(TITLE),
    "checkpoint": re.compile("Time to look back"),
}
"""What the message of each picture says."""


class Photographer:
    """Plays the page and takes pictures on the way."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._sandbox = Sandbox(page)

    def walk(self, address: str) -> None:
        self._sandbox.open(address)
        self._both("charter", "sign")
        for side in SIDES:
            self._as(side)
            self._sandbox.choose("sign")
            self._sandbox.go()
            self._sandbox.press(side, "proposes it", "Sign")
            expect(self._sandbox.message(side, "proposes it")).to_contain_text("signed by")
        for name, step in (("checkin", "checkin"), ("pulse", "pulse"), ("results", "gap")):
            self._both(name, step)
        self._raise()
        for side, other in zip(SIDES, reversed(SIDES), strict=True):
            self._as(side)
            self._sandbox.choose("escalation")
            self._sandbox.go("The other side")
            self._take("escalation", other)
        self._as("dc")
        self._sandbox.choose("checkpoint")
        if not self._sandbox.go():
            self._page.keyboard.press("Enter")
        self._both("checkpoint", "checkpoint")

    def _as(self, side: str) -> None:
        self._sandbox.mine, self._sandbox.other = side, next(other for other in SIDES if other != side)
        self._page.get_by_label("I play").select_option(side)

    def _both(self, name: str, step: str) -> None:
        for side in SIDES:
            self._as(side)
            self._sandbox.step_until_there(step, most=12)
            self._take(name, side)

    def _raise(self) -> None:
        self._as("dc")
        self._sandbox.choose("escalation")
        self._sandbox.go()
        self._page.keyboard.press("Enter")
        dialog = self._sandbox.dialog()
        dialog.get_by_label("What is it about?").fill(TITLE)
        dialog.get_by_label("What happened? The facts.").fill(WORDS)
        dialog.get_by_label("What do you need from the other side, or from both?").fill("One date from both.")
        dialog.get_by_role("button", name="Tell both sides").click()
        expect(dialog).to_have_count(0)

    def _take(self, name: str, side: str) -> None:
        message = self._sandbox.message(side, SAYS[name])
        expect(message).to_be_visible()
        self._page.mouse.move(0, 0)
        self._page.evaluate(NOT_POINTED_AT)
        message.screenshot(path=FOLDER / f"{name}-{SIDES[side]}.png", animations="disabled")


def main() -> None:
    """Take every picture anew."""
    if missing := what_is_missing():
        raise SystemExit(missing)
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright, demo() as address:
        browser = launched(playwright)
        page = browser.new_page(viewport={"width": 1280, "height": 2200}, color_scheme="light", reduced_motion="reduce")
        page.set_default_timeout(60_000)
        Photographer(page).walk(address)
        browser.close()


if __name__ == "__main__":
    main()
