"""The new file: what was learned is in it, the rest is as it was, and nothing half-written is ever in its place."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from edge.commission.places import Place
from edge.commission.station_file import BoardLines, CompartmentLines, StationFile
from edge.config import load_station
from edge.errors import ConfigError

DEMO = Path("firmware_configs/stations/demo.toml")
MAIN, ANNEX = "var/ptys/lock-main", "var/ptys/lock-annex"
NEW = BoardLines("main", "lock8a", MAIN, 7, 24, {"baud": 19200, "status_byte_order": "low_first", "quiet_ms": 20}, None)
DOORS = [CompartmentLines(n, "main", 25 - n, Place("m", "high")) for n in (1, 2, 18)]


def demo(folder: Path) -> Path:
    """A copy of the demonstration's file, with the profiles that it names where it looks for them."""
    (folder / "stations").mkdir()
    for profiles in ("boards", "cabinets"):
        (folder / profiles).symlink_to(DEMO.parent.parent.resolve() / profiles)
    copy = folder / "stations" / "demo.toml"
    copy.write_text(DEMO.read_text(encoding="utf-8"), encoding="utf-8")
    return copy


def test_what_was_learned_is_what_the_station_reads(tmp_path: Path) -> None:
    path = demo(tmp_path)
    file = StationFile.read(path, [MAIN])
    file.write(file.with_doors([NEW], DOORS))
    config = load_station(path)
    main, annex = sorted(config.boards, key=lambda board: board.name, reverse=True)
    assert (main.family, main.port, main.address, main.channels) == ("lock8a", MAIN, 7, 24)
    assert main.settings == NEW.settings
    assert annex.profile == "kerong-cu48"
    channels = {each.number: (each.board, each.channel) for each in config.compartments}
    assert {n: at for n, at in channels.items() if at[0] == "main"} == {
        1: ("main", 24), 2: ("main", 23), 18: ("main", 7),
    }  # fmt: skip
    assert [n for n, at in channels.items() if at[0] == "annex"] == [19, 20, 21, 22, 23, 24]


def test_the_other_sections_stay_letter_for_letter(tmp_path: Path) -> None:
    path = demo(tmp_path)
    before = path.read_text(encoding="utf-8")
    file = StationFile.read(path, [MAIN, ANNEX])
    text = file.with_doors([NEW], DOORS)
    head = before.partition("[[boards]]")[0]
    assert text.startswith(head.rstrip())
    tail = before.partition("[receipt_printer]")[2]
    assert "[receipt_printer]" + tail.rstrip() in text
    assert text.count("[[boards]]") == 1
    assert ANNEX not in text


def test_cabinets_that_do_not_fit_the_doors_are_said_and_can_be_left_out(tmp_path: Path) -> None:
    path = demo(tmp_path)
    file = StationFile.read(path, [MAIN])
    text = file.with_doors([NEW], DOORS)
    assert "cabinets[0].numbers" in (file.cabinet_trouble(text) or "")
    without = file.with_doors([NEW], DOORS, cabinets=False)
    assert file.cabinet_trouble(without) is None
    assert "cabinets" not in tomllib.loads(without)
    assert StationFile.read(path, []).cabinet_trouble(path.read_text(encoding="utf-8")) is None


def test_the_old_file_stays_beside_the_new_one(tmp_path: Path) -> None:
    path = demo(tmp_path)
    path.chmod(0o640)
    before = path.read_bytes()
    file = StationFile.read(path, [MAIN])
    file.write(file.with_doors([NEW], DOORS))
    assert path.with_name("demo.toml.bak").read_bytes() == before
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(each.name for each in path.parent.iterdir()) == ["demo.toml", "demo.toml.bak"]


@pytest.mark.parametrize(
    "doors",
    [
        [CompartmentLines(1, "main", 25, Place("s", "low"))],
        [CompartmentLines(1, "main", 1, Place("s", "low")), CompartmentLines(2, "main", 1, Place("s", "low"))],
        [CompartmentLines(19, "main", 1, Place("s", "low"))],
    ],
)
def test_a_file_that_the_station_would_refuse_never_takes_its_place(
    tmp_path: Path, doors: list[CompartmentLines]
) -> None:
    path = demo(tmp_path)
    before = path.read_bytes()
    file = StationFile.read(path, [MAIN])
    with pytest.raises(ConfigError) as error:
        file.write(file.with_doors([NEW], doors))
    assert error.value.file == str(path)
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == ["demo.toml"]


