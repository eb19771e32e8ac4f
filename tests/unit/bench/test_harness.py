"""The benchmarks' arithmetic. Nothing is timed here."""

import datetime as dt
import importlib
import json
import pkgutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

import bench
from bench.figure import Figure, Measured, Measuring, Must, Reading, ratio_at_least, times_less, value_at_most
from bench.harness import NoSuchFigure, chosen, every_figure, measure
from bench.load import Loaded, post
from bench.report import kept, must, read, write


@asynccontextmanager
async def nothing() -> AsyncIterator[Measuring]:
    async def none() -> Reading:
        raise AssertionError("not measured")

    yield Measuring(none)


def make_figure(limit: Must | None = None, name: str = "answers") -> Figure:
    return Figure(name, "Answers", "/s", "a bare one", limit, nothing)


def measured(limit: Must | None, ours: list[float], baseline: list[float]) -> Measured:
    return Measured(make_figure(limit), tuple(map(Reading, ours)), tuple(map(Reading, baseline)))


def test_every_module_of_the_benchmarks_can_be_imported() -> None:
    names = [found.name for found in pkgutil.walk_packages(bench.__path__, "bench.")]

    for name in names:
        importlib.import_module(name)

    assert "bench.figures.slack_answers" in names


def test_every_figure_has_a_name_of_its_own() -> None:
    names = [figure.name for figure in every_figure()]

    assert len(names) == len(set(names)) > 5


def test_medians_are_compared_and_the_range_is_told_pair_by_pair() -> None:
    one = measured(ratio_at_least(0.4), [50, 10, 60], [100, 40, 200])

    assert (one.ours_median, one.baseline_median, one.ratio) == (50, 100, 0.5)
    assert one.ratios == (0.5, 0.25, 0.3)
    assert one.is_reached


def test_how_much_faster_we_are_is_the_other_way_round() -> None:
    one = measured(times_less(50), [2], [90])

    assert one.ratio == 45
    assert one.is_reached is False


def test_a_limit_on_ours_alone_needs_no_baseline() -> None:
    assert measured(value_at_most(100), [99], []).is_reached
    assert measured(None, [99], []).is_reached is None
    assert measured(value_at_most(100), [99, 98], []).ratios == ()
    with pytest.raises(ValueError, match="no baseline"):
        _ = measured(ratio_at_least(1), [99], []).is_reached


async def test_rounds_are_taken_in_turns_and_the_warm_up_is_dropped() -> None:
    said: list[str] = []
    taken: list[str] = []

    @asynccontextmanager
    async def measuring() -> AsyncIterator[Measuring]:
        async def ours() -> Reading:
            taken.append("ours")
            return Reading(len(taken), {"beside": 1})

        async def baseline() -> Reading:
            taken.append("baseline")
            return Reading(len(taken))

        yield Measuring(ours, baseline)

    one = await measure(Figure("a", "A", "s", "b", None, measuring, rounds=2), said.append)

    assert taken == ["ours", "baseline"] * 3
    assert [reading.value for reading in one.ours] == [3, 5]
    assert one.beside == {"beside": 1}
    assert said[0] == "warm-up: ours"


def test_figures_are_chosen_by_parts_of_their_names() -> None:
    figures = [make_figure(name="slack-answers"), make_figure(name="teams-answers")]

    assert chosen(figures, ["slack"]) == figures[:1]
    assert chosen(figures, []) == figures
    with pytest.raises(NoSuchFigure, match="teams-answers"):
        chosen(figures, ["telegraph"])


def test_what_a_run_did_not_measure_stays_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    at = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
    one = kept(measured(ratio_at_least(0.4), [50], [100]), "a machine", at)

    write({"first": one}, file)
    write({"second": one}, file)

    assert list(read(file)) == ["first", "second"]
    assert json.loads(file.read_text())["first"]["must reach"] == "ours / baseline >= 0.4"


def test_a_limit_is_said_with_its_unit_where_it_has_one() -> None:
    assert must(make_figure(value_at_most(100))) == "ours <= 100 /s"
    assert must(make_figure()) == ""


def test_a_percentile_is_a_latency_that_occurred() -> None:
    done = Loaded(2.0, [0.004, 0.001, 0.002, 0.003])

    assert (done.per_second, done.percentile(0.5), done.percentile(1.0)) == (2.0, 0.003, 0.004)


def test_a_request_goes_over_the_wire_with_its_length() -> None:
    assert post("/x", {"A": "b"}, b"hi").split(b"\r\n") == [
        b"POST /x HTTP/1.1",
        b"Host: 127.0.0.1",
        b"Content-Length: 2",
        b"A: b",
        b"",
        b"hi",
    ]
