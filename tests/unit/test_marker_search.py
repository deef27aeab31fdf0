"""The search that proves absence has to find what is there."""

from __future__ import annotations

import base64
import html
import json
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.marker_search import TEXT_ENCODINGS, search

MARKER = "甄标记0417"


@pytest.mark.parametrize("encoding", TEXT_ENCODINGS)
def test_a_marker_is_found_however_it_is_written(tmp_path: Path, encoding: str) -> None:
    raw = MARKER.encode(encoding)
    for around in (b"", b"x", b"xy", b"xyz"):
        whole = around + raw + around
        for written in (
            whole,
            whole.hex().encode(),
            whole.hex().upper().encode(),
            base64.b64encode(whole),
            base64.urlsafe_b64encode(whole),
            whole.hex(" ").encode(),
            quote(whole).encode(),
            quote(whole).lower().encode(),
            "".join(f"%{byte:02x}" for byte in whole).encode(),
        ):
            (tmp_path / "file").write_bytes(b"\0\1" + written + b"\2")
            assert search(MARKER, [tmp_path]), (encoding, around, written)
            assert search(MARKER, texts={"log": written})


@pytest.mark.parametrize("marker", [MARKER, "110105197001011233"])
def test_a_marker_is_found_escaped_and_backwards(tmp_path: Path, marker: str) -> None:
    text = f"x{marker}y"
    for written in (
        json.dumps(text),
        json.dumps(text).replace("\\u", "\\U").upper().replace("\\U", "\\u"),
        ascii(text),
        repr(text.encode()),
        repr(text.encode("gb18030")),
        "".join(f"&#{ord(each)};" for each in text),
        html.escape(text),
        text[::-1],
        base64.b64encode(text[::-1].encode("utf-16-le")).decode(),
    ):
        (tmp_path / "file").write_text(f"before {written} after")
        assert search(marker, [tmp_path]), written


def test_names_of_files_are_looked_at_and_absence_is_absence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"nothing of the kind" * 100)
    assert search(MARKER, [tmp_path], {"topic": b"nd1/a/events"}) == []
    (tmp_path / MARKER).write_bytes(b"")
    assert search(MARKER, [tmp_path])
    with pytest.raises(ValueError, match="four bytes"):
        search("0", [tmp_path])
