"""The words of early warnings: every rule has its own, the evidence is shown, and nobody is blamed."""

from dataclasses import replace

import pytest

from alliance.notices import WarningFound
from alliance.warning import WarningRule
from bot.messages import sample
from bot.messages.blocks import Actions, Quote
from bot.messages.catalog import word
from bot.messages.plain import render
from bot.messages.warnings import RULES, TEMPLATES

EXAMPLES: tuple[WarningFound, ...] = TEMPLATES[WarningFound].examples
GAP, BLOCKER, OPENED = EXAMPLES


@pytest.mark.parametrize("example", EXAMPLES)
def test_both_alliance_managers_read_the_same_words(example: WarningFound) -> None:
    mine, theirs = (word(example, sample.reader(key)) for key in ("cleo", "lars"))

    assert mine == theirs
    assert "!" not in render(mine)


@pytest.mark.parametrize("rule", WarningRule)
def test_every_rule_has_its_words(rule: WarningRule) -> None:
    notice = replace(GAP, warning=replace(GAP.warning, rule=rule))

    assert RULES[rule] in render(word(notice, sample.reader("cleo")))


def test_the_evidence_is_shown_and_an_escalation_can_be_raised_from_it() -> None:
    message = word(GAP, sample.reader("cleo"))

    assert all(sentence in render(message) for sentence in GAP.warning.evidence)
    (actions,) = [block for block in message.blocks if isinstance(block, Actions)]
    assert actions.buttons[0].token == "v1.escalation.ask-raise-warning.sample.w1"


def test_a_blocker_is_quoted_literally() -> None:
    hostile = replace(BLOCKER, warning=replace(BLOCKER.warning, evidence=("DC named:", "<!channel> *hi*")))

    message = word(hostile, sample.reader("cleo"))

    assert Quote("<!channel> *hi*") in message.blocks


def test_one_that_the_charter_opened_by_itself_names_the_escalation_and_has_no_button() -> None:
    message = word(OPENED, sample.reader("cleo"))

    assert "escalation 4 is open on this by itself" in render(message)
    assert not any(isinstance(block, Actions) for block in message.blocks)
