"""Papers printed as dots: the driver against its simulator over a real pseudo-terminal, and a roll that ends midway."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from edge.config import ReceiptPrinterConfig
from edge.errors import LayoutRefusedError, LinkError, NoAnswerError, PrinterNotReadyError
from edge.links.simulator import Pty
from edge.paper_ports import Dots, DotsPrinter
from edge.printers.receipt import raster
from edge.printers.receipt.simulator import Picture, ReceiptSimulator
from edge.printers.registry import open_receipt_printer
from tests.unit.edge.printers.layouts.examples import EXAMPLES

FILE = Path("station.toml")
RECEIPT = EXAMPLES["receipt"]


class Wire:
    """A simulated printer at the other end of a pseudo-terminal; `sent` is all that the driver wrote."""

    def __init__(self, folder: Path) -> None:
        self.sent = b""
        self.deaf = False
        self.pty = Pty(folder / "tty", self._heard)
        self.paper = ReceiptSimulator(say=self.pty.send)

    def _heard(self, data: bytes) -> None:
        self.sent += data
        answer = self.paper.receive(data)
        if answer and not self.deaf:
            self.pty.send(answer)


@asynccontextmanager
async def _printer(folder: Path, *, native_qr: bool = False) -> AsyncIterator[tuple[DotsPrinter, Wire]]:
    wire = Wire(folder)
    wire.pty.plug()
    settings: dict[str, str | int | float | bool] = {"answer_ms": 300, "settle_ms": 20, "look_ms": 5}
    settings["native_qr"] = native_qr
    config = ReceiptPrinterConfig(port=str(folder / "tty"), family="escpos", settings=settings)
    async with open_receipt_printer(FILE, config) as printer:
        assert isinstance(printer, DotsPrinter)
        yield printer, wire
    wire.pty.unplug()


def _codes(picture: Picture) -> list[str]:
    bits = bytes(byte ^ 0xFF for line in picture.lines for byte in line)
    image = Image.frombytes("1", (picture.across * 8, len(picture.lines)), bits).convert("L")
    white = Image.new("L", (image.width, image.height + 40), 255)
    white.paste(image, (0, 20))
    return [code.text for code in zxingcpp.read_barcodes(white)]


async def test_a_receipt_comes_out_whole_and_its_code_is_read(tmp_path: Path) -> None:
    async with _printer(tmp_path) as (printer, wire):
        await printer.print_paper("receipt", RECEIPT)
        assert [_codes(picture) for picture in wire.paper.pictures] == [[RECEIPT["qr"]]]
        assert wire.paper.pictures[0].across == 72


async def test_the_stream_is_what_the_command_tables_say(tmp_path: Path) -> None:
    """Facts on hardware, §4.2: ESC @, GS v 0 with 48 00 bytes across, GS V 66; nothing else but questions and GS a."""
    async with _printer(tmp_path) as (printer, wire):
        await printer.print_paper("ticket", EXAMPLES["ticket"])
        stream = wire.sent
    questions = b"".join(b"\x10\x04" + bytes((n,)) for n in (1, 2, 3, 4))
    # DLE DC4 8 first: half a slip of an earlier life is never printed.
    assert stream.startswith(raster.CLEAR_BUFFER)
    stream = stream.removeprefix(raster.CLEAR_BUFFER)
    assert stream.startswith(questions + b"\x1d\x61\x0e\x1b\x40")
    assert stream.endswith(b"\x1d\x56\x42\x00" + questions)
    bands = stream.removeprefix(questions + b"\x1d\x61\x0e\x1b\x40").removesuffix(b"\x1d\x56\x42\x00" + questions)
    while bands:
        assert bands[:6] == bytes.fromhex("1d 76 30 00 48 00")
        rows = int.from_bytes(bands[6:8], "little")
        assert 1 <= rows <= raster.BAND_ROWS
        band, bands = bands[8 : 8 + 72 * rows], bands[8 + 72 * rows :]
        assert len(band) == 72 * rows
        assert not any(command in band for command in (b"\x10\x04", b"\x10\x05", b"\x10\x14"))


def test_a_code_of_the_printers_own_is_what_the_command_tables_say() -> None:
    """Facts on hardware, §4.2: model 2, modules of 6 dots, level Q, the text, print; centred, and back to the left."""
    expected = """1B 61 01  1D 28 6B 04 00 31 41 32 00  1D 28 6B 03 00 31 43 06  1D 28 6B 03 00 31 45 32
        1D 28 6B 06 00 31 50 30 41 42 43  1D 28 6B 03 00 31 51 30  1B 61 00"""
    assert raster.native_code("ABC") == bytes.fromhex(expected)


async def test_a_printer_that_draws_codes_itself_is_told_the_text(tmp_path: Path) -> None:
    async with _printer(tmp_path, native_qr=True) as (printer, wire):
        await printer.print_paper("receipt", RECEIPT)
        await printer.print_paper("pickup", EXAMPLES["pickup"])
    assert wire.paper.codes == [RECEIPT["qr"]]
    # A pickup's code stands in the middle of the paper: it stays part of the picture.
    assert [_codes(picture) for picture in wire.paper.pictures] == [[], [EXAMPLES["pickup"]["qr"]]]


@pytest.mark.parametrize("layout", ["receipt", "failure", "pickup", "ticket", "compartment_label"])
@pytest.mark.parametrize("native_qr", [False, True])
async def test_every_paper_of_the_roll_holds_nothing_but_documented_commands(
    tmp_path: Path, layout: str, native_qr: bool
) -> None:
    """The stream taken apart by the tables of the facts alone: any byte that no command explains fails."""
    told = EXAMPLES[layout] | ({"qr": RECEIPT["qr"]} if layout == "failure" else {})
    async with _printer(tmp_path, native_qr=native_qr) as (printer, wire):
        await printer.print_paper(layout, told)
    names = [each.hex(" ") for each in _commands(wire.sent.removeprefix(raster.CLEAR_BUFFER))]
    asked = ["10 04 01", "10 04 02", "10 04 03", "10 04 04"]
    assert names[:6] == [*asked, "1d 61 0e", "1b 40"]
    assert names[-5:] == ["1d 56 42 00", *asked]
    drawn = ["1b 61 01", *["1d 28 6b"] * 5, "1b 61 00"] if native_qr and layout in {"receipt", "failure"} else []
    middle = names[6:-5]
    bands = len(middle) - len(drawn)
    assert bands >= 1
    assert middle == ["1d 76 30 00"] * bands + drawn


def _commands(stream: bytes) -> list[bytes]:
    """Return the commands with their fixed arguments, without the data that they carry."""
    plain = {b"\x10\x04": 3, b"\x1d\x61": 3, b"\x1b\x40": 2, b"\x1b\x61": 3, b"\x1d\x56": 4}
    found: list[bytes] = []
    while stream:
        name = stream[:2]
        if name == b"\x1d\x76":
            carried = int.from_bytes(stream[4:6], "little") * int.from_bytes(stream[6:8], "little")
            shown, length = 4, 8 + carried
        elif name == b"\x1d\x28":
            shown, length = 3, 5 + int.from_bytes(stream[3:5], "little")
        else:
            shown = length = plain[name]
        assert len(stream) >= length
        found.append(stream[:shown])
        stream = stream[length:]
    return found


async def test_a_printer_on_the_network_prints_and_says_its_status(tmp_path: Path) -> None:
    """Port 9100 speaks the same bytes both ways, DLE EOT and automatic status included."""
    paper = ReceiptSimulator()
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        while data := await reader.read(4096):
            writer.write(paper.receive(data))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    number = server.sockets[0].getsockname()[1]
    config = ReceiptPrinterConfig(
        port=f"socket://127.0.0.1:{number}", family="escpos", settings={"answer_ms": 300, "settle_ms": 20}
    )
    async with open_receipt_printer(FILE, config) as printer:
        assert isinstance(printer, DotsPrinter)
        await printer.print_paper("receipt", RECEIPT)
        paper.paper = "out"
        with pytest.raises(PrinterNotReadyError, match="paper out"):
            await printer.check()
        paper.paper = "ok"
        await printer.check()
        server.close()
        for writer in writers:
            writer.transport.abort()
        with pytest.raises(LinkError):
            await printer.print_paper("receipt", RECEIPT)
    assert [_codes(picture) for picture in paper.pictures] == [[RECEIPT["qr"]]]


def test_a_picture_never_holds_a_command() -> None:
    evil = bytes.fromhex("10 04 01 10 05 10 14 08 10 10 04") + bytes(61)
    stream = b"".join(raster.job(Dots(576, 1, evil)))
    assert stream[:10] == b"\x1b\x40" + bytes.fromhex("1d 76 30 00 48 00 01 00")
    assert stream[10:21] == bytes.fromhex("18 04 01 18 05 18 14 08 10 18 04")


async def test_a_roll_that_ends_midway_stops_the_slip_and_the_next_is_whole_and_alone(tmp_path: Path) -> None:
    async with _printer(tmp_path) as (printer, wire):
        wire.paper.rows_left = 200
        with pytest.raises(PrinterNotReadyError, match="paper out"):
            await printer.print_paper("receipt", RECEIPT)
        assert wire.paper.pictures == []
        with pytest.raises(PrinterNotReadyError, match="before printing: paper out"):
            await printer.print_paper("receipt", RECEIPT)
        wire.paper.paper = "ok"
        await printer.print_paper("receipt", {**RECEIPT, "reprint": True})
        assert [_codes(picture) for picture in wire.paper.pictures] == [[RECEIPT["qr"]]]


async def test_half_a_slip_of_an_earlier_life_is_never_printed(tmp_path: Path) -> None:
    async with _printer(tmp_path) as (printer, wire):
        wire.paper.paper = "out"
        wire.paper.receive(b"".join(raster.job(Dots(576, 1, b"\xff" * 72))))
        wire.paper.cover_open, wire.paper.paper = True, "ok"
        with pytest.raises(PrinterNotReadyError):
            await printer.print_paper("receipt", RECEIPT)
        wire.paper.cover_open = False
        await printer.print_paper("receipt", RECEIPT)
        assert [_codes(picture) for picture in wire.paper.pictures] == [[RECEIPT["qr"]]]


async def test_a_cover_opened_while_it_prints_is_told_by_the_printer_itself(tmp_path: Path) -> None:
    async with _printer(tmp_path) as (printer, wire):
        printing = asyncio.create_task(printer.print_paper("receipt", RECEIPT))
        while b"\x1d\x76\x30" not in wire.sent:  # noqa: ASYNC110 - a wire sets no event
            await asyncio.sleep(0.001)
        wire.paper.cover_open = True
        with pytest.raises(PrinterNotReadyError, match="cover open"):
            await printing


async def test_silence_is_unknown_and_nothing_is_sent_into_it(tmp_path: Path) -> None:
    async with _printer(tmp_path) as (printer, wire):
        wire.deaf = True
        with pytest.raises(NoAnswerError):
            await printer.print_paper("ticket", EXAMPLES["ticket"])
        assert b"\x1d\x76\x30" not in wire.sent


async def test_facts_that_make_no_paper_leave_the_printer_alone(tmp_path: Path) -> None:
    async with _printer(tmp_path) as (printer, wire):
        with pytest.raises(LayoutRefusedError, match="missing_field: number"):
            await printer.print_paper("ticket", {key: v for key, v in EXAMPLES["ticket"].items() if key != "number"})
        assert wire.sent == b""


async def test_text_still_prints(tmp_path: Path) -> None:
    async with _printer(tmp_path) as (printer, wire):
        await printer.print_text(["检修"])
        assert wire.paper.text == "检修\n✂\n"
