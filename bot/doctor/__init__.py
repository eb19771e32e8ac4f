"""`liaison doctor`: what is wrong with an installation, and how to mend it. Each piece is proven by calling it."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.doctor.entrances import public_address
from bot.doctor.finding import Finding, Health, health
from bot.doctor.memory import memory
from bot.doctor.platforms import platforms
from bot.settings import Settings, unknown_variables

__all__ = ["Finding", "Health", "examine", "show"]

_COLOURS = {Health.FINE: "green", Health.LOOK: "yellow", Health.MEND: "red"}


async def examine(settings: Settings) -> list[Finding]:
    """Look at everything; a broken part does not keep the others from being looked at. Nothing is changed."""
    remembered, workspaces = await memory(settings)
    return [
        _settings(),
        *remembered,
        *await platforms(settings, workspaces),
        *await public_address(settings),
    ]


def _settings() -> Finding:
    strange = unknown_variables()
    return Finding(
        "settings",
        health(not strange),
        f"nobody reads {', '.join(strange)}" if strange else "read without a problem",
        "Look for a slip of the pen: liaison settings shows the names that count.",
    )


def show(findings: list[Finding], console: Console, *, as_json: bool) -> None:
    """Print the findings as a table, or as JSON."""
    if as_json:
        console.print_json(
            data=[{"what": f.what, "health": f.health, "seen": f.seen, "mend": f.mend} for f in findings]
        )
        return
    table = Table(box=None, pad_edge=False)
    for name in ("", "what", "seen", "what to do"):
        table.add_column(name, overflow="fold")  # an id that is cut short helps nobody
    for finding in findings:
        mark = Text(finding.health, _COLOURS[finding.health])
        advice = "" if finding.health is Health.FINE else finding.mend
        table.add_row(mark, Text(finding.what), Text(finding.seen), Text(advice))
    console.print(table)
