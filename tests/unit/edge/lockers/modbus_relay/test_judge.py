"""pymodbus, which others wrote, as a judge of the simulated relay board; over a real pty, never retrying."""

from __future__ import annotations

import struct
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pymodbus.client import AsyncModbusSerialClient
from pymodbus.pdu import ModbusPDU

from edge.links.simulator import Pty
from edge.lockers.modbus_relay.codec import Unlock
from edge.lockers.modbus_relay.simulator import ModbusRelaySimulator
from edge.lockers.simulator import SimulatedBank


class FlashRequest(ModbusPDU):
    """A "write coil" whose value is a time: what a user of the library has to write for this board."""

    function_code = 5
    rtu_frame_size = 8

    def __init__(self, relay: int = 0, units: int = 0, dev_id: int = 1) -> None:
        super().__init__(dev_id=dev_id, address=0x0200 + relay, registers=[units])

    def encode(self) -> bytes:
        return struct.pack(">HH", self.address, self.registers[0])

    def decode(self, data: bytes) -> None:
        self.address, units = struct.unpack(">HH", data)
        self.registers = [units]


class Judged:
    def __init__(self, path: Path) -> None:
        self.board = ModbusRelaySimulator(1, SimulatedBank(range(1, 9)))
        self.heard: list[bytes] = []
        self.pty = Pty(path, self._heard)
        self.deaf = False
        self.client = AsyncModbusSerialClient(str(path), baudrate=9600, timeout=0.3, retries=0)

    def _heard(self, data: bytes) -> None:
        self.heard.append(data)
        for frame in [] if self.deaf else self.board.receive(data, time.monotonic()):
            self.pty.send(frame)


@asynccontextmanager
async def judged(path: Path) -> AsyncIterator[Judged]:
    it = Judged(path)
    it.pty.plug()
    try:
        assert await it.client.connect()
        yield it
    finally:
        it.client.close()
        it.pty.unplug()


async def test_the_simulator_speaks_modbus(tmp_path: Path) -> None:
    async with judged(tmp_path / "board") as it:
        it.board.bank.force(2)
        inputs = await it.client.read_discrete_inputs(0, count=8, device_id=1)
        assert inputs.bits == [True, False, True, True, True, True, True, True]
        assert (await it.client.read_coils(0, count=8, device_id=1)).bits == [False] * 8
        refused = await it.client.write_coil(0x1000, True, device_id=1)
        assert (refused.isError(), refused.exception_code) == (True, 2)


async def test_a_flash_by_the_library_is_our_frame(tmp_path: Path) -> None:
    async with judged(tmp_path / "board") as it:
        it.client.register(FlashRequest)
        answer = await it.client.execute(False, FlashRequest(relay=0, units=7))
        assert it.heard == [Unlock(1, 1, 7).to_bytes()]
        assert (answer.address, answer.registers) == (0x0200, [7])
        assert it.board.bank.doors[1].pulses == 1


async def test_the_library_s_write_coil_would_burn_a_coil(tmp_path: Path) -> None:
    """Why the driver makes its own frames: 7 becomes FF00, which this board takes for 6528 s."""
    async with judged(tmp_path / "board") as it:
        await it.client.write_coil(0x0200, 7, device_id=1)  # type: ignore[arg-type] # the mistake that this is about
        assert it.heard == [bytes.fromhex("01 05 02 00 FF 00 8D 82")]
        now = time.monotonic()
        assert it.board.look(now + 6) == {0}
        assert it.board.burnt == {1}
