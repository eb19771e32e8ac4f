"""The words of pulse results: scores, gaps with their bands, and what was withheld and why.

The words are the same for every reader of both companies; no side comes first but by the charter's order.
"""

from collections.abc import Iterator

from alliance.ids import SideKey
from alliance.items import ITEMS, PERSONAL_FRICTION
from alliance.notices import PulseClosed, PulseComments
from alliance.pulse import (
    Between,
    DimensionResult,
    Gap,
    PulseResults,
    SideScore,
    Unscored,
    Withheld,
)
from bot.messages.blocks import (
    Block,
    Bullets,
    Chart,
    ChartKind,
    Facts,
    Heading,
    Message,
    Quote,
    Series,
    Table,
    fact,
    line,
    note,
    paragraph,
)
from bot.messages.reader import Reader

_CHANGES = {
    Withheld.NOT_MEASURED: "first time",
    Withheld.LAST_TIME: "none last time",
}
_FIVE = 5


def closed(notice: PulseClosed, reader: Reader) -> Message:
    results = notice.results
    return Message(
        summary=f"{_title(results.number)}: {_rates(results, reader)}; {_finding(results)}.",
        blocks=tuple(_blocks(results, reader)),
    )


def _title(number: int) -> str:
    return f"Results of pulse {number}"


def _blocks(results: PulseResults, reader: Reader) -> Iterator[Block]:
    yield Heading(_title(results.number))
    yield paragraph("Both companies read the same figures, in the same words, at the same moment.")
    yield Facts(
        tuple(
            fact(f"{reader.company(side)} answered", f"{r.answered} of {r.invited}")
            for side, r in results.response.items()
        )
    )
    yield from _charts(results, reader)
    yield _detail(results, reader)
    gaps = tuple(line(sentence) for sentence in _gap_sentences(results, reader))
    if gaps:
        yield Bullets(gaps)
    for told in results.unscored:
        yield paragraph(_unscored_sentence(told, reader))
    withheld = tuple(line(sentence) for sentence in withheld_sentences(results, reader))
    if withheld:
        yield Bullets(withheld)
    yield note(_explained(results))


def _rates(results: PulseResults, reader: Reader) -> str:
    return ", ".join(
        f"{r.answered} of {r.invited} answered at {reader.company(side)}" for side, r in results.response.items()
    )


def _finding(results: PulseResults) -> str:
    gaps = sum(gap.is_gap for result in results.dimensions for gap in (result.gap, *result.mirrors))
    found = {0: "no gap was found", 1: "one gap was found"}.get(gaps, f"{gaps} gaps were found")
    return f"{found}, some figures are withheld" if any(_withheld(results)) else found


# --- scores -----------------------------------------------------------------------------------------


def _charts(results: PulseResults, reader: Reader) -> Iterator[Chart]:
    """A chart of what is on the scale to 5; advocacy, on its own scale, stands in the table."""
    shown = [result for result in results.dimensions if _highest(result) == _FIVE]
    if not shown:
        return
    sides = range(len(shown[0].sides))
    yield Chart(
        kind=ChartKind.BAR,
        title=f"Scores of pulse {results.number}, from 1 to 5",
        labels=tuple(result.dimension for result in shown),
        series=tuple(
            Series(
                reader.company(shown[0].sides[index].side),
                tuple(_mean(result.sides[index]) for result in shown),
            )
            for index in sides
        ),
        x_title="Dimension",
        y_title="Score",
    )


def _highest(result: DimensionResult) -> int:
    return ITEMS[result.items[0]].highest


def _mean(side: SideScore) -> float | None:
    return side.score.mean if side.score else None


def _detail(results: PulseResults, reader: Reader) -> Table:
    return Table(
        title="In detail",
        columns=("Dimension", "Company", "Score", "Favourable / neutral / unfavourable", "Change"),
        rows=tuple(
            _row(result, side, reader.company(side.side)) for result in results.dimensions for side in result.sides
        ),
    )


def _row(result: DimensionResult, side: SideScore, company: str) -> tuple[str, ...]:
    score = side.score
    name = result.dimension if _highest(result) == _FIVE else f"{result.dimension} (0 to 10)"
    if score is None:
        return (name, company, "withheld", "withheld", "withheld")
    shares = " / ".join(f"{100 * share:.0f}" for share in (score.favourable, score.neutral, score.unfavourable))
    return (name, company, with_band(score.mean, score.band), f"{shares} %", _change(side))


def _change(side: SideScore) -> str:
    if side.change is not None:
        return "no change" if side.change == 0 else f"{side.change:+.1f}".replace("-", "−")
    return _CHANGES.get(side.change_withheld or Withheld.NOT_MEASURED, "withheld")


