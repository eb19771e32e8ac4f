"""People who have looked at their homes, so that there is something to draw."""

from alliance.audience import ToHome
from alliance.ids import MemberId
from storage.homes import HOME
from storage.outbox import Reference
from storage.posts import Post
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.builders import ALLIANCE


async def looked_at_home(open_uow: OpenUnitOfWork, *members: str) -> None:
    async with open_uow() as uow:
        for member in members:
            await uow.posts.keep(Post(ALLIANCE, ToHome(MemberId(member)), HOME, Reference("home", "V1")))
        await uow.commit()