def test_what_is_wrong_elsewhere_is_said_before_any_door_is_opened(tmp_path: Path) -> None:
    path = demo(tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace('"Asia/Shanghai"', '"Asia/Nowhere"'), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"station\.timezone"):
        StationFile.read(path, [MAIN])


@pytest.mark.parametrize("channel", [1, 24])
def test_a_sensor_on_a_board_that_is_learned_anew_is_no_mistake(tmp_path: Path, channel: int) -> None:
    path = demo(tmp_path)
    whole = path.read_text(encoding="utf-8")
    head, printer, tail = whole.partition("[licence_printer]")
    output = f'output = {{ board = "main", channel = {channel} }}'
    path.write_text(f"{head}{printer}\n{output}{tail}", encoding="utf-8")
    file = StationFile.read(path, [MAIN])
    doors = [CompartmentLines(number, "main", number + 1, Place("s", "low")) for number in (1, 2)]
    file.write(file.with_doors([NEW], doors))
    printing = load_station(path).licence_printer
    assert printing is not None
    assert printing.output is not None


def test_a_first_file_needs_no_boards(tmp_path: Path) -> None:
    path = demo(tmp_path)
    whole = path.read_text(encoding="utf-8")
    head, tail = whole.partition("[[boards]]")[0], whole.partition("[simulate]")[2]
    path.write_text(f"{head}[simulate]{tail}", encoding="utf-8")
    file = StationFile.read(path, [MAIN])
    file.write(file.with_doors([NEW], DOORS))
    assert [each.number for each in load_station(path).compartments] == [1, 2, 18]


def test_a_file_whose_rest_would_be_lost_is_refused(tmp_path: Path) -> None:
    """Boards as one inline array cannot be told from what follows by lines alone."""
    path = demo(tmp_path)
    head = path.read_text(encoding="utf-8").partition("[[boards]]")[0]
    path.write_text('boards = [{ name = "x" }]\n' + head, encoding="utf-8")
    with pytest.raises(ConfigError):
        StationFile.read(path, [MAIN])


def test_lines_that_look_like_tables_inside_values_do_no_harm(tmp_path: Path) -> None:
    path = demo(tmp_path)
    text = path.read_text(encoding="utf-8")
    odd = text.replace('name_en = "Dong', 'name_en = """\n[[boards]]\nname = "x"\n[station]\nDong').replace(
        'self-service area"', 'self-service area"""'
    )
    path.write_text(odd, encoding="utf-8")
    before = tomllib.loads(odd)["station"]
    try:
        file = StationFile.read(path, [MAIN])
    except ConfigError:
        assert path.read_text(encoding="utf-8") == odd
    else:
        assert tomllib.loads(file.with_doors([NEW], DOORS))["station"] == before


def test_words_of_a_port_are_kept_whole(tmp_path: Path) -> None:
    path = demo(tmp_path)
    port = 'odd "port"\\with\ttab'
    file = StationFile.read(path, [MAIN, port])
    board = BoardLines("odd", "kerong_cu48", port, 0, 48, {}, None)
    text = file.with_doors([board], [CompartmentLines(1, "odd", 1, Place("l", "middle"))])
    assert [b["port"] for b in tomllib.loads(text)["boards"] if b["name"] == "odd"] == [port]


def test_boards_of_other_ports_keep_every_setting(tmp_path: Path) -> None:
    path = demo(tmp_path)
    odd = '[[boards]]\nname = "pins"\nfamily = "gpio_relay"\nport = "gpio://0"\naddress = 0\nchannels = 2\n'
    odd += 'settings = { relay_pins = [5, 6], pulse_ms = 200, x = true, y = -1.5 }\n\n[[boards]]\nname = "main"'
    text = path.read_text(encoding="utf-8").replace('[[boards]]\nname = "main"', odd)
    file = StationFile(path, text, frozenset([MAIN]), tomllib.loads(text))
    kept = {board["name"]: board for board in tomllib.loads(file.with_doors([NEW], DOORS))["boards"]}
    assert kept["pins"]["settings"] == {"relay_pins": [5, 6], "pulse_ms": 200, "x": True, "y": -1.5}
