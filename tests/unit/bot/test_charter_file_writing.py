import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from alliance.calendar import Window
from alliance.charter import Charter, CheckpointTerms, diff
from alliance.enrolment import enrol
from alliance.ids import AllianceId
from alliance.protocol import Level, Protocol, Who
from alliance.roster import Roster
from alliance.triggers import Triggers
from bot.charter_file.checking import check
from bot.charter_file.convert import charter_of, enrolment_of
from bot.charter_file.document import Document
from bot.charter_file.schema import json_schema, reference
from bot.charter_file.writing import as_fields, as_yaml
from storage.codec import decode, encode
from tests.fakes.builders import make_charter, make_roster
from tests.fakes.charter_files import SAMPLE, document_with, sample_with

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "alliance-yaml.md"


def ids() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"id-{next(numbers)}"


def roster_of(document: Document) -> Roster:
    return enrol(enrolment_of(document), None, AllianceId("al"), ids())


def read_back(text: str) -> Document:
    checked = check(text.encode())
    assert checked.document is not None, checked.problems
    return checked.document


def test_what_is_exported_reads_back_as_the_same_alliance() -> None:
    document = document_with()

    again = read_back(as_yaml(roster_of(document), charter_of(document)))

    assert enrolment_of(again) == enrolment_of(document)
    assert charter_of(again) == charter_of(document)


def test_a_charter_survives_being_stored() -> None:
    charter = charter_of(document_with())

    assert diff(charter, decode(Charter, encode(charter))) == ()


def test_the_builders_alliance_can_be_written_and_read_too() -> None:
    charter = replace(
        make_charter(),
        checkpoints=CheckpointTerms(dates=(dt.date(2026, 3, 5), dt.date(2026, 4, 2)), at=dt.time(11)),
        protocol=Protocol(
            levels=(Level(Who.MANAGERS, Window(minutes=90), Window(days=Fraction(2, 3))),),
            urgent_factor=Fraction(2, 3),
        ),
        triggers=Triggers(floor=2.5, open_escalation=("same blocker",)),
    )

    again = read_back(as_yaml(make_roster(), charter))

    assert charter_of(again) == charter


def test_who_left_is_not_exported() -> None:
    roster = make_roster()
    left = replace(roster.by_key("dc-op1"), active=False)
    roster = replace(roster, members=tuple(left if m.key == "dc-op1" else m for m in roster.members))

    assert "dc-op1" not in as_fields(roster, make_charter())["people"]


PROSE = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cf", "Zl", "Zp")), min_size=1, max_size=80).filter(
    lambda text: text == text.strip() and text.isprintable()
)


@settings(max_examples=25, deadline=None)  # each example checks a whole file
@given(PROSE, PROSE)
def test_whatever_people_write_comes_back_as_they_wrote_it(purpose: str, name: str) -> None:
    document = document_with()
    charter = replace(charter_of(document), purpose=purpose)
    roster = replace(roster_of(document), name=name)

    again = read_back(as_yaml(roster, charter))

    assert again.charter.purpose == purpose
    assert again.alliance.name == name


# --- the schema and the reference page --------------------------------------------------------------


class _Plain(yaml.SafeLoader):
    """Reads as YAML 1.2 does in editors: times and dates are texts."""


_Plain.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.rpartition(":")[2] not in {"timestamp", "int"}]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Plain.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"[-+]?[0-9]+$"), list("-+0123456789"))


def schema_errors(content: bytes) -> list[str]:
    tree: Any = yaml.load(content, Loader=_Plain)
    return [error.message for error in Draft202012Validator(json_schema()).iter_errors(tree)]


def test_the_schema_is_valid_and_accepts_the_sample() -> None:
    Draft202012Validator.check_schema(json_schema())

    assert schema_errors(SAMPLE.read_bytes()) == []


@pytest.mark.parametrize(
    "wrong",
    [
        ("  purpose: >", "  porpose: >"),
        ("    tier: operational", "    tier: operative"),
        ("minimum_answers: 5", "minimum_answers: 2"),
        ("items_per_round: 4", "items_per_round: 6"),
        ("at: 10:00", "at: soon"),
        ("due: 2026-06-30", "due: 30.6.2026"),
        ("  dc-ana:", "  DC Ana:"),
        ("owners: {dc: dc-rosa,", "owners: {dc: 'No key',"),
        ("quiet_after: 3d", "quiet_after: soon"),
    ],
    ids=lambda wrong: wrong[1].strip(),
)
def test_the_schema_refuses_what_the_check_refuses(wrong: tuple[str, str]) -> None:
    content = sample_with(wrong)

    assert check(content).document is None
    assert schema_errors(content)


def test_the_reference_page_says_what_the_models_say() -> None:
    assert REFERENCE.read_text(encoding="utf-8") == reference(), "run: liaison alliance schema --markdown"


def test_the_reference_page_names_every_field() -> None:
    definitions = json_schema()["$defs"].values()

    names = {name for part in definitions for name in part.get("properties", {})}

    page = reference()
    assert len(names) > 60
    assert all(f"| `{name}` |" in page for name in names)
