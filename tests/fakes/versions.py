"""Other versions of the liaison, to run beside this one: the next, made from it; the one before, from its history."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from storage.schema import newest_revision
from tests.fakes.processes import ROOT

ROOMS = ("alliance", "storage", "handlers", "schedules", "bot")
VERSIONS = "storage/migrations/versions"
_EXPAND = '''"""What a next version may add while this one runs."""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"
branch_labels = None
depends_on = None
{more}

def upgrade() -> None:
    op.create_table("colours", sa.Column("name", sa.String(), primary_key=True))
    for table in ("alliances", "pulses", "pulse_answers", "deliveries", "notices", "timers", "inbox"):
        op.add_column(table, sa.Column("colour", sa.String(), nullable=True))
        op.create_index(f"{{table}}_by_colour", table, ["colour"])
'''


def next_version(folder: Path, *, contracts: bool = False) -> Path:
    """This version with one migration more, which adds to what is busiest; or (`contracts`) says that it takes away."""
    before = newest_revision()
    revision = f"{int(before) + 1:04}"
    for room in ROOMS:
        shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    more = f'contracts = "{revision}"\n' if contracts else ""
    migration = _EXPAND.format(revision=revision, before=before, more=more)
    (folder / VERSIONS / f"{revision}_next.py").write_text(migration, encoding="utf-8")
    return folder


def earlier_version(folder: Path) -> Path | None:
    """The newest version of the history with an earlier schema than this one's; None where there is no history."""
    for commit in _git("log", "--format=%H", "--", VERSIONS).decode().split():
        names = _git("ls-tree", "--name-only", commit, f"{VERSIONS}/").decode().split()
        revisions = [name.rpartition("/")[2][:4] for name in names if name.endswith(".py")]
        if revisions and max(revisions) < newest_revision():
            _git("clone", "--quiet", "--shared", "--no-checkout", str(ROOT), str(folder))
            _git("-C", str(folder), "checkout", "--quiet", commit)
            return folder
    return None


def of_version(environment: Mapping[str, str], version: Path) -> dict[str, str]:
    """The environment in which that version is started."""
    return {**environment, "PYTHONPATH": str(version)}


def _git(*arguments: str) -> bytes:
    """What git says; nothing where it has nothing to say."""
    if shutil.which("git") is None:
        return b""
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=False).stdout
