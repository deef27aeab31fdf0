"""What the world page shows, collected: doors, paper, processes, network, texts; plain data that becomes JSON."""

from __future__ import annotations

import asyncio
from typing import Any

from hall.house import House
from hall.network import Condition
from hall.tails import Follower, read_json
from hall.world import SimulatedDoor, WorldError, WorldState

DOORS_A_COLUMN = 6
SLIPS_SHOWN = 8
TEXTS_SHOWN = 8
SAID_SHOWN = 30
CUT = "✂"
RETRY_S = 0.2


class Picture:
    """Keeps the last state of the simulated devices and makes the picture from it."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._state: WorldState | None = None
        self._sms_log = Follower(house.directory.sms_log, from_start=True)
        self._texts: list[dict[str, str]] = []
        table = house.directory.table()
        self._sizes = {each["number"]: each["size"] for each in table["compartments"]}

    async def follow(self) -> None:
        """Watch the simulator for ever, through its deaths; run it as a task of its own."""
        while True:
            try:
                async for state in self._house.world.watch():
                    self._state = state
            except WorldError:
                pass  # it is dead or not yet there: the process list says so
            self._state = None
            await asyncio.sleep(RETRY_S)

    def now(self) -> dict[str, Any]:
        """The whole picture."""
        clock = self._house.directory.now()
        state = self._state
        return {
            "shift": self._house.directory.shift.total_seconds(),
            "night": not 7 <= clock.hour < 19,
            "banks": self._banks(state) if state else [],
            "paper": state.paper if state else "unknown",
            "slips": _slips(state.slips)[:SLIPS_SHOWN] if state else [],
            "camera": state.camera if state else None,
            "id_reader": state.id_reader if state else None,
            "barcode_reader": state.barcode_reader if state else None,
            "usb_drive": state.usb_drive if state else None,
            "licence_printer": state.licence_printer if state else None,
            "network": _network(self._house.network.condition),
            "processes": [
                {"name": child.name, "alive": child.alive, "pid": child.process.pid if child.process else None}
                for child in self._house.processes
            ],
            "sms": self._sms(),
            "said": list(reversed(self._house.said))[:SAID_SHOWN],
        }

    def _banks(self, state: WorldState) -> list[dict[str, Any]]:
        return [
            {"name": name, "plugged": plugged, "columns": self._columns(name, state)}
            for name, plugged in state.boards.items()
        ]

    def _columns(self, board: str, state: WorldState) -> list[list[dict[str, Any]]]:
        doors = [self._door(door) for _, door in sorted(state.doors.items()) if door.board == board]
        return [doors[at : at + DOORS_A_COLUMN] for at in range(0, len(doors), DOORS_A_COLUMN)]

    def _door(self, door: SimulatedDoor) -> dict[str, Any]:
        return {
            "number": door.compartment,
            "size": self._sizes.get(door.compartment, "s"),
            "door": "open" if door.is_open else "closed",
            "locked": door.locked,
            "jammed": door.jammed,
            "stuck": door.stuck_sensor,
            "item": door.item,
            "pulses": door.pulses,
        }

    def _sms(self) -> list[dict[str, str]]:
        self._texts = [*self._texts, *(_text(line) for line in self._sms_log.new_lines() if line)][-TEXTS_SHOWN:]
        return list(reversed(self._texts))


def _network(condition: Condition) -> str:
    return "delay" if condition.delay_s else str(condition.fault)


def _slips(text: str) -> list[str]:
    """The slips on the roll, newest first."""
    slips = [slip.strip("\n") for slip in text.split(CUT)]
    return [slip for slip in reversed(slips) if slip.strip()]


def _text(line: str) -> dict[str, str]:
    sms = read_json(line)
    head = " ".join(str(sms[key]) for key in ("at", "to") if key in sms)
    return {"head": head, "text": str(sms.get("text", line)), "qr": str(sms.get("qr", ""))}
