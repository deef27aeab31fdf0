"""Signed PDFs as they are received: sound ones pass, and each way to cheat is told apart by a real checker process."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest
from asn1crypto import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.pdf_signature_worker import judge, load_roots
from contract.pdf_signatures import PdfFinding, PdfSignatures
from tests.signed_pdfs import (
    AT,
    annotated,
    authority,
    identity,
    overlaid,
    plain,
    roots_file,
    signed,
)

GOOD = signed(plain())


def flipped(pdf: bytes) -> bytes:
    place = pdf.index(b"stream", pdf.index(b"obj")) + 8
    return pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :]


def emptied(pdf: bytes) -> bytes:
    """The signature's value is zeros."""
    start = pdf.rindex(b"/Contents <") + len(b"/Contents <")
    end = pdf.index(b">", start)
    return pdf[:start] + b"0" * (end - start) + pdf[end:]


def encrypted(tmp_path: Path) -> bytes:
    file = tmp_path / "encrypted.pdf"
    source = tmp_path / "plain.pdf"
    source.write_bytes(plain())
    with pikepdf.open(source) as pdf:
        pdf.save(file, encryption=pikepdf.Encryption(owner="secret", user=""))
    return file.read_bytes()


@pytest.fixture
def roots(tmp_path: Path) -> Path:
    return roots_file(tmp_path)


def found(pdf: bytes, roots: Path, days: int = 0) -> PdfFinding:
    return judge(pdf, load_roots(roots), AT + timedelta(days=days))


CASES: dict[PdfFinding, list[Callable[[], bytes]]] = {
    PdfFinding.SOUND: [
        lambda: GOOD,
        lambda: signed(plain(3), certify=True),
        lambda: signed(signed(plain()), field="Second"),
        lambda: signed(plain(), digest="sha512"),
        lambda: signed(plain(), identity("Old key", authority(), rsa.generate_private_key(65537, 2048))),
    ],
    PdfFinding.UNSIGNED: [plain, lambda: overlaid(plain())],
    PdfFinding.UNREADABLE: [lambda: b"", lambda: b"%PDF-1.7\n", lambda: os.urandom(2000), lambda: GOOD[:-900]],
    PdfFinding.ALTERED: [lambda: flipped(GOOD), lambda: emptied(GOOD)],
    PdfFinding.CHANGED: [
        lambda: overlaid(GOOD),
        lambda: annotated(GOOD),
        lambda: overlaid(signed(plain(), certify=True)),
        lambda: annotated(signed(plain(), certify=True)),
        lambda: signed(overlaid(GOOD), field="Second"),
    ],
    PdfFinding.WEAK: [
        lambda: signed(plain(), digest="sha1"),
        lambda: signed(plain(), identity("Short key", authority(), rsa.generate_private_key(65537, 1024))),
    ],
    PdfFinding.UNKNOWN_SIGNER: [
        lambda: signed(plain(), identity("Test Tax Bureau", authority("Another Authority"))),
        lambda: signed(plain(), identity("Nobody's"), chain=()),
        lambda: signed(plain(), identity("Own chain", identity("Own authority")), chain=(identity("Own authority"),)),
        # One good seal does not lend its trust to another.
        lambda: signed(GOOD, identity("Stranger", authority("Another Authority")), field="Second"),
    ],
    PdfFinding.EXPIRED: [
        lambda: signed(plain(), identity("Old", authority(), first=AT - timedelta(days=90), days=80)),
        lambda: signed(plain(), identity("Not yet", authority(), first=AT + timedelta(days=1))),
    ],
}


@pytest.mark.parametrize(("finding", "make"), [(finding, make) for finding, makers in CASES.items() for make in makers])
def test_each_way_is_told_apart(finding: PdfFinding, make: Callable[[], bytes], roots: Path) -> None:
    assert found(make(), roots) is finding


def test_an_encrypted_file_is_not_read(tmp_path: Path, roots: Path) -> None:
    assert found(encrypted(tmp_path), roots) is PdfFinding.UNREADABLE


def test_a_certificate_that_runs_out_later(roots: Path) -> None:
    assert found(GOOD, roots, days=264) is PdfFinding.SOUND
    assert found(GOOD, roots, days=266) is PdfFinding.EXPIRED


def test_no_byte_of_what_is_signed_can_be_changed(roots: Path) -> None:
    authorities = load_roots(roots)
    for place in range(0, len(GOOD), 997):
        changed = GOOD[:place] + bytes([GOOD[place] ^ 0x11]) + GOOD[place + 1 :]
        value = GOOD.rindex(b"/Contents <"), GOOD.index(b">", GOOD.rindex(b"/Contents <"))
        if not value[0] <= place <= value[1]:  # the padding of the value itself is signed by nobody
            assert judge(changed, authorities, AT) is not PdfFinding.SOUND, place


@settings(max_examples=40, deadline=None)
@given(nonsense=st.binary(max_size=400), place=st.integers(0, len(GOOD) - 1))
def test_nonsense_is_never_sound(nonsense: bytes, place: int) -> None:
    der = authority().certificate.public_bytes(Encoding.DER)
    assert judge(GOOD[:place] + nonsense, [x509.Certificate.load(der)], AT) is not PdfFinding.SOUND


async def test_a_process_of_its_own_answers(roots: Path) -> None:
    checker = PdfSignatures(roots)
    assert await checker.check(GOOD, AT) is PdfFinding.SOUND
    assert await checker.check(overlaid(GOOD), AT) is PdfFinding.CHANGED


async def test_a_checker_that_ends_or_hangs_lets_nothing_pass(tmp_path: Path, roots: Path) -> None:
    assert await PdfSignatures(tmp_path / "none.pem").check(GOOD, AT) is PdfFinding.NOT_CHECKED
    empty = tmp_path / "empty.pem"
    empty.write_bytes(b"")
    assert await PdfSignatures(empty).check(GOOD, AT) is PdfFinding.NOT_CHECKED
    assert await PdfSignatures(roots, deadline_s=0.01).check(GOOD, AT) is PdfFinding.NOT_CHECKED
    assert not [each for each in asyncio.all_tasks() if each is not asyncio.current_task()]
