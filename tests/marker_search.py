"""Looks for a marker in everything that a station leaves behind: files of a folder, logs, topics; in clear or encoded.

A marker is something that only a citizen's name, number or page contains. Encodings: UTF-8, UTF-16 (both orders),
GB 18030, each as it is, in hexadecimal of either case and with spaces between, percent-encoded, and in Base64 at each
of its three alignments; a text also as JSON, HTML and Python escape it, and backwards.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

TEXT_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "gb18030")
# Room kept free is most of what lies on a station's disk; no way of writing a marker has so many zeros in a row.
_EMPTY = re.compile(rb"\0{64,}")


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
        plain |= {marker[::-1].encode(each): f"{each}, backwards" for each in TEXT_ENCODINGS}
    found: dict[bytes, str] = {} if isinstance(marker, bytes) else _escaped(marker)
    for raw, name in plain.items():
        found[raw] = name
        for hexed in (raw.hex(), raw.hex(" ")):
            found |= {hexed.encode(): f"{name}, hex", hexed.upper().encode(): f"{name}, HEX"}
        for percent in (quote(raw), "".join(f"%{byte:02X}" for byte in raw)):
            small = re.sub("%..", lambda found: found[0].lower(), percent)
            found |= dict.fromkeys((percent.encode(), small.encode()), f"{name}, percent")
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
            found += _in(str(path), _EMPTY.sub(b"\0", path.read_bytes()), ways)
    return found + [each for place, content in places.items() for each in _in(place, content, ways)]


def _escaped(marker: str) -> dict[bytes, str]:
    """Return the ways in which programs escape a text; of plain ASCII each is the text itself."""
    json_small = json.dumps(marker)[1:-1]
    json_large = re.sub(r"u[0-9a-f]{4}", lambda found: "u" + found[0][1:].upper(), json_small)
    html = ("".join(f"&#{ord(each)};" for each in marker), "".join(f"&#x{ord(each):x};" for each in marker))
    python = marker.encode("unicode_escape").decode(), repr(marker.encode())[2:-1], repr(marker.encode("gb18030"))[2:-1]
    return {each.encode(): "escaped" for each in (json_small, json_large, *html, *python)}


def _in(place: str, content: bytes, ways: Mapping[bytes, str]) -> list[Found]:
    return [Found(place, how) for form, how in ways.items() if form in content]


def _base64_core(raw: bytes, skip: int) -> list[bytes]:
    """Return the characters that do not depend on what stands around, in the usual and in the URL alphabet."""
    first = (skip * 8 + 5) // 6
    last = (skip + len(raw)) * 8 // 6
    return [coder(b"\0" * skip + raw)[first:last] for coder in (base64.b64encode, base64.urlsafe_b64encode)]
