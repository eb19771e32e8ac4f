"""The page by keyboard, by screen reader, in both colour schemes and on small screens."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import OpenPage
from tests.fakes.sandbox_page import AXE, Sandbox, demo

SIZES = [(1280, 720), (390, 844)]


@pytest.fixture(scope="module")
def address(browser: Browser) -> Iterator[str]:
    """A demo whose charter is signed, for all tests of this file."""
    with demo() as found:
        context = browser.new_context()
        sandbox = Sandbox(context.new_page())
        sandbox.open(found)
        sandbox.sign()
        context.close()
        yield found


@pytest.fixture
def sandbox(open_page: OpenPage, address: str) -> Sandbox:
    seen = Sandbox(open_page())
    seen.open(address)
    return seen


def violations(page: Page) -> list[str]:
    """What axe-core calls serious or critical, with the element that it complains of."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))  # a script element would be refused by the page's own policy
    found: Any = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{rule['id']}: {node['html'][:160]}"
        for rule in found["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


def is_too_wide(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def screens(sandbox: Sandbox) -> list[str]:
    """Walk through the main screens and say what is wrong with each."""
    page = sandbox.page
    wrong: list[str] = []

    def look(name: str) -> None:
        sandbox.picture(name)
        wrong.extend(f"{name}: {one}" for one in violations(page))
        if is_too_wide(page):
            wrong.append(f"{name}: scrolls sideways")

    look("start")
    window = page.locator("[data-company]").first
    window.get_by_role("button", name=re.compile("^You play")).click()
    look("people")
    page.keyboard.press("Escape")
    for place in ("Home", "#alliance", "Liaison"):
        window.get_by_role("tab", name=re.compile(place)).click()
        expect(window.get_by_role("region", name=re.compile(place))).to_be_visible()
        look(place.strip("#"))
    page.get_by_role("button", name="Behind the scenes").click()
    expect(page.get_by_text("The chain of hashes is whole.")).to_be_visible()
    look("audit")
    page.get_by_role("tab", name="Platform requests").click()
    page.locator(".drawer summary").first.click()
    look("requests")
    page.keyboard.press("Escape")
    sandbox.say("dc", "/alliance help")
    look("help")
    sandbox.say("dc", "/alliance raise")
    expect(sandbox.dialog()).to_be_visible()
    sandbox.dialog().get_by_role("button", name="Tell both sides").click()
    expect(sandbox.dialog().locator(".field-error").first).to_be_visible()
    look("dialog")
    page.keyboard.press("Escape")
    expect(sandbox.dialog()).to_have_count(0)
    return wrong


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_main_screen_has_a_serious_fault(
    open_page: OpenPage, address: str, width: int, height: int, scheme: str
) -> None:
    sandbox = Sandbox(open_page(width, height, scheme))
    sandbox.open(address)

    assert screens(sandbox) == []


def test_the_page_asks_no_other_host(open_page: OpenPage, address: str) -> None:
    asked: list[str] = []
    page = open_page()
    page.on("request", lambda request: asked.append(request.url))
    sandbox = Sandbox(page)
    sandbox.open(address)
    sandbox.say("dc", "/alliance status")

    assert [url for url in asked if not url.startswith((address, "data:"))] == []


def test_one_company_at_a_time_on_a_narrow_screen(open_page: OpenPage, address: str) -> None:
    sandbox = Sandbox(open_page(390, 844))
    sandbox.open(address)
    page = sandbox.page

    page.get_by_role("tab", name="DC on Slack").focus()
    page.keyboard.press("ArrowRight")

    expect(sandbox.window("mc")).to_be_visible()
    expect(sandbox.window("dc")).to_have_count(0)


def reached(page: Page, goal: Locator, most: int = 60) -> bool:
    """Whether the Tab key alone leads to it."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if goal.evaluate("element => element === document.activeElement"):
            return True
    return False


def test_the_keyboard_alone_is_enough(sandbox: Sandbox) -> None:
    page = sandbox.page
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the chats")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#companies")).to_be_focused()

    opener = sandbox.window("dc").get_by_role("button", name=re.compile("^You play"))
    assert reached(page, opener, most=3)
    page.keyboard.press("Enter")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(opener).to_be_focused()
    expect(opener).to_contain_text("mediator")
    assert reached(page, sandbox.window("dc").locator(".composer textarea"), most=12)
    page.keyboard.type("/alliance help")
    page.keyboard.press("Enter")

    expect(sandbox.window("dc").get_by_role("region")).to_contain_text("status")


def test_a_dialog_keeps_the_focus_and_what_was_typed(sandbox: Sandbox) -> None:
    page = sandbox.page
    sandbox.window("dc").get_by_role("button", name=re.compile("^You play")).click()
    page.locator('[data-person="dc-tyrone"]').click()
    sandbox.say("dc", "/alliance raise")
    dialog = sandbox.dialog()
    about = dialog.get_by_label("What is it about?")
    expect(about).to_be_focused()

    about.fill("<b>مرحبا</b> *not bold*")
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
    dialog.get_by_role("button", name="Tell both sides").click()

    facts = dialog.get_by_label("What happened? The facts.")
    expect(facts).to_have_attribute("aria-invalid", "true")
    expect(facts).to_be_focused()
    expect(about).to_have_value("<b>مرحبا</b> *not bold*")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(sandbox.window("dc").locator(".composer textarea")).to_be_focused()


def test_what_happens_is_said_to_a_screen_reader(sandbox: Sandbox) -> None:
    sandbox.step("hour")
    expect(sandbox.page.get_by_test_id("announcer")).to_contain_text(re.compile(r"It is .* at DC, .* at MC\.|New for"))


def test_a_moving_clock_says_why_its_steps_wait(sandbox: Sandbox) -> None:
    page = sandbox.page
    page.locator('[data-step="week"]').click()
    hour = page.locator('[data-step="hour"]')

    expect(hour).to_have_attribute("aria-disabled", "true")
    expect(hour).to_have_accessible_description(re.compile("The clock is moving"))
    expect(page.get_by_role("progressbar", name="The clock is moving")).to_be_visible()
    expect(page.get_by_test_id("clock")).to_have_attribute("data-moving", "false", timeout=60_000)


def test_the_clock_plays_until_it_is_paused(sandbox: Sandbox) -> None:
    clock, play = sandbox.page.get_by_test_id("clock"), sandbox.page.get_by_test_id("play")
    before = clock.get_attribute("data-now") or ""
    play.click()
    expect(clock).not_to_have_attribute("data-now", before)
    expect(play).to_have_text("Pause")
    play.click()

    expect(play).to_have_text("Play")


def test_teammates_can_be_told_to_wait(sandbox: Sandbox) -> None:
    switch = sandbox.page.get_by_role("switch", name="Teammates answer by themselves")
    expect(switch).to_be_checked()
    switch.click()
    expect(switch).not_to_be_checked()
    switch.click()

    expect(switch).to_be_checked()


def test_the_tour_can_be_left_and_resumed(sandbox: Sandbox) -> None:
    page = sandbox.page
    page.get_by_role("button", name="Leave the tour").click()
    expect(page.get_by_test_id("tour")).to_have_count(0)
    page.reload()
    page.get_by_role("button", name="Resume the tour").click()

    expect(page.get_by_test_id("tour")).to_be_visible()
