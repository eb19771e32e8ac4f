"""What counts as a step of the tour, and what as read."""

import pytest

from sandbox.clock import MovableClock
from sandbox.people import CHARACTERS, Kind, Teammate
from sandbox.seats import SlackSeat
from sandbox.slack import SlackStandIn
from sandbox.stage import START
from sandbox.web.backstage import AuditLine
from sandbox.web.reading import Reading
from sandbox.web.tour import Tour
from sandbox.web.window import LIAISON, ShownMessage

ENOUGH = {"answered dc": "5 of 12", "answered mc": "7 of 12"}
SHORT = {"answered dc": "12 of 12", "answered mc": "4 of 12"}


def person(key: str) -> Teammate:
    seat = SlackSeat(SlackStandIn(clock=MovableClock(START), signing_secret="s"), "T1", "U1")
    return Teammate(key, key, key[:2], "operational", "UTC", seat, CHARACTERS[Kind.PROMPT], 7)


def line(number: int, event: str, subject: str = "", actor: str | None = None, **facts: str) -> AuditLine:
    return AuditLine(number, START, actor, event, subject, facts, {})


def message(text: str, author: str = LIAISON, name: str = "1") -> ShownMessage:
    return ShownMessage(name, START, None, author, author, text)


def done(tour: Tour) -> set[object]:
    return {step["key"] for step in tour.progress() if step["done"]}


@pytest.fixture
def played() -> set[str]:
    return {"dc-ana"}


@pytest.fixture
def tour(played: set[str]) -> Tour:
    return Tour({key: person(key) for key in ("dc-ana", "dc-ben", "mc-jonas")}, played)


@pytest.mark.parametrize(
    ("event", "step"),
    [
        ("charter in force", {"sign"}),
        ("charter signed", set()),
        ("acknowledgement missed", {"missed"}),
        ("checkpoint closed", {"checkpoint"}),
        ("checkpoint opened", set()),
    ],
)
def test_the_audit_trail_decides(tour: Tour, event: str, step: set[str]) -> None:
    tour.happened([line(4, event)])

    assert done(tour) == step
    assert tour.read_to == 4


def test_an_answer_counts_once_the_message_shows_something_else(tour: Tour) -> None:
    tour.answered("checkin.answer", "questions", "questions")
    tour.answered("action-item.done", "open", "done")
    assert done(tour) == set()

    tour.answered("checkin.answer", "questions", "thanks")
    tour.answered("pulse.answer", "questions", "thanks")
    assert done(tour) == {"checkin", "pulse"}


def test_a_gap_is_seen_in_results_that_show_figures(tour: Tour) -> None:
    tour.happened([line(1, "pulse closed", "pulse 1", **SHORT), line(2, "pulse closed", "pulse 12", **ENOUGH)])

    tour.looked("dc-ben", [message("Results of pulse 1: 12 of 12 answered at DC, 4 of 12 at MC.")])
    assert done(tour) == set()

    tour.looked("dc-ben", [message("Results of pulse 12: 5 of 12 answered at DC, 7 of 12 at MC.")])
    assert done(tour) == {"gap"}


@pytest.mark.parametrize(
    ("actor", "looks", "steps"),
    [
        ("dc-ana", "mc-jonas", {"escalation"}),
        ("dc-ana", "dc-ben", set()),
        ("mc-jonas", "dc-ana", set()),
        (None, "mc-jonas", set()),
    ],
)
def test_an_escalation_has_to_arrive_on_the_other_side(
    tour: Tour, actor: str | None, looks: str, steps: set[str]
) -> None:
    tour.happened([line(1, "escalation raised", "escalation 1", actor)])

    tour.looked(looks, [message("Ana Ruiz (DC) raised escalation 1: the date"), message("escalation 12")])

    assert done(tour) == steps


def test_a_message_is_unread_until_its_place_is_opened_and_new_until_the_next_time() -> None:
    reading, first, own, second = Reading(), message("a"), message("b", "dc-ana", "2"), message("c", name="3")

    assert reading.unread("dc-ana", "dm", [first, own]) == 1
    reading.opened("dc-ana", "dm", [first, own])
    assert reading.unread("dc-ana", "dm", [first, own, second]) == 1
    assert reading.unread("dc-ana", "channel", [first]) == 1
    assert [reading.is_new("dc-ana", "dm", one) for one in (first, own, second)] == [True, False, True]

    reading.opened("dc-ana", "dm", [first, own, second])
    assert [reading.is_new("dc-ana", "dm", one) for one in (first, own, second)] == [False, False, True]
