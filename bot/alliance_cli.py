"""`liaison alliance …`: list, check, import, show and export alliances, read their trail, print the file's schema.

Exit codes: 0 when all is well, 1 when the file or the alliance is not as it should be, 2 for a wrong command line.
"""

import dataclasses
import datetime as dt
import json
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from alliance.audit import AuditEntry
from alliance.charter import Change
from alliance.roster import Roster
from bot import alliance_reading
from bot.charter_file.checking import Checked, check
from bot.charter_file.convert import charter_of, enrolment_of
from bot.charter_file.document import Document
from bot.charter_file.reading import LARGEST
from bot.charter_file.schema import json_schema, reference
from bot.messages.literal import one_line
from bot.messages.parts import Json
from bot.progress import progress
from bot.terminal import PROBLEM, run_or_exit, settings_or_exit, show_table
from handlers.enrolment import ImportPlan, import_alliance, plan_import
from storage.unit_of_work import OpenUnitOfWork

T = TypeVar("T")

app = typer.Typer(
    help="The alliance of two companies and its charter, as a file.", no_args_is_help=True, add_completion=False
)
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="An alliance.yaml.")]
AsJson = Annotated[bool, typer.Option("--json", help="as JSON")]
Key = Annotated[str, typer.Argument(help="The alliance's key, as its file has it.")]


# --- commands ---------------------------------------------------------------------------------------


@app.command("list")
def list_alliances(*, as_json: AsJson = False) -> None:
    """List the alliances of this installation: who they are, and nothing of what was said in them."""
    found = _with_database(alliance_reading.listed)
    if as_json:
        _print_json(found)
    elif not found:
        typer.echo("There is no alliance here yet. Import one: liaison alliance import alliance.yaml")
    else:
        show_table(("key", "name", "companies", "people", "charter"), [_listed_row(one) for one in found])


@app.command("check")
def check_file(file: File, *, as_json: AsJson = False) -> None:
    """Name everything that is wrong with a file, by line and field."""
    checked = check(_content(file))
    if as_json:
        problems = [{"line": p.line, "field": p.path, "problem": p.sentence} for p in checked.problems]
        _print_json({"file": str(file), "fine": not problems, "problems": problems})
        raise typer.Exit(1 if problems else 0)
    for row in problem_rows(file, checked):
        typer.echo(row)
    if checked.document is None:
        raise typer.Exit(1)
    people = len(checked.document.people)
    typer.echo(f"{file}: all is well. {checked.document.alliance.name}, {people} people.")


@app.command("import")
def import_file(
    file: File,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before importing.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print what changes as JSON; imports only together with --yes.")
    ] = False,
) -> None:
    """Bring an alliance up to its file: show what changes, ask, then do it.

    Companies and people change at once. A changed charter is stored as a draft and takes effect only when an
    executive of each company has signed it in chat.
    """
    document = _document(file)
    plan = _with_database(lambda open_uow: planned(open_uow, document))
    if as_json:
        applies = yes and not plan.changes_nothing
        if applies:
            _with_database(lambda open_uow: imported(open_uow, document, now=_now(), expected=plan))
        else:
            _note_preview(document, plan)
        typer.echo(json.dumps(plan_as_json(plan, applied=applies), indent=2, ensure_ascii=False))
        return
    for row in plan_rows(plan):
        typer.echo(row)
    if plan.changes_nothing:
        return
    if not yes and not _agreed():
        _note_preview(document, plan)
        raise typer.Exit(1)
    with progress("Importing"):
        _with_database(lambda open_uow: imported(open_uow, document, now=_now(), expected=plan))
    typer.echo(_outcome(plan))


@app.command("show")
def show_alliance(key: Key, *, as_json: AsJson = False) -> None:
    """Print an alliance's charter as people read it. Both companies' alliance managers are told."""
    if as_json:
        _print_json(_with_database(lambda open_uow: alliance_reading.fields_of(open_uow, key, now=_now())))
        return
    typer.echo(_with_database(lambda open_uow: alliance_reading.shown(open_uow, key, now=_now())), nl=False)


