"""`python -m hall run`: the whole of Nightdesk on this machine, with a simulated station to touch and to break."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from hall.addresses import Ports, pick_ports
from hall.house import House
from hall.page.app import serve
from hall.page.plays import play_faults
from hall.processes import HouseError, Tell
from hall.story import play, set_the_evening

_STOPPED = 0
_FAILED = 1


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the command line and run; returns the exit status."""
    options = _parser().parse_args(argv)
    alone = "story" if options.story else "faults" if options.faults else ""
    directory = options.dir or Path("var") / alone
    try:
        return asyncio.run(_until_signalled(options, directory))
    except (HouseError, OSError) as error:
        print(f"\n演示没有启动 The demonstration did not start:\n{error}", file=sys.stderr)
        return _FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m hall", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="start everything; Ctrl-C stops it")
    run.add_argument("--story", action="store_true", help="play the story by itself, check every record, and end")
    run.add_argument("--faults", action="store_true", help="play every fault in both languages, and end")
    run.add_argument("--broker", choices=("mosquitto", "iotcore"), help="default: mosquitto if it is installed")
    run.add_argument("--dir", type=Path, help="the run's own directory (default: var, or var/story)")
    run.add_argument("--fresh", action="store_true", help="forget what an earlier run left in that directory")
    return parser


async def _until_signalled(options: argparse.Namespace, directory: Path) -> int:
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel if task else loop.stop)
    house = House(
        directory,
        ports=pick_ports(Ports()),
        broker=options.broker,
        fresh=options.fresh or options.story or options.faults,
        tell=lambda line: print(f"  {line}", flush=True),
    )
    # A story that is interrupted has not been told.
    status = _FAILED if options.story or options.faults else _STOPPED
    with contextlib.suppress(asyncio.CancelledError):
        async with house, serve(house):
            print(f"夜间服务台 Nightdesk ({house.broker_name}), {house.directory.path}/", flush=True)
            status = await _run(house, options)
    print("  停止 stopped", flush=True)
    return status


async def _run(house: House, options: argparse.Namespace) -> int:
    if options.story:
        return await _play(house, play)
    return await (_play(house, play_faults) if options.faults else _stay(house))


async def _play(house: House, what: Callable[[House, Tell], Awaitable[bool]]) -> int:
    set_the_evening(house)
    await house.start()
    supervision = asyncio.create_task(house.processes.supervise())
    try:
        return _STOPPED if await what(house, lambda line: print(line, flush=True)) else _FAILED
    finally:
        supervision.cancel()


async def _stay(house: House) -> int:
    await house.start()
    people = house.directory.people()
    print(
        f"""
  世界 World    {house.ports.world_url}   开门、断网、强杀进程 open doors, pull the network, kill processes
  自助机 Kiosk  {house.ports.kiosk_url}   工牌 badge {people.badge}，密码 PIN {people.pin}
  工作台 Desk   {house.ports.hub_url}   {people.user} / {people.password}

  日志 logs: {house.directory.logs}/    Ctrl-C 停止 stops everything
""",
        flush=True,
    )
    await house.processes.supervise()
    return _STOPPED


if __name__ == "__main__":
    sys.exit(main())
