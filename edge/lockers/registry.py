"""The lock board families by the name that a station file gives them; the only place that names concrete drivers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from edge.config import BoardConfig, config_error
from edge.errors import ConfigError
from edge.links.bus import SharedBus
from edge.links.gpio import GpioChip
from edge.links.wire import OpenLink, open_link
from edge.lockers.coils import CoilPacer, CoilSettings
from edge.lockers.cu60 import codec as cu60_codec
from edge.lockers.cu60 import driver as cu60
from edge.lockers.dc02 import codec as dc02_codec
from edge.lockers.dc02 import driver as dc02
from edge.lockers.gpio_relay import driver as gpio_relay
from edge.lockers.kerong_cu16 import codec as cu16_codec
from edge.lockers.kerong_cu16 import driver as cu16
from edge.lockers.kerong_cu48 import codec as cu48_codec
from edge.lockers.kerong_cu48 import driver as cu48
from edge.lockers.line import LineSettings
from edge.lockers.lock8a import codec as lock8a_codec
from edge.lockers.lock8a import driver as lock8a
from edge.lockers.modbus_relay import codec as modbus_relay_codec
from edge.lockers.modbus_relay import driver as modbus_relay
from edge.lockers.winnsen import codec as winnsen_codec
from edge.lockers.winnsen import driver as winnsen
from edge.lockers.wkly import codec as wkly_codec
from edge.lockers.wkly import driver as wkly
from edge.ports import Bus, LockBoard

Opener = Callable[[str, int], Awaitable[OpenLink]]
# Boards of one port hear the same wire, so these cannot differ between them.
_BUS_SETTINGS = (
    "baud",
    "quiet_ms",
    "late_ms",
    "powered_ms",
    "coil_gap_ms",
    "unlock_interval_ms",
    "unlocks_a_minute",
    "nonsense_limit",
)


@dataclass(frozen=True, slots=True)
class _Family:
    settings: type[CoilSettings]
    addresses: range
    locks: range
    driver: Callable[..., LockBoard]

    def make(self, config: BoardConfig, settings: CoilSettings, bus: Bus | GpioChip, pacer: CoilPacer) -> LockBoard:
        channels = range(1, config.channels + 1)
        return self.driver(
            config.name, address=config.address, channels=channels, settings=settings, bus=bus, pacer=pacer
        )


_FAMILIES: Mapping[str, _Family] = {
    "lock8a": _Family(lock8a.Settings, lock8a_codec.ADDRESSES, lock8a_codec.LOCKS, lock8a.board),
    "kerong_cu48": _Family(cu48.Settings, cu48_codec.ADDRESSES, cu48_codec.LOCKS, cu48.board),
    "kerong_cu16": _Family(cu16.Settings, cu16_codec.ADDRESSES, cu16_codec.LOCKS, cu16.board),
    "wkly": _Family(wkly.Settings, wkly_codec.ADDRESSES, wkly_codec.LOCKS, wkly.board),
    "dc02": _Family(dc02.Settings, dc02_codec.ADDRESSES, dc02_codec.LOCKS, dc02.board),
    "winnsen": _Family(winnsen.Settings, winnsen_codec.ADDRESSES, winnsen_codec.LOCKS, winnsen.board),
    "cu60": _Family(cu60.Settings, cu60_codec.ADDRESSES, cu60_codec.LOCKS, cu60.board),
    "modbus_relay": _Family(
        modbus_relay.Settings, modbus_relay_codec.ADDRESSES, modbus_relay_codec.LOCKS, modbus_relay.board
    ),
    "gpio_relay": _Family(gpio_relay.Settings, gpio_relay.ADDRESSES, gpio_relay.LOCKS, gpio_relay.board),
}


SETTINGS: Mapping[str, type[CoilSettings]] = {name: family.settings for name, family in _FAMILIES.items()}
"""What can be set, by family."""


def check_boards(file: Path, boards: list[BoardConfig]) -> list[CoilSettings]:
    """Type the settings of every board, in order.

    Raises:
        ConfigError: unknown family, a setting it does not have, an address or number of channels that no such board
            has, a port of another kind, or boards of one port that disagree about their common line.
    """
    typed: list[CoilSettings] = []
    lines: dict[str, tuple[object, ...]] = {}
    for number, board in enumerate(boards):
        key = f"boards[{number}]"
        family = _FAMILIES.get(board.family)
        if family is None:
            raise ConfigError(str(file), f"{key}.family", f"one of {', '.join(_FAMILIES)}")
        _require_range(file, f"{key}.address", board.address, family.addresses)
        _require_range(file, f"{key}.channels", board.channels, family.locks)
        settings = _typed(file, f"{key}.settings", family, board)
        _require_wire(file, key, board, settings)
        line = tuple(getattr(settings, name, None) for name in _BUS_SETTINGS)
        if lines.setdefault(board.port, line) != line:
            expected = f"the same {', '.join(_BUS_SETTINGS)} on the whole port".replace("powered_ms", "pulse_ms")
            raise ConfigError(str(file), f"{key}.settings", expected)
        typed.append(settings)
    return typed


@asynccontextmanager
async def open_boards(
    file: Path, boards: list[BoardConfig], *, opener: Opener = open_link
) -> AsyncIterator[Mapping[str, LockBoard]]:
    """Open every port once and yield the boards by name; a port that is not there is tried again in the background.

    Another `opener` puts buses on other wires than this machine's.

    Raises:
        ConfigError: as `check_boards`; nothing was opened.
    """
    typed = check_boards(file, boards)
    async with AsyncExitStack() as stack:
        wires: dict[str, tuple[SharedBus | GpioChip, CoilPacer]] = {}
        opened: dict[str, LockBoard] = {}
        for board, settings in zip(boards, typed, strict=True):
            if board.port not in wires:
                wires[board.port] = await stack.enter_async_context(_wire(board, settings, opener)), CoilPacer(settings)
            made = _FAMILIES[board.family].make(board, settings, *wires[board.port])
            if isinstance(made, AbstractAsyncContextManager):
                await stack.enter_async_context(made)
            opened[board.name] = made
        yield opened


def make_board(file: Path, config: BoardConfig, bus: Bus, pacer: CoilPacer) -> LockBoard:
    """Return one board over a bus that is open already; raises ConfigError as `check_boards`."""
    [settings] = check_boards(file, [config])
    return _FAMILIES[config.family].make(config, settings, bus, pacer)


def _wire(board: BoardConfig, settings: CoilSettings, opener: Opener) -> SharedBus | GpioChip:
    if not isinstance(settings, LineSettings):
        return GpioChip(board.port)
    return SharedBus(
        board.port,
        settings.baud,
        quiet=settings.quiet_ms / 1000,
        late=settings.late_ms / 1000,
        name=board.name,
        nonsense_limit=settings.nonsense_limit,
        opener=opener,
    )


def _require_wire(file: Path, key: str, board: BoardConfig, settings: CoilSettings) -> None:
    if isinstance(settings, LineSettings):
        if board.port.startswith("gpio://"):
            raise ConfigError(str(file), f"{key}.port", "a device path, usb:VID:PID:SERIAL or socket://host:port")
        return
    if board.port.startswith(("socket://", "usb:")):
        raise ConfigError(str(file), f"{key}.port", "gpio://N, or the path of simulated pins")
    if isinstance(settings, gpio_relay.Settings) and board.channels > len(settings.relay_pins):
        raise ConfigError(str(file), f"{key}.channels", f"at most {len(settings.relay_pins)}, the relay_pins")


def _typed(file: Path, key: str, family: _Family, board: BoardConfig) -> CoilSettings:
    try:
        return family.settings.model_validate(board.settings)
    except ValidationError as error:
        raise config_error(file, key, error) from error


def _require_range(file: Path, key: str, value: int, allowed: range) -> None:
    if value not in allowed:
        raise ConfigError(str(file), key, f"{allowed[0]} to {allowed[-1]}")
