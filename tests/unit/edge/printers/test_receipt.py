"""The receipt printer's driver against its simulator over a real pseudo-terminal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from edge.config import ReceiptPrinterConfig
from edge.errors import ConfigError, LinkError, NoAnswerError, PrinterNotReadyError
from edge.links.simulator import Pty
from edge.paper_ports import ReceiptPrinter
from edge.printers.receipt.simulator import ReceiptSimulator
from edge.printers.registry import check_receipt_printer, open_receipt_printer

FILE = Path("station.toml")


@asynccontextmanager
async def _printer(
    folder: Path, answer: Callable[[ReceiptSimulator, bytes], bytes]
) -> AsyncIterator[tuple[ReceiptPrinter, ReceiptSimulator, Pty]]:
    paper = ReceiptSimulator()
    pty = Pty(folder / "tty", lambda data: pty.send(answer(paper, data)))
    pty.plug()
    settings: dict[str, str | int | float | bool] = {"answer_ms": 100, "settle_ms": 10}
    config = ReceiptPrinterConfig(port=str(folder / "tty"), family="escpos_text", settings=settings)
    async with open_receipt_printer(FILE, config) as printer:
        yield printer, paper, pty
    pty.unplug()


async def test_a_slip(tmp_path: Path) -> None:
    async with _printer(tmp_path, ReceiptSimulator.receive) as (printer, paper, _):
        assert isinstance(printer, ReceiptPrinter)
        await printer.print_text(["受理回执", "A1 𠮷"])
        await printer.print_text(["second"])
        assert paper.text == "受理回执\nA1 〓\n✂\nsecond\n✂\n"


@pytest.mark.parametrize("reason", ["paper out", "cover open"])
async def test_not_ready_prints_nothing(tmp_path: Path, reason: str) -> None:
    async with _printer(tmp_path, ReceiptSimulator.receive) as (printer, paper, _):
        paper.paper, paper.cover_open = ("out", False) if reason == "paper out" else ("ok", True)
        with pytest.raises(PrinterNotReadyError, match=f"before printing: {reason}"):
            await printer.print_text(["lost"])
        paper.paper, paper.cover_open = "ok", False
        assert paper.text == ""
        await printer.print_text(["kept"])
        assert paper.text == "kept\n✂\n"


async def test_near_the_end_still_prints(tmp_path: Path) -> None:
    async with _printer(tmp_path, ReceiptSimulator.receive) as (printer, paper, _):
        paper.paper = "near_end"
        await printer.print_text(["slip"])
        assert paper.text == "slip\n✂\n"


async def test_out_of_paper_during_the_slip_is_told(tmp_path: Path) -> None:
    def answer(paper: ReceiptSimulator, data: bytes) -> bytes:
        if b"slip" in data:
            paper.paper = "out"
        return paper.receive(data)

    async with _printer(tmp_path, answer) as (printer, _, _):
        with pytest.raises(PrinterNotReadyError, match="after printing: paper out"):
            await printer.print_text(["slip"])


async def test_silence_is_not_paper_plenty(tmp_path: Path) -> None:
    def answer(paper: ReceiptSimulator, data: bytes) -> bytes:
        paper.receive(data)
        return b"\x11"  # XON is no answer

    async with _printer(tmp_path, answer) as (printer, paper, _):
        with pytest.raises(NoAnswerError):
            await printer.print_text(["slip"])
        assert paper.text == ""


async def test_unplugged(tmp_path: Path) -> None:
    async with _printer(tmp_path, ReceiptSimulator.receive) as (printer, _, pty):
        pty.unplug()
        with pytest.raises(LinkError):
            await printer.print_text(["slip"])


@pytest.mark.parametrize(
    ("family", "settings", "key"),
    [("star", {}, "receipt_printer.family"), ("escpos_text", {"colour": 1}, "receipt_printer.settings.colour")],
)
def test_what_is_wrong_is_named(family: str, settings: dict[str, str | int | float | bool], key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check_receipt_printer(FILE, ReceiptPrinterConfig(port="/dev/x", family=family, settings=settings))
    assert caught.value.key == key


def test_the_simulator_answers_in_the_middle_of_a_job() -> None:
    slips: list[str] = []
    paper = ReceiptSimulator(slips.append)
    job = bytes.fromhex("1B 40 1C 26 CA DC 10 04 04 C0 ED 0A 1D 56 42 00")
    answers = b"".join(paper.receive(bytes([byte])) for byte in job)
    assert (answers, paper.text, slips) == (b"\x12", "受理\n✂\n", ["受理\n"])


def test_the_simulator_keeps_what_it_cannot_print() -> None:
    paper = ReceiptSimulator()
    paper.paper = "out"
    assert paper.receive(bytes.fromhex("41 0A 10 04 01 10 04 02 10 04 04")) == bytes.fromhex("1A 32 72")
    assert paper.text == ""
    paper.paper = "ok"
    assert paper.text == "A\n"


def test_the_simulator_leaves_chinese_mode() -> None:
    paper = ReceiptSimulator()
    paper.receive(b"\x1c.\x1bE\x01a\x1c&" + "受".encode("gb18030") + b"\x1d\x56\x00")
    assert paper.text == "a受✂\n"
