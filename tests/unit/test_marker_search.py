"""The search that proves absence has to find what is there."""

from __future__ import annotations

import base64
from pathlib import Path

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
        ):
            (tmp_path / "file").write_bytes(b"\0\1" + written + b"\2")
            assert search(MARKER, [tmp_path]), (encoding, around, written)
            assert search(MARKER, texts={"log": written})


def test_names_of_files_are_looked_at_and_absence_is_absence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"nothing of the kind" * 100)
    assert search(MARKER, [tmp_path], {"topic": b"nd1/a/events"}) == []
    (tmp_path / MARKER).write_bytes(b"")
    assert search(MARKER, [tmp_path])
    with pytest.raises(ValueError, match="four bytes"):
        search("0", [tmp_path])
