import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.charter_file.checking import check
from tests.fakes.charter_files import SAMPLE, document_with, line_of, sample_with


def problems(content: bytes) -> list[str]:
    return [str(problem) for problem in check(content).problems]


def test_the_sample_alliance_is_without_problems() -> None:
    checked = check(SAMPLE.read_bytes())

    assert checked.problems == ()
    assert checked.document is not None
    people = checked.document.people.values()
    assert [sum(p.company == key for p in people) for key in ("dc", "mc", None)] == [12, 12, 1]


WRONG = [
    (("    tier: operational", "    tier: operative"), "people.dc-ana.tier", 'Did you mean "operational"?'),
    (("  purpose: >", "  porpose: >"), "charter.porpose", 'Did you mean "purpose"?'),
    (("    quiet_after: 3d", "    quiet_after: soon"), "charter.protocol.quiet_after", "Write a window as"),
    (("answer_within: 2", "answer_within: two"), "charter.checkins.answer_within", "Write a whole number."),
    (("minimum_answers: 5", "minimum_answers: 2"), "charter.pulses.minimum_answers", "This is at least 3."),
    (("minimum_answers: 5", "minimum_answers: 11"), "charter.pulses.minimum_answers", "This is at most 10."),
    (("minimum_comments: 10", "minimum_comments: 9"), "charter.pulses.minimum_comments", "at least 10."),
    (("items_per_round: 4", "items_per_round: 6"), "charter.pulses.items_per_round", "This is at most 5."),
    (("at: 10:00", "at: 10"), "charter.checkins.at", 'as in "09:30"'),
    (("at: 10:00", "at: 10:00:30"), "charter.checkins.at", 'as in "09:30"'),
    (("due: 2026-06-30", "due: 30.6.2026"), "charter.criteria.1.due", 'as in "2026-03-31"'),
    (("due: 2026-06-30", "due: 2026-02-30"), "charter.criteria.1.due", 'as in "2026-03-31"'),
    (("target: 10", "target: nan"), "charter.criteria.1.target", "Write a number"),
    (("rule: FREQ=WEEKLY;BYDAY=TU", "rule: FREQ=DAILY"), "charter.checkins.rule", 'Write "FREQ=WEEKLY'),
    (
        ("rule: FREQ=WEEKLY;BYDAY=TU", "rule: FREQ=WEEKLY;INTERVAL=3;BYDAY=TU"),
        "charter.checkins.rule",
        "weekly or every two weeks",
    ),
    (("urgent_factor: 1/2", "urgent_factor: 3/2"), "charter.protocol.urgent_factor", "at most 1"),
    (("urgent_factor: 1/2", "urgent_factor: 0"), "charter.protocol.urgent_factor", "above 0"),
    (("weekday: Monday", "weekday: Mon"), "charter.digest.weekday", "in full"),
    (("zone: Europe/Berlin", "zone: Berlin"), "companies.mc.calendar.zone", "unknown"),
    (("closes: 17:30", "closes: 07:30"), "companies.mc.calendar.closes", "later than opening"),
    (("subdivision: BW", "subdivision: XX"), "companies.mc.calendar.country", "No public holidays"),
    (("name: Ana Ruiz", "name: ''"), "people.dc-ana.name", "left blank"),
    (("name: Ana Ruiz", "name: |\n      Ana\n      Ruiz"), "people.dc-ana.name", "one line"),
    (("responsibility: service design", "responsibility:"), "people.dc-ana.responsibility", "missing"),
    (("address: U0DCANA", "address: U0 DCANA"), "people.dc-ana.address", "no spaces"),
    (("address: U0DCANA", "address: U0DCMEI"), "people.dc-mei.address", "dc-ana has this address already"),
    (("    company: dc", "    company: acme"), "people.dc-ana.company", "There is no such company"),
    (("    tier: mediator", "    company: dc\n    tier: mediator"), "people.nia.company", "neither company"),
    (("    platform: slack\n    workspace", "    workspace"), "people.nia", "Platform is missing"),
    (("owners: {dc: dc-rosa,", "owners: {dc: dc-nobody,"), "charter.criteria.1.owners.dc", "dc-nobody"),
    (("owners: {dc: dc-rosa,", "owners: {dc: mc-paolo,"), "charter.criteria.1.owners.dc", "not a member of dc"),
    (("owners: {dc: dc-rosa, ", "owners: {"), "charter.criteria.1.owners", "The owner for dc is missing"),
    (
        ("deciders: {dc: dc-dana,", "deciders: {acme: dc-dana, dc: dc-dana,"),
        "charter.decisions.1.deciders.acme",
        "no company",
    ),
    (("- key: lead-time", "- key: pilots"), "charter.criteria.2", "written twice"),
    (("who: managers", "who: executives"), "charter.protocol.levels.3.who", "The ladder goes up"),
    (("who: executives", "who: mediator"), "charter.protocol.levels.4.who", "always the last level"),
    (("answer_within: 2", "answer_within: 5"), "charter.checkins.answer_within", "still be open"),
    (("      - 2026-03-24", "      - 2026-03-05"), "charter.checkpoints.answer_within", "still be open"),
    (("    dates:\n      - 2026-03-03\n      - 2026-03-24\n", ""), "charter.checkpoints", "either dates or a rule"),
    (("[trust, ", "[trust, charm, "), "charter.pulses.dimensions.2", "question bank"),
    (("[trust, ", "[trust, trust, "), "charter.pulses.dimensions.2", "written twice"),
    (
        ("open_escalation: [same blocker]", "open_escalation: [same blockers]"),
        "charter.triggers.open_escalation.1",
        "same blocker",
    ),
    (("sign_within_days: 10", "sign_within_days: 0"), "charter.sign_within_days", "at least 1"),
    (("  key: dc-mc", "  key: DC MC"), "alliance.key", "small letters"),
    (("mc: go-live", "mc: [go-live]"), "charter.glossary.1.words.mc", "Write a text here."),
    (("    mc: >\n      MC hears", "    me: >\n      MC hears"), "charter.why_it_matters.me", "no company"),
]


