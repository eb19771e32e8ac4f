"""What alliance.yaml may say, as pydantic models: the same shape is published as a JSON Schema.

What concerns several fields at once is asked in `checks`, so that every problem has its own line.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from alliance.in_words import WEEKDAYS
from alliance.protocol import DEFAULT_LEVELS, Who
from alliance.roster import Platform, Tier
from alliance.warning import WarningRule
from bot.charter_file.texts import (
    CheckinRule,
    CheckpointRule,
    Code,
    Date,
    Factor,
    Identifier,
    Key,
    Label,
    Name,
    Prose,
    PulseRule,
    Time,
    Weekday,
    Window,
    Zone,
)

Figure = Annotated[float, Field(allow_inf_nan=False, ge=-1e12, le=1e12)]


class Words(BaseModel):
    """A part of the file. An unknown field is an error; a known one left blank counts as not written."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, use_attribute_docstrings=True)

    @model_validator(mode="before")
    @classmethod
    def _without_blanks(cls, written: Any) -> Any:
        if not isinstance(written, dict):
            return written
        known = cls.model_fields
        return {key: value for key, value in written.items() if value is not None or key not in known}


class AllianceWords(Words):
    """The alliance itself."""

    key: Key
    """Its short name, used on the command line; it never changes."""
    name: Name
    """Its name as people see it."""


class WorkspaceWords(Words):
    """Where a company chats."""

    platform: Platform
    """The chat platform."""
    id: Identifier
    """The Slack team id, as in "T0DC", or the Teams tenant id."""


class CalendarWords(Words):
    """When a company works. Changes apply at the next import, without signatures."""

    zone: Zone
    """The time zone, by its IANA name."""
    workdays: Annotated[list[Weekday], Field(min_length=1, max_length=7)] = list(WEEKDAYS[:5])
    """The working days of the week."""
    opens: Time = "09:00"
    """When a working day begins, in local time."""
    closes: Time = "17:00"
    """When a working day ends, in local time."""
    country: Code = ""
    """Whose public holidays are kept: two capital letters (ISO 3166), as in "DE". None when absent."""
    subdivision: Code = ""
    """The part of the country, as in "BW"."""
    closed_on: Annotated[list[Date], Field(max_length=400)] = []
    """The company's own holidays."""


class ReachWords(Words):
    """How a company wants to be reached. It is part of the charter: both companies agree to it."""

    main: Label = "direct message"
    """The main way."""
    back_up: Label = "channel"
    """What is only a back-up. When it names the channel, the company's channel is told that messages wait for a
    person whom the liaison cannot reach directly, without saying what they are."""


class CompanyWords(Words):
    """One of the two companies."""

    name: Name
    """The company's name as people see it."""
    workspace: WorkspaceWords
    channel: Identifier | None = None
    """The id of the company's own alliance channel; nothing is posted to a channel when absent."""
    calendar: CalendarWords
    reach: ReachWords = ReachWords()


class PersonWords(Words):
    """One person. Whoever is taken out of the file becomes inactive at the next import."""

    name: Name
    """The person's name as people see it."""
    company: Key | None = None
    """The key of their company; absent for a mediator, who belongs to neither."""
    tier: Tier
    """What they are in the alliance."""
    responsibility: Name
    """What they answer for; the person across with the same responsibility is their counterpart."""
    address: Identifier
    """Their id on the chat platform: a Slack user id, or the object id of their Entra account."""
    platform: Platform | None = None
    """For a mediator alone: the chat platform on which they are reached."""
    workspace: Identifier | None = None
    """For a mediator alone: the Slack team id or Teams tenant id in which they are reached."""


class CriterionWords(Words):
    """A success measure, looked at in every checkpoint."""

    key: Key
    """Its short name, which ties measurements together over time."""
    name: Name
    """What is measured."""
    unit: Label = ""
    """The unit of the target, as in "customers"."""
    target: Figure
    """The value to reach."""
    direction: Literal["higher", "lower"]
    """Whether a higher or a lower value is better."""
    due: Date
    """The date by which it is to be reached."""
    owners: dict[Key, Key]
    """For each company's key, the key of the person who owns it there."""


class DecisionWords(Words):
    """Who decides what."""

    area: Name
    """What is decided."""
    deciders: dict[Key, Key]
    """For each company's key, the key of the person who decides there."""


class LevelWords(Words):
    """One rung of the ladder, the same on both sides."""

    who: Who
    """Who stands there. The mediator is always last and is not written here."""
    acknowledge: Window | None = None
    """How long both sides have to acknowledge, in joint working time; "1d" when absent."""
    resolve: Window | None = None
    """How long until it moves up; when absent "5d", for alliance managers "10d", for executives "20d"."""


class ProtocolWords(Words):
    """The conflict protocol. Windows are joint working time: "5d" (days), "4h" (hours), "90m" (minutes)."""

    levels: Annotated[list[LevelWords], Field(min_length=1, max_length=4)] = [
        LevelWords(who=level.who, acknowledge=str(level.acknowledge), resolve=str(level.resolve))
        for level in DEFAULT_LEVELS
    ]
    """The ladder, lowest rung first."""
    urgent_factor: Factor = "1/2"
    """What every window of an urgent escalation is multiplied by."""
    mediator_within: Window = "10d"
    """How long the executives have to name a mediator together."""
    mediation: Window = "20d"
    """How long a mediation may take."""
    statements_within: Window = "1d"
    """How long each side has for its statement before a matter moves up."""
    quiet_after: Window = "3d"
    """After how long without a word an acknowledged escalation is asked about."""


