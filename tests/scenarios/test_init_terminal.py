"""`liaison init` in a real terminal: secrets are not echoed, and Ctrl-C leaves nothing behind."""

import os
import pty
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fakes.processes import COMMAND, environment

pytestmark = pytest.mark.slow

TOKEN = "xoxb-not-to-be-seen"
PATIENCE = 120


@dataclass
class Terminal:
    """A process with a terminal of its own, and what that has shown so far."""

    process: subprocess.Popen[bytes]
    handle: int
    seen: str = ""
    all_seen: str = ""

    def until(self, words: str) -> None:
        """Wait for the next place where the words are shown; what comes before is read away."""
        while words not in self.seen:
            read = os.read(self.handle, 4096).decode("utf-8", "replace")
            self.seen, self.all_seen = self.seen + read, self.all_seen + read
        self.seen = self.seen.partition(words)[2]

    def answer(self, question: str, text: str) -> None:
        self.until(question)
        os.write(self.handle, f"{text}\n".encode())


@contextmanager
def terminal(folder: Path, *arguments: str) -> Iterator[Terminal]:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=folder,
        env={name: value for name, value in environment().items() if name != "LIAISON_SECRET_KEY"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield Terminal(process, ours)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(PATIENCE)
        os.close(ours)


def up_to_the_token(shown: Terminal) -> None:
    for question, text in (
        ("first company's name?", "DC"),
        ("chat, slack or teams?", "slack"),
        ("second company's name?", "MC"),
        ("chat, slack or teams?", "teams"),
        ("alliance called?", ""),
        ("Database?", ""),
        ("Public address?", ""),
        ("Use Socket Mode?", "no"),
    ):
        shown.answer(question, text)


def test_a_token_that_is_pasted_is_not_shown(tmp_path: Path) -> None:
    with terminal(tmp_path, "init", "--offline") as shown:
        up_to_the_token(shown)
        shown.answer("Bot token (xoxb-…)?", TOKEN)
        shown.answer("Signing secret?", TOKEN)
        shown.until("This is a token; what is asked for here is another value.")

    assert TOKEN not in shown.all_seen
    assert "second company's name? MC" in shown.all_seen


def test_ctrl_c_ends_it_and_nothing_is_written(tmp_path: Path) -> None:
    with terminal(tmp_path, "init", "--offline") as shown:
        up_to_the_token(shown)
        shown.until("Bot token (xoxb-…)?")
        shown.process.send_signal(signal.SIGINT)
        shown.until("Stopped. Nothing was written.")
        code = shown.process.wait(PATIENCE)

    assert code == 130
    assert list(tmp_path.iterdir()) == []