def with_band(mean: float, band: float) -> str:
    """Return a figure as people read it: "3.8 ± 0.4"."""
    return f"{mean:.1f} ± {band:.1f}"


# --- gaps -------------------------------------------------------------------------------------------


def _gap_sentences(results: PulseResults, reader: Reader) -> Iterator[str]:
    for result in results.dimensions:
        for gap in (result.gap, *result.mirrors):
            if gap.value is not None and gap.band is not None:
                yield f"{_capital(result.dimension)}: {_gap_sentence(result, gap, reader)}"


def _gap_sentence(result: DimensionResult, gap: Gap, reader: Reader) -> str:
    size = with_band(abs(gap.value or 0), gap.band or 0)
    match gap.between:
        case Between.SIDES:
            means = ", ".join(
                f"{reader.company(side.side)} {with_band(side.score.mean, side.score.band)}"
                for side in result.sides
                if side.score
            )
            said = f"{means}; the difference is {size}"
        case Between.MIRROR if gap.about is not None and gap.value:
            other = reader.roster.other(gap.about).company
            company = reader.company(gap.about)
            way = "higher" if gap.value > 0 else "lower"
            said = f"{company} sees itself {size} {way} than {other} sees {company}"
        case _:
            said = f"{reader.company(gap.about) if gap.about else 'Each'} sees itself as it is seen"
    return f"{said}{_verdict(gap)}."


def _verdict(gap: Gap) -> str:
    if not gap.is_gap:
        return ", which does not count as a gap"
    return f", a gap for the {_times(gap.repeats)} time running" if gap.repeats > 1 else ", a gap"


def _times(number: int) -> str:
    return {2: "second", 3: "third"}.get(number, f"{number}th")


def _unscored_sentence(told: Unscored, reader: Reader) -> str:
    figures = ", ".join(
        f"{reader.company(side.side)} " + ("withheld" if side.mean is None else with_band(side.mean, side.band or 0))
        for side in told.sides
    )
    statement = ITEMS[told.item].statement
    return f"{_capital(told.name)}, which is neither good nor bad: “{statement}” {figures}, on 1 to 5."


# --- what is withheld -------------------------------------------------------------------------------


def withheld_sentences(results: PulseResults, reader: Reader) -> Iterator[str]:
    """Say what is withheld and why, one sentence for each reason and whom it is about."""
    grouped: dict[tuple[str, Withheld], list[str]] = {}
    for about, name, because in _withheld(results):
        who = "Withheld between the two" if about is None else f"Withheld for {reader.company(about)}"
        grouped.setdefault((who, because), []).append(name)
    for (who, because), names in grouped.items():
        yield f"{who}: {_listed(names)}. Reason: {because}."


def _withheld(results: PulseResults) -> Iterator[tuple[SideKey | None, str, Withheld]]:
    for result in results.dimensions:
        for side in result.sides:
            if side.withheld:
                yield side.side, result.dimension, side.withheld
        if result.gap.withheld:
            yield None, result.dimension, result.gap.withheld
        elif any(mirror.withheld for mirror in result.mirrors):
            yield (
                None,
                f"how each is seen on {result.dimension}",
                result.mirrors[0].withheld or Withheld.ALIKE,
            )
    for told in results.unscored:
        for figure in told.sides:
            if figure.withheld:
                yield figure.side, told.name, figure.withheld


def _explained(results: PulseResults) -> str:
    reverse = (
        f" {_capital(PERSONAL_FRICTION)} is scored in reverse: 5 means that nothing turns personal."
        if any(result.dimension == PERSONAL_FRICTION for result in results.dimensions)
        else ""
    )
    return (
        "± is the 95 % band: small groups are noisy, and a difference inside it says nothing. It counts as a "
        "gap when it is large enough and clear of its band, or when it stays for three pulses. The two "
        f"companies are never blended into one score.{reverse}"
    )


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


# --- comments ---------------------------------------------------------------------------------------


def comments(notice: PulseComments, reader: Reader) -> Message:
    company = reader.company(notice.side)
    title = f"Comments of pulse {notice.number}"
    if notice.comments is None:
        said = (
            f"Fewer than {notice.minimum} people at {company} answered pulse {notice.number}, so their "
            "comments, if there are any, stay unread."
        )
    elif not notice.comments:
        said = f"Nobody at {company} left a comment in pulse {notice.number}."
    else:
        said = (
            f"What people at {company} wrote in pulse {notice.number}, word for word and in no order. Only "
            f"the alliance managers and managers of {company} read this; it was written without names."
        )
    quotes = tuple(Quote(comment) for comment in notice.comments or ())
    summary = f"{title}, from people at {company}." if notice.comments else said
    return Message(summary=summary, blocks=(Heading(title), paragraph(said), *quotes))