@pytest.mark.parametrize(("wrong", "path", "said"), WRONG, ids=[f"{p} {s[:20]}" for _, p, s in WRONG])
def test_what_is_wrong_is_named_by_field_in_a_sentence(wrong: tuple[str, str], path: str, said: str) -> None:
    content = sample_with(wrong)

    found = check(content)

    assert found.document is None
    named = [problem for problem in found.problems if problem.path == path and said in problem.sentence]
    assert named, found.problems


def test_a_problem_stands_on_its_own_line() -> None:
    content = sample_with(("tier: manager\n    responsibility: market", "tier: boss\n    responsibility: market"))

    (problem,) = check(content).problems

    assert problem.line == line_of(content, "tier: boss")
    assert str(problem).startswith(f"{problem.line}: people.dc-rosa.tier: ")


def test_everything_is_told_at_once_in_the_order_of_the_lines_and_once() -> None:
    content = sample_with(
        ("zone: Europe/Berlin", "zone: Nowhere"),
        ("tier: alliance manager", "tier: ally"),
        ("owners: {dc: dc-rosa,", "owners: {dc: dc-nobody,"),
        ("items_per_round: 4", "items_per_rounds: 4"),
        ("  exit_terms: >\n", "  exit_terms: &terms >\n"),
        ("  sign_within_days: 10", "  sign_within_days: 10\n  sign_within_days: 11"),
    )

    found = check(content).problems

    assert [problem.path for problem in found] == [
        "companies.mc.calendar.zone",
        "people.dc-cleo.tier",
        "charter.criteria.1.owners.dc",
        "charter.pulses.items_per_rounds",
        "charter.exit_terms",
        "charter.sign_within_days",
    ]
    assert [problem.line for problem in found] == sorted(problem.line for problem in found)


def test_a_missing_field_is_named_where_it_belongs() -> None:
    content = sample_with(("      target: 10\n", ""))

    (problem,) = check(content).problems

    assert (problem.path, problem.sentence) == ("charter.criteria.1.target", "This field is missing.")
    assert problem.line == line_of(content, "- key: pilots")


def test_more_people_or_entries_than_fit_are_counted() -> None:
    one_more = "    name: One\n    company: dc\n    tier: operational\n    responsibility: one of many\n"
    crowd = "".join(f"  dc-no{number}:\n{one_more}    address: U0DC{number}\n" for number in range(600))
    goals = "".join(f"    - Goal {number}\n" for number in range(30))
    content = sample_with(("people:\n", f"people:\n{crowd}"), ("joint_goals:\n", f"joint_goals:\n{goals}"))

    found = {problem.path: problem.sentence for problem in check(content).problems}

    assert found["people"] == "This has 625 entries; at most 500 fit."
    assert re.fullmatch(r"This has 3\d entries; at most 20 fit.", found["charter.joint_goals"])


def test_an_alliance_has_two_companies() -> None:
    third = "  acme:\n    name: A\n    workspace: {platform: slack, id: T1}\n    calendar: {zone: UTC}\n\npeople:"

    assert any("exactly two companies; 3" in said for said in problems(sample_with(("\npeople:", third))))


@pytest.mark.parametrize("tier", ["executive", "alliance manager", "operational"])
def test_each_company_needs_an_executive_an_alliance_manager_and_an_operational_member(tier: str) -> None:
    text = SAMPLE.read_text(encoding="utf-8").replace(
        f"company: mc\n    tier: {tier}", "company: mc\n    tier: manager"
    )

    assert any("mc needs a" in said and tier in said for said in problems(text.encode()))


def test_two_companies_that_never_work_at_the_same_time_are_refused() -> None:
    content = sample_with(("zone: America/Chicago", "zone: Australia/Sydney"))

    assert any("work at the same time for 0 minutes" in said for said in problems(content))


def test_what_is_absent_takes_the_agreed_defaults() -> None:
    text = SAMPLE.read_text(encoding="utf-8")
    before, _, rest = text.partition("  protocol:\n")
    _, _, after = rest.partition("  checkins:\n")

    checked = check(f"{before}  checkins:\n{after}".encode())

    assert checked.document is not None
    assert [level.who for level in checked.document.charter.protocol.levels] == [
        "counterparts",
        "managers",
        "alliance managers",
        "executives",
    ]


def test_norway_is_a_country_and_not_a_no() -> None:
    document = document_with(("country: DE\n      subdivision: BW", "country: NO"))

    assert document.companies["mc"].calendar.country == "NO"


def test_an_unknown_field_cannot_smuggle_control_characters_into_a_terminal() -> None:
    content = sample_with(("  sign_within_days: 10", '  "sign\\e[31m": 10'))

    assert all("\x1b" not in said for said in problems(content))


@given(st.data())
def test_a_file_with_any_line_missing_or_mangled_is_checked_without_failing(data: st.DataObject) -> None:
    lines = SAMPLE.read_text(encoding="utf-8").splitlines()
    for _ in range(data.draw(st.integers(1, 3))):
        number = data.draw(st.integers(0, len(lines) - 1))
        lines[number] = data.draw(
            st.sampled_from(["", "  - x", "    ~", "charter: [1]", "companies: x", "people:", "  dc:", "   : "])
        )

    checked = check("\n".join(lines).encode())

    assert (checked.document is None) == bool(checked.problems)
