"""The search of a port: whose boards are found, and what is refused in which words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from edge.commission.person import CommissioningRefusedError
from edge.commission.scan import Patience, scan
from edge.core.wiring import Answered
from edge.links.wire import OpenLink, SerialLink
from edge.lockers.kerong_cu48.simulator import KerongCu48Simulator
from edge.lockers.lock8a.simulator import Lock8aSimulator
from edge.lockers.simulator import BoardSimulator, SimulatedDoor
from tests.unit.edge.commission.cabinet import Cabinet, bank, hurried, on_pty

QUICK = Patience(answer_ms=8, silence_ms=1, quiet_ms=1)


class Slow(Lock8aSimulator):
    """Hears frames of one speed only, as a real board does; the cabinet tells it the wire's."""

    speed = 9600
    wire = 9600

    def receive(self, data: bytes, now: float) -> list[bytes]:
        return super().receive(data, now) if self.wire == self.speed else []


def search(*boards: BoardSimulator, port: str = "memory") -> list[Answered]:
    cabinet = Cabinet(boards, {})

    async def quiet(_port: str, _baud: int, _families: str) -> None:
        """Progress is for people."""

    async def opener(port: str, baud: int) -> OpenLink:
        for board in boards:
            if isinstance(board, Slow):
                board.wire = baud
        return await cabinet.opener(port, baud)

    return hurried(scan(port, QUICK, quiet, opener=opener))


def refusal(*boards: BoardSimulator) -> str:
    with pytest.raises(CommissioningRefusedError) as refused:
        search(*boards)
    return refused.value.text


def lock8a(address: int) -> Lock8aSimulator:
    return Lock8aSimulator(address, bank([1, 2]))


def cu48(address: int) -> KerongCu48Simulator:
    return KerongCu48Simulator(address, bank([1, 2]))


@pytest.mark.parametrize("addresses", [[1], [32], [3, 7, 31]])
def test_boards_of_the_8a_family_are_found_at_their_addresses(addresses: Sequence[int]) -> None:
    assert search(*map(lock8a, addresses)) == [Answered("lock8a", 9600, n) for n in addresses]


def test_cu48_boards_are_found_at_their_usual_speed_where_the_wire_has_none() -> None:
    assert search(cu48(0), cu48(9)) == [Answered("kerong_cu48", 19200, 0), Answered("kerong_cu48", 19200, 9)]


def test_a_board_that_hears_one_speed_only_is_found_at_it() -> None:
    board = Slow(4, bank([1]))
    board.speed = 115200
    assert search(board) == [Answered("lock8a", 115200, 4)]


def test_boards_of_two_speeds_are_refused() -> None:
    one, other = Slow(1, bank([1])), Slow(2, bank([1]))
    other.speed = 19200
    assert refusal(one, other) == "two_speeds"


def test_two_families_on_one_wire_are_refused() -> None:
    assert refusal(lock8a(1), cu48(0)) == "two_families"


def test_silence_is_said_to_be_silence() -> None:
    assert refusal() == "nobody_answers"


def test_two_boards_of_one_address_are_noise() -> None:
    assert refusal(lock8a(2), lock8a(2)) == "only_noise"


class Babbler:
    """Something that is no board answers everything."""

    bank = bank([1])

    def receive(self, data: bytes, now: float) -> list[bytes]:
        return [b"\x00\xff\x33 hello"]

    def door_changed(self, door: SimulatedDoor) -> list[bytes]:
        return []


def test_nonsense_is_said_to_be_nonsense() -> None:
    assert refusal(Babbler()) == "only_noise"


def test_no_coil_moves_in_a_search() -> None:
    boards = [lock8a(n) for n in (1, 2, 32)]
    search(*boards)
    assert all(door.pulses == 0 for board in boards for door in board.bank.doors.values())


async def test_a_port_that_another_program_holds_is_named(tmp_path: Path) -> None:
    async def quiet(_port: str, _baud: int, _families: str) -> None:
        """Progress is for people."""

    port = tmp_path / "board"
    with on_pty(Cabinet([], {}), port):
        held = await SerialLink.open(str(port), 9600)
        try:
            with pytest.raises(CommissioningRefusedError, match="port_unusable") as refused:
                await scan(str(port), QUICK, quiet)
            assert str(port) in str(refused.value.facts["trouble"])
        finally:
            await held.close()
