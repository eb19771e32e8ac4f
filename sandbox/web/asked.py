"""What the page may send, checked: every wrong body becomes one sentence for people."""

from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator

from sandbox.people import Kind
from sandbox.web.window import Impossible

LONGEST_TEXT = 12_000
"""Characters of one message: far more than the liaison reads, far less than a platform takes."""
Text = Annotated[str, Field(max_length=LONGEST_TEXT)]
Name = Annotated[str, Field(max_length=300)]
Value = Text | bool | Annotated[list[Name], Field(max_length=100)] | None
Place = Literal["dm", "channel", "home"]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


A = TypeVar("A", bound=_Asked)
T = TypeVar("T")


class _Act(_Asked):
    who: Name = Field(alias="as")


class _Filling(_Act):
    inputs: Annotated[dict[Name, Value], Field(max_length=200)] = {}

    @field_validator("inputs", mode="before")
    @classmethod
    def _as_text(cls, inputs: Any) -> Any:
        """Numbers are sent as text by both platforms' clients."""
        if not isinstance(inputs, dict):
            return inputs
        return {
            name: str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
            for name, value in inputs.items()
        }


class Press(_Filling):
    kind: Literal["press"]
    place: Literal["dm", "channel", "home", "dialog"]
    message: Name = ""
    dialog: Name = ""
    token: Name


class Say(_Act):
    kind: Literal["say"]
    place: Literal["dm", "channel"]
    text: Text
    thread: Name | None = None


class Submit(_Filling):
    kind: Literal["submit"]
    dialog: Name
    token: Name | None = None


class Close(_Act):
    kind: Literal["close"]
    dialog: Name


class Open(_Act):
    kind: Literal["open"]
    place: Place


Act = Press | Say | Submit | Close | Open
_ACT: TypeAdapter[Act] = TypeAdapter(Annotated[Act, Field(discriminator="kind")])


class ToClock(_Asked):
    """Exactly one of the three."""

    step: Literal["next", "hour", "day", "week"] | None = None
    playing: bool | None = None
    teammates: bool | None = None


class ToPerson(_Asked):
    """Exactly one of the two; somebody starts to be played by acting as them."""

    character: Kind | None = None
    is_played: Literal[False] | None = None


def act_of(body: object) -> Act:
    """Raises Impossible (400)."""
    act = _checked(_ACT.validate_python, body)
    if isinstance(act, Say) and not act.text.strip():
        raise Impossible(400, "Write something first. Nothing was sent.")
    return act


def to_clock_of(body: object) -> ToClock:
    """Raises Impossible (400)."""
    return _exactly_one(_checked(ToClock.model_validate, body))


def to_person_of(body: object) -> ToPerson:
    """Raises Impossible (400)."""
    return _exactly_one(_checked(ToPerson.model_validate, body))


def _exactly_one(asked: A) -> A:
    given = [name for name, value in asked if value is not None]
    if len(given) != 1:
        names = ", ".join(f"“{name}”" for name in type(asked).model_fields)
        raise Impossible(400, f"Send exactly one of {names}. Nothing was changed.")
    return asked


def _checked(check: Callable[[object], T], body: object) -> T:
    if _holds_halves(body):
        raise Impossible(400, "The text holds half of a character, which no platform sends. Nothing was sent.")
    try:
        return check(body)
    except ValidationError as wrong:
        problem = wrong.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in problem["loc"])
        raise Impossible(400, f"{where or 'The request'}: {problem['msg']}. Nothing was sent.") from None


def _holds_halves(value: object) -> bool:
    """Whether any text in there cannot be written as UTF-8: JSON lets single surrogates through."""
    match value:
        case str():
            return any("\ud800" <= letter <= "\udfff" for letter in value)
        case dict():
            return any(_holds_halves(part) for pair in value.items() for part in pair)
        case list():
            return any(_holds_halves(part) for part in value)
        case _:
            return False
