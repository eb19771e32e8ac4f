import datetime as dt

import pytest

from alliance.action_item import (
    ActionItem,
    ItemClosed,
    ItemState,
    NotYourItem,
    due_reminder_at,
    finish,
    overdue_reminder_at,
)
from alliance.ids import ActionItemId, MemberId
from alliance.roster import Tier
from tests.fakes.builders import ALLIANCE, DC, MC, MONDAY, make_member
from tests.fakes.calendars import CHICAGO, STUTTGART, day, utc

OWNER = make_member("dc-op1", DC)


def make_item(due: str = "2026-02-20") -> ActionItem:
    return ActionItem(
        id=ActionItemId("i1"),
        alliance_id=ALLIANCE,
        number=1,
        title="Send the new date",
        owner=MemberId("dc-op1"),
        due=day(due),
        source="escalation 1",
        decided_at=MONDAY,
    )


def test_the_reminder_comes_at_opening_one_working_day_before() -> None:
    assert due_reminder_at(make_item("2026-02-20"), STUTTGART) == utc("2026-02-19T08:00")


def test_a_weekend_and_a_holiday_before_the_date_are_stepped_over() -> None:
    # Monday 16 February 2026 is Presidents' Day: the last working day before Tuesday is Friday.
    assert due_reminder_at(make_item("2026-02-17"), CHICAGO) == utc("2026-02-13T15:00")


def test_the_first_overdue_reminder_is_on_the_working_day_after() -> None:
    assert overdue_reminder_at(make_item("2026-02-20"), STUTTGART, MONDAY) == utc("2026-02-23T08:00")


def test_further_ones_come_once_a_week() -> None:
    first = utc("2026-02-23T08:00")

    assert overdue_reminder_at(make_item("2026-02-20"), STUTTGART, first) == first + dt.timedelta(days=7)


@pytest.mark.parametrize(
    ("key", "side", "tier"),
    [
        ("dc-op1", DC, Tier.OPERATIONAL),
        ("mc-mgr1", MC, Tier.MANAGER),
        ("dc-am", DC, Tier.ALLIANCE_MANAGER),
        ("mc-ex1", MC, Tier.EXECUTIVE),
    ],
)
def test_its_owner_and_those_who_manage_on_either_side_can_finish_it(key: str, side: str, tier: Tier) -> None:
    done = finish(make_item(), make_member(key, DC if side == DC else MC, tier), MONDAY)

    assert (done.state, done.done_at) == (ItemState.DONE, MONDAY)


def test_another_member_cannot_finish_it() -> None:
    with pytest.raises(NotYourItem):
        finish(make_item(), make_member("dc-op2", DC), MONDAY)


def test_it_is_finished_once() -> None:
    done = finish(make_item(), OWNER, MONDAY)

    with pytest.raises(ItemClosed):
        finish(done, OWNER, MONDAY)


def test_it_is_overdue_from_the_day_after_until_it_is_done() -> None:
    item = make_item("2026-02-20")

    assert not item.is_overdue(day("2026-02-20"))
    assert item.is_overdue(day("2026-02-21"))
    assert not finish(item, OWNER, MONDAY).is_overdue(day("2026-02-21"))