class CheckinWords(Words):
    """The short recurring round of questions to operational members."""

    rule: CheckinRule
    """When it recurs, weekly or every two weeks: a subset of RRULE (RFC 5545)."""
    at: Time
    """At which local time of each company it opens."""
    answer_within: Annotated[int, Field(ge=1, le=10)] = 2
    """How many working days of each company it stays open."""


class PulseWords(Words):
    """The anonymous survey round, with its privacy thresholds."""

    rule: PulseRule
    """When it recurs: a subset of RRULE (RFC 5545)."""
    at: Time
    """At which local time of each company it opens."""
    answer_within: Annotated[int, Field(ge=1, le=20)] = 3
    """How many working days of each company it stays open."""
    items_per_round: Annotated[int, Field(ge=3, le=5)] = 4
    """How many statements a round asks about."""
    dimensions: Annotated[list[Name], Field(max_length=30)] = []
    """The dimensions asked about, in turn; all that the liaison knows when absent."""
    minimum_answers: Annotated[int, Field(ge=3, le=10)] = 5
    """How many answers on each side a score needs."""
    minimum_comments: Annotated[int, Field(ge=10, le=100)] = 10
    """How many answers on a side its comments need."""


class CheckpointWords(Words):
    """The dated look back: either `dates` or a `rule`."""

    dates: Annotated[list[Date], Field(max_length=100)] = []
    """Agreed single dates."""
    rule: CheckpointRule | None = None
    """When it recurs, every month or quarter: a subset of RRULE (RFC 5545)."""
    at: Time = "09:00"
    """At which local time of each company it opens."""
    answer_within: Annotated[int, Field(ge=1, le=15)] = 3
    """How many working days of each company it stays open."""


class DigestWords(Words):
    """The weekly note to executives."""

    weekday: Weekday = "Monday"
    """On which day each company gets it."""
    at: Time = "08:00"
    """At which local time of each company."""


class TriggerWords(Words):
    """When an early warning is given."""

    floor: Annotated[float, Field(ge=1, le=5)] = 3.0
    """A score below this is a warning; scores run from 1 to 5."""
    response_drop: Annotated[float, Field(gt=0, le=1)] = 0.25
    """A response rate that falls by this share is a warning: 0.25 is a quarter."""
    late_acknowledgements: Annotated[int, Field(ge=1, le=100)] = 2
    """How many late acknowledgements on one side are a warning."""
    blocker_rounds: Annotated[int, Field(ge=2, le=20)] = 3
    """In how many check-ins in a row the same blocker is a warning."""
    slipping_action_items: Annotated[int, Field(ge=1, le=100)] = 3
    """How many overdue action items on one side are a warning."""
    open_escalation: Annotated[list[WarningRule], Field(max_length=10)] = []
    """Which warnings open an escalation by themselves."""


class TermWords(Words):
    """One thing, and what each company calls it."""

    meaning: Name
    """What is meant."""
    words: dict[Key, Name]
    """For each company's key, the word used there."""


class CharterWords(Words):
    """What both companies agree. A change here becomes a new version that both have to sign."""

    purpose: Prose
    """What the alliance is for."""
    why_it_matters: dict[Key, Prose]
    """For each company's key, why it matters there."""
    joint_goals: Annotated[list[Prose], Field(min_length=1, max_length=20)]
    """What both want to reach together."""
    own_goals: dict[Key, Annotated[list[Prose], Field(min_length=1, max_length=20)]] = {}
    """For each company's key, what it wants to reach for itself, openly."""
    criteria: Annotated[list[CriterionWords], Field(min_length=1, max_length=20)]
    """How success is measured."""
    decisions: Annotated[list[DecisionWords], Field(max_length=40)] = []
    """Who decides what."""
    protocol: ProtocolWords = ProtocolWords()
    checkins: CheckinWords
    pulses: PulseWords
    checkpoints: CheckpointWords
    digest: DigestWords = DigestWords()
    triggers: TriggerWords = TriggerWords()
    glossary: Annotated[list[TermWords], Field(max_length=200)] = []
    """What each company calls things."""
    exit_terms: Prose
    """How the alliance ends, and what applies when mediation ends without agreement."""
    sign_within_days: Annotated[int, Field(ge=1, le=90)] = 10
    """How many days a proposed version waits for both signatures before it lapses."""


class Document(Words):
    """A whole alliance.yaml."""

    alliance: AllianceWords
    companies: Annotated[dict[Key, CompanyWords], Field(json_schema_extra={"minProperties": 2, "maxProperties": 2})]
    """The two companies by their keys, as in "dc"; the first one here is named first everywhere."""
    people: Annotated[dict[Key, PersonWords], Field(max_length=500)]
    """Everybody in the alliance by their keys, as in "dc-ana"."""
    charter: CharterWords
