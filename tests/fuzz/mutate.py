"""Bytes made of other bytes: flips, splices, cuts, repeats, and lengths that are not true. Everything from one seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

LONGEST = 65536
_ODD_BYTES = (0x00, 0x01, 0x0A, 0x0D, 0x20, 0x7E, 0x7F, 0x80, 0xAA, 0xFE, 0xFF)
_ODD_LENGTHS = (0, 1, 2, 3, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)

Mutate = Callable[[random.Random, bytes, Sequence[bytes]], bytes]
"""Returns another input: randomness, the input, and the whole corpus to splice from."""


def mutate(rng: random.Random, data: bytes, corpus: Sequence[bytes]) -> bytes:
    """Return `data` with one to eight changes."""
    for _ in range(1 << rng.randrange(4)):
        data = rng.choice(_CHANGES)(rng, data, corpus)[:LONGEST]
    return data


def mutate_in_place(rng: random.Random, data: bytes, corpus: Sequence[bytes]) -> bytes:
    """Return `data` with one to eight changes that leave everything else where it is."""
    for _ in range(1 << rng.randrange(4)):
        data = rng.choice((_flip, _set, _length, _copy))(rng, data, corpus)[: len(data)]
    return data


def _copy(rng: random.Random, data: bytes, _corpus: Sequence[bytes]) -> bytes:
    """Put a few bytes of one place at another, as far from the beginning of a record as they were."""
    width, step = rng.choice((4, 16, 32, 512)), rng.choice((32, 512))
    source, target = (rng.randrange(len(data) // step or 1) * step for _ in range(2))
    shift = rng.randrange(0, step, min(width, step))
    piece = data[source + shift : source + shift + width]
    return data[: target + shift] + piece + data[target + shift + len(piece) :]


def _flip(rng: random.Random, data: bytes, _corpus: Sequence[bytes]) -> bytes:
    at = rng.randrange(len(data) or 1)
    return data[:at] + bytes(byte ^ (1 << rng.randrange(8)) for byte in data[at : at + 1]) + data[at + 1 :]


def _set(rng: random.Random, data: bytes, _corpus: Sequence[bytes]) -> bytes:
    at = rng.randrange(len(data) + 1)
    byte = rng.choice(_ODD_BYTES) if rng.random() < 0.5 else rng.randrange(256)
    return data[:at] + bytes([byte]) + data[at + 1 :]


def _insert(rng: random.Random, data: bytes, _corpus: Sequence[bytes]) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.randbytes(rng.randrange(1, 9)) + data[at:]


def _cut(rng: random.Random, data: bytes, _corpus: Sequence[bytes]) -> bytes:
    start, end = sorted((rng.randrange(len(data) + 1), rng.randrange(len(data) + 1)))
    return data[:start] + data[end:]


def _repeat(rng: random.Random, data: bytes, _corpus: Sequence[bytes]) -> bytes:
    start, end = sorted((rng.randrange(len(data) + 1), rng.randrange(len(data) + 1)))
    return data[:end] + data[start:end] * rng.randrange(1, 4) + data[end:]


def _splice(rng: random.Random, data: bytes, corpus: Sequence[bytes]) -> bytes:
    other = rng.choice(corpus)
    return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other) + 1) :]


def _length(rng: random.Random, data: bytes, _corpus: Sequence[bytes]) -> bytes:
    """Put an odd number where a length may stand: one, two or four bytes, either end first."""
    width = rng.choice((1, 2, 4))
    if len(data) < width:
        return data
    at = rng.randrange(len(data) - width + 1)
    number = rng.choice(_ODD_LENGTHS) % (1 << 8 * width)
    return data[:at] + number.to_bytes(width, rng.choice(("big", "little"))) + data[at + width :]


_CHANGES: tuple[Mutate, ...] = (_flip, _set, _insert, _cut, _repeat, _splice, _length)
