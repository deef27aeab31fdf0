"""`python -m edge.printers.licence.simulator`: the simulated licence printer as a process of its own.

Prints `ready ipp://...` once it listens. What it remembers, and each sheet, is in `--folder`; killing it is a loss of
power. Its moods are changed on `--control` by one JSON object a line, as `{"do": "set", "moods": {"jam": true}}`.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

from edge.links.simulator_control import Answer, ControlServer, RefusedError, Request
from edge.printers.licence.simulator.device import Device, Tray
from edge.printers.licence.simulator.server import SimulatedLicencePrinter

_WORDS: dict[str, object] = {"true": True, "false": False}


def trays_of(said: list[str]) -> dict[str, Tray]:
    """Read `NAME:TYPE:WIDTHxHEIGHT:SHEETS`, in millimetres; raises ValueError."""
    trays = {}
    for each in said:
        name, kind, size, sheets = each.split(":")
        width, height = size.split("x")
        trays[name] = Tray(int(width) * 1000, int(height) * 1000, kind, int(sheets))
    return trays


async def _run(options: argparse.Namespace) -> None:
    options.folder.mkdir(parents=True, exist_ok=True)
    device = Device(options.folder, trays_of(options.tray or ["main:stationery:210x297:250"]))
    for mood in options.mood:
        name, _, value = mood.partition("=")
        device.moods.set(name, _WORDS.get(value, float(value) if name == "sheet_seconds" else value))
    printer = SimulatedLicencePrinter(device, options.socket, options.port)
    async with AsyncExitStack() as stack:
        stack.callback(device.close)
        if options.control is not None:
            server = ControlServer(options.control, _doing(printer), printer.state)
            device.changed = server.changed
            await stack.enter_async_context(server.serving())
        stack.callback(printer.unplug)
        printer.plug()
        print(f"ready {printer.uri}", flush=True)
        await asyncio.Event().wait()


def _doing(printer: SimulatedLicencePrinter) -> Callable[[Request], Answer]:
    def do(request: Request) -> Answer:
        if request.get("do") == "set":
            printer.do(request)
        elif request.get("do") != "state":
            raise RefusedError("do must be set, state or watch")
        return printer.state()

    return do


def main() -> None:
    """Run until killed."""
    parser = argparse.ArgumentParser(prog="python -m edge.printers.licence.simulator", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="where it remembers jobs and counts sheets")
    parser.add_argument("--port", type=int, default=0, help="a port of loopback; 0: any")
    parser.add_argument("--socket", type=Path, help="a local socket instead of a port")
    parser.add_argument("--control", type=Path, help="where its moods are changed")
    parser.add_argument("--tray", action="append", help="NAME:TYPE:WIDTHxHEIGHT:SHEETS, sizes in mm; may be repeated")
    parser.add_argument("--mood", action="append", default=[], help="NAME=VALUE; may be repeated")
    asyncio.run(_run(parser.parse_args()))


if __name__ == "__main__":
    main()
