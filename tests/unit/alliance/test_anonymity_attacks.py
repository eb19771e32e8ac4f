"""Attacks on what is published of a pulse: each tries to learn an answer that the rule promises to hide.

Most are non-interference: two worlds that differ only in what must stay secret have to publish exactly the same. Where
rows lie on disk, and what they can be joined with, is attacked in tests/contract/test_anonymity_at_rest.py.
"""

import dataclasses
from collections.abc import Iterator, Sequence
from itertools import combinations, product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.audience import ToChannel, ToMember, audience
from alliance.disclosure import own_comments, pulse_results_view
from alliance.ids import MemberId, PulseId, SideKey
from alliance.items import ITEMS
from alliance.notices import PulseClosed, PulseComments
from alliance.pulse import DimensionResult, Gap, PulseAnswer, PulseResults, Withheld
from alliance.pulse_results import ClosedRound, EarlierPulse, publish
from storage.codec import encode
from tests.fakes.builders import ALLIANCE, DC, MC, make_roster
from tests.fakes.pulses import (
    EVERYTHING,
    MIXED,
    answer_sets,
    make_closed,
    make_pulse,
    measured,
    people,
    rate,
)

EVERY_ITEM = make_pulse(EVERYTHING)
SHORT_PAIRS = st.integers(0, 4).flatmap(
    lambda count: st.tuples(*(answer_sets(DC, least=count, most=count) for _ in range(2)))
)


def mixed(side: SideKey) -> list[PulseAnswer]:
    return [PulseAnswer(side, {key: min(rating, ITEMS[key].highest) for key in EVERYTHING}) for rating in MIXED]


def joint(results: PulseResults) -> Iterator[Gap]:
    for result in results.dimensions:
        yield from (result.gap, *result.mirrors)


def only(closed: ClosedRound) -> DimensionResult:
    (result,) = publish(closed).dimensions
    return result


# --- differencing across the two sides and the joint figure -----------------------------------------


@given(SHORT_PAIRS, answer_sets(MC, most=12))
def test_what_a_short_side_answered_changes_nothing_that_is_published(
    worlds: tuple[list[PulseAnswer], list[PulseAnswer]], across: list[PulseAnswer]
) -> None:
    one, other = (publish(make_closed(dc, across, pulse=EVERY_ITEM)) for dc in worlds)

    assert one == other


@given(SHORT_PAIRS, answer_sets(MC, least=5, most=12))
def test_nor_does_it_when_an_earlier_round_was_published(
    worlds: tuple[list[PulseAnswer], list[PulseAnswer]], across: list[PulseAnswer]
) -> None:
    before = measured(make_closed(mixed(DC), mixed(MC), pulse=EVERY_ITEM))
    pulse = make_pulse(EVERYTHING, number=2)

    one, other = (publish(make_closed(dc, across, pulse=pulse, earlier=[before])) for dc in worlds)

    assert one == other


@given(SHORT_PAIRS)
def test_nor_does_a_later_round_tell_by_its_steps(
    worlds: tuple[list[PulseAnswer], list[PulseAnswer]],
) -> None:
    later = []
    for dc in worlds:
        short = measured(make_closed(dc, mixed(MC), pulse=EVERY_ITEM))
        pulse = make_pulse(EVERYTHING, number=2)
        later.append(publish(make_closed(mixed(DC), mixed(MC), pulse=pulse, earlier=[short])))

    assert later[0] == later[1]
    for result in later[0].dimensions:
        assert result.sides[0].change_withheld is Withheld.LAST_TIME


@given(answer_sets(DC, most=4), answer_sets(MC, least=5, most=12))
def test_with_one_side_short_no_joint_figure_is_published(short: list[PulseAnswer], enough: list[PulseAnswer]) -> None:
    for results in (
        publish(make_closed(short, enough, pulse=EVERY_ITEM)),
        publish(
            make_closed(
                [dataclasses.replace(a, side=DC) for a in enough],
                [dataclasses.replace(a, side=MC) for a in short],
                pulse=EVERY_ITEM,
            )
        ),
    ):
        for gap in joint(results):
            assert (gap.value, gap.band, gap.is_gap, gap.repeats) == (None, None, False, 0)
            assert gap.withheld is Withheld.OTHER_SIDE_SHORT


