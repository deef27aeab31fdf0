"""The station's file with new boards and compartments: everything else in it stays as it stands, letter for letter.

The new file is complete and checked before it takes the old one's place, and the old one stays beside it as `.bak`.
Boards of ports that were not commissioned stay, with their compartments.
"""

from __future__ import annotations

import os
import re
import shutil
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edge.cabinets import fittings
from edge.commission.places import Place
from edge.config import load_station
from edge.errors import ConfigError
from edge.lockers.registry import check_boards

Table = Mapping[str, Any]

_HEADER = re.compile(r"^\s*\[\[?\s*([A-Za-z0-9_-]+)[^\]]*\]\]?\s*(#.*)?$")
_OURS = ("boards", "compartments")


@dataclass(frozen=True, slots=True)
class BoardLines:
    """One board of the new file."""

    name: str
    family: str
    port: str
    address: int
    channels: int
    settings: Table
    profile: str | None = None


@dataclass(frozen=True, slots=True)
class CompartmentLines:
    """One compartment of the new file."""

    number: int
    board: str
    channel: int
    place: Place


@dataclass(frozen=True)
class StationFile:
    """A station's file as it was read. Boards of `ports` are commissioned anew."""

    path: Path
    text: str
    ports: frozenset[str]
    table: Table = field(repr=False)

    @classmethod
    def read(cls, path: Path, ports: Iterable[str]) -> StationFile:
        """Read a file and see whether everything but boards and compartments is right.

        Raises:
            ConfigError: it cannot be read, or would not be a station's file with any boards.
        """
        try:
            text = path.read_text(encoding="utf-8")
            table = tomllib.loads(text)
        except OSError as error:
            raise ConfigError(str(path), "(whole file)", f"a readable file ({error.strerror})") from error
        except ValueError as error:
            raise ConfigError(str(path), "(whole file)", f"TOML in UTF-8 ({error})") from error
        file = cls(path.resolve(), text, frozenset(ports), table)
        file._check_the_rest()
        return file

    @property
    def kept_boards(self) -> list[Table]:
        """The boards of other ports, as they stand."""
        return [board for board in _tables(self.table, "boards") if board.get("port") not in self.ports]

    @property
    def kept_compartments(self) -> list[Table]:
        """The compartments of the boards that are kept."""
        names = {board.get("name") for board in self.kept_boards}
        return [each for each in _tables(self.table, "compartments") if each.get("board") in names]

    @property
    def taken(self) -> frozenset[int]:
        """Numbers that doors of other ports have."""
        return frozenset(each["number"] for each in self.kept_compartments if isinstance(each.get("number"), int))

    def old_board(self, port: str, address: int, family: str) -> Table:
        """Return what stood of a board before, or an empty table."""
        for board in _tables(self.table, "boards"):
            if (board.get("port"), board.get("address"), board.get("family")) == (port, address, family):
                return board
        return {}

    def old_places(self) -> Mapping[int, Place]:
        """Return size and reach of the compartments that stood there."""
        return {
            each["number"]: Place(each["size"], each.get("reach", "middle"))
            for each in _tables(self.table, "compartments")
            if isinstance(each.get("number"), int) and each.get("size") in ("s", "m", "l")
        }

    def with_doors(
        self, boards: Sequence[BoardLines], compartments: Sequence[CompartmentLines], *, cabinets: bool = True
    ) -> str:
        """Return the new text, with or without the pictures of cabinets that stood in the old one.

        Raises:
            ConfigError: the old text is written so that its other sections cannot be kept safely.
        """
        written = [*map(_kept, self.kept_boards, ["boards"] * len(self.kept_boards)), *map(_board, boards)]
        written += map(_kept, self.kept_compartments, ["compartments"] * len(self.kept_compartments))
        written += map(_compartment, sorted(compartments, key=lambda each: each.number))
        ours = _OURS if cabinets else (*_OURS, "cabinets")
        text = _without(ours, self.text) + "\n" + "\n".join(written)
        rest = {key: value for key, value in self.table.items() if key not in ours}
        if {key: value for key, value in _parsed(text).items() if key not in _OURS} != rest:
            expected = "[[boards]] and [[compartments]] as tables of their own, so that the rest can be kept"
            raise ConfigError(str(self.path), "boards", expected)
        return text

    def cabinet_trouble(self, text: str) -> str | None:
        """Say why the cabinets described in the file do not fit the doors of the new text, if so."""
        with self._beside(text) as new:
            try:
                fittings(new, load_station(new))
            except ConfigError as error:
                return f"{error.key}: {error.expected}"
        return None

    def write(self, text: str) -> None:
        """Put the new text in the old one's place, which stays beside it as `.bak`; durable on return.

        Raises:
            ConfigError: the new text is no station's file; the old one is untouched.
        """
        with self._beside(text) as new:
            self._check(new)
            _write_durably(self.path.with_name(f"{self.path.name}.bak"), self.text, like=self.path)
            new.replace(self.path)
        _sync_folder(self.path.parent)

    @contextmanager
    def _beside(self, text: str) -> Iterator[Path]:
        """A file beside the station's own, where the profiles that it names are found; gone at the end."""
        new = self.path.with_name(f".{self.path.name}.new")
        _write_durably(new, text, like=self.path)
        try:
            yield new
        finally:
            new.unlink(missing_ok=True)

    def _check(self, new: Path) -> None:
        try:
            check_boards(new, load_station(new).boards)
        except ConfigError as error:
            raise ConfigError(str(self.path), error.key, error.expected) from error

    def _spare_channel(self) -> tuple[str, int]:
        """Return how a board on trial has to be called, and its channel that has no lock: a sensor may hang on it."""
        board, channel = _output(self.table)
        kept = {each.get("name") for each in self.kept_boards}
        return ("trial", 0) if not board or board in kept else (board, channel)

    def _check_the_rest(self) -> None:
        """Say what is wrong elsewhere before anybody opens a hundred doors."""
        port = next(iter(sorted(self.ports)), "socket://127.0.0.1:1")
        name, spare = self._spare_channel()
        trial = BoardLines(name, "kerong_cu48", port, 0, max(2, spare), {})
        number = next(n for n in range(1, 1000) if n not in self.taken)
        channel = 2 if spare == 1 else 1
        text = self.with_doors([trial], [CompartmentLines(number, name, channel, Place("s", "low"))])
        with self._beside(text) as new:
            self._check(new)


