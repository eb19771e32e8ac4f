"""Writing an alliance as alliance.yaml, so that importing what was exported changes nothing."""

from collections.abc import Mapping
from typing import Any

import yaml

from alliance import in_words
from alliance.calendar import WorkingCalendar
from alliance.charter import Charter, CheckpointTerms
from alliance.protocol import Protocol
from alliance.roster import Member, Roster, Side, Tier

Json = dict[str, Any]


def as_yaml(roster: Roster, charter: Charter) -> str:
    """Write the active people of an alliance, its companies and one charter as the file's text."""
    return yaml.dump(as_fields(roster, charter), Dumper=_Writer, sort_keys=False, allow_unicode=True, width=100)


def as_fields(roster: Roster, charter: Charter) -> Json:
    """The same as nested fields; what is empty is left out."""
    companies = {str(side.key): _company(side, charter) for side in roster.sides}
    people = {member.key: _person(member) for member in roster.members if member.active}
    return {
        "alliance": {"key": roster.key, "name": roster.name},
        "companies": companies,
        "people": people,
        "charter": _without_empty(_charter(charter)),
    }


def _company(side: Side, charter: Charter) -> Json:
    reach = charter.reach.get(side.key)
    return _without_empty(
        {
            "name": side.company,
            "workspace": {"platform": str(side.platform), "id": side.workspace},
            "channel": side.channel,
            "calendar": _calendar(side.calendar),
            "reach": {"main": reach.main, "back_up": reach.back_up} if reach else None,
        }
    )


def _calendar(calendar: WorkingCalendar) -> Json:
    return _without_empty(
        {
            "zone": calendar.zone,
            "workdays": [in_words.weekday(day) for day in sorted(calendar.workdays)],
            "opens": f"{calendar.opens:%H:%M}",
            "closes": f"{calendar.closes:%H:%M}",
            "country": calendar.country,
            "subdivision": calendar.subdivision,
            "closed_on": [day.isoformat() for day in sorted(calendar.closed_on)],
        }
    )


def _person(member: Member) -> Json:
    neutral = member.tier is Tier.MEDIATOR
    return _without_empty(
        {
            "name": member.name,
            "company": member.side,
            "tier": str(member.tier),
            "responsibility": member.responsibility,
            "address": member.address,
            "platform": str(member.platform) if neutral else None,
            "workspace": member.workspace if neutral else None,
        }
    )


def _charter(charter: Charter) -> Json:
    return {
        "purpose": charter.purpose,
        "why_it_matters": _plain(charter.why_it_matters),
        "joint_goals": list(charter.joint_goals),
        "own_goals": {str(side): list(goals) for side, goals in charter.own_goals.items()},
        "criteria": [
            {
                "key": criterion.key,
                "name": criterion.name,
                "unit": criterion.unit,
                "target": _number(criterion.target),
                "direction": str(criterion.direction),
                "due": criterion.due.isoformat(),
                "owners": _plain(criterion.owners),
            }
            for criterion in charter.criteria
        ],
        "decisions": [{"area": d.area, "deciders": _plain(d.deciders)} for d in charter.decisions],
        "protocol": _protocol(charter.protocol),
        **_rounds(charter),
        "glossary": [{"meaning": term.meaning, "words": _plain(term.words)} for term in charter.glossary],
        "exit_terms": charter.exit_terms,
        "sign_within_days": charter.sign_within_days,
    }


def _protocol(protocol: Protocol) -> Json:
    return {
        "levels": [
            {"who": str(level.who), "acknowledge": str(level.acknowledge), "resolve": str(level.resolve)}
            for level in protocol.levels
        ],
        "urgent_factor": str(protocol.urgent_factor),
        "mediator_within": str(protocol.mediator_within),
        "mediation": str(protocol.mediation),
        "statements_within": str(protocol.statements_within),
        "quiet_after": str(protocol.quiet_after),
    }


def _rounds(charter: Charter) -> Json:
    checkin, pulse, triggers = charter.checkin, charter.pulse, charter.triggers
    return {
        "checkins": {
            "rule": checkin.cadence.rule,
            "at": f"{checkin.cadence.at:%H:%M}",
            "answer_within": checkin.answer_within,
        },
        "pulses": {
            "rule": pulse.cadence.rule,
            "at": f"{pulse.cadence.at:%H:%M}",
            "answer_within": pulse.answer_within,
            "items_per_round": pulse.items_per_round,
            **({"dimensions": list(pulse.dimensions)} if pulse.dimensions else {}),
            "minimum_answers": pulse.minimum_answers,
            "minimum_comments": pulse.minimum_comments,
        },
        "checkpoints": _checkpoints(charter.checkpoints),
        "digest": {"weekday": in_words.weekday(charter.digest.weekday), "at": f"{charter.digest.at:%H:%M}"},
        "triggers": {
            "floor": triggers.floor,
            "response_drop": triggers.response_drop,
            "late_acknowledgements": triggers.late_acknowledgements,
            "blocker_rounds": triggers.blocker_rounds,
            "slipping_action_items": triggers.slipping_action_items,
            "open_escalation": list(triggers.open_escalation),
        },
    }


def _checkpoints(terms: CheckpointTerms) -> Json:
    when = {"rule": terms.cadence.rule} if terms.cadence else {"dates": [d.isoformat() for d in terms.dates]}
    return {**when, "at": f"{terms.at:%H:%M}", "answer_within": terms.answer_within}


def _number(value: float) -> float | int:
    return int(value) if value == int(value) else value


def _plain(by_side: Mapping[Any, str]) -> Json:
    return {str(side): text for side, text in by_side.items()}


def _without_empty(fields: Json) -> Json:
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}


class _Writer(yaml.SafeDumper):
    """Indents lists under their field, and never writes a reference."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 the library's signature
        super().increase_indent(flow, False)  # noqa: FBT003 the library's signature

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 the library's signature
        return True
