"""The directory of one run: station file, keys, clock, people, logs and data; kept between runs unless wiped."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import tomllib
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from contract.sealed import new_sealing_key
from contract.signing import new_signing_key
from hall.addresses import HOST, Ports
from hall.processes import ROOT
from hall.toml import write_toml

DEMO_STATION = ROOT / "firmware_configs" / "stations" / "demo.toml"
# Names what a run made in its directory; nothing else is ever wiped, whatever stands after --dir. Locked while in use.
MARK = ".nightdesk-run"
_MADE = (
    "broker", "calibration", "keys", "logs", "ptys", "slips", "station", "station.toml", "clock-shift", "told.jsonl",
    "people.json", "simulate.sock", "usb-drive.img",
    "hub.db", "hub.db-journal", "hub.db-wal", "hub.db-shm", "hub-files", "hub-files.key", "sms.log",
    "door-log.jsonl", "bytes-log.jsonl", "licence-printer", "licence-printer.sock",
)  # fmt: skip
SIGNING_KEYS = ("documents", "offline", "dispatch")


@dataclass(frozen=True)
class People:
    """Who may sign in at this run; synthetic, drawn at random, kept in a file that only its owner reads."""

    user: str
    password: str
    badge: str
    pin: str


class RunDirectory:
    """Paths of one run and what is made there before anything starts."""

    def __init__(self, path: Path) -> None:
        path = path.absolute()
        self.path = path
        self.keys = path / "keys"
        self.hub_keys = path / "keys" / "hub"
        # Station and hub know citizens' cards by hashes under one key.
        self.client_token = path / "keys" / "back-office.token"
        self.card_key = path / "keys" / "card.key"
        self.station_file = path / "station.toml"
        self.station_db = path / "station" / "station.db"
        self.clock_shift = path / "clock-shift"
        # A Unix socket's name holds 107 bytes: from deep directories the relative one may fit where the whole does not.
        self.control, self.licences = _socket(path, "simulate.sock"), _socket(path, "licence-printer.sock")
        self.door_log = path / "door-log.jsonl"
        self.bytes_log = path / "bytes-log.jsonl"
        self.hub_db = path / "hub.db"
        self.hub_files = path / "hub-files"
        self.sms_log = path / "sms.log"
        self.logs = path / "logs"
        self.broker = path / "broker"

    def prepare(self, ports: Ports) -> None:
        """Make what is missing; a second run finds its keys, people and data again."""
        self.path.mkdir(parents=True, exist_ok=True)
        made = {*self._made(), *(name for name in _MADE if not (self.path / name).exists())}
        (self.path / MARK).write_text("".join(f"{name}\n" for name in sorted(made)))
        self._make_keys()
        self.station_file.write_text(write_toml(self._station_table(ports)), encoding="utf-8")

    def people(self) -> People:
        """The people of this run, drawn at the first call."""
        file = self.path / "people.json"
        if file.exists():
            return People(**json.loads(file.read_text()))
        people = People("clerk", secrets.token_urlsafe(9), "S-1001", f"{secrets.randbelow(10**6):06d}")
        _write_private(file, json.dumps(asdict(people)))
        return people

    def secret_file(self, name: str, secret: str) -> Path:
        """A file that only its owner reads, for programs that take no secret on their command line."""
        file = self.hub_keys / f"{name}.txt"
        _write_private(file, f"{secret}\n")
        return file

    def log(self, name: str) -> Path:
        """The log file of one process."""
        return self.logs / f"{name}.log"

    def shift_clock(self, to: datetime) -> None:
        """Let the clock of station and hub say `to` (aware) now."""
        self._write_shift((to - datetime.now(to.tzinfo)).total_seconds())

    def now(self) -> datetime:
        """What the clock of station and hub says now, in the station's zone."""
        return datetime.now(self.zone) + self.shift

    @property
    def shift(self) -> timedelta:
        """How far the clock of station and hub is ahead of this machine's."""
        return timedelta(seconds=float(self.clock_shift.read_text()) if self.clock_shift.exists() else 0.0)

    @property
    def zone(self) -> ZoneInfo:
        """The station's time zone."""
        return ZoneInfo(self.table()["station"]["timezone"])

    def table(self) -> dict[str, Any]:
        """The station file of this run as it stands."""
        return tomllib.loads(self.station_file.read_text(encoding="utf-8"))

    def _write_shift(self, seconds: float) -> None:
        fresh = self.clock_shift.with_suffix(".new")
        fresh.write_text(f"{seconds:.3f}\n")
        fresh.replace(self.clock_shift)

    @property
    def is_strange(self) -> bool:
        """Whether the directory holds things and no run made it."""
        return self.path.exists() and any(self.path.iterdir()) and not (self.path / MARK).exists()

    def wipe(self) -> None:
        """Remove what earlier runs made here, and nothing else."""
        for name in self._made():
            victim = self.path / name
            if victim.is_dir() and not victim.is_symlink():
                shutil.rmtree(victim)
            else:
                victim.unlink(missing_ok=True)

    def _made(self) -> set[str]:
        mark = self.path / MARK
        return set(mark.read_text().split()) & set(_MADE) if mark.exists() else set()

    def _make_keys(self) -> None:
        self.hub_keys.mkdir(parents=True, exist_ok=True)
        self.keys.chmod(0o700)
        if not self.card_key.exists():
            _write_private(self.card_key, secrets.token_hex(32))
        if (self.keys / "station.key").exists():
            return
        sealing = new_sealing_key("notify-1")
        _write_pair(self, "notify", sealing.as_dict(private=True), sealing.as_dict(private=False))
        for name in SIGNING_KEYS:
            key = new_signing_key(f"{name}-1")
            _write_pair(self, name, key.as_dict(private=True), key.as_dict(private=False))
        _write_private(self.keys / "documents.token", secrets.token_urlsafe(32))
        # Last: its presence says that the others are whole.
        _write_private(self.keys / "station.key", secrets.token_hex(32))

    def _station_table(self, ports: Ports) -> dict[str, Any]:
        table = tomllib.loads(DEMO_STATION.read_text(encoding="utf-8"))
        table = {key: _moved(value, self.path) for key, value in table.items()}
        table["simulate"]["control"] = str(self.control)
        table["licence_printer"]["socket"] = str(self.licences)
        table["kiosk"] |= {"host": HOST, "port": ports.kiosk}
        table["hub"] |= {
            "broker": f"mqtt://{HOST}:{ports.network_mqtt}",
            "documents_url": f"http://{HOST}:{ports.network_documents}",
        }
        table["document_camera"]["source"] = f"http://{HOST}:{ports.camera}/mat.mjpg"
        for board in table["boards"]:
            _merge_profile(board)
            # People are played faster than they are, and simulated coils don't grow hot.
            board["settings"] |= {"unlock_interval_ms": 0, "unlocks_a_minute": 60}
        for cabinet in table["cabinets"]:
            cabinet["layout"] = _profile("cabinets", cabinet.pop("profile"))
        return table


