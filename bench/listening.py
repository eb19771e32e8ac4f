"""How a server of the benchmarks tells its address, and how it ends."""

import asyncio

from aiohttp import web


async def listen(app: web.Application) -> None:
    """Serve on a free port of this machine, print the port, and go on until the process is ended."""
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    tell_port(int(runner.addresses[0][1]))
    await asyncio.Event().wait()


def tell_port(port: int) -> None:
    print(port, flush=True)