@given(answer_sets(DC), answer_sets(MC), answer_sets(MC))
def test_a_sides_own_figures_say_nothing_about_the_other_side(
    dc: list[PulseAnswer], mc: list[PulseAnswer], other_mc: list[PulseAnswer]
) -> None:
    one, other = (publish(make_closed(dc, across, pulse=EVERY_ITEM)) for across in (mc, other_mc))

    assert [result.sides[0] for result in one.dimensions] == [result.sides[0] for result in other.dimensions]
    assert [told.sides[0] for told in one.unscored] == [told.sides[0] for told in other.unscored]


@given(answer_sets(DC), answer_sets(MC))
def test_no_withheld_figure_can_be_worked_out_from_the_published_ones(
    dc: list[PulseAnswer], mc: list[PulseAnswer]
) -> None:
    """The side gap binds both scores; the two mirrors and the gap bind each other."""
    for result in publish(make_closed(dc, mc, pulse=EVERY_ITEM)).dimensions:
        if any(side.score is None for side in result.sides):
            assert result.gap.value is None
        if result.gap.value is None:
            assert all(mirror.value is None for mirror in result.mirrors)
        assert len({mirror.value is None for mirror in result.mirrors}) <= 1


# --- author, time and order -------------------------------------------------------------------------


@given(answer_sets(DC), answer_sets(MC), st.randoms(use_true_random=False))
def test_no_order_of_the_answers_changes_anything(dc: list[PulseAnswer], mc: list[PulseAnswer], dice: Random) -> None:
    shuffled = [*dc, *mc]
    dice.shuffle(shuffled)

    assert publish(make_closed(shuffled, [], pulse=EVERY_ITEM)) == publish(make_closed(dc, mc, pulse=EVERY_ITEM))


def test_an_answer_has_no_place_for_an_author_or_a_time() -> None:
    assert [field.name for field in dataclasses.fields(PulseAnswer)] == ["side", "ratings", "comment"]


@given(answer_sets(DC), answer_sets(MC), st.permutations([f"someone-{n}" for n in range(12)]))
def test_who_was_invited_changes_nothing_but_the_count(
    dc: list[PulseAnswer], mc: list[PulseAnswer], names: Sequence[str]
) -> None:
    renamed = make_pulse(EVERYTHING, dc=[MemberId(name) for name in names])

    assert publish(make_closed(dc, mc, pulse=renamed)) == publish(make_closed(dc, mc, pulse=EVERY_ITEM))


@given(answer_sets(DC, least=1), answer_sets(MC, least=1))
def test_nothing_published_carries_more_digits_than_are_shown(dc: list[PulseAnswer], mc: list[PulseAnswer]) -> None:
    results = publish(make_closed(dc, mc, pulse=EVERY_ITEM))

    scores = [side.score for result in results.dimensions for side in result.sides if side.score]
    tenths = [figure for score in scores for figure in (score.mean, score.band)]
    tenths += [figure for gap in joint(results) for figure in (gap.value, gap.band) if figure is not None]
    hundredths = [share for s in scores for share in (s.favourable, s.neutral, s.unfavourable)]
    assert tenths == [round(figure, 1) for figure in tenths]
    assert hundredths == [round(share, 2) for share in hundredths]


@given(answer_sets(DC, least=5), answer_sets(MC, least=5))
def test_a_gap_says_nothing_beyond_the_two_scores(dc: list[PulseAnswer], mc: list[PulseAnswer]) -> None:
    for result in publish(make_closed(dc, mc, pulse=EVERY_ITEM)).dimensions:
        first, second = (side.score for side in result.sides)
        if first and second:
            assert result.gap.value == round(first.mean - second.mean, 1)


# --- one person joining, leaving, or taking another's place -----------------------------------------


def after(before: EarlierPulse, now: Sequence[MemberId], ratings: Sequence[int], number: int) -> ClosedRound:
    pulse = make_pulse(number=number, dc=now)
    return make_closed(rate(DC, ratings), rate(MC, MIXED), pulse=pulse, earlier=[before])


TEN = people(DC, 10)
CHANGED_BY_ONE = {
    "joined": (*TEN, MemberId("new")),
    "left": TEN[1:],
    "took a place": (*TEN[1:], MemberId("new")),
}
FIRST = measured(make_closed(rate(DC, (1, 2, 3, 4, 5, 1, 2, 3, 4, 5)), rate(MC, MIXED), pulse=make_pulse(dc=TEN)))


