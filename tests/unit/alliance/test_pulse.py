import datetime as dt
from dataclasses import replace

import pytest

from alliance.errors import InvalidInput
from alliance.ids import MemberId
from alliance.pulse import (
    NotInvited,
    OtherItems,
    PulseOver,
    answer_key,
    close,
    invite,
    invitees,
    make_answer,
    require_open_to,
)
from alliance.roster import Roster, Tier
from alliance.rounds import RoundState
from tests.fakes.builders import DC, MC, MONDAY, make_member, make_roster
from tests.fakes.pulses import ADVOCACY, TRUST, make_pulse

GOOD = {"trust.we": 4, "trust.they": 2}


def away(roster: Roster, key: str, until: dt.date | None, *, active: bool = True) -> Roster:
    members = tuple(replace(m, away_until=until, active=active) if m.key == key else m for m in roster.members)
    return replace(roster, members=members)


def test_all_tiers_of_a_side_are_invited_but_not_the_mediator() -> None:
    roster = make_roster()

    invited = invitees(roster, DC, MONDAY)

    assert invited == tuple(member.id for member in roster.members if member.side == DC)
    assert {roster.member(m).tier for m in invited} == set(Tier) - {Tier.MEDIATOR}


def test_who_is_away_for_longer_than_the_round_or_has_left_is_not_invited() -> None:
    last_day = dt.date(2026, 2, 2)
    roster = away(make_roster(), "dc-op1", last_day)
    roster = away(roster, "dc-op2", last_day - dt.timedelta(days=1))
    roster = away(roster, "dc-op3", None, active=False)

    invited = invitees(roster, DC, MONDAY)

    assert MemberId("dc-op1") not in invited
    assert MemberId("dc-op2") in invited
    assert MemberId("dc-op3") not in invited


def test_a_side_is_invited_once() -> None:
    pulse = replace(make_pulse(), invited={})

    opened = invite(pulse, DC, (MemberId("a"),))

    assert invite(opened, DC, (MemberId("b"),)) == opened
    assert set(invite(opened, MC, (MemberId("c"),)).invited) == {DC, MC}


def test_a_key_depends_on_the_secret_and_on_the_member_and_on_nothing_else() -> None:
    ana, ben = MemberId("ana"), MemberId("ben")

    keys = {answer_key(secret, member) for secret in (b"one", b"two") for member in (ana, ben)}

    assert len(keys) == 4
    assert answer_key(b"one", ana) == answer_key(b"one", ana)
    assert answer_key(b"key", MemberId("The quick brown fox jumps over the lazy dog")) == (
        "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"  # RFC 2104 test text, SHA-256
    )


def test_only_the_invited_answer_and_only_while_it_is_open() -> None:
    pulse = make_pulse()
    invited = make_member("dc-0", DC)

    assert require_open_to(pulse, invited, MONDAY) == DC
    for stranger in (make_member("dc-99", DC), make_member("mediator", None), make_member("dc-0", MC)):
        with pytest.raises(NotInvited):
            require_open_to(pulse, stranger, MONDAY)
    with pytest.raises(PulseOver):
        require_open_to(pulse, invited, pulse.closes_at)
    with pytest.raises(PulseOver):
        require_open_to(close(pulse), invited, MONDAY)


def test_a_pulse_closes_once() -> None:
    closed = close(make_pulse())

    assert closed.state is RoundState.CLOSED
    with pytest.raises(PulseOver):
        close(closed)


def test_an_answer_holds_the_rounds_items_in_the_rounds_order() -> None:
    answer = make_answer(make_pulse(), DC, {"trust.they": 2, "trust.we": 4}, "  Fine. ")

    assert list(answer.ratings.items()) == [("trust.we", 4), ("trust.they", 2)]
    assert answer.comment == "Fine."


@pytest.mark.parametrize(
    ("ratings", "field"),
    [
        ({"trust.we": 4}, "trust.they"),
        ({**GOOD, "trust.we": 0}, "trust.we"),
        ({**GOOD, "trust.we": 6}, "trust.we"),
    ],
)
def test_missing_ratings_and_ratings_off_their_scale_are_named(ratings: dict[str, int], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        make_answer(make_pulse(), DC, ratings, "")

    assert refused.value.fields == {field: "Please choose a number from 1 to 5."}


def test_advocacy_goes_from_0_to_10() -> None:
    pulse = make_pulse(ADVOCACY)

    assert make_answer(pulse, DC, {"advocacy": 0}, "").ratings == {"advocacy": 0}
    with pytest.raises(InvalidInput, match="another look"):
        make_answer(pulse, DC, {"advocacy": 11}, "")


def test_items_of_another_round_are_refused_whole() -> None:
    with pytest.raises(OtherItems):
        make_answer(make_pulse(TRUST), DC, {**GOOD, "advocacy": 9}, "")


def test_a_comment_that_is_too_long_is_refused_and_not_cut() -> None:
    with pytest.raises(InvalidInput) as refused:
        make_answer(make_pulse(), DC, GOOD, "x" * 1001)

    assert set(refused.value.fields) == {"comment"}
