"""The guided tour from its first step to its last in a real browser, once as each company."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.fakes.sandbox_page import Sandbox, demo

WORDS = "The second milestone moved again."


def answer_checkin(tour: Sandbox) -> None:
    tour.step_until_there("checkin")
    message = tour.message(tour.mine, "How is it going?")
    message.get_by_label("At risk").check()
    message.get_by_label("What is next?").fill(WORDS)
    message.get_by_role("button", name="Send my answer").click()
    expect(tour.message(tour.mine, WORDS)).to_contain_text("your answer is in")
    tour.expect_done("checkin")


def answer_pulse(tour: Sandbox) -> None:
    tour.step_until_there("pulse")
    message = tour.message(tour.mine, "Anonymous")
    for choice in message.get_by_role("radio", name="4", exact=True).all():
        choice.check()
    message.get_by_role("button", name="Send my answer").click()
    tour.expect_done("pulse")


def see_gap(tour: Sandbox) -> None:
    tour.step_until_there("gap", most=12)
    expect(tour.message(tour.mine, "Results of pulse").get_by_role("img", name=re.compile("Scores"))).to_be_visible()
    tour.expect_done("gap")


def raise_escalation(tour: Sandbox) -> None:
    tour.choose("escalation")
    tour.go()
    tour.page.keyboard.press("Enter")
    if tour.mine == "mc":  # on Teams a word cannot open a dialog; the answer's button does
        tour.message("mc", "Raise an escalation").get_by_role("button", name="Raise").click()
    dialog = tour.dialog()
    if tour.mine == "mc":  # the answer asks the same in the conversation: their choices must not be one group
        expect(tour.window("mc").locator("[data-message]").get_by_label("Routine").last).to_be_checked()
    expect(dialog.get_by_label("Routine")).to_be_checked()
    dialog.get_by_label("What is it about?").fill(WORDS)
    dialog.get_by_role("button", name="Tell both sides").click()
    expect(dialog.get_by_label("What is it about?")).to_have_value(WORDS)
    tour.picture("escalation-refused")
    dialog.get_by_label("What happened? The facts.").fill(WORDS)
    dialog.get_by_label("What do you need from the other side, or from both?").fill(WORDS)
    dialog.get_by_role("button", name="Tell both sides").click()
    expect(dialog).to_have_count(0)
    tour.go("The other side")
    expect(tour.message(tour.other, WORDS).get_by_role("button", name="Acknowledge")).to_be_visible()
    tour.expect_done("escalation")


def miss_acknowledgement(tour: Sandbox) -> None:
    for _ in range(6):
        tour.step()
        if tour.is_done("missed"):
            break
    tour.expect_done("missed")


def close_checkpoint(tour: Sandbox) -> None:
    tour.choose("checkpoint")
    tour.go()
    tour.page.keyboard.press("Enter")
    tour.press(tour.mine, "Time to look back", "Look back")
    dialog = tour.dialog()
    dialog.get_by_role("textbox").first.fill(WORDS)
    tour.picture("checkpoint-dialog")
    dialog.get_by_role("button", name=re.compile("Send|Save|Answer")).click()
    expect(dialog).to_have_count(0)
    for _ in range(8):
        tour.step()
        if tour.is_done("checkpoint"):
            break
    tour.expect_done("checkpoint")


def walk(tour: Sandbox, address: str) -> None:
    tour.open(address)
    tour.sign()
    for step in (answer_checkin, answer_pulse, see_gap, raise_escalation, miss_acknowledgement, close_checkpoint):
        step(tour)
    expect(tour.page.get_by_test_id("tour")).to_contain_text("That was the whole tour.")


@pytest.mark.parametrize(("mine", "width", "height"), [("dc", 1280, 720), ("mc", 390, 844)])
def test_the_tour_can_be_walked_from_either_side(open_page: OpenPage, mine: str, width: int, height: int) -> None:
    with demo() as address:
        tour = Sandbox(open_page(width, height), mine)
        walk(tour, address)
        tour.page.close()  # before the demo ends, or the page complains that it is gone