@pytest.mark.parametrize("now", CHANGED_BY_ONE.values(), ids=CHANGED_BY_ONE)
@given(newcomer=st.tuples(st.integers(1, 5), st.integers(1, 5)))
def test_one_persons_rating_is_not_told_by_the_step_in_which_they_come_or_go(
    now: tuple[MemberId, ...], newcomer: tuple[int, int]
) -> None:
    """Everybody else answers as before, so that a published level would name the rating of the one."""
    others = (1, 2, 3, 4, 5, 1, 2, 3, 4)

    one, other = (publish(after(FIRST, now, (*others, rating), 2)) for rating in newcomer)

    assert one == other
    (result,) = one.dimensions
    assert result.sides[0].withheld is Withheld.MEMBERSHIP
    assert result.sides[0].change_withheld is Withheld.MEMBERSHIP
    assert {gap.withheld for gap in joint(one)} == {Withheld.MEMBERSHIP}
    assert result.sides[1].score is not None


@pytest.mark.parametrize("change", ["none", "two joined", "two took places"])
def test_a_step_is_shown_when_nobody_or_more_than_one_came_or_went(change: str) -> None:
    new = (MemberId("new"), MemberId("newer"))
    now = {"none": TEN, "two joined": (*TEN, *new), "two took places": (*TEN[2:], *new)}[change]

    result = only(after(FIRST, now, MIXED[: len(now)], 2))

    assert result.sides[0].change is not None
    assert result.gap.value is not None


def test_the_measurement_after_a_withheld_one_compares_with_that_one() -> None:
    joined = CHANGED_BY_ONE["joined"]
    second = measured(after(FIRST, joined, MIXED, 2))

    third = only(after(second, joined, MIXED, 3))
    undone = only(after(second, TEN, MIXED[:10], 3))

    assert third.sides[0].score is not None
    assert third.sides[0].change_withheld is Withheld.LAST_TIME
    assert undone.sides[0].withheld is Withheld.MEMBERSHIP


def test_a_dimension_compares_with_the_round_that_asked_it_last_not_with_the_last_round() -> None:
    advocacy = make_pulse(("advocacy",), number=2, dc=CHANGED_BY_ONE["joined"])
    between = measured(make_closed(rate(DC, MIXED, ["advocacy"]), rate(MC, MIXED, ["advocacy"]), pulse=advocacy))
    pulse = make_pulse(number=3, dc=CHANGED_BY_ONE["joined"])

    closed = make_closed(rate(DC, MIXED), rate(MC, MIXED), pulse=pulse, earlier=[between, FIRST])

    assert only(closed).sides[0].withheld is Withheld.MEMBERSHIP


@given(st.permutations((1, 2, 3, 4, 5)), st.permutations((1, 2, 3, 4, 5)))
def test_when_a_side_is_withheld_for_a_change_its_answers_do_not_matter(one: list[int], other: list[int]) -> None:
    now = CHANGED_BY_ONE["left"]

    results = [publish(after(FIRST, now, ratings, 2)) for ratings in (one, other, [5] * 5)]

    # Not even that they are alike: equal answers must not look different from others.
    assert results[0] == results[1] == results[2]


# --- all answers alike ------------------------------------------------------------------------------


@given(st.integers(5, 12), st.tuples(st.integers(1, 5), st.integers(1, 5)))
def test_when_all_are_equal_nobody_learns_what_they_said(count: int, worlds: tuple[int, int]) -> None:
    one, other = (publish(make_closed(rate(DC, [rating] * count), rate(MC, MIXED))) for rating in worlds)

    assert one == other
    assert one.dimensions[0].sides[0].withheld is Withheld.ALIKE
    assert {gap.withheld for gap in joint(one)} == {Withheld.ALIKE}
    assert not any(digit in Withheld.ALIKE for digit in "0123456789")


@given(st.integers(5, 12), st.integers(1, 5), st.integers(1, 5))
def test_one_odd_answer_looks_like_none(count: int, rating: int, odd: int) -> None:
    """Else whoever was among the equal, or was the odd one, would know everybody's answer."""
    equal = publish(make_closed(rate(DC, [rating] * count), rate(MC, MIXED)))
    all_but_one = publish(make_closed(rate(DC, [rating] * (count - 1) + [odd]), rate(MC, MIXED)))

    assert equal == all_but_one


def test_an_insider_cannot_tell_the_others_from_any_published_score() -> None:
    """Whoever knows their own rating finds at least two ways in which the others may have rated."""
    seen: dict[tuple[object, int], set[tuple[int, ...]]] = {}
    for ratings in product(range(1, 6), repeat=5):
        if list(ratings[1:]) != sorted(ratings[1:]):
            continue
        published = only(make_closed(rate(DC, ratings), rate(MC, MIXED))).sides[0]
        seen.setdefault((published.withheld, ratings[0]), set()).add(ratings[1:])

    alike = [others for (withheld, _), others in seen.items() if withheld is Withheld.ALIKE]
    assert len(alike) == 5
    assert all(len(others) > 5 for others in alike)


