"""A process whose clock can be set while it runs."""

import os
from pathlib import Path

HERE = Path(__file__).parent / "shifted_clock"


class ShiftedClock:
    """The clock of a process that is started in that environment; other processes have the computer's."""

    def __init__(self, file: Path, environment: dict[str, str]) -> None:
        self._file = file
        environment["CLOCK_OFF"] = str(file)
        environment["PYTHONPATH"] = os.pathsep.join([str(HERE), environment["PYTHONPATH"]])
        self.put(0)

    def put(self, seconds: float) -> None:
        """Let it show so many seconds more than the computer's clock, from now on."""
        before = self._file.with_suffix(".new")
        before.write_text(str(seconds), encoding="ascii")
        before.replace(self._file)
