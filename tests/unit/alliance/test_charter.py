import datetime as dt
from collections.abc import Callable
from dataclasses import fields, replace
from fractions import Fraction

import pytest

from alliance.cadence import Cadence
from alliance.calendar import Window
from alliance.charter import (
    AlreadySigned,
    Change,
    Charter,
    CharterState,
    CharterVersion,
    NotProposable,
    NotSignable,
    Term,
    card_of,
    decline,
    diff,
    lapse,
    missing,
    propose,
    sign,
)
from alliance.errors import AllianceError
from alliance.ids import MemberId
from alliance.protocol import Level, Who, with_levels
from alliance.triggers import Triggers
from tests.fakes.builders import DC, MC, MONDAY, make_charter, make_charter_version

AM, DC_EX, MC_EX = MemberId("dc-am"), MemberId("dc-ex1"), MemberId("mc-ex1")
LATER = MONDAY + dt.timedelta(days=3)


def proposed(charter: Charter | None = None) -> CharterVersion:
    return propose(make_charter_version(charter, state=CharterState.DRAFT), AM, MONDAY)


def test_a_proposal_lapses_after_the_days_that_the_charter_itself_names() -> None:
    version = proposed(replace(make_charter(), sign_within_days=4))

    assert version.state is CharterState.PROPOSED
    assert version.lapses_at == MONDAY + dt.timedelta(days=4)


def test_one_signature_is_not_enough() -> None:
    version = sign(proposed(), DC, DC_EX, LATER)

    assert version.state is CharterState.PROPOSED
    assert missing(version, (DC, MC)) == (MC,)
    assert version.in_force_at is None


@pytest.mark.parametrize("order", [((DC, DC_EX), (MC, MC_EX)), ((MC, MC_EX), (DC, DC_EX))])
def test_the_second_company_s_signature_puts_it_into_force(order: tuple[tuple[str, str], ...]) -> None:
    version = proposed()
    for side, who in order:
        version = sign(version, type(DC)(side), MemberId(who), LATER)

    assert version.state is CharterState.IN_FORCE
    assert version.in_force_at == LATER
    assert set(version.signatures) == {DC, MC}


def test_the_same_company_cannot_sign_twice() -> None:
    version = sign(proposed(), DC, DC_EX, LATER)

    with pytest.raises(AlreadySigned):
        sign(version, DC, MemberId("dc-ex2"), LATER)


def test_at_the_instant_of_the_lapse_it_is_too_late_to_sign_or_decline() -> None:
    version = proposed()
    assert version.lapses_at is not None

    with pytest.raises(NotSignable):
        sign(version, DC, DC_EX, version.lapses_at)
    with pytest.raises(NotSignable):
        decline(version, version.lapses_at)


STEPS: dict[str, tuple[Callable[[CharterVersion], CharterVersion], CharterState]] = {
    "propose": (lambda v: propose(v, AM, LATER), CharterState.DRAFT),
    "sign": (lambda v: sign(v, DC, DC_EX, LATER), CharterState.PROPOSED),
    "decline": (lambda v: decline(v, LATER), CharterState.PROPOSED),
    "lapse": (lapse, CharterState.PROPOSED),
}


@pytest.mark.parametrize("state", CharterState)
@pytest.mark.parametrize("name", STEPS)
def test_every_step_is_possible_in_one_state_only(name: str, state: CharterState) -> None:
    step, from_state = STEPS[name]
    version = make_charter_version(state=state)

    if state is from_state:
        assert step(version) != version
    else:
        with pytest.raises((NotSignable, NotProposable)):
            step(version)


@pytest.mark.parametrize("error", [NotSignable, NotProposable, AlreadySigned])
def test_every_refusal_is_one_line(error: type[AllianceError]) -> None:
    assert "\n" not in error().sentence


# --- the diff ---------------------------------------------------------------------------------------


def test_equal_charters_differ_in_nothing() -> None:
    assert diff(make_charter(), make_charter()) == ()


def test_a_target_is_the_same_whether_written_10_or_10_point_0() -> None:
    charter = make_charter()
    first, *rest = charter.criteria

    same = replace(charter, criteria=(replace(first, target=10.0), *rest))

    assert diff(charter, same) == ()


