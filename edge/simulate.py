"""The simulated devices of one station, in a process of their own, at the ports that its file names.

Doors, coil log and printed slips live here, so a killed edge leaves them as they are. Persons (and tests) act through
the control socket; the door log and the bytes log are on the disk before anything moves or is answered.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

from edge.config import SimulateSection, StationConfig, load_station
from edge.links.simulator import Noise, NoiseMode, Pty
from edge.links.simulator_control import Answer, ControlServer, RefusedError, Request
from edge.links.simulator_log import SyncedLog
from edge.lockers.registry import check_boards
from edge.lockers.simulator import BoardSimulator, SimulatedBank, SimulatedDoor
from edge.printer_sections import OutputConfig
from edge.printers.receipt.simulator import Paper, ReceiptSimulator
from edge.printers.registry import check_receipt_printer
from edge.sections import is_path
from edge.simulate_boards import simulated_board
from edge.simulate_camera import SimulatedCamera, is_simulated
from edge.simulate_cards import SimulatedReaders
from edge.simulate_drive import SimulatedSocket, is_simulated_drive
from edge.simulate_licences import no_licences, simulated_licences

_COIL_LOG_LENGTH = 1000
_PRINTER = "receipt"


class SimulatedStation:
    """All simulated devices of a station file; a port that is not a plain path is left to whoever stands there."""

    def __init__(self, file: Path, config: StationConfig) -> None:
        section = config.simulate or SimulateSection()
        beside = config.station.data_dir.parent
        self._config = config
        self.control_path = section.control or beside / "simulate.sock"
        self._door_log = SyncedLog(section.door_log or beside / "door-log.jsonl")
        self._bytes_log = SyncedLog(section.bytes_log or beside / "bytes-log.jsonl")
        self._slips_dir = section.slips_dir or beside / "slips"
        self._coil_log: list[Answer] = []
        self._number = {(each.board, each.channel): each.number for each in config.compartments}
        self.changed: Callable[[], None] = lambda: None
        self._ptys: dict[str, Pty] = {}
        self._boards: dict[str, BoardSimulator] = {}
        self._printer = ReceiptSimulator(self._write_slip)
        camera = config.document_camera
        self._camera = SimulatedCamera(camera) if camera is not None and is_simulated(camera) else None
        self._plan_boards(check_boards(file, config.boards), section)
        if config.receipt_printer is not None and is_path(config.receipt_printer.port):
            check_receipt_printer(file, config.receipt_printer)
            self._ptys[_PRINTER] = Pty(Path(config.receipt_printer.port), self._printer_heard)
        self._readers = SimulatedReaders(config, lambda: self.changed())  # noqa: PLW0108 - it is set later
        self._ptys |= self._readers.ptys
        drive = config.usb_drive
        self._socket = None
        if drive is not None and is_simulated_drive(drive):
            self._socket = SimulatedSocket(drive, lambda: self.changed())  # noqa: PLW0108 - as above
        told = lambda: self.changed()  # noqa: E731, PLW0108 - as above
        self._licences = simulated_licences(config, beside / "licence-printer", told, self._show_output)

    def plug_all(self) -> None:
        """Make every device appear at its port."""
        for pty in self._ptys.values():
            pty.plug()
        if self._camera is not None:
            self._camera.plug()
        if self._socket is not None:
            self._socket.clear()
        if self._licences is not None:
            self._licences.printer.plug()

    def close(self) -> None:
        """Take every device away and close the logs."""
        for pty in self._ptys.values():
            pty.unplug()
        if self._camera is not None:
            self._camera.close()
        if self._socket is not None:
            self._socket.clear()
        if self._licences is not None:
            self._licences.close()
        self._door_log.close()
        self._bytes_log.close()

    def do(self, request: Request) -> Answer:
        """Carry out one request of the control socket; `RefusedError` says what is wrong with it."""
        acts: Mapping[str, Callable[[Request], Answer | None]] = {
            "state": lambda _: self.state(),
            "pull": self._pull,
            "push": lambda request: self._bank(request)[0].push(self._bank(request)[1]),
            "force": lambda request: self._bank(request)[0].force(self._bank(request)[1]),
            "jam": self._jam,
            "stick": self._stick,
            "unplug": lambda request: self._pty(request).unplug(),
            "plug": lambda request: self._pty(request).plug(),
            "noise": self._noise,
            "printer": self._set_printer,
            "item": self._set_item,
            "card": self._readers.card,
            "scan": self._readers.scan,
            "licence_printer": no_licences if self._licences is None else self._licences.act,
        }
        if self._camera is not None:
            acts = {**acts, "sheet": self._camera.sheet, "hand": self._camera.hand, "camera": self._camera.camera}
        if self._socket is not None:
            acts = {**acts, "drive": self._socket.drive}
        act = acts.get(str(request.get("do")))
        if act is None:
            raise RefusedError(f"do must be one of {', '.join(acts)}, watch")
        answer = act(request)
        self.changed()
        return answer or {}

    def state(self) -> Answer:
        """Return everything a person could see, and what the coils did."""
        return {
            "doors": [self._door_state(key, number) for key, number in self._number.items() if key[0] in self._boards],
            "boards": [{"name": name, "plugged": self._ptys[name].plugged} for name in self._boards],
            "printer": {
                "plugged": _PRINTER in self._ptys and self._ptys[_PRINTER].plugged,
                "paper": self._printer.paper,
                "cover_open": self._printer.cover_open,
                "text": self._printer.text,
            },
            "camera": None if self._camera is None else self._camera.state(),
            "usb_drive": None if self._socket is None else self._socket.state(),
            "licence_printer": None if self._licences is None else self._licences.printer.state(),
            "coil_log": self._coil_log[-_COIL_LOG_LENGTH:],
            **self._readers.state(),
        }

    def _plan_boards(self, settings: Sequence[Any], section: SimulateSection) -> None:
        ports: dict[str, Pty] = {}
        for board, typed in zip(self._config.boards, settings, strict=True):
            if not is_path(board.port):
                continue
            bank = SimulatedBank(range(1, board.channels + 1), spring=section.spring, note=self._noter(board.name))
            known = typed.model_dump() | {"unasked": section.unasked}
            self._boards[board.name] = simulated_board(board, known, bank)
            if board.port not in ports:
                ports[board.port] = Pty(Path(board.port), self._hearer(board.port))
            self._ptys[board.name] = ports[board.port]
            bank.on_change = self._changer(board.name)

    def _noter(self, board: str) -> Callable[..., None]:
        def note(what: str, channel: int, **facts: str) -> None:
            compartment = self._number.get((board, channel))
            self._door_log.write(what=what, board=board, channel=channel, compartment=compartment, **facts)
            if what == "pulse":
                self._coil_log.append(
                    {"at": datetime.now(UTC).isoformat(), "mono": time.monotonic(), "board": board, "channel": channel}
                )

        return note

    def _changer(self, board: str) -> Callable[[SimulatedDoor], None]:
        def changed(door: SimulatedDoor) -> None:
            for frame in self._boards[board].door_changed(door):
                self._send(board, frame)
            self.changed()

        return changed

    def _hearer(self, port: str) -> Callable[[bytes], None]:
        names = [board.name for board in self._config.boards if board.port == port]

        def heard(data: bytes) -> None:
            self._bytes_log.write(device="+".join(names), dir="rx", hex=data.hex(" "))
            for name in names:
                for frame in self._boards[name].receive(data, time.monotonic()):
                    self._send(name, frame)

        return heard

    def _printer_heard(self, data: bytes) -> None:
        self._bytes_log.write(device=_PRINTER, dir="rx", hex=data.hex(" "))
        before = self._printer.text
        if answer := self._printer.receive(data):
            self._send(_PRINTER, answer)
        if self._printer.text != before:
            self.changed()

    def _send(self, device: str, frame: bytes) -> None:
        self._bytes_log.write(device=device, dir="tx", hex=frame.hex(" "))
        self._ptys[device].send(frame)

    def _write_slip(self, text: str) -> None:
        self._slips_dir.mkdir(parents=True, exist_ok=True)
        number = 1 + len(list(self._slips_dir.glob("slip-*.txt")))
        (self._slips_dir / f"slip-{number:04}.txt").write_text(text, encoding="utf-8")

    def _door_state(self, key: tuple[str, int], number: int) -> Answer:
        board, channel = key
        door = self._boards[board].bank.doors[channel]
        return {
            "compartment": number,
            "board": board,
            "channel": channel,
            "door": door.leaf,
            "locked": door.locked,
            "jammed": door.jammed,
            "stuck_sensor": door.stuck_sensor,
            "pulses": door.pulses,
            "item": door.item,
        }

    def _show_output(self, output: OutputConfig, paper: bool) -> None:
        board = self._boards.get(output.board)
        if board is not None:
            shut = paper is (output.paper == "closed")
            (board.bank.push if shut else board.bank.force)(output.channel)

    def _bank(self, request: Request) -> tuple[SimulatedBank, int]:
        for (board, channel), number in self._number.items():
            if number == request.get("compartment") and board in self._boards:
                return self._boards[board].bank, channel
        raise RefusedError("compartment must be the number of a simulated compartment")

    def _door(self, request: Request) -> SimulatedDoor:
        bank, channel = self._bank(request)
        return bank.doors[channel]

    def _pty(self, request: Request) -> Pty:
        pty = self._ptys.get(str(request.get("board")))
        if pty is None:
            raise RefusedError(f"board must be one of {', '.join(self._ptys)}")
        return pty

    def _pull(self, request: Request) -> None:
        bank, channel = self._bank(request)
        if not bank.pull(channel):
            raise RefusedError("locked")

    def _jam(self, request: Request) -> None:
        self._door(request).jammed = _flag(request, "jammed")

    def _stick(self, request: Request) -> None:
        sensor = request.get("sensor")
        if sensor not in ("open", "closed", "null", None):
            raise RefusedError("sensor must be open, closed or null")
        self._door(request).stuck_sensor = None if sensor in ("null", None) else sensor

    def _set_item(self, request: Request) -> None:
        self._door(request).item = _flag(request, "inside")

    def _noise(self, request: Request) -> None:
        modes, rate, seed = request.get("modes", []), request.get("rate", 0.0), request.get("seed", 0)
        if not isinstance(modes, list) or not all(mode in get_args(NoiseMode) for mode in modes):
            raise RefusedError(f"modes must be some of {', '.join(get_args(NoiseMode))}")
        if not isinstance(rate, int | float) or not 0 <= rate <= 1 or not isinstance(seed, int):
            raise RefusedError("rate must be between 0 and 1, seed an integer")
        if request.get("way", "both") not in ("both", "out"):
            raise RefusedError("way must be both or out (what the device sends)")
        pty = self._pty(request)
        # A host's late frame would still be one frame; lateness belongs to answers.
        inward = () if request.get("way") == "out" else tuple(mode for mode in modes if mode != "delay")
        pty.noise_in, pty.noise_out = Noise(rate, seed, inward), Noise(rate, seed + 1, tuple(modes))

    def _set_printer(self, request: Request) -> None:
        if "paper" in request:
            if request["paper"] not in get_args(Paper):
                raise RefusedError(f"paper must be one of {', '.join(get_args(Paper))}")
            self._printer.paper = request["paper"]
        if "cover_open" in request:
            self._printer.cover_open = _flag(request, "cover_open")
        if "plugged" in request:
            pty = self._pty({"board": _PRINTER})
            (pty.plug if _flag(request, "plugged") else pty.unplug)()


def _flag(request: Request, key: str) -> bool:
    value = request.get(key)
    if not isinstance(value, bool):
        raise RefusedError(f"{key} must be true or false")
    return value


async def run_simulation(station_file: Path, control: Path | None = None) -> None:
    """Simulate the devices of a station file until cancelled.

    Raises:
        ConfigError: the station file is wrong; nothing was made.
    """
    station = SimulatedStation(station_file, load_station(station_file))
    server = ControlServer(control or station.control_path, station.do, station.state)
    station.changed = server.changed
    async with AsyncExitStack() as stack:
        stack.callback(station.close)
        # Before the socket exists: whoever waits for the socket finds the devices there.
        station.plug_all()
        await stack.enter_async_context(server.serving())
        await asyncio.Event().wait()


async def _until_signalled(station_file: Path, control: Path | None) -> None:
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel if task else loop.stop)
    with contextlib.suppress(asyncio.CancelledError):
        await run_simulation(station_file, control)


def main(argv: Sequence[str]) -> int:
    """Handle `python -m edge simulate --station FILE [--control SOCKET]`; ends by SIGINT or SIGTERM.

    Raises:
        ConfigError: the station file is wrong.
    """
    parser = argparse.ArgumentParser(prog="python -m edge simulate", description=__doc__)
    parser.add_argument("--station", type=Path, required=True, help="the station file (TOML)")
    parser.add_argument("--control", type=Path, help="control socket, instead of the one in the file")
    options = parser.parse_args(argv)
    asyncio.run(_until_signalled(options.station, options.control))
    return 0
