"""The demo's figures: counted in the database and at the platforms when the story is over."""

from collections import Counter
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from alliance.charter import CharterState
from alliance.checkpoint import Finding
from alliance.escalation import Escalation, State
from alliance.ids import AllianceId
from alliance.pulse import PulseResults
from alliance.roster import Roster, Tier
from bot.app import Installation
from sandbox.stage import Stage
from storage.unit_of_work import UnitOfWork

Figures = dict[str, Any]
ALL = 1000


async def figures_of(liaison: Installation, stage: Stage, refusals: list[str], *, weeks: int, seed: int) -> Figures:
    """Everything that the report holds; the same seed gives the same figures."""
    async with liaison.database.open_uow() as uow:
        (roster,) = await uow.rosters.all()
        here = roster.alliance_id
        pulses = await uow.pulses.results(here, ALL)
        figures: Figures = {
            "seed": seed,
            "weeks": weeks,
            "signatures": await _signatures(uow, here),
            "checkins_closed": len(await uow.checkins.summaries(here, ALL)),
            "pulses_closed": len(pulses),
            **_pulse_figures(pulses),
            "escalations": [_escalation(case) for case in await _escalations(uow, here)],
            **await _checkpoints(uow, here),
            "action_items": {
                "done": len(await uow.action_items.done_ones(here)),
                "open": len(await uow.action_items.open_ones(here)),
            },
            "warnings": await _warnings(uow, roster),
            "audit": await _audit(uow, here),
            "deliveries_given_up": len(await uow.outbox.given_up()),
            "timers_set_aside": len(await uow.timers.set_aside()),
        }
        figures["digests_sent"] = await _digests(uow, roster)
    figures["messages"] = liaison.metrics.messages()
    figures["requests"] = liaison.metrics.requests()
    figures["refused_by_the_platforms"] = _refused(stage)
    figures["refusals_seen_by_people"] = sorted(refusals)
    return figures


async def _signatures(uow: UnitOfWork, here: AllianceId) -> int:
    version = await uow.charters.in_force(here)
    return len(version.signatures) if version.state is CharterState.IN_FORCE else 0


def _pulse_figures(pulses: list[PulseResults]) -> Figures:
    """Figures withheld with their reasons, and gaps found, over all pulses."""
    reasons: Counter[str] = Counter()
    gaps = 0
    for results in pulses:
        for dimension in results.dimensions:
            reasons.update(score.withheld.value for score in dimension.sides if score.withheld)
            gaps += sum(gap.is_gap for gap in (dimension.gap, *dimension.mirrors))
    return {"figures_withheld": sum(reasons.values()), "withheld_because": dict(reasons), "gaps_found": gaps}


async def _escalations(uow: UnitOfWork, here: AllianceId) -> list[Escalation]:
    count = await uow.escalations.next_number(here) - 1
    return [case for number in range(1, count + 1) if (case := await uow.escalations.numbered(here, number))]


def _escalation(case: Escalation) -> Figures:
    return {
        "number": case.number,
        "urgency": case.urgency.value,
        "levels_passed": case.level,
        "state": case.state.value,
        "ended_by_acceptance_of_the_other_side": case.state is State.RESOLVED and case.resolution is not None,
    }


async def _checkpoints(uow: UnitOfWork, here: AllianceId) -> Figures:
    retrospectives = await uow.checkpoints.retrospectives(here, ALL)
    findings = Counter(result.finding for look in retrospectives for result in look.criteria)
    return {
        "checkpoints_closed": len(retrospectives),
        "criteria": {finding.value: findings[finding] for finding in Finding},
        "contested_criteria": findings[Finding.CONTESTED],
    }


async def _warnings(uow: UnitOfWork, roster: Roster) -> dict[str, int]:
    version = await uow.charters.in_force(roster.alliance_id)
    found = await uow.warnings.since(roster.alliance_id, version.drafted_at)
    return dict(sorted(Counter(warning.rule.value for warning in found).items()))


async def _audit(uow: UnitOfWork, here: AllianceId) -> Figures:
    entries = 0
    while page := await uow.audit.entries(here, after=entries):
        entries += len(page)
    return {"entries": entries, "verified": await uow.audit.verify(here) is None}


async def _digests(uow: UnitOfWork, roster: Roster) -> dict[str, int]:
    """Digests that each executive's platform accepted."""
    sent = await uow.outbox.sent_by_recipient(roster.alliance_id, "DigestReady")
    executives = roster.active(tiers=[Tier.EXECUTIVE])
    return {member.key: sent.get(f"member:{member.id}", 0) for member in executives}


def _refused(stage: Stage) -> dict[str, int]:
    """Requests of the bot that the platforms refused, for whatever reason."""
    return {
        "slack": sum(entry.status >= 400 for entry in stage.slack.requests),
        "teams": sum(entry.status >= 400 for entry in stage.teams.requests),
    }


def show_figures(figures: Figures, console: Console) -> None:
    """Print the figures as tables: the story's first, then messages by kind and platform."""
    table = Table("figure", "value", title=f"What {figures['weeks']} weeks brought", box=SIMPLE)
    for name, value in figures.items():
        if name not in ("messages", "escalations"):
            table.add_row(name.replace("_", " "), _line(value))
    for case in figures["escalations"]:
        table.add_row(f"escalation {case['number']}", _told(case))
    console.print(table)
    console.print(_messages(figures["messages"]))


def _told(case: Figures) -> str:
    accepted = ", by acceptance of the other side" if case["ended_by_acceptance_of_the_other_side"] else ""
    levels = f"{case['levels_passed']} level{'' if case['levels_passed'] == 1 else 's'}"
    return f"{case['urgency']}, passed {levels}: {case['state']}{accepted}"


def _messages(sent: dict[str, dict[str, int]]) -> Table:
    table = Table("messages accepted", *(platform.capitalize() for platform in sent), box=SIMPLE)
    for kind in sorted({kind for kinds in sent.values() for kind in kinds}):
        table.add_row(kind, *(str(kinds.get(kind, 0)) for kinds in sent.values()))
    table.add_section()
    table.add_row("together", *(str(sum(kinds.values())) for kinds in sent.values()))
    return table


def _line(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case list():
            return "\n".join(_line(part) for part in value) or "none"
        case dict():
            return ", ".join(f"{name.replace('_', ' ')} {_line(part)}" for name, part in value.items()) or "none"
        case _:
            return str(value)
