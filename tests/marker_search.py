"""Looks for a marker in everything that a station leaves behind: files of a folder, logs, topics; in clear or encoded.

A marker is something that only a citizen's name, number or page contains. Encodings: UTF-8, UTF-16 (both orders),
GB 18030, each as it is, in hexadecimal of either case, and in Base64 at each of its three alignments.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

TEXT_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "gb18030")


class Found(NamedTuple):
    """Where a marker was found, and how it was written there."""

    place: str
    how: str


def forms(marker: str | bytes) -> dict[bytes, str]:
    """Return every way in which the marker may be written, with its name."""
    if isinstance(marker, bytes):
        plain = {marker: "bytes"}
    else:
        plain = {marker.encode(each): each for each in reversed(TEXT_ENCODINGS)}
    found: dict[bytes, str] = {}
    for raw, name in plain.items():
        found |= {raw: name, raw.hex().encode(): f"{name}, hex", raw.hex().upper().encode(): f"{name}, HEX"}
        for skip in range(3):
            found |= dict.fromkeys(_base64_core(raw, skip), f"{name}, base64")
    return found


def search(marker: str | bytes, folders: Iterable[Path] = (), texts: Mapping[str, bytes] | None = None) -> list[Found]:
    """Look through all files below `folders` (their names too) and through `texts` (logs, topics, payloads by name).

    Raises:
        ValueError: the marker is too short to be one.
    """
    ways = forms(marker)
    if min(map(len, ways)) < 4:
        raise ValueError("a marker of at least four bytes")
    places = dict(texts or {})
    found: list[Found] = []
    for path in (each for folder in folders for each in sorted(folder.rglob("*"))):
        found += _in(str(path), bytes(path), ways)
        if path.is_file():
            found += _in(str(path), path.read_bytes(), ways)
    return found + [each for place, content in places.items() for each in _in(place, content, ways)]


def _in(place: str, content: bytes, ways: Mapping[bytes, str]) -> list[Found]:
    return [Found(place, how) for form, how in ways.items() if form in content]


def _base64_core(raw: bytes, skip: int) -> list[bytes]:
    """Return the characters that do not depend on what stands around, in the usual and in the URL alphabet."""
    first = (skip * 8 + 5) // 6
    last = (skip + len(raw)) * 8 // 6
    return [coder(b"\0" * skip + raw)[first:last] for coder in (base64.b64encode, base64.urlsafe_b64encode)]
