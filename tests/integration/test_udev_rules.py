"""The udev rules of the public socket, evaluated by udev itself on a machine that umockdev pretends."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.integration.usb_devices import CONTROLLER, HUB, PLAIN_DRIVE, ROOT_HUB

RULES = Path(__file__).resolve().parents[2] / "firmware_configs" / "udev" / "59-nightdesk-drive.rules"
GROUP_NUMBER = "49871"
USB = f"{CONTROLLER}/usb1"
# udevadm writes links and a data base even when it only tests: everything that it writes is laid over with memory.
_PRIVATE = """
set -e
mkdir "$1/dev" && mount -t tmpfs none "$1/dev" && cp -a /dev/null "$1/dev/" && mount --move "$1/dev" /dev
mount -t tmpfs none /run
mount --bind "$1/rules" /etc/udev/rules.d
cp /etc/group "$1/group" && echo "nightdesk-drive:x:$2:" >> "$1/group" && mount --bind "$1/group" /etc/group
exec udevadm test --action="$3" "$4"
"""


def disk(port: str, name: str) -> str:
    """The pages of a drive at a port: interface, SCSI address, disk, one partition, raw node."""
    place = f"{USB}/1-1/{port}/{port}:1.0"
    scsi = f"{place}/host6/target6:0:0/6:0:0:0"
    return "".join(
        [
            PLAIN_DRIVE.page(f"{USB}/1-1/{port}", 3),
            _page(place, "usb", DEVTYPE="usb_interface", INTERFACE="8/6/80"),
            _page(scsi, "scsi", DEVTYPE="scsi_device"),
            _page(f"{scsi}/block/{name}", "block", name, DEVTYPE="disk", MAJOR="8", MINOR="0"),
            _page(f"{scsi}/block/{name}/{name}1", "block", f"{name}1", DEVTYPE="partition", MAJOR="8", MINOR="1"),
            _page(f"{scsi}/scsi_generic/sg0", "scsi_generic", "sg0", MAJOR="21", MINOR="0"),
        ]
    )


def _page(path: str, subsystem: str, node: str = "", **properties: str) -> str:
    lines = [f"P: {path}", *([f"N: {node}", f"E: DEVNAME=/dev/{node}"] if node else []), f"E: SUBSYSTEM={subsystem}"]
    return "\n".join([*lines, *(f"E: {key}={value}" for key, value in properties.items()), "", ""])


def judged(folder: Path, port: str, device: str, action: str = "add") -> str:
    """What udev would do with a device below the drive at `port`, as `udevadm test` tells it."""
    (folder / "rules").mkdir()
    (folder / "rules" / RULES.name).write_bytes(RULES.read_bytes())
    pages = ROOT_HUB.page(USB, 1) + HUB.page(f"{USB}/1-1", 2) + disk(port, "sda")
    (folder / "machine.umockdev").write_text(pages)
    path = f"{USB}/1-1/{port}/{port}:1.0/host6/target6:0:0/6:0:0:0/{device}"
    inside = ["unshare", "--mount", "sh", "-c", _PRIVATE, "sh", str(folder), GROUP_NUMBER, action, path]
    command = ["umockdev-run", "-d", str(folder / "machine.umockdev"), "--", *inside]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, f"{shlex.join(command)}\n{told.stdout}{told.stderr}"
    return told.stdout + told.stderr


def test_udev_finds_nothing_wrong_with_the_file(tmp_path: Path) -> None:
    complaints = [line for line in judged(tmp_path, "1-1.4", "block/sda").splitlines() if f"{RULES.name}:" in line]
    assert all(re.search(r" (OWNER|GROUP|MODE|RUN) ", line) for line in complaints), complaints


@pytest.mark.parametrize("device", ["block/sda", "block/sda/sda1"])
def test_a_drive_in_the_public_socket_is_read_by_one_group_and_nobody_else(tmp_path: Path, device: str) -> None:
    told = judged(tmp_path, "1-1.4", device)
    words = [
        line.split(f"{RULES.name}:", 1)[1].split(" ", 1)[1] for line in told.splitlines() if RULES.name + ":" in line
    ]
    assert words[:3] == ["OWNER 0", f"GROUP {GROUP_NUMBER}", "MODE 0440"]
    node = device.rpartition("/")[2]
    assert f"run: '/sbin/blockdev --setro /dev/{node}'" in told
    lines = told.splitlines()
    assert {"SYSTEMD_READY=0", "UDISKS_IGNORE=1", "UDISKS_AUTO=0"} <= set(lines)
    # Nobody looked into the drive, and no name that depends on what stands on it was made.
    assert not [line for line in lines if "ID_FS_" in line or "by-label" in line or "blkid" in line]


def test_no_later_rule_of_the_system_gives_the_drive_to_others(tmp_path: Path) -> None:
    told = judged(tmp_path, "1-1.4", "block/sda")
    settled = [line for line in told.splitlines() if re.search(r"\.rules:\d+ (OWNER|GROUP|MODE) ", line)]
    assert RULES.name in settled[-1]


def test_commands_straight_to_the_drive_are_for_root(tmp_path: Path) -> None:
    told = judged(tmp_path, "1-1.4", "scsi_generic/sg0")
    settled = [line for line in told.splitlines() if re.search(r"\.rules:\d+ (OWNER|GROUP|MODE) ", line)]
    assert [line.rsplit(" ", 2)[1:] for line in settled[-3:]] == [["OWNER", "0"], ["GROUP", "0"], ["MODE", "0600"]]


@pytest.mark.parametrize("port", ["1-1.3", "1-1.40"])
def test_other_sockets_are_left_to_the_system(tmp_path: Path, port: str) -> None:
    assert f"{RULES.name}:" not in judged(tmp_path, port, "block/sda")


def test_a_drive_that_is_pulled_out_is_left_alone(tmp_path: Path) -> None:
    assert f"{RULES.name}:" not in judged(tmp_path, "1-1.4", "block/sda", "remove")
