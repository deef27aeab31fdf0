"""The format of stored files: nothing that was changed, moved, cut or swapped is ever handed out."""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.errors import FileLostError
from edge.store.file_cipher import CHUNK, HEADER, SEALED_CHUNK, Sealer, layout
from edge.store.file_disk import OpenFile

KEY = b"k" * 32
SIZES = [0, 1, CHUNK - 49, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 2 * CHUNK, 3 * CHUNK + 17]


def _sealed(content: bytes, key: bytes = KEY, step: int = 50_000) -> bytes:
    sealer = Sealer(key)
    parts = [sealer.start] + [sealer.add(content[at : at + step]) for at in range(0, len(content), step)]
    assert sealer.size == len(content)
    return b"".join([*parts, sealer.end()])


def _opened(path: Path, sealed: bytes, offset: int = 0, key: bytes = KEY) -> tuple[str, bytes]:
    path.write_bytes(sealed)
    file = OpenFile(path, key)
    try:
        file.open()
        content = b""
        while piece := file.read(offset + len(content), 100_000):
            content += piece
        return file.sha256, content
    finally:
        file.close()


@pytest.mark.parametrize("size", SIZES)
def test_what_was_sealed_comes_back(tmp_path: Path, size: int) -> None:
    content = secrets.token_bytes(size)
    sealed = _sealed(content)
    assert layout(len(sealed)).size == size
    assert _opened(tmp_path / "f", sealed) == (hashlib.sha256(content).hexdigest(), content)
    for offset in (1, CHUNK - 1, CHUNK, CHUNK + 5, size):
        assert _opened(tmp_path / "f", sealed, offset)[1] == content[offset:]


@pytest.mark.parametrize("size", [0, 700])
def test_every_cut_and_every_flip_is_found(tmp_path: Path, size: int) -> None:
    sealed = _sealed(secrets.token_bytes(size))
    for length in range(len(sealed)):
        with pytest.raises(FileLostError):
            _opened(tmp_path / "f", sealed[:length])
    for place in range(len(sealed)):
        flipped = bytearray(sealed)
        flipped[place] ^= 1 << place % 8
        with pytest.raises(FileLostError):
            _opened(tmp_path / "f", bytes(flipped))


def test_cuts_between_chunks_additions_and_exchanges_are_found(tmp_path: Path) -> None:
    sealed = _sealed(secrets.token_bytes(3 * CHUNK + 900))
    first, second, third, end = (
        sealed[HEADER + n * SEALED_CHUNK : HEADER + min((n + 1) * SEALED_CHUNK, len(sealed))] for n in range(4)
    )
    head = sealed[:HEADER]
    for wrong in (
        head,
        head + first,
        head + first + second + third,
        head + first + second + end,
        head + second + first + third + end,
        head + first + second + third + third + end,
        head + first + second + third + end + end,
        head + first + second + third + end + b"\x00",
    ):
        with pytest.raises(FileLostError):
            _opened(tmp_path / "f", wrong)


def test_chunks_of_another_file_or_key_do_not_open(tmp_path: Path) -> None:
    content = secrets.token_bytes(2 * CHUNK)
    one, other = _sealed(content), _sealed(content)
    assert one != other
    mixed = one[: HEADER + SEALED_CHUNK] + other[HEADER + SEALED_CHUNK :]
    with pytest.raises(FileLostError):
        _opened(tmp_path / "f", mixed)
    with pytest.raises(FileLostError):
        _opened(tmp_path / "f", one, key=b"x" * 32)


@settings(max_examples=60, deadline=None)
@given(
    size=st.integers(0, 3 * CHUNK),
    place=st.floats(0, 1, exclude_max=True),
    bit=st.integers(0, 7),
    start=st.floats(0, 1),
)
def test_a_flip_anywhere_gives_right_bytes_or_none(
    tmp_path_factory: pytest.TempPathFactory, size: int, place: float, bit: int, start: float
) -> None:
    content = secrets.token_bytes(size)
    sealed = bytearray(_sealed(content))
    sealed[int(place * len(sealed))] ^= 1 << bit
    offset = int(start * size)
    try:
        _, read = _opened(tmp_path_factory.getbasetemp() / "flipped", bytes(sealed), offset)
    except FileLostError:
        return
    # Only a chunk before the offset may be the broken one.
    assert read == content[offset:]
    assert int(place * len(sealed)) < HEADER + (offset // CHUNK) * SEALED_CHUNK
