"""A visit to the sandbox page that the tests of one file share: setting the stage takes a second."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.fakes.visitor import Visitor, visiting


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def visitor(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Visitor]:
    async with visiting(tmp_path_factory.mktemp("visit")) as made:
        yield made
