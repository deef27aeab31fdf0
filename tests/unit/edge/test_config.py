from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge.config import load_station
from edge.errors import ConfigError

DEMO = Path("firmware_configs/stations/demo.toml")

SMALL = """
[station]
id = "dc-24h-01"
name_zh = "自助区"
name_en = "Self-service area"
data_dir = "var/station"
key_file = "var/keys/station.key"
timezone = "Asia/Shanghai"

[kiosk]
host = "127.0.0.1"

[hub]
broker = "mqtt://127.0.0.1:1883"
documents_url = "http://127.0.0.1:8201"
documents_token_file = "var/keys/token"
notify_key = { kid = "notify-1", jwk_file = "n.jwk" }
document_keys = [{ kid = "documents-1", jwk_file = "d.jwk", kinds = ["expected", "staff"] }]
command_keys = [{ kid = "dispatch-1", jwk_file = "c.jwk", valid_until = 2030-01-01T00:00:00Z }]

[[boards]]
name = "main"
family = "lock8a"
port = "var/ptys/main"
address = 1
channels = 24

[[boards]]
name = "second"
family = "lock8a"
port = "var/ptys/main"
address = 2
channels = 24

[[compartments]]
number = 1
board = "main"
channel = 1
size = "s"
reach = "low"

[[compartments]]
number = 2
board = "main"
channel = 2
size = "m"
"""


def _written(folder: Path, text: str) -> Path:
    file = folder / "stations" / "station.toml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_the_demo_station() -> None:
    config = load_station(DEMO)
    assert config.station.id == "dc-24h-01"
    assert [board.family for board in config.boards] == ["lock8a", "kerong_cu48"]
    assert config.boards[0].settings["status_byte_order"] == "high_first"
    assert [each.number for each in config.compartments] == list(range(1, 25))
    assert {each.size for each in config.compartments} == {"s", "m", "l"}


def test_a_small_station(tmp_path: Path) -> None:
    config = load_station(_written(tmp_path, SMALL))
    assert config.hub.command_keys[0].valid_until == datetime(2030, 1, 1, tzinfo=UTC)
    assert config.station.data_dir == Path("var/station")
    assert (config.kiosk.port, config.kiosk.idle_seconds) == (8101, 60)
    assert config.compartments[1].reach == "middle"
    assert config.receipt_printer is None


@pytest.mark.parametrize(
    ("old", "new", "key", "expected"),
    [
        ('host = "127.0.0.1"', 'hosts = "x"', "kiosk.hosts", "Extra inputs"),
        ("channels = 24", 'channels = "24"', "boards[0].channels", "integer"),
        ("channels = 24", "channels = 24.0", "boards[0].channels", "integer"),
        ("address = 1\n", "", "boards[0].address", "required"),
        ("number = 2", "number = 1", "compartments.number", "1 stands twice"),
        ("channel = 2", "channel = 1", "compartments.channel", "('main', 1) stands twice"),
        ('board = "main"', 'board = "third"', "compartments[0].board", "main, second"),
        ("channel = 2", "channel = 25", "compartments[1].channel", "1 to 24"),
        ("channel = 2", "channel = 0", "compartments[1].channel", "greater than or equal to 1"),
        ('name = "second"', 'name = "main"', "boards.name", "main stands twice"),
        ("address = 2", "address = 1", "boards.address", "stands twice"),
        ('size = "s"', 'size = "xl"', "compartments[0].size", "'s', 'm' or 'l'"),
        ('id = "dc-24h-01"', 'id = "hub"', "station.id", "reserved"),
        ('id = "dc-24h-01"', 'id = "DC 1"', "station.id", "pattern"),
        ('timezone = "Asia/Shanghai"', 'timezone = "Asia/Peking"', "station.timezone", "IANA"),
        ('host = "127.0.0.1"', 'host = "0.0.0.0"', "kiosk", "tls_cert and tls_key"),
        ('host = "127.0.0.1"', 'tls_cert = "a.pem"', "kiosk", "together"),
        ("mqtt://", "mqtts://", "hub", "ca_file"),
        ("mqtt://", "http://", "hub.broker", "mqtt://host or mqtts://host"),
        ("http://127.0.0.1:8201", "127.0.0.1:8201", "hub.documents_url", "http://host or https://host"),
        ('kinds = ["expected", "staff"]', 'kinds = ["door"]', "hub.document_keys[0].kinds[0]", "'expected'"),
        ("2030-01-01T00:00:00Z", "2030-01-01T00:00:00", "hub.command_keys[0].valid_until", "timezone"),
        ('port = "var/ptys/main"', 'port = "http://a:1"', "boards[0].port", "socket://host:port"),
        ('port = "var/ptys/main"', 'port = "socket://a"', "boards[0].port", "socket://host:port"),
        ('port = "var/ptys/main"', 'port = "gpio://main"', "boards[0].port", "gpio://N"),
        ('port = "var/ptys/main"', 'port = "gpio://0:1"', "boards[0].port", "gpio://N"),
        ('family = "lock8a"', 'family = "kerong_cu48"', "boards[1].family", "one protocol"),
        ("[kiosk]", '[clock]\nshift_file = "x"\n[kiosk]', "clock", "[simulate]"),
        ("[station]", "[station", "(whole file)", "TOML"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, old: str, new: str, key: str, expected: str) -> None:
    assert old in SMALL
    file = _written(tmp_path, SMALL.replace(old, new, 1))
    with pytest.raises(ConfigError) as caught:
        load_station(file)
    assert (caught.value.file, caught.value.key) == (str(file), key)
    assert expected in caught.value.expected


def test_a_printer_does_not_stand_on_pins(tmp_path: Path) -> None:
    text = SMALL + '\n[receipt_printer]\nfamily = "escpos_text"\nport = "gpio://0"\n'
    with pytest.raises(ConfigError, match=r"receipt_printer\.port"):
        load_station(_written(tmp_path, text))


def test_the_printer_needs_a_port_of_its_own(tmp_path: Path) -> None:
    text = SMALL + '\n[receipt_printer]\nfamily = "escpos_text"\nport = "var/ptys/main"\n'
    with pytest.raises(ConfigError, match=r"receipt_printer\.port"):
        load_station(_written(tmp_path, text))


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="a readable file"):
        load_station(tmp_path / "nowhere.toml")


def test_a_profile_stands_under_the_boards_own_settings(tmp_path: Path) -> None:
    _profile(tmp_path, 'family = "lock8a"\ntitle = "x"\n[settings]\nbaud = 9600\nquiet_ms = 20\n')
    text = SMALL.replace("channels = 24", 'channels = 24\nprofile = "makes"\nsettings = { quiet_ms = 5 }', 1)
    config = load_station(_written(tmp_path, text))
    assert config.boards[0].settings == {"baud": 9600, "quiet_ms": 5}


@pytest.mark.parametrize(
    ("profile", "key"),
    [
        ('family = "kerong_cu48"\ntitle = "x"\n', "boards[0].profile"),
        ('family = "lock8a"\n', "title"),
        (None, "(whole file)"),
    ],
)
def test_a_profile_that_does_not_fit(tmp_path: Path, profile: str | None, key: str) -> None:
    if profile is not None:
        _profile(tmp_path, profile)
    text = SMALL.replace("channels = 24", 'channels = 24\nprofile = "makes"', 1)
    with pytest.raises(ConfigError) as caught:
        load_station(_written(tmp_path, text))
    assert caught.value.key == key


def _profile(folder: Path, text: str) -> None:
    (folder / "boards").mkdir()
    (folder / "boards" / "makes.toml").write_text(text, encoding="utf-8")
