from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from edge.config import BoardConfig, BoardSetting, load_station
from edge.errors import ConfigError, LinkError
from edge.lockers.line import LineSettings
from edge.lockers.registry import check_boards, open_boards

FILE = Path("station.toml")
PINS: dict[str, BoardSetting] = {"relay_pins": [17, 27], "door_pins": [5, 6]}


def _board(
    name: str = "main",
    family: str = "lock8a",
    address: int = 1,
    channels: int = 24,
    settings: dict[str, BoardSetting] | None = None,
    port: str = "/nowhere/tty",
) -> BoardConfig:
    return BoardConfig(name=name, family=family, port=port, address=address, channels=channels, settings=settings or {})


def test_the_demo_station() -> None:
    config = load_station(Path("firmware_configs/stations/demo.toml"))
    assert [s.baud for s in check_boards(FILE, config.boards) if isinstance(s, LineSettings)] == [9600, 19200]


@pytest.mark.parametrize("profile", sorted(Path("firmware_configs/boards").glob("*.toml")), ids=lambda path: path.stem)
def test_every_profile_fits_its_family(profile: Path) -> None:
    table = tomllib.loads(profile.read_text(encoding="utf-8"))
    board = _board(family=table["family"], channels=8, settings=table["settings"])
    assert check_boards(FILE, [board])[0].model_dump().items() >= table["settings"].items()


@pytest.mark.parametrize(
    ("board", "key"),
    [
        (_board(family="dks"), "boards[0].family"),
        (_board(address=0), "boards[0].address"),
        (_board(address=33), "boards[0].address"),
        (_board(channels=51), "boards[0].channels"),
        (_board(family="kerong_cu48", address=10), "boards[0].address"),
        (_board(family="kerong_cu48", address=0, channels=49), "boards[0].channels"),
        (_board(family="kerong_cu16", address=10), "boards[0].address"),
        (_board(family="kerong_cu16", channels=17), "boards[0].channels"),
        (_board(family="wkly", address=32), "boards[0].address"),
        (_board(family="dc02", address=0, channels=12), "boards[0].address"),
        (_board(family="dc02", channels=13), "boards[0].channels"),
        (_board(family="winnsen", address=4, channels=16), "boards[0].address"),
        (_board(family="winnsen", channels=17), "boards[0].channels"),
        (_board(family="cu60", address=10), "boards[0].address"),
        (_board(settings={"colour": "red"}), "boards[0].settings.colour"),
        (_board(settings={"status_byte_order": "middle_first"}), "boards[0].settings.status_byte_order"),
        (_board(settings={"quiet_ms": "20"}), "boards[0].settings.quiet_ms"),
        (_board(settings={"pulse_ms": 1001}), "boards[0].settings.pulse_ms"),
        (_board(settings={"open_seconds": 10}), "boards[0].settings.open_seconds"),
        (_board(settings={"coil_current_ma": 2400, "max_current_ma": 2000}), "boards[0].settings"),
        (_board(family="modbus_relay", channels=9), "boards[0].channels"),
        (_board(family="modbus_relay", channels=8, settings={"pulse_ms": 250}), "boards[0].settings.pulse_ms"),
        (_board(family="modbus_relay", channels=8, port="gpio://0"), "boards[0].port"),
        (_board(family="gpio_relay", channels=1), "boards[0].settings.relay_pins"),
        (_board(family="gpio_relay", channels=1, port="socket://a:1", settings=PINS), "boards[0].port"),
        (_board(family="gpio_relay", channels=3, port="gpio://0", settings=PINS), "boards[0].channels"),
        (
            _board(family="kerong_cu48", settings={"single_polarity": "closed_is_11"}),
            "boards[0].settings.single_polarity",
        ),
    ],
)
def test_what_is_wrong_is_named(board: BoardConfig, key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check_boards(FILE, [board])
    assert caught.value.key == key


def test_boards_of_one_port_agree_how_long_a_coil_is_powered() -> None:
    with pytest.raises(ConfigError, match="pulse_ms"):
        check_boards(FILE, [_board(), _board("second", address=2, settings={"open_seconds": 3})])


def test_boards_of_one_port_agree_about_their_line() -> None:
    with pytest.raises(ConfigError, match="baud"):
        check_boards(FILE, [_board(), _board("second", address=2, settings={"baud": 19200})])
    assert len(check_boards(FILE, [_board(), _board("other", port="/elsewhere", settings={"baud": 19200})])) == 2


async def test_a_missing_port_does_not_stop_the_others(tmp_path: Path) -> None:
    boards = [_board(port=str(tmp_path / "a")), _board("annex", "kerong_cu48", 0, 48, port=str(tmp_path / "b"))]
    async with open_boards(FILE, boards) as opened:
        assert {name: board.channels for name, board in opened.items()} == {"main": range(1, 25), "annex": range(1, 49)}
        for board in opened.values():
            with pytest.raises(LinkError):
                await board.read_doors()
