"""Fills in the generated parts of the documentation: `make docs`.

A page holds `<!-- made: NAME -->` and `<!-- end -->`; what stands between them is made here from the code that it is
about. `tests/rules/test_docs.py` refuses a page that the code has outgrown.
"""

import inspect
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import typer
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from sqlmodel import SQLModel

from alliance import escalation_notices as en
from alliance import notices as n
from alliance.audience import ToChannel, ToMember, audience
from alliance.items import ITEMS
from alliance.notices import Notice
from alliance.permissions import TIERS
from alliance.privacy import Trace
from alliance.pulse import Withheld
from alliance.roster import Tier
from alliance.warning import WarningRule
from bot.charter_file.schema import reference
from bot.cli import command_line
from bot.commands import COMMANDS, Command
from bot.messages import plain, sample
from bot.messages.catalog import TEMPLATES, word
from bot.messages.reader import Reader
from bot.metrics import Metrics
from bot.settings import PREFIX, Settings
from docs import measured, shown
from schedules import deliveries
from schedules.clock import SystemClock
from storage import tables, timers

ROOT = Path(__file__).parents[1]
PART = re.compile(r"(<!-- made: (?P<name>[a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
WHOLE = {ROOT / "docs" / "reference" / "alliance-yaml.md": reference}
"""Pages that are made as a whole."""

_NAMED: Mapping[type[Notice], str] = {
    n.MessagesWait: "the channel of the person's own company, where its charter names it as the back-up",
    n.HomeChanged: "nobody: each home shows what concerns its own person",
    n.CheckinOpened: "the invited operational members of one side, at that side's own hour",
    n.CheckinReminder: "the invited of one side who have not answered and are not away",
    n.CheckinRedrawn: "who answered from their home",
    n.CheckinEnded: "everybody who was invited",
    n.PointPassedOn: "the author's counterpart",
    n.PulseOpened: "the invited of one side, at that side's own hour",
    n.PulseReminder: "the invited of one side who have not answered and are not away",
    n.PulseEnded: "everybody who was invited",
    n.PulseComments: "alliance managers and managers of that one side",
    n.CheckpointOpened: "the invited of both sides: managers and up",
    n.CheckpointReminder: "the invited of one side who have not answered and are not away",
    n.CheckpointEnded: "everybody who was invited",
    n.ActionItemDecided: "its owner; their alliance managers once the owner has left",
    n.ActionItemRedrawn: "its owner; their alliance managers once the owner has left",
    n.ActionItemDue: "its owner; their alliance managers once the owner has left",
    n.DigestReady: "executives of one side, at that side's own hour; the other side gets the same digest at its own",
    n.MemberUnreachable: "alliance managers of that person's company; its executives where it has none",
    n.CharterInForce: "everybody, and the alliance channel of each company",
    en.EscalationReminder: "the people of the sides that have not acknowledged",
    en.EscalationLevelJoined: "those of both sides who are new to it",
    en.NextLevelTold: "those of both sides who knew of it before",
    en.EscalationMovedUp: "those of both sides who are new to it",
    en.MediatorNamed: "those of both sides who knew of it before",
    en.MediatorWanted: "everybody whom it has reached; as a reminder later, the executives of both companies",
    en.EscalationRedrawn: "those of both sides who have its message",
}
"""Who hears a notice that names its people itself; all others are asked of `alliance.audience`."""


# --- settings, commands, rights ----------------------------------------------------------------------


def settings() -> str:
    """Every setting, with the words of `.env.example` and the default of `bot/settings.py`."""
    said = settings_said()
    rows = []
    for name, field in Settings.model_fields.items():
        variable = PREFIX + name.upper()
        secret = field.annotation is SecretStr
        rows.append((f"`{variable}`", said[variable], _default(field.default), "yes" if secret else ""))
    return _table(("variable", "what it is", "when absent", "secret"), rows)


def settings_said() -> dict[str, str]:
    """What `.env.example` says above each variable."""
    said: dict[str, str] = {}
    words: list[str] = []
    for row in (ROOT / ".env.example").read_text(encoding="utf-8").splitlines():
        if row.startswith("# "):
            words.append(row.removeprefix("# "))
        elif row.startswith(PREFIX):
            said[row.partition("=")[0]] = " ".join(words)
            words = []
        else:
            words = []
    return said


def _default(value: Any) -> str:
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if value is None or repr(value) == "PydanticUndefined":
        return "must be set"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`" if value != "" else "nothing"


def command_reference() -> str:
    """Every command of the command line with its arguments and options."""
    return "\n\n".join(_command(words, command) for words, command in commands())


def commands() -> Iterator[tuple[str, Any]]:
    """Every command as people type it ("liaison alliance check"), with what describes it."""
    for name, command in typer.main.get_command(command_line()).commands.items():  # type: ignore[attr-defined]  # a group
        inner = getattr(command, "commands", None)
        if inner is None:
            yield f"liaison {name}", command
        else:
            yield from ((f"liaison {name} {more}", one) for more, one in inner.items())


def options(command: Any) -> list[str]:
    """What a command takes, as it is typed: arguments by name in capitals, options with their dashes."""
    return [name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)]


def _command(words: str, command: Any) -> str:
    arguments = [p.name.upper() for p in command.params if p.param_type_name == "argument"]
    head = f"### `{' '.join((words, *arguments))}`\n\n{inspect.cleandoc(command.help or '')}"
    rows = [_parameter(parameter) for parameter in command.params if parameter.help or parameter.opts]
    return f"{head}\n\n{_table(('what', 'meaning', 'when absent'), rows)}" if rows else head


def _parameter(parameter: Any) -> tuple[str, str, str]:
    if parameter.param_type_name == "argument":
        return f"`{parameter.name.upper()}`", parameter.help or "", "must be given"
    names = ", ".join(f"`{name}`" for name in (*parameter.opts, *parameter.secondary_opts))
    also = f" Also read from `{parameter.envvar}`." if parameter.envvar else ""
    absent = {True: "on", False: "off"}.get(parameter.default) if isinstance(parameter.default, bool) else None
    return names, f"{parameter.help or ''}{also}", absent or _default(parameter.default or "")


def chat_commands() -> str:
    """Everything that can be typed to the liaison, in the order of its help."""
    rows = [(f"`{one.usage}`", one.says, _tiers(TIERS[one.intent.right]), _other_words(one)) for one in COMMANDS]
    return _table(("say", "what it does", "who can", "the same in other words"), rows)


def _other_words(command: Command) -> str:
    others = [words for words in command.words if words not in (command.usage, command.usage.split()[0])]
    return ", ".join(f"`{words}`" for words in others)


def permissions() -> str:
    """Every right and who holds it."""
    tiers = list(Tier)
    rows = [(right.value, *("yes" if tier in TIERS[right] else "" for tier in tiers)) for right in TIERS]
    return _table(("right", *(tier.value for tier in tiers)), rows)


def _tiers(holders: Iterable[Tier]) -> str:
    held = set(holders)
    if held == set(Tier):
        return "everybody"
    if held == set(Tier) - {Tier.MEDIATOR}:
        return "everybody but a mediator"
    return ", ".join(tier.value for tier in Tier if tier in held)


# --- messages ----------------------------------------------------------------------------------------


def messages() -> str:
    """Every notice: the fact, who hears it, how it arrives, and the first of its examples as plain text."""
    return "\n\n".join(_message(kind) for kind in TEMPLATES)


def _message(kind: type[Notice]) -> str:
    template = TEMPLATES[kind]
    fact = inspect.cleandoc(kind.__doc__ or "")
    is_said = fact and not fact.startswith(f"{kind.__name__}(")  # a dataclass without words gets its signature
    shown = plain.render(word(template.examples[0], _reader_of(template.examples[0]))).rstrip()
    head = [f"### {kind.__name__}", *([_prose(fact)] if is_said else [])]
    facts = [f"- Heard by: {heard_by(kind)}.", f"- Arrives as: {_HOW[template.how.value]}."]
    return "\n\n".join([*head, "\n".join(facts), f"```text\n{shown}\n```"])


_HOW = {
    "home": "no message: the person's home is drawn anew (Slack's Home tab, a card of its own in Teams)",
    "new": "a message of its own",
    "thread": "a reply under the message about the same matter, where the platform has threads there",
    "redraw": "no new message: the one about the same matter is drawn anew, and nobody is alerted",
}


def _reader_of(notice: Notice) -> Reader:
    """Somebody of the sample's DC who hears it, or else its alliance manager."""
    heard = [to.member_id for to in audience(notice, sample.ROSTER) if isinstance(to, ToMember)]
    return sample.reader(next((member for member in heard if sample.ROSTER.member(member).side == sample.DC), "cleo"))


def _prose(docstring: str) -> str:
    return " ".join(docstring.split())


def heard_by(kind: type[Notice]) -> str:
    """Who hears a notice, in words."""
    if kind in _NAMED:
        return _NAMED[kind]
    if issubclass(kind, en.EscalationNotice):
        return "everybody whom it has reached, on both sides"
    heard = {to for example in TEMPLATES[kind].examples for to in audience(example, sample.ROSTER)}
    people = [sample.ROSTER.member(to.member_id) for to in heard if isinstance(to, ToMember)]
    tiers = [f"{tier.value}s" for tier in reversed(Tier) if any(member.tier is tier for member in people)]
    sides = {member.side for member in people}
    whole = " and ".join(filter(None, [", ".join(tiers[:-1]), tiers[-1]]))
    both = whole.replace("operationals", "operational members") + (" of both companies" if len(sides) > 1 else "")
    return both + (", and each company's alliance channel" if any(isinstance(to, ToChannel) for to in heard) else "")


# --- figures, metrics, tables ------------------------------------------------------------------------


def question_bank() -> str:
    """Every statement that a pulse may ask, with its scale."""
    rows = [
        (item.dimension, item.voice.value if item.voice else "", item.statement, _scale(item))
        for item in ITEMS.values()
    ]
    return _table(("dimension", "voice", "statement", "scale"), rows)


def _scale(item: Any) -> str:
    said = {1: "", -1: ", scored in reverse", 0: ", told and never scored"}[item.direction]
    return f"{item.lowest} to {item.highest}{said}"


def withheld() -> str:
    """Every reason for which a figure is withheld, in the words that people read."""
    return "\n".join(f"- {reason.value}" for reason in Withheld)


def warning_rules() -> str:
    """Every rule of the early warnings, by the name that a charter uses."""
    return "\n".join(f"- `{rule.value}`" for rule in WarningRule)


def traces() -> str:
    """Every kind of thing that is stored about a person, in the words that people read."""
    return "\n".join(f"- {trace.value}" for trace in Trace)


def metrics() -> str:
    """Every metric of `/metrics`."""
    metered = Metrics()
    metered.request("slack", "taken")
    metered.sent("slack", "PulseOpened")
    page = metered.text([], now=SystemClock().now(), late=0, set_aside=0).decode()
    families = text_string_to_metric_families(page)
    rows = [
        (f"`{family.name}{'_total' if family.type == 'counter' else ''}`", family.type, family.documentation)
        for family in families
        if not family.name.endswith("_created")
    ]
    return _table(("metric", "kind", "what it counts"), rows)


def database() -> str:
    """Every table of the database with its columns."""
    rows = {
        row.__tablename__: row
        for row in vars(tables).values()
        if isinstance(row, type) and issubclass(row, SQLModel) and row is not SQLModel
    }
    return "\n\n".join(_database_table(name, rows[name]) for name in rows)


def _database_table(name: Any, row: type[SQLModel]) -> str:
    said = inspect.cleandoc(row.__dict__.get("__doc__") or "")
    columns = SQLModel.metadata.tables[name].columns
    shown = [(f"`{c.name}`", _type(c), "key" if c.primary_key else "", "yes" if c.nullable else "") for c in columns]
    table = _table(("column", "type", "key", "may be empty"), shown)
    return "\n\n".join([f"### {name}", *([_prose(said)] if said else []), table])


def _type(column: Any) -> str:
    kind = type(column.type).__name__
    return {"AutoString": "text", "UTCDateTime": "instant, UTC", "BigInteger": "integer"}.get(kind, kind.lower())


def patience() -> str:
    """How often a timer and a delivery are tried, and for how long in all."""
    first, longest = deliveries.FIRST_RETRY_AFTER, deliveries.LONGEST_RETRY_AFTER
    rows = [
        (
            "a timer that fails",
            _tries(timers.ATTEMPTS_BEFORE_SET_ASIDE, timers.FIRST_RETRY_AFTER.total_seconds(), math.inf),
            "set aside",
        ),
        (
            "a delivery that its platform cannot take now",
            _tries(deliveries.ATTEMPTS_BEFORE_GIVEN_UP, first, longest),
            "given up",
        ),
        ("a delivery at which our own code fails", _tries(deliveries.ATTEMPTS_AT_A_BUG, first, longest), "given up"),
    ]
    return _table(("what", "how long it is tried", "then"), rows)


def _tries(most: int, first: float, longest: float) -> str:
    """Each wait is twice the one before it, up to the longest."""
    minutes = sum(min(first * 2**n, longest) for n in range(most - 1)) / 60
    whole = f"{minutes / 60:.0f} hours" if minutes > 120 else f"{minutes:.0f} minutes"
    return f"{most} times, the second after {first:g} seconds, over {whole} in all"


# --- putting it together -----------------------------------------------------------------------------


PARTS: Mapping[str, Callable[[], str]] = {
    "settings": settings,
    "command-line": command_reference,
    "chat-commands": chat_commands,
    "permissions": permissions,
    "messages": messages,
    "question-bank": question_bank,
    "withheld": withheld,
    "warning-rules": warning_rules,
    "traces": traces,
    "patience": patience,
    "metrics": metrics,
    "tables": database,
    **shown.PARTS,
    **measured.PARTS,
}


def pages() -> list[Path]:
    """Every page of the documentation."""
    top = [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    return [*top, *sorted((ROOT / "docs").rglob("*.md"))]


def page_as_it_should_be(path: Path) -> str:
    """The page with its generated parts made anew; KeyError for a part that nobody makes."""
    if path in WHOLE:
        return WHOLE[path]()
    return PART.sub(lambda found: f"{found[1]}{PARTS[found['name']]()}\n{found[3]}", path.read_text(encoding="utf-8"))


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    drawn = [head, tuple("---" for _ in head), *(tuple(cell.replace("|", "\\|") for cell in row) for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in drawn)


def main() -> None:
    """Write every page as it should be."""
    for path in pages():
        path.write_text(page_as_it_should_be(path), encoding="utf-8")


if __name__ == "__main__":
    main()
