"""The simulated lock boards by family, made to speak as the station file says that the real ones do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from edge.config import BoardConfig
from edge.lockers.kerong_cu48.simulator import KerongCu48Simulator
from edge.lockers.lock8a.simulator import Lock8aSimulator
from edge.lockers.simulator import BoardSimulator, SimulatedBank

Settings = Mapping[str, Any]


def _lock8a(board: BoardConfig, settings: Settings, bank: SimulatedBank) -> BoardSimulator:
    return Lock8aSimulator(
        board.address,
        bank,
        groups=max(3, -(-board.channels // 8)),
        high_first=settings["status_byte_order"] == "high_first",
        closed_contact=0x11 if settings["single_polarity"] == "closed_is_11" else 0x00,
        open_bit=1 if settings["bitmap_polarity"] == "one_is_open" else 0,
    )


def _kerong_cu48(board: BoardConfig, settings: Settings, bank: SimulatedBank) -> BoardSimulator:
    return KerongCu48Simulator(
        board.address, bank, locked_bit=1 if settings["bitmap_polarity"] == "one_is_locked" else 0
    )


_FAMILIES: Mapping[str, Callable[[BoardConfig, Settings, SimulatedBank], BoardSimulator]] = {
    "lock8a": _lock8a,
    "kerong_cu48": _kerong_cu48,
}


def simulated_board(board: BoardConfig, settings: Settings, bank: SimulatedBank) -> BoardSimulator:
    """Return the simulator of a board whose family and settings are checked already."""
    return _FAMILIES[board.family](board, settings, bank)
