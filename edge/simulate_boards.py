"""The simulated lock boards by family, made to speak as the station file says that the real ones do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from edge.config import BoardConfig
from edge.lockers.cu60.simulator import Cu60Simulator
from edge.lockers.dc02.simulator import Dc02Simulator
from edge.lockers.gpio_relay.simulator import GpioRelaySimulator
from edge.lockers.kerong_cu16.simulator import KerongCu16Simulator
from edge.lockers.kerong_cu48.simulator import KerongCu48Simulator
from edge.lockers.lock8a.simulator import Lock8aSimulator
from edge.lockers.modbus_relay.simulator import ModbusRelaySimulator
from edge.lockers.simulator import BoardSimulator, SimulatedBank
from edge.lockers.winnsen.simulator import WinnsenSimulator
from edge.lockers.wkly.simulator import WklySimulator

Settings = Mapping[str, Any]


def _lock8a(board: BoardConfig, settings: Settings, bank: SimulatedBank) -> BoardSimulator:
    return Lock8aSimulator(
        board.address,
        bank,
        groups=max(3, -(-board.channels // 8)),
        high_first=settings["status_byte_order"] == "high_first",
        closed_contact=0x11 if settings["single_polarity"] == "closed_is_11" else 0x00,
        open_bit=1 if settings["bitmap_polarity"] == "one_is_open" else 0,
        timed=settings["open_seconds"] is not None,
        unsolicited=settings.get("unasked", False),
    )


def _kerong_cu48(board: BoardConfig, settings: Settings, bank: SimulatedBank) -> BoardSimulator:
    return KerongCu48Simulator(
        board.address, bank, locked_bit=1 if settings["bitmap_polarity"] == "one_is_locked" else 0
    )


def _kerong_cu16(board: BoardConfig, settings: Settings, bank: SimulatedBank) -> BoardSimulator:
    return KerongCu16Simulator(
        board.address,
        bank,
        locked_bit=1 if settings["bitmap_polarity"] == "one_is_locked" else 0,
        item_bit=0 if settings["infrared"] == "one_is_empty" else 1,
    )


def _wkly(board: BoardConfig, settings: Settings, bank: SimulatedBank) -> BoardSimulator:
    return WklySimulator(board.address, bank, open_state=0 if settings["state_polarity"] == "zero_is_open" else 1)


def _dc02(board: BoardConfig, settings: Settings, bank: SimulatedBank) -> BoardSimulator:
    return Dc02Simulator(
        board.address,
        bank,
        open_bit=1 if settings["bitmap_polarity"] == "one_is_open" else 0,
        high_first=settings["status_byte_order"] == "high_first",
    )


def _winnsen(board: BoardConfig, settings: Settings, bank: SimulatedBank) -> BoardSimulator:
    return WinnsenSimulator(board.address, bank, open_state=1 if settings["state_polarity"] == "one_is_open" else 0)


def _cu60(board: BoardConfig, settings: Settings, bank: SimulatedBank) -> BoardSimulator:
    return Cu60Simulator(board.address, bank, closed_bit=1 if settings["bitmap_polarity"] == "one_is_closed" else 0)


def _modbus_relay(board: BoardConfig, settings: Settings, bank: SimulatedBank) -> BoardSimulator:
    return ModbusRelaySimulator(
        board.address, bank, closed_input=1 if settings["input_polarity"] == "on_is_closed" else 0
    )


def _gpio_relay(board: BoardConfig, settings: Settings, bank: SimulatedBank) -> BoardSimulator:
    return GpioRelaySimulator(
        bank,
        relay_pins=settings["relay_pins"],
        door_pins=settings["door_pins"],
        relay_on=1 if settings["relay_active"] == "high" else 0,
        door_closed=1 if settings["door_closed_level"] == "high" else 0,
    )


_FAMILIES: Mapping[str, Callable[[BoardConfig, Settings, SimulatedBank], BoardSimulator]] = {
    "lock8a": _lock8a,
    "kerong_cu48": _kerong_cu48,
    "kerong_cu16": _kerong_cu16,
    "wkly": _wkly,
    "dc02": _dc02,
    "winnsen": _winnsen,
    "cu60": _cu60,
    "modbus_relay": _modbus_relay,
    "gpio_relay": _gpio_relay,
}


def simulated_board(board: BoardConfig, settings: Settings, bank: SimulatedBank) -> BoardSimulator:
    """Return the simulator of a board whose family and settings are checked already.

    `settings` are those of the family, and perhaps `unasked`: it reports door changes by itself, where some boards do.
    """
    return _FAMILIES[board.family](board, settings, bank)
