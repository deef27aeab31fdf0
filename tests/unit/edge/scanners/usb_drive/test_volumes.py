"""Partition tables are somebody else's claims: the honest ones are found, the hostile ones end."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

from edge.scanners.usb_drive.volumes import MOST_VOLUMES, Volume, find_volumes

S = 512
MIB = 1 << 20


def mbr(*entries: tuple[int, int, int]) -> bytes:
    sector = bytearray(S)
    for at, (kind, start, count) in enumerate(entries):
        struct.pack_into("<4xB3xII", sector, 446 + 16 * at, kind, start, count)
    sector[510:] = b"\x55\xaa"
    return bytes(sector)


def gpt(*spans: tuple[int, int], count: int | None = None, width: int = 128, sector: int = S) -> bytes:
    image = bytearray(MIB)
    image[:S] = mbr((0xEE, 1, 0xFFFFFFFF))
    image[sector : sector + 8] = b"EFI PART"
    struct.pack_into("<QII", image, sector + 72, 2, len(spans) if count is None else count, width)
    for at, (first, last) in enumerate(spans):
        place = 2 * sector + at * 128
        image[place : place + 16] = b"k" * 16
        struct.pack_into("<QQ", image, place + 32, first, last)
    return bytes(image)


def volumes(image: bytes, size: int = MIB) -> tuple[Volume, ...]:
    return find_volumes(lambda offset, count: image[offset : offset + count], size)


def test_a_drive_without_a_table_is_one_volume() -> None:
    boot = b"\xeb\x58\x90MSDOS5.0" + struct.pack("<H", 512)
    assert volumes(boot.ljust(510, b"\0") + b"\x55\xaa") == (Volume(0, MIB),)
    assert volumes(bytes(S)) == (Volume(0, MIB),)
    assert volumes(b"", 0) == ()


def test_primary_partitions_are_found() -> None:
    assert volumes(mbr((0x0C, 8, 100), (0x07, 200, 50))) == (Volume(8 * S, 100 * S), Volume(200 * S, 50 * S))


def test_logical_partitions_are_found() -> None:
    image = bytearray(MIB)
    image[:S] = mbr((0x05, 100, 500))
    image[100 * S : 101 * S] = mbr((0x0C, 8, 20), (0x05, 50, 60))
    image[150 * S : 151 * S] = mbr((0x0C, 8, 30))
    assert volumes(bytes(image)) == (Volume(108 * S, 20 * S), Volume(158 * S, 30 * S))


def test_an_extended_partition_that_points_at_itself_ends() -> None:
    image = bytearray(MIB)
    image[:S] = mbr((0x0F, 100, 500))
    image[100 * S : 101 * S] = mbr((0x0C, 8, 20), (0x0F, 0, 500))
    assert volumes(bytes(image)) == (Volume(108 * S, 20 * S),)


def test_a_gpt_is_found_with_both_sizes_of_sector() -> None:
    assert volumes(gpt((40, 99), (100, 199))) == (Volume(40 * S, 60 * S), Volume(100 * S, 100 * S))
    assert volumes(gpt((40, 99), sector=4096)) == (Volume(40 * 4096, 60 * 4096),)


def test_claims_beyond_the_drive_are_cut_or_dropped() -> None:
    assert volumes(mbr((0x0C, 8, 0xFFFFFFFF))) == (Volume(8 * S, MIB - 8 * S),)
    assert volumes(mbr((0x0C, 0xFFFFFFFF, 8))) == ()
    assert volumes(gpt((2**63, 2**64 - 1))) == ()


def test_of_overlapping_partitions_the_first_counts() -> None:
    assert volumes(gpt((40, 99), (50, 199))) == (Volume(40 * S, 60 * S),)


def test_a_table_of_endless_entries_is_read_to_a_limit() -> None:
    many = gpt(*((100 + at, 100 + at) for at in range(40)), count=0xFFFFFFFF)
    assert len(volumes(many)) == MOST_VOLUMES
    assert volumes(gpt((40, 99), width=0)) == ()


@given(st.binary(min_size=0, max_size=2048), st.booleans())
def test_any_bytes_give_volumes_within_the_drive(noise: bytes, signed: bool) -> None:
    image = bytearray(noise.ljust(S, b"\0"))
    if signed:
        image[510:512] = b"\x55\xaa"
    found = volumes(bytes(image), len(image))
    assert len(found) <= MOST_VOLUMES
    assert all(each.offset >= 0 and each.size > 0 and each.offset + each.size <= len(image) for each in found)
