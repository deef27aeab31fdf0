"""Slips with codes: on the very paper that the head prints, read back and checked as by a phone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import zxingcpp
from PIL import Image, ImageOps

from contract.paper_codes import Finding, IssuingKey, IssuingKeyList, check, digest_of_facts, key_name, public_x
from edge.keys import paper_key
from edge.paper_ports import DotsPrinter
from edge.printers.layouts.fonts import load_faces
from edge.printers.layouts.typeset import Typesetter
from edge.services.slip_codes import CodedPrinter, SlipCodes
from edge.services.slip_texts import SlipText
from tests.unit.edge.services.moved_clock import MovedClock

AT = datetime(2026, 11, 24, 22, 3, tzinfo=ZoneInfo("Asia/Shanghai"))
NUMBER, LINK = "7K3M9Q2T8XH", "HTTPS://HUB.DONGCHENG.EXAMPLE/V/"
KEY = paper_key(b"s" * 32)
CODES = SlipCodes(KEY, LINK)
SAID = SlipText("deposit_done", "东城夜间服务台", "Nightdesk Dongcheng", 12, AT, NUMBER)
LIST = IssuingKeyList(
    made_at=AT,
    keys=(
        IssuingKey(
            kid=key_name(KEY),
            issuer="dc-24h-01",
            kinds=("receipt", "failure", "pickup"),
            x=public_x(KEY),
            valid_from=AT - timedelta(days=1),
            valid_until=AT + timedelta(days=1),
        ),
    ),
)


def test_the_code_on_the_printed_slip_is_genuine() -> None:
    facts = SAID.facts(again=False)
    dots = Typesetter(load_faces(None)).dots("receipt", CODES.coded("receipt", facts, AT))
    paper = ImageOps.invert(Image.frombytes("1", (dots.width, dots.rows), dots.bits).convert("L"))
    (found,) = zxingcpp.read_barcodes(paper)
    verdict = check(found.text, LIST, AT)
    assert (verdict.finding, verdict.number, verdict.issuer) == (Finding.GENUINE, NUMBER, "dc-24h-01")
    assert verdict.issued_on == AT.date()
    assert verdict.speaks_of(digest_of_facts(facts))


def test_a_station_without_a_clock_still_gives_a_slip() -> None:
    facts = SAID.facts(again=False)
    assert CODES.coded("receipt", facts, datetime(1970, 1, 1, tzinfo=AT.tzinfo)) == facts


def test_what_has_no_receipt_number_or_a_code_already_is_left_alone() -> None:
    for layout, facts in (
        ("licence_original", {"number": NUMBER}),
        ("receipt", {"a": 1}),
        ("receipt", {"number": "A012"}),
        ("pickup", {"number": NUMBER, "qr": "token"}),
    ):
        assert CODES.coded(layout, facts, AT) == facts


class Head:
    """A printer that remembers what it was told."""

    name = "receipt"
    rolls = 3

    def __init__(self) -> None:
        self.told: list[object] = []

    async def check(self) -> None:
        self.told.append("check")

    async def print_text(self, lines: list[str]) -> None:
        self.told.append(lines)

    async def print_paper(self, layout: str, facts: Mapping[str, Any]) -> None:
        self.told.append(facts["qr"])


async def test_a_printer_with_codes_is_the_printer_otherwise() -> None:
    head = Head()
    printer = CodedPrinter(head, CODES, MovedClock())
    assert isinstance(printer, DotsPrinter)
    assert printer.rolls == 3
    await printer.check()
    await printer.print_text(["a"])
    await printer.print_paper("receipt", SAID.facts(again=True))
    assert head.told[:2] == ["check", ["a"]]
    assert str(head.told[2]).startswith(f"{LINK}ND1")


def test_each_station_has_a_key_of_its_own() -> None:
    assert key_name(paper_key(b"s" * 32)) == key_name(KEY)
    assert key_name(paper_key(b"t" * 32)) != key_name(KEY)
