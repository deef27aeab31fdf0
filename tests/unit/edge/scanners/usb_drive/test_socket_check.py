"""Is the public socket where the station file says, and is it shut?"""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.errors import ConfigError
from edge.scanner_sections import UsbDriveConfig
from edge.scanners import registry
from edge.scanners.usb_drive.socket_check import wrong_with_socket


@pytest.fixture
def devices(tmp_path: Path) -> Path:
    """Two buses that USBGuard has shut, each with a hub at its first port."""
    for name in ("usb1", "1-1", "usb2", "2-1"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "authorized_default").write_text("0\n")
    return tmp_path


@pytest.mark.parametrize("port", ["usb:1-1.4,2-1.4", "usb:1-2", "drive.img"])
def test_a_guarded_socket_is_right(devices: Path, port: str) -> None:
    assert wrong_with_socket(port, devices) == ""


@pytest.mark.parametrize(("port", "where"), [("usb:3-1", "usb3"), ("usb:1-1.4,2-2.4", "2-2"), ("usb:1-1.4.2", "1-1.4")])
def test_a_port_that_this_machine_does_not_have_is_named(devices: Path, port: str, where: str) -> None:
    words = wrong_with_socket(port, devices)
    assert f"would hang on {where}" in words
    assert words.endswith("there is usb1, usb2")


@pytest.mark.parametrize("value", ["1\n", "2\n", None])
def test_a_bus_that_lets_everything_in_is_wrong(devices: Path, value: str | None) -> None:
    default = devices / "usb2" / "authorized_default"
    if value is None:
        default.unlink()
    else:
        default.write_text(value)
    assert "2-1.4 is let in" in wrong_with_socket("usb:1-1.4,2-1.4", devices)


def test_the_check_of_a_station_says_it(monkeypatch: pytest.MonkeyPatch) -> None:
    registry.check_usb_drive(Path("s.toml"), UsbDriveConfig(port="drive.img"))
    monkeypatch.setattr(registry, "wrong_with_socket", lambda _: "another socket")
    with pytest.raises(ConfigError) as error:
        registry.check_usb_drive(Path("s.toml"), UsbDriveConfig(port="usb:1-1"))
    assert (error.value.key, error.value.expected) == ("usb_drive.port", "another socket")
