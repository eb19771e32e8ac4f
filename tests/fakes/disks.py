"""Disks that fill up, and files that cannot be written, for a process that is bound by rights."""

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SIZE = 8 * 1024 * 1024
"""Bytes of a small disk: twice what SQLite's write-ahead log usually grows to."""
LARGEST_FILE = 128 * 1024
"""Bytes; SQLite's write-ahead log is longer as soon as there are tables."""
_FILE = "everything-else"
_NO_SPECIAL_RIGHTS = """
import ctypes, os, sys
DROP, OVERRIDE_RIGHTS, SEARCH_ANYWHERE = 24, 1, 2
if os.geteuid() == 0:
    for right in (OVERRIDE_RIGHTS, SEARCH_ANYWHERE):
        ctypes.CDLL(None).prctl(DROP, right, 0, 0, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""
BOUND_BY_RIGHTS = (sys.executable, "-c", _NO_SPECIAL_RIGHTS)
"""Starts a command for which rights of files count, even where the tests run as root."""


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """A file system of a few megabytes, with something on it that grows."""

    folder: Path

    def fill(self) -> None:
        """Leave not a byte."""
        with (self.folder / _FILE).open("ab", buffering=0) as file:
            for size in (65536, 1):
                try:
                    while True:
                        file.write(b"x" * size)
                except OSError:
                    continue

    def free(self) -> None:
        (self.folder / _FILE).unlink()


@contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk | None]:
    """A small disk at that folder; None where the tests may mount none."""
    folder.mkdir()
    options = ("-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs")
    if os.geteuid() != 0 or subprocess.run(["mount", *options, folder], capture_output=True, check=False).returncode:
        yield None
        return
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def takes_no_bytes(process: int) -> None:
    """Let that process write nothing beyond the beginning of a file, as over a quota; its log is short enough."""
    _, most = resource.prlimit(process, resource.RLIMIT_FSIZE)
    resource.prlimit(process, resource.RLIMIT_FSIZE, (LARGEST_FILE, most))


def takes_bytes(process: int) -> None:
    """Let that process write to files again."""
    _, most = resource.prlimit(process, resource.RLIMIT_FSIZE)
    resource.prlimit(process, resource.RLIMIT_FSIZE, (most, most))


def set_writable(database: Path, writable: bool) -> None:
    """Set the rights of the database, of what lies beside it and of their folder."""
    if writable:
        database.parent.chmod(0o755)
    for file in database.parent.glob(f"{database.name}*"):
        file.chmod(0o644 if writable else 0o444)
    if not writable:
        database.parent.chmod(0o555)