def test_a_diff_says_windows_cadences_and_days_in_words() -> None:
    charter = make_charter()
    first, *rest = charter.protocol.levels
    levels = (replace(first, resolve=Window(minutes=240)), *rest)

    changed = replace(
        charter,
        protocol=with_levels(charter.protocol, levels),
        checkin=replace(charter.checkin, cadence=Cadence("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", dt.time(10))),
        digest=replace(charter.digest, weekday=1),
    )

    assert diff(charter, changed) == (
        Change("protocol.levels.counterparts.resolve", "5 joint working days", "4 joint working hours"),
        Change("checkin.cadence", "every week on Tuesday at 10:00", "every 2 weeks on Tuesday at 10:00"),
        Change("digest", "every Monday at 08:00", "every Tuesday at 08:00"),
    )


def test_a_goal_put_first_is_one_change() -> None:
    charter = make_charter()

    changed = replace(charter, joint_goals=("A new goal", *charter.joint_goals))

    assert diff(charter, changed) == (Change("joint_goals", None, "A new goal"),)


def test_another_order_of_dimensions_is_one_change_since_it_changes_what_is_asked_when() -> None:
    charter = make_charter()
    one = replace(charter, pulse=replace(charter.pulse, dimensions=("trust", "commitment")))
    other = replace(charter, pulse=replace(charter.pulse, dimensions=("commitment", "trust")))

    assert diff(one, other) == (Change("pulse.dimensions", "trust, commitment", "commitment, trust"),)


def test_a_level_that_is_taken_out_is_named() -> None:
    charter = make_charter()
    without = with_levels(charter.protocol, charter.protocol.levels[1:])

    changes = diff(charter, replace(charter, protocol=without))

    assert {change.field for change in changes} == {
        "protocol.levels.counterparts.who",
        "protocol.levels.counterparts.acknowledge",
        "protocol.levels.counterparts.resolve",
    }
    assert all(change.after is None for change in changes)


OTHER = {
    "purpose": "Another one.",
    "why_it_matters": {DC: "So.", MC: "Therefore."},
    "joint_goals": ("Another",),
    "own_goals": {DC: ("Another",), MC: ("One",)},
    "criteria": (),
    "decisions": (),
    "protocol": with_levels(make_charter().protocol, (Level(Who.MANAGERS, Window(minutes=60), Window(minutes=90)),)),
    "checkin": replace(make_charter().checkin, answer_within=3),
    "pulse": replace(make_charter().pulse, minimum_answers=6),
    "checkpoints": replace(make_charter().checkpoints, at=dt.time(11)),
    "digest": replace(make_charter().digest, at=dt.time(9)),
    "triggers": Triggers(floor=2.5),
    "reach": {},
    "glossary": (Term("The start", {DC: "launch", MC: "go-live"}),),
    "exit_terms": "",
    "sign_within_days": 11,
}


@pytest.mark.parametrize("field", [field.name for field in fields(Charter)])
def test_no_field_of_a_charter_can_change_unseen(field: str) -> None:
    charter = make_charter()

    changes = diff(charter, replace(charter, **{field: OTHER[field]}))  # type: ignore[arg-type]

    assert changes
    assert {change.field.partition(".")[0] for change in changes} == {field}


def test_a_factor_that_no_decimal_can_write_stays_a_fraction() -> None:
    charter = make_charter()

    changed = replace(charter, protocol=replace(charter.protocol, urgent_factor=Fraction(2, 3)))

    assert diff(charter, changed) == (Change("protocol.urgent_factor", "0.5", "2/3"),)


def test_a_card_shows_the_whole_of_a_first_charter_and_only_the_changes_of_a_later_one() -> None:
    charter = make_charter()
    changed = proposed(replace(charter, purpose="Another one."))

    assert card_of(changed, None).first == changed.charter
    assert card_of(changed, None).changes == ()
    assert card_of(changed, charter).first is None
    assert [change.field for change in card_of(changed, charter).changes] == ["purpose"]