def _output(table: Table) -> tuple[str, int]:
    """Return board and channel of the sensor at the licence printer's output, as they stand; ("", 0) without one."""
    printer = table.get("licence_printer")
    output = printer.get("output") if isinstance(printer, dict) else None
    board, channel = (output.get("board"), output.get("channel")) if isinstance(output, dict) else (None, None)
    return (board, channel) if isinstance(board, str) and isinstance(channel, int) else ("", 0)


def _tables(table: Table, key: str) -> list[Table]:
    found = table.get(key, [])
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _parsed(text: str) -> Table:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}


def _without(ours: Sequence[str], text: str) -> str:
    """Leave out these tables and the comments that lead into them."""
    kept: list[str] = []
    comments: list[str] = []
    leaving_out = False
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            comments.append(line)
            continue
        if header := _HEADER.match(line):
            was, leaving_out = leaving_out, header.group(1) in ours
            if leaving_out and not was:
                # A comment above the first of our tables is theirs; after a blank line it may be about the rest.
                comments = _before_last_blank(comments)
                kept += comments
                comments = []
        if not leaving_out:
            kept += [*comments, line]
        comments = []
    return "\n".join(kept + ([] if leaving_out else comments)).rstrip() + "\n"


def _before_last_blank(comments: list[str]) -> list[str]:
    blanks = [n for n, line in enumerate(comments) if not line.strip()]
    return comments[: blanks[-1] + 1] if blanks else []


def _board(board: BoardLines) -> str:
    lines: dict[str, Any] = {"name": board.name, "family": board.family}
    if board.profile is not None:
        lines["profile"] = board.profile
    lines |= {
        "port": board.port,
        "address": board.address,
        "channels": board.channels,
        "settings": dict(board.settings),
    }
    return _kept(lines, "boards")


def _compartment(each: CompartmentLines) -> str:
    lines = {"number": each.number, "board": each.board, "channel": each.channel}
    return _kept(lines | {"size": each.place.size, "reach": each.place.reach}, "compartments")


def _kept(table: Table, key: str) -> str:
    return "\n".join([f"[[{key}]]", *(f"{name} = {_value(value)}" for name, value in table.items()), ""])


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_value(each)}" for name, each in value.items()) + " }" if value else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return _text(str(value))


def _text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c >= " " and c != "\x7f" else f"\\u{ord(c):04x}" for c in escaped) + '"'


def _write_durably(path: Path, text: str, *, like: Path) -> None:
    fresh = path.with_name(f"{path.name}.part")
    with fresh.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    shutil.copymode(like, fresh)
    fresh.replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
