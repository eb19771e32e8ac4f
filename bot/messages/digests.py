"""The words of the weekly digest: at most ten lines on what to decide, what to look at and what changed."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from alliance.digest import Digest, OpenMatter
from alliance.ids import SideKey
from alliance.notices import DigestReady, Notice
from alliance.pulse import PulseResults, Withheld
from bot.messages import sample
from bot.messages.blocks import Block, Bullets, Chart, Heading, Line, Message, Strong, line, note, paragraph
from bot.messages.digest_examples import BUSY, QUIET, WITHHELD
from bot.messages.phrases import counted, listed, spoken
from bot.messages.reader import Reader
from bot.messages.template import Shown, Template
from bot.messages.trend_chart import trend_chart
from handlers.digests import DigestShown
from handlers.replies import Reply

MOST_NAMED = 3
"""Gaps or warnings named in one line; the rest are counted."""


def ready(notice: DigestReady, reader: Reader) -> Message:
    return digest_message(notice.digest, reader)


def shown(reply: DigestShown, reader: Reader) -> Shown:
    return Shown(message=digest_message(reply.digest, reader))


def digest_message(digest: Digest, reader: Reader) -> Message:
    """The same words for both companies; a quiet week is one line."""
    if digest.is_quiet:
        quiet = f": nothing to decide, nothing to look at, nothing changed.{_next_checkpoint(digest)}"
        return Message(
            summary=f"A quiet week for {reader.roster.name}{quiet}",
            blocks=(paragraph("A quiet week for ", Strong(reader.roster.name), quiet),),
        )
    sections = (
        ("To decide", _to_decide(digest)),
        ("To look at", _to_look_at(digest, reader)),
        ("What changed", _changed(digest, reader)),
    )
    chart = trend_chart(digest, reader)
    return Message(
        summary=f"Weekly digest for {reader.roster.name}: {_headline(digest)}.",
        blocks=(
            Heading(f"Weekly digest, {spoken(digest.week)}"),
            *(block for title, lines in sections for block in _section(title, lines)),
            *((chart, *_withheld_before(digest, chart, reader)) if chart else ()),
        ),
    )


def _section(title: str, lines: Sequence[Line]) -> tuple[Block, ...]:
    return (paragraph(Strong(title)), Bullets(tuple(lines))) if lines else ()


def _headline(digest: Digest) -> str:
    parts = [
        counted(len(digest.decisions), "decision") + " waiting" if digest.decisions else "",
        counted(len(digest.matters), "open escalation") if digest.matters else "",
        counted(len(digest.warnings), "early warning") if digest.warnings else "",
        "new pulse results" if digest.results else "",
    ]
    return listed([part for part in parts if part]) or "what changed this week"


def _next_checkpoint(digest: Digest) -> str:
    return f" Next checkpoint: {spoken(digest.next_checkpoint)}." if digest.next_checkpoint else ""


# --- to decide: at most 2 lines ---------------------------------------------------------------------


def _to_decide(digest: Digest) -> list[Line]:
    first, rest = digest.decisions[:1], digest.decisions[1:]
    return [*(line(sentence) for sentence in first), *([line(" ".join(rest))] if rest else [])]


# --- to look at: at most 5 lines --------------------------------------------------------------------


def _to_look_at(digest: Digest, reader: Reader) -> list[Line]:
    lines = _matters(digest.matters)
    if any(digest.overdue.values()):
        sides = [f"{reader.company(side)} {count}" for side, count in digest.overdue.items()]
        lines.append(line(f"Action items past their date: {', '.join(sides)}."))
    if digest.warnings:
        found = [f"{warning.subject} ({warning.rule})" for warning in digest.warnings]
        lines.append(line(f"Early warnings: {_named(found)}."))
    if gaps := _gaps(digest.results, reader):
        lines.append(line(f"Gaps between the sides: {_named(gaps)}."))
    return lines


def _matters(matters: Sequence[OpenMatter]) -> list[Line]:
    """Two at most: urgent ones and old ones first, in their own line, the others together."""
    ranked = sorted(matters, key=lambda matter: (not matter.urgent, -matter.age_days, matter.number))
    lines = [line(f"Escalation {m.number}, “", m.title, f"”: {_standing(m)}.") for m in ranked[:1]]
    if rest := [f"{m.number} ({_standing(m)})" for m in ranked[1:]]:
        others = "escalation" if len(rest) == 1 else "escalations"
        lines.append(line(f"Open as well: {others} {_named(rest)}."))
    return lines


def _standing(matter: OpenMatter) -> str:
    urgent = "urgent, " if matter.urgent else ""
    return f"{urgent}with the {matter.level}, {matter.state}, {counted(matter.age_days, 'day')} old"


def _gaps(results: Sequence[PulseResults], reader: Reader) -> list[str]:
    found = [
        (abs(result.gap.value), result)
        for pulse in results
        for result in pulse.dimensions
        if result.gap.is_gap and result.gap.value is not None
    ]
    return [
        f"{result.dimension} {size:.1f} ("
        + ", ".join(f"{reader.company(s.side)} {s.score.mean:.1f}" for s in result.sides if s.score)
        + ")"
        for size, result in sorted(found, key=lambda pair: -pair[0])
    ]


def _named(parts: Sequence[str]) -> str:
    named = "; ".join(parts[:MOST_NAMED])
    more = len(parts) - MOST_NAMED
    return f"{named}; and {more} more" if more > 0 else named


# --- what changed: at most 3 lines ------------------------------------------------------------------


def _changed(digest: Digest, reader: Reader) -> list[Line]:
    sentences = (_responses(digest, reader), _withheld(digest.results, reader), _news(digest))
    return [line(sentence) for sentence in sentences if sentence]


def _responses(digest: Digest, reader: Reader) -> str:
    """Response rates of every pulse and of the check-ins together."""
    rates: list[str] = []
    for pulse in digest.results:
        counts = {side: (response.answered, response.invited) for side, response in pulse.response.items()}
        rates.append(f"to pulse {pulse.number}, {_rates(counts, reader)}")
    if any(invited for _, invited in digest.checkin_response.values()):
        rates.append(f"to check-ins, {_rates(digest.checkin_response, reader)}")
    return f"Answers: {'; '.join(rates)}." if rates else ""


def _rates(counts: Mapping[SideKey, tuple[int, int]], reader: Reader) -> str:
    return ", ".join(f"{reader.company(side)} {a} of {i}" for side, (a, i) in counts.items())


def _withheld(results: Sequence[PulseResults], reader: Reader) -> str:
    """Every withheld score and gap, by the reason that people read."""
    by_reason: dict[Withheld, list[str]] = {}
    for pulse in results:
        for result in pulse.dimensions:
            if result.gap.withheld is not None:
                by_reason.setdefault(result.gap.withheld, []).append(f"the {result.dimension} gap")
            for side in result.sides:
                if side.withheld is not None:
                    name = f"{result.dimension} at {reader.company(side.side)}"
                    by_reason.setdefault(side.withheld, []).append(name)
    reasons = [f"{', '.join(dict.fromkeys(names))} ({reason})" for reason, names in by_reason.items()]
    return f"Withheld: {'; '.join(reasons)}." if reasons else ""


def _withheld_before(digest: Digest, chart: Chart, reader: Reader) -> tuple[Block, ...]:
    """Why a figure of an earlier pulse is missing in the trend; this week's stand in the lines above."""
    new = {results.number for results in digest.results}
    by_reason: dict[Withheld, list[str]] = {}
    for point in digest.trend:
        for side, reason in point.withheld.items():
            name = f"{reader.company(side)} {point.dimension}"
            if point.number not in new and f"Pulse {point.number}" in chart.labels and name in _names(chart):
                by_reason.setdefault(reason, []).append(f"{name} in pulse {point.number}")
    reasons = [f"{listed(names)} ({reason})" for reason, names in by_reason.items()]
    return (note(f"Withheld before: {'; '.join(reasons)}."),) if reasons else ()


def _names(chart: Chart) -> set[str]:
    return {series.name for series in chart.series}


def _news(digest: Digest) -> str:
    ended = [f"escalation {matter.number} ended ({matter.state})" for matter in digest.resolved]
    looked_back = [f"the checkpoint of {spoken(c.day)} is {c.state}" for c in digest.checkpoints]
    news = "; ".join([*ended, *looked_back])
    told = f"{news[0].upper()}{news[1:]}." if news else ""
    return f"{told}{_next_checkpoint(digest)}".strip()


# --- examples ---------------------------------------------------------------------------------------


def _example(digest: Digest, side: SideKey) -> DigestReady:
    return DigestReady(alliance_id=sample.ALLIANCE, side=side, digest=digest)


TEMPLATES: Mapping[type[Notice], Template[Any]] = {
    DigestReady: Template(
        ready,
        (
            _example(BUSY, sample.DC),
            _example(WITHHELD, sample.MC),
            _example(QUIET, sample.DC),
            _example(replace(QUIET, next_checkpoint=dt.date(2026, 4, 2)), sample.MC),
        ),
    ),
}

REPLIES: Mapping[type[Reply], Callable[[Any, Reader], Shown]] = {DigestShown: shown}