def _socket(path: Path, name: str) -> Path:
    return Path(min(str(path / name), os.path.relpath(path / name), key=len))


def _moved(value: Any, directory: Path) -> Any:  # noqa: ANN401 - a tree of TOML values
    """Replace the demo file's `var/` at the front of every path by the run's directory."""
    match value:
        case str() if value.startswith("var/"):
            return str(directory / value.removeprefix("var/"))
        case dict():
            return {key: _moved(each, directory) for key, each in value.items()}
        case list():
            return [_moved(each, directory) for each in value]
    return value


def _merge_profile(board: dict[str, Any]) -> None:
    """A profile is found beside the station file's folder; the run's file stands alone, so it holds the settings."""
    profile, own = board.pop("profile", None), board.get("settings", {})
    known = {} if profile is None else _profile("boards", profile).get("settings", {})
    board["settings"] = known | own


def _profile(folder: str, name: str) -> dict[str, Any]:
    file = DEMO_STATION.parent.parent / folder / f"{name}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _write_pair(directory: RunDirectory, name: str, private: object, public: object) -> None:
    _write_private(directory.hub_keys / f"{name}.jwk", json.dumps(private))
    (directory.keys / f"{name}.pub.jwk").write_text(json.dumps(public))


def _write_private(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.chmod(0o600)
    file.write_text(text)