def test_answers_that_differ_but_mean_the_same_for_each_person_count_as_alike() -> None:
    dc = [PulseAnswer(DC, {"trust.we": we, "trust.they": 6 - we}) for we in (1, 2, 3, 4, 5)]

    result = only(make_closed(dc, rate(MC, MIXED)))

    assert result.sides[0].withheld is Withheld.ALIKE
    assert result.gap.withheld is Withheld.ALIKE


@given(st.tuples(st.integers(1, 5), st.integers(1, 5)))
def test_one_statement_that_all_rate_alike_is_told_by_no_mirror(worlds: tuple[int, int]) -> None:
    """Both mirrors go: with the side gap, either one would give the other."""
    for alike in worlds:
        dc = [PulseAnswer(DC, {"trust.we": alike, "trust.they": they}) for they in (1, 2, 3, 4, 5)]

        result = only(make_closed(dc, rate(MC, MIXED)))

        assert [mirror.withheld for mirror in result.mirrors] == [Withheld.ALIKE, Withheld.ALIKE]
        assert result.gap.value is not None


# --- every pair of figures, by brute force ----------------------------------------------------------


def test_no_two_published_figures_differ_by_one_person() -> None:
    """Over every order in which a side of six gains, loses and swaps people, two neighbouring levels are not shown."""
    teams = [frozenset(team) for size in (5, 6) for team in combinations(range(6), size)]
    for former, latter in product(teams, teams):
        first = make_pulse(number=1, dc=[MemberId(str(n)) for n in sorted(former)])
        second = make_pulse(number=2, dc=[MemberId(str(n)) for n in sorted(latter)])
        past = measured(make_closed(rate(DC, MIXED[:5]), rate(MC, MIXED), pulse=first))

        score = only(make_closed(rate(DC, MIXED[:5]), rate(MC, MIXED), pulse=second, earlier=[past])).sides[0]

        assert (score.score is None) == (former != latter)


# --- comments ---------------------------------------------------------------------------------------


@given(answer_sets(DC), answer_sets(MC))
def test_no_comment_is_in_what_is_published(dc: list[PulseAnswer], mc: list[PulseAnswer]) -> None:
    said = [dataclasses.replace(answer, comment="zebra crossing") for answer in (*dc, *mc)]
    silent = [dataclasses.replace(answer, comment="") for answer in (*dc, *mc)]

    published = pulse_results_view(make_closed(said, [], pulse=EVERY_ITEM))

    assert published == pulse_results_view(make_closed(silent, [], pulse=EVERY_ITEM))
    assert "zebra" not in str(encode(published))


@pytest.mark.parametrize(("answered", "minimum", "shown"), [(9, 10, False), (10, 10, True), (14, 15, False)])
def test_comments_of_a_small_group_are_not_shown(answered: int, minimum: int, shown: bool) -> None:
    said = own_comments(["One.", "Two."], answered, minimum)

    assert said == (("One.", "Two.") if shown else None)


def test_no_charter_can_show_the_comments_of_fewer_than_ten() -> None:
    assert own_comments(["One."], 9, 1) is None


def test_how_many_of_a_small_group_wrote_a_comment_is_not_told_either() -> None:
    assert own_comments([], 4, 10) == own_comments(["One.", "Two."], 4, 10)


def test_comments_reach_leads_of_the_own_side_alone_and_no_channel() -> None:
    roster = make_roster()
    notice = PulseComments(
        alliance_id=ALLIANCE, pulse_id=PulseId("p"), number=1, side=DC, comments=("Words.",), minimum=10
    )

    heard = audience(notice, roster)

    assert {to.member_id for to in heard if isinstance(to, ToMember)} == {"dc-mgr1", "dc-mgr2", "dc-am"}
    assert not [to for to in heard if isinstance(to, ToChannel)]


def test_results_reach_the_leads_of_both_sides_alike() -> None:
    notice = PulseClosed(alliance_id=ALLIANCE, results=FIRST.results)

    heard = {to.member_id for to in audience(notice, make_roster()) if isinstance(to, ToMember)}

    assert heard == {f"{side}-{key}" for side in (DC, MC) for key in ("mgr1", "mgr2", "am")}
