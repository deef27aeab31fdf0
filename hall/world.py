"""The world around a simulated station: what people and things do to doors, boards and paper.

Speaks the control socket of `python -m edge simulate`: one JSON object per line each way. What is read here is what the
simulated doors are, not what the edge believes of them.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STEP_WITHIN_S = 10.0
LINE_LIMIT_BYTES = 16 * 1024 * 1024


class WorldError(Exception):
    """The simulator refused what was asked, or is not there; the message says why."""


@dataclass(frozen=True)
class SimulatedDoor:
    """One door as it is. `locked` is the latch; a jammed lock does not release; `pulses` counts coil pulses."""

    compartment: int
    board: str
    channel: int
    is_open: bool
    locked: bool
    jammed: bool
    stuck_sensor: str | None
    pulses: int
    item: bool


@dataclass(frozen=True)
class WorldState:
    """Doors by compartment number, boards by name (plugged or not), and the receipt printer."""

    doors: dict[int, SimulatedDoor]
    boards: dict[str, bool]
    printer_plugged: bool
    paper: str
    slips: str
    coil_log: tuple[dict[str, Any], ...]
    camera: dict[str, Any] | None = None
    """The document camera's mat: `sheets` by id, `hand`, `fault`; None without a camera."""
    id_reader: dict[str, Any] | None = None
    """The card reader: `plugged`, `card` (who lies there), `fault`, and the `persons` that there are."""
    barcode_reader: dict[str, Any] | None = None
    """The code reader: `plugged`, and whether it is `looking`."""
    usb_drive: dict[str, Any] | None = None
    """The USB socket: the `kind` of drive in it, the one that is `coming`, and the `kinds` that there are."""

    licence_printer: dict[str, Any] | None = None
    """The licence printer: `plugged`, `trays`, `moods` and the `output` with what lies in it."""

    @property
    def open_doors(self) -> set[int]:
        """Numbers of the doors that stand open."""
        return {number for number, door in self.doors.items() if door.is_open}


class World:
    """Client of one simulator process."""

    def __init__(self, socket: Path) -> None:
        self.socket = socket

    async def do(self, what: str, **arguments: str | float | list[str] | dict[str, Any] | None) -> dict[str, Any]:
        """Send one request and return its answer.

        Raises:
            WorldError: the simulator is not there, or answered `ok: false`.
        """
        try:
            reader, writer = await asyncio.open_unix_connection(str(self.socket), limit=LINE_LIMIT_BYTES)
        except OSError as error:
            raise WorldError(f"the simulator is not there ({error})") from error
        try:
            writer.write(json.dumps({"do": what, **arguments}).encode() + b"\n")
            await writer.drain()
            return _answer(what, await reader.readline())
        except OSError as error:
            raise WorldError(f"the simulator went away ({error})") from error
        finally:
            writer.close()

    async def state(self) -> WorldState:
        """Read everything that the simulator knows."""
        return read_state(await self.do("state"))

    async def answers(self) -> bool:
        """Whether the simulator is there and answers."""
        try:
            await self.do("state")
        except WorldError:
            return False
        return True

    async def watch(self) -> AsyncIterator[WorldState]:
        """Yield the state now and after every change, until the simulator goes away."""
        try:
            reader, writer = await asyncio.open_unix_connection(str(self.socket), limit=LINE_LIMIT_BYTES)
        except OSError as error:
            raise WorldError(f"the simulator is not there ({error})") from error
        try:
            writer.write(b'{"do": "watch"}\n')
            await writer.drain()
            while line := await reader.readline():
                yield read_state(_answer("watch", line))
        finally:
            writer.close()

    async def until(self, wish: Callable[[WorldState], bool], what: str, within_s: float = STEP_WITHIN_S) -> WorldState:
        """Watch until `wish` is true of the state, and return that state.

        Raises:
            WorldError: it was not within `within_s` seconds.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                async for state in self.watch():
                    if wish(state):
                        return state
        raise WorldError(f"not within {within_s:g} s: {what}")

    async def until_open(self, compartment: int, within_s: float = STEP_WITHIN_S) -> WorldState:
        """Wait until that door stands open."""
        return await self.until(lambda s: s.doors[compartment].is_open, f"door {compartment} open", within_s)

    async def pull(self, compartment: int) -> None:
        """A person opens an unlocked door."""
        await self.do("pull", compartment=compartment)

    async def push(self, compartment: int) -> None:
        """A person shuts a door; it latches."""
        await self.do("push", compartment=compartment)

    async def put_in(self, compartment: int) -> None:
        """Something is laid into a compartment (bookkeeping; there is no sensor for it)."""
        await self.do("item", compartment=compartment, inside=True)

    async def take_out(self, compartment: int) -> None:
        """Something is taken out of a compartment."""
        await self.do("item", compartment=compartment, inside=False)


def read_state(answer: dict[str, Any]) -> WorldState:
    """Turn the simulator's JSON into a `WorldState`."""
    printer = answer.get("printer") or {}
    return WorldState(
        doors={door["compartment"]: _door(door) for door in answer["doors"]},
        boards={board["name"]: board["plugged"] for board in answer["boards"]},
        printer_plugged=printer.get("plugged", False),
        paper=printer.get("paper", "out"),
        slips=printer.get("text", ""),
        coil_log=tuple(answer.get("coil_log", ())),
        camera=answer.get("camera"),
        id_reader=answer.get("id_reader"),
        barcode_reader=answer.get("barcode_reader"),
        usb_drive=answer.get("usb_drive"),
        licence_printer=answer.get("licence_printer"),
    )


def _door(door: dict[str, Any]) -> SimulatedDoor:
    return SimulatedDoor(
        compartment=door["compartment"],
        board=door["board"],
        channel=door["channel"],
        is_open=door["door"] == "open",
        locked=door["locked"],
        jammed=door["jammed"],
        stuck_sensor=door["stuck_sensor"],
        pulses=door["pulses"],
        item=door["item"],
    )


def _answer(what: str, line: bytes) -> dict[str, Any]:
    if not line.endswith(b"\n"):
        raise WorldError(f"the simulator closed the line at {what}")
    answer: dict[str, Any] = json.loads(line)
    if not answer.get("ok"):
        raise WorldError(f"{what}: {answer.get('error') or answer.get('reason') or 'refused'}")
    return answer