@app.command("export")
def export_alliance(key: Key) -> None:
    """Print an alliance as its file; importing that changes nothing. Both alliance managers are told."""
    with progress("Exporting"):
        written = _with_database(lambda open_uow: alliance_reading.exported(open_uow, key, now=_now()))
    typer.echo(written, nl=False)


@app.command("audit")
def read_trail(
    key: Key,
    *,
    verify: Annotated[
        bool, typer.Option("--verify", help="Only say whether the chain holds; reads nothing, so nobody is told.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Print an alliance's audit trail, without people's own words. Both companies' alliance managers are told.

    Times are UTC, and the reading becomes an entry itself. With --verify it ends with 1 when the chain does not hold.
    """
    if verify:
        _print_verdict(_with_database(lambda open_uow: alliance_reading.verified(open_uow, key)), as_json=as_json)
        return
    trail = _with_database(lambda open_uow: alliance_reading.trail(open_uow, key, now=_now()))
    if as_json:
        _print_json([_entry_as_json(entry) for entry in trail.entries])
        return
    for entry in trail.entries:
        for row in _entry_rows(entry, trail.roster):
            typer.echo(row)


@app.command("schema")
def print_schema(
    *, markdown: Annotated[bool, typer.Option("--markdown", help="The reference page instead.")] = False
) -> None:
    """Print the JSON Schema of alliance.yaml."""
    if markdown:
        typer.echo(reference(), nl=False)
    else:
        typer.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))


# --- what is listed -------------------------------------------------------------------------------------


def _print_json(found: object) -> None:
    typer.echo(json.dumps(found, indent=2, ensure_ascii=False))


def _listed_row(one: Json) -> tuple[str, ...]:
    companies = ", ".join(f"{_said(side['name'])} ({side['platform']})" for side in one["companies"])
    charter = f"version {one['charter']}" if one["charter"] else "none in force"
    return one["key"], _said(one["name"]), companies, str(one["people"]), charter


def _print_verdict(verdict: Json, *, as_json: bool) -> None:
    if as_json:
        _print_json(verdict)
    elif verdict["holds"]:
        typer.echo(
            f"{verdict['alliance']}: all {verdict['entries']} entries hold. The last one is {verdict['last_hash']}."
        )
    else:
        broken = verdict["broken"]
        typer.echo(f"{verdict['alliance']}: entry {broken['entry']} does not hold: {broken['because']}.")
    if not verdict["holds"]:
        raise typer.Exit(PROBLEM)


def _entry_as_json(entry: AuditEntry) -> Json:
    """Everything that its hash was made of, so that anybody can compute it."""
    return {**dataclasses.asdict(entry), "at": entry.at.astimezone(dt.UTC).isoformat(timespec="microseconds")}


def _entry_rows(entry: AuditEntry, roster: Roster) -> Iterable[str]:
    """One row, and under it the facts, if there are any."""
    when = entry.at.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S")
    who = f", {_said(roster.name_of(entry.actor))}" if entry.actor else ""
    yield f"{entry.seq:>6}  {when}  {_said(entry.subject)}: {entry.event}{who}"
    if entry.facts:
        yield " " * 29 + "; ".join(f"{name}: {_said(value)}" for name, value in entry.facts.items())


# --- what the commands do, without a command line ----------------------------------------------------


async def planned(open_uow: OpenUnitOfWork, document: Document) -> ImportPlan:
    """Say what importing the document would change."""
    async with open_uow(reads=True) as uow:
        return await plan_import(uow, enrolment_of(document), charter_of(document))


async def imported(
    open_uow: OpenUnitOfWork, document: Document, *, now: dt.datetime, expected: ImportPlan | None = None
) -> ImportPlan:
    """Import a checked document in one transaction; `expected` is the plan that was shown, if one was."""
    async with open_uow() as uow:
        plan = await import_alliance(uow, enrolment_of(document), charter_of(document), now=now, expected=expected)
        await uow.commit()
    return plan


def problem_rows(file: Path, checked: Checked) -> list[str]:
    """One row per problem, as editors understand it: "alliance.yaml:12: people.dc-ana.tier: …"."""
    return [f"{file}:{problem}" for problem in checked.problems]


def plan_rows(plan: ImportPlan) -> Iterable[str]:
    """What an import changes, in rows for a terminal: companies and people apart from the charter."""
    if plan.changes_nothing and plan.waiting is None:
        yield f"{plan.alliance}: nothing changed."
    if plan.is_new:
        yield f"{plan.alliance}: this alliance is new here."
    yield from _section("Companies, at once", plan.company_changes)
    yield from _section("People, at once", plan.people_changes)
    if plan.drafts is not None:
        yield from _section(f"Charter, as draft of version {plan.drafts}", plan.charter_changes)
    yield from _remarks(plan)


def _remarks(plan: ImportPlan) -> Iterable[str]:
    if plan.withdraws is not None:
        taken = "is replaced" if plan.drafts is not None else "is taken back"
        yield f"The draft of version {plan.withdraws} {taken}; it was never proposed."
    if plan.waiting is not None:
        yield f"Version {plan.waiting} waits for signatures and differs from this file; it is left alone."
    for key in plan.kept_out:
        yield f"{key} asked to be forgotten and stays out. A new person needs a key of their own."


def _section(title: str, changes: tuple[Change, ...]) -> Iterable[str]:
    if changes:
        yield f"{title}:"
    for change in changes:
        match change.before, change.after:
            case None, after:
                yield f"  + {_said(change.field)}: {_said(after)}"
            case before, None:
                yield f"  - {_said(change.field)}: {_said(before)}"
            case before, after:
                yield f"  ~ {_said(change.field)}: {_said(before)} -> {_said(after)}"


def _said(text: str | None) -> str:
    """People's words in one terminal row, without control characters."""
    return one_line(text or "", 300)


def _outcome(plan: ImportPlan) -> str:
    if plan.drafts is None:
        return f"{plan.alliance}: imported."
    return (
        f"{plan.alliance}: imported. Version {plan.drafts} of the charter is a draft; "
        "either alliance manager can propose it in chat."
    )


def plan_as_json(plan: ImportPlan, *, applied: bool) -> dict[str, Any]:
    """The plan as JSON types, for scripts."""
    return {**dataclasses.asdict(plan), "changed": not plan.changes_nothing, "applied": applied}


# --- from the command line to the database ------------------------------------------------------------


def _agreed() -> bool:
    """Whether the operator wants it; one who breaks off does not."""
    try:
        return typer.confirm("Import this?")
    except typer.Abort:
        typer.echo()
        return False


def _note_preview(document: Document, plan: ImportPlan) -> None:
    """A diff shows what is kept of both companies, so both learn of one that was only looked at."""
    if not (plan.is_new or plan.changes_nothing):
        key = document.alliance.key
        _with_database(lambda open_uow: alliance_reading.previewed(open_uow, key, now=_now()))


def _content(file: Path) -> bytes:
    """The file's bytes; of one that is too large no more than shows it."""
    with file.open("rb") as opened_file:
        return opened_file.read(LARGEST + 1)


def _document(file: Path) -> Document:
    checked = check(_content(file))
    if checked.document is None:
        for row in problem_rows(file, checked):
            typer.echo(row, err=True)
        typer.echo("Nothing was imported.", err=True)
        raise typer.Exit(1)
    return checked.document


def _with_database(work: Callable[[OpenUnitOfWork], Awaitable[T]]) -> T:
    """Run the work on the installation's database; what is refused is told in a sentence."""
    from bot.database import opened

    settings = settings_or_exit()

    async def run() -> T:
        async with opened(settings) as open_uow:
            return await work(open_uow)

    return run_or_exit(run())


def _now() -> dt.datetime:
    from schedules.clock import SystemClock

    return SystemClock().now()
