"""The sandbox page in a real browser: the demo as a process, and what a person does with the page, by name."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, Playwright, expect

ROOT = Path(__file__).parents[2]
DIST = ROOT / "sandbox" / "web" / "dist" / "index.html"
AXE = ROOT / "sandbox" / "web" / "page" / "node_modules" / "axe-core" / "axe.min.js"
SETTLED = 60_000
"""Milliseconds that the page may take for a step of the clock on a slow machine."""
STANDS = """async () => {
    const { clock } = await (await fetch("/api/state")).json();
    const shown = document.querySelector("[data-testid=clock]").dataset;
    return !clock.stepping && shown.now >= clock.now && shown.moving === "false";
}"""
"""Whether the clock stands where it was going, on the server and on the page."""
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str | None:
    """Where the system's Chromium is; LIAISON_CHROMIUM names another."""
    named = os.environ.get("LIAISON_CHROMIUM")
    return named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def what_is_missing() -> str | None:
    """Why the browser tests cannot run here, or None."""
    if chromium() is None:
        return "no Chromium here: apt-get install chromium, or name one in LIAISON_CHROMIUM"
    if not DIST.exists():
        return "the page is not built: make page"
    return None


def launched(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=chromium(), args=FLAGS)


@contextmanager
def demo() -> Iterator[str]:
    """Run `liaison demo` with its page on a free port and give its address."""
    command = [sys.executable, "-m", "bot", "demo", "--port", "0", "--no-browser"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        told = ""
        try:
            for line in process.stdout:
                told += line
                if found := re.search(r"http://[\w.:]+", line):
                    yield found.group()
                    break
            else:
                raise AssertionError(f"the demo ended before it said where its page is:\n{told}")
        finally:
            process.send_signal(signal.SIGINT)
            process.stdout.read()


class Sandbox:
    """The page as somebody who tours it sees it, playing `mine` ("dc" or "mc")."""

    def __init__(self, page: Page, mine: str = "dc") -> None:
        self.page = page
        self.mine = mine
        self.other = {"dc": "mc", "mc": "dc"}[mine]
        self._pictures = 0

    def picture(self, name: str) -> None:
        """Take a picture for whoever wants to look: into the folder that LIAISON_PICTURES names, if it does."""
        folder = os.environ.get("LIAISON_PICTURES")
        if folder is None:
            return
        self._pictures += 1
        width = (self.page.viewport_size or {"width": 0})["width"]
        self.page.screenshot(path=Path(folder) / f"{self.mine}-{width}-{self._pictures:02}-{name}.png")

    def open(self, address: str) -> None:
        self.page.goto(address)
        expect(self.page.get_by_test_id("clock")).to_be_visible(timeout=SETTLED)
        self.page.get_by_label("I play").select_option(self.mine)

    def window(self, company: str) -> Locator:
        return self.page.locator(f'[data-company="{company}"]')

    def message(self, company: str, text: str | re.Pattern[str]) -> Locator:
        """The latest message of the open conversation that says `text`."""
        return self.window(company).locator("[data-message]").filter(has_text=text).last

    def press(self, company: str, text: str | re.Pattern[str], button: str) -> None:
        self.message(company, text).get_by_role("button", name=button, exact=True).click()

    def say(self, company: str, words: str) -> None:
        box = self.window(company).locator(".composer textarea")
        box.fill(words)
        box.press("Enter")
        expect(box).to_have_value("")

    def dialog(self) -> Locator:
        return self.page.locator("dialog[open]")

    def step(self, name: str = "day") -> None:
        """Let the clock make one step, and wait until it is there and the page shows it.

        The server is asked too: what was under way before the step also moves the clock on a little.
        """
        with self.page.expect_response("**/api/clock"):
            self.page.locator(f'[data-step="{name}"]').click()
        while not self.page.evaluate(STANDS):
            self.page.wait_for_timeout(100)

    def sign(self) -> None:
        """The tour's first step: an executive of each company signs."""
        self.choose("sign")
        self.go()
        self.picture("sign")
        self.press(self.mine, "proposes it", "Sign")
        expect(self.message(self.mine, "proposes it")).to_contain_text("signed by")
        self.go("The other signature")
        self.press(self.other, "proposes it", "Sign")
        self.expect_done("sign")

    # --- the tour -----------------------------------------------------------------------------------

    def choose(self, key: str) -> None:
        """Bring a step of the tour up by hand."""
        self.page.locator(f'[data-tour="{key}"]').click()

    def go(self, where: str = "Take me there") -> bool:
        """Follow the tour's button; whether it led to a message rather than to a word to say."""
        self.page.evaluate(
            "for (const one of document.querySelectorAll('.is-pointed-at')) one.classList.remove('is-pointed-at')"
        )
        self.page.get_by_test_id("tour").get_by_role("button", name=where, exact=True).click()
        expect(self.page.locator(".is-pointed-at, .tour-said[data-leads=false]").first).to_be_visible()
        return self.page.locator("[data-message].is-pointed-at").count() > 0

    def step_until_there(self, key: str, most: int = 8) -> None:
        """Step by working days until the step's message is there, and go to it."""
        for _ in range(most):
            self.choose(key)
            if self.go():
                self.picture(key)
                return
            self.step()
        raise AssertionError(f"{key} was not there after {most} working days")

    def is_done(self, key: str) -> bool:
        return self.page.locator(f'[data-tour="{key}"]').get_attribute("data-done") == "true"

    def expect_done(self, key: str) -> None:
        expect(self.page.locator(f'[data-tour="{key}"]')).to_have_attribute("data-done", "true", timeout=SETTLED)
        self.picture(f"{key}-done")
