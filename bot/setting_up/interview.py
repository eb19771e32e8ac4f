"""Asking: in a terminal with hidden echo for secrets, through a pipe line by line, or from options alone."""

import getpass
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

import typer

from bot.setting_up.checks import Check, NotGood, yes_or_no


class AnswersEnded(Exception):
    """The input ended before the questions did."""


@dataclass
class Interview:
    """`given` are answers by the name of their option; when it does not `ask`, all else keeps its default.

    What will not do is then gathered in `problems`, so that all of it can be told at once.
    """

    given: Mapping[str, str]
    asks: bool = True
    problems: list[str] = field(default_factory=list)

    def say(self, *sentences: str) -> None:
        """Tell something between the questions; a script is told nothing."""
        if self.asks:
            for sentence in sentences:
                typer.echo(sentence)

    def ask(self, option: str, words: str, check: Check, *, default: str = "", hidden: bool = False) -> str:
        """Return an answer that passed the check; `option` is how a script names it, "--zone" or a variable."""
        given = self.given.get(option)
        if given is not None:
            try:
                return check(given.strip())
            except NotGood as bad:
                if not self.asks:
                    self.problems.append(f"{option}: {bad}")
                    return default
                typer.echo(f"{option}: {bad}")
        if not self.asks:
            return self._default(option, check, default)
        while True:
            text = self._line(words, default, hidden=hidden).strip() or default
            try:
                return check(text)
            except NotGood as bad:
                typer.echo(f"  {bad}")

    def agrees(self, option: str, words: str, *, default: bool) -> bool:
        """Ask for a yes or a no."""
        return self.ask(option, words, yes_or_no, default="yes" if default else "no") == "yes"

    def _default(self, option: str, check: Check, default: str) -> str:
        try:
            return check(default)
        except NotGood as bad:
            self.problems.append(f"{option}: {bad}")
            return default

    def _line(self, words: str, default: str, *, hidden: bool) -> str:
        offered = "Enter keeps the one that is there" if hidden and default else default
        prompt = f"{words} [{offered}] " if offered else f"{words} "
        try:
            if sys.stdin.isatty():
                return getpass.getpass(prompt) if hidden else input(prompt)
        except EOFError:
            raise AnswersEnded from None
        typer.echo(prompt, nl=False)
        line = sys.stdin.readline()
        typer.echo()
        if not line:
            raise AnswersEnded
        return line
