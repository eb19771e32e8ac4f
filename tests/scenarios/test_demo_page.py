"""`liaison demo` as people start it: a process that says where its page is, and ends when it is told to."""

import asyncio
import os
import re
import signal
import socket
import sys
from pathlib import Path

import aiohttp
import pytest

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0


async def started(*options: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "demo", "--no-browser", *options),
        cwd=ROOT,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


@pytest.mark.slow
@pytest.mark.parametrize("ends", [signal.SIGINT, signal.SIGTERM])
async def test_the_page_is_there_until_the_demo_is_stopped(ends: signal.Signals) -> None:
    demo = await started("--port", "0")
    assert demo.stdout is not None
    async with asyncio.timeout(PATIENCE):
        line = (await demo.stdout.readline()).decode()
        address = re.findall(r"http://127\.0\.0\.1:\d+", line)[0]
        async with aiohttp.ClientSession() as http, http.get(f"{address}/api/state") as answer:
            assert (await answer.json())["clock"]["now"] == "2026-02-02T15:15:00Z"
        async with aiohttp.ClientSession() as http, http.get(f"{address}/api/events") as stream:
            await stream.content.readline()
            demo.send_signal(ends)
            _, complaints = await demo.communicate()

    assert (demo.returncode, complaints.decode()) == (0, "")


@pytest.mark.slow
async def test_a_port_that_is_taken_ends_in_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        demo = await started("--port", str(taken.getsockname()[1]))
        async with asyncio.timeout(PATIENCE):
            _, complaints = await demo.communicate()

    assert demo.returncode == 1
    assert "cannot be listened on" in complaints.decode()
    assert "--port" in complaints.decode()
    assert "Traceback" not in complaints.decode()
