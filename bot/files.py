"""Files that are written whole or not at all."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path


class CannotWrite(Exception):
    """A file cannot be written; none of those that belong together was."""


def write_whole(contents: Mapping[Path, bytes], *, private: frozenset[Path] = frozenset()) -> None:
    """Write the files, replacing what had their names; those in `private` can be read by their owner alone.

    Each is written beside its place first, so that a full disk or missing rights leave everything as it was.
    Raises CannotWrite.
    """
    beside: dict[Path, Path] = {}
    try:
        for file, content in contents.items():
            place = file.resolve()  # a link stays one
            beside[place] = _beside(place, content, mode=0o600 if file in private else 0o644)
        for place, unfinished in beside.items():
            os.replace(unfinished, place)
    except OSError as error:
        raise CannotWrite(f"{error.filename or 'the file'} cannot be written: {error.strerror}.") from error
    finally:
        for unfinished in beside.values():
            unfinished.unlink(missing_ok=True)


def _beside(file: Path, content: bytes, mode: int) -> Path:
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)  # for the owner alone, from the start
    with os.fdopen(handle, "wb") as unfinished:
        unfinished.write(content)
    os.chmod(name, mode)
    return Path(name)
