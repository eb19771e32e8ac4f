"""The words of the digest: ten lines at most, one for a quiet week, and every withheld figure with its reason."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.digest import Digest, OpenMatter, ScorePoint
from alliance.notices import DigestReady
from alliance.pulse import Withheld
from alliance.warning import EarlyWarning
from bot.messages import sample
from bot.messages.blocks import Bullets, Chart, ChartKind, Line, Message, Paragraph, Strong, Text
from bot.messages.catalog import answer, word
from bot.messages.digest_examples import BUSY, QUIET, WITHHELD
from bot.messages.digests import TEMPLATES, digest_message
from bot.messages.plain import render
from bot.messages.trend_chart import trend_chart
from handlers.digests import DigestShown

READER = sample.reader("dana")


def lines_of(message: Message) -> list[str]:
    return [said(line) for block in message.blocks if isinstance(block, Bullets) for line in block.items]


def said(line: Line) -> str:
    return "".join(part.text for part in line if isinstance(part, Text))


@pytest.mark.parametrize("number", range(len(TEMPLATES[DigestReady].examples)))
def test_every_example_reads_in_plain_text_and_the_same_for_both(number: int) -> None:
    example = TEMPLATES[DigestReady].examples[number]

    mine, theirs = (word(example, sample.reader(key)) for key in ("dana", "mara"))

    assert mine == theirs
    assert "!" not in render(mine)


def test_a_busy_week_says_what_to_decide_what_to_look_at_and_what_changed() -> None:
    message = digest_message(BUSY, READER)

    titles = [
        part.text
        for block in message.blocks
        if isinstance(block, Paragraph)
        for part in block.line
        if isinstance(part, Strong)
    ]
    assert titles == ["To decide", "To look at", "What changed"]
    shown = lines_of(message)
    assert len(shown) <= 10
    assert "Escalation 2, “Milestone 3 slips again”: urgent, with the executives, being resolved, 12 days old." in shown
    assert "Gaps between the sides: trust 0.9 (DC 4.1, MC 3.2)." in shown
    assert "Answers: to pulse 3, DC 10 of 12, MC 9 of 12; to check-ins, DC 6 of 7, MC 7 of 7." in shown
    assert message.summary.endswith("2 decisions waiting, 2 open escalations, 1 early warning and new pulse results.")


def test_a_quiet_week_is_one_line() -> None:
    message = digest_message(QUIET, READER)

    assert len(message.blocks) == 1
    assert ": nothing to decide, nothing to look at, nothing changed." in message.summary


def test_a_figure_missing_from_an_earlier_pulse_says_why_under_the_trend() -> None:
    first, *others = BUSY.trend
    means = {**first.means, sample.MC: None}
    hidden = replace(first, means=means, withheld={sample.MC: Withheld.TOO_FEW})

    shown = " ".join(render(digest_message(replace(BUSY, trend=(hidden, *others)), READER)).split())

    assert f"Withheld before: MC trust in pulse 1 ({Withheld.TOO_FEW})." in shown
    assert "Withheld before" not in render(digest_message(BUSY, READER))


def test_withheld_figures_say_why() -> None:
    shown = " ".join(lines_of(digest_message(WITHHELD, READER)))

    assert "trust at MC, communication at MC (too few answers on that side)" in shown
    assert "the trust gap, the communication gap (too few answers on one of the two sides)" in shown
    assert "withheld" in render(digest_message(WITHHELD, READER))


def test_asking_for_it_shows_the_same() -> None:
    assert answer(DigestShown(BUSY), READER).message == digest_message(BUSY, READER)


@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
def test_however_much_there_is_it_stays_within_ten_lines(matters: int, decided: int, found: int, ended: int) -> None:
    crowded = _crowded(matters=matters, decided=decided, found=found, ended=ended)

    shown = lines_of(digest_message(crowded, READER))

    assert len(shown) <= 10
    assert all(sentence in " ".join(shown) for sentence in crowded.decisions)


def test_what_is_many_is_named_up_to_three_and_counted_beyond() -> None:
    crowded = _crowded(matters=9, decided=0, found=9, ended=0)

    shown = " ".join(lines_of(digest_message(crowded, READER)))

    assert shown.count("; and 6 more.") == 1
    assert shown.count("; and 5 more.") == 1


def _crowded(*, matters: int, decided: int, found: int, ended: int) -> Digest:
    def matter(number: int) -> OpenMatter:
        return OpenMatter(number, "A matter", "managers", "being resolved", number % 2 == 0, number)

    warning: EarlyWarning = BUSY.warnings[0]
    return replace(
        BUSY,
        results=(*BUSY.results, *WITHHELD.results),
        matters=tuple(matter(number) for number in range(matters)),
        decisions=tuple(f"Decide number {number}." for number in range(decided)),
        warnings=(warning,) * found,
        resolved=tuple(matter(number) for number in range(ended)),
    )


# --- the trend --------------------------------------------------------------------------------------


def points(dimension: str, *scores: tuple[int, float | None, float | None]) -> tuple[ScorePoint, ...]:
    return tuple(ScorePoint(number, dimension, {sample.DC: dc, sample.MC: mc}) for number, dc, mc in scores)


def drawn(*trend: ScorePoint) -> Chart:
    chart = trend_chart(replace(BUSY, trend=trend), READER)
    assert chart is not None
    return chart


def test_the_widest_gap_is_drawn_over_the_pulses_that_asked_for_it() -> None:
    chart = drawn(
        *points("trust", (1, 4.0, 3.9), (3, 4.0, 3.8)),
        *points("commitment", (2, 4.2, 3.9), (4, 4.4, 3.2)),
    )

    assert chart.kind is ChartKind.LINE
    assert chart.labels == ("Pulse 2", "Pulse 4")
    assert [series.name for series in chart.series] == ["DC commitment", "MC commitment"]


def test_dimensions_of_the_same_pulses_share_a_chart_of_six_lines_at_most() -> None:
    names = ("trust", "commitment", "governance", "flexibility")

    chart = drawn(*(point for name in names for point in points(name, (1, 4.0, 3.9), (2, 4.0, 3.8))))

    assert len(chart.series) == 6


def test_a_score_below_the_floor_counts_as_much_as_a_gap() -> None:
    chart = drawn(
        *points("trust", (1, 4.0, 3.9), (3, 4.0, 3.6)),
        *points("commitment", (2, 2.5, 2.4), (4, 2.2, 2.1)),
    )

    assert chart.series[0].name == "DC commitment"


def test_a_withheld_score_is_no_number_in_the_chart() -> None:
    chart = drawn(*points("trust", (1, 4.0, 3.9), (3, 4.0, None)))

    assert chart.series[1].values == (3.9, None)


def test_advocacy_never_shares_a_scale() -> None:
    chart = drawn(*points("advocacy", (1, 9.0, 3.0), (2, 9.0, 2.0)), *points("trust", (1, 4.0, 3.9), (2, 4.0, 3.8)))

    assert chart.title.endswith("from 0 to 10")
    assert {series.name for series in chart.series} == {"DC advocacy", "MC advocacy"}


def test_before_anything_repeats_the_newest_scores_stand_side_by_side() -> None:
    chart = drawn(*points("trust", (1, 4.0, 3.9)), *points("commitment", (2, 4.2, 3.9)))

    assert (chart.kind, chart.labels) == (ChartKind.BAR, ("commitment",))


def test_without_pulses_there_is_no_chart() -> None:
    assert trend_chart(QUIET, READER) is None
