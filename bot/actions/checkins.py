"""What the buttons of check-ins ask for."""

from collections.abc import Callable, Mapping

from alliance.checkin import LONGEST_TEXT, Course, problems_with
from alliance.errors import InvalidInput
from alliance.ids import CheckinId
from bot.actions.tokens import Press
from handlers.intents import AnswerCheckin, PersonIntent, ShowCheckin


def answer(press: Press) -> AnswerCheckin:
    """Everything that has to change is said at once, each beside its field."""
    # One letter more than may stay, so that a text that is too long is refused and not cut short.
    moved, coming, in_the_way = (press.text(name, LONGEST_TEXT + 1) for name in ("moved", "next", "in_the_way"))
    course = _course(press.text("course"))
    problems = problems_with(course, moved=moved, coming=coming, in_the_way=in_the_way)
    if course is None or problems:
        raise InvalidInput(problems)
    return AnswerCheckin(
        alliance_id=press.alliance_id,
        checkin_id=CheckinId(press.argument(0)),
        course=course,
        moved=moved,
        next=coming,
        in_the_way=in_the_way,
        elsewhere=press.at_home,
    )


def show(press: Press) -> ShowCheckin:
    return ShowCheckin(alliance_id=press.alliance_id, checkin_id=CheckinId(press.argument(0)))


def _course(chosen: str) -> Course | None:
    return next((course for course in Course if course.value == chosen), None)


ACTIONS: Mapping[str, Callable[[Press], PersonIntent]] = {"checkin.answer": answer, "checkin.show": show}
