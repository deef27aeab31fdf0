"""What other programs say to ours: workers, network cameras, virus scanners, stations that upload, and lists."""

from __future__ import annotations

import asyncio
import queue
import socket
import tempfile
import threading
from functools import cache
from pathlib import Path

from pydantic import ValidationError
from starlette.requests import Request

from contract.manifest import Manifest
from edge.errors import FileRefusedError
from edge.links.messages import Decoder, Message, NoMessageError, encode
from edge.ports import Check, Page
from edge.scanners.barcode_reader import codec as codes
from edge.scanners.document_camera.source import SourceGoneError
from edge.scanners.document_camera.source_mjpeg import LONGEST_FRAME, MjpegSource
from edge.scanners.document_camera.worker_codec import pages_from_parts, pages_to_parts
from edge.scanners.intake.clamd import scan
from hub.api.uploads import _metadata, _number
from tests.fuzz.runner import Entry

_PAGE = Page(b"jpeg", b"small", 210_000, 297_000, 200, 150, "a4", (Check("blur", 0.1, 0.2, passed=True),), ("code",))
_TOO_LONG = 4096


def _a_page() -> bytes:
    facts, blobs = pages_to_parts([_PAGE, _PAGE])
    return encode(Message("capture", {"verdict": "found", "pages": facts}, blobs))


def _messages(data: bytes) -> None:
    for message in Decoder().feed(data):
        assert sum(map(len, message.blobs)) <= len(data)
        pages = message.facts.get("pages", [])
        if isinstance(pages, list):
            pages_from_parts(pages, message.blobs)


class _Camera:
    """Answers each connection with the next input, whole, and hangs up."""

    def __init__(self) -> None:
        self._inputs: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}/"
        threading.Thread(target=self._serve, daemon=True).start()

    def say(self, data: bytes) -> None:
        self._inputs.put(data)

    def _serve(self) -> None:
        while True:
            client, _ = self._listening.accept()
            with client:
                client.recv(4096)
                client.sendall(self._inputs.get())


@cache
def _camera() -> _Camera:
    return _Camera()


def _mjpeg(data: bytes) -> None:
    _camera().say(data)
    source = MjpegSource(_camera().url, 1.0)
    try:
        for _ in range(3):
            assert len(source.newest().jpeg) <= LONGEST_FRAME
    finally:
        source.close()


class _Scanner:
    """A virus scanner on a socket of its own, which answers what it is told to."""

    def __init__(self) -> None:
        self.runner, self.answer = asyncio.Runner(), b""
        self._folder = tempfile.TemporaryDirectory()
        self.path = Path(self._folder.name) / "clamd"
        self.runner.run(self._listen())

    async def _listen(self) -> None:
        self._server = await asyncio.start_unix_server(self._talk, self.path)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\0\0\0\0")
        writer.write(self.answer)
        writer.close()


@cache
def _scanner() -> _Scanner:
    return _Scanner()


def _clamd(data: bytes) -> None:
    scanner = _scanner()
    scanner.answer = data
    scanner.runner.run(scan(scanner.path, b"x" * 16, 1.0))
    assert data.startswith(b"stream: OK\0"), "passed without the scanner's word"


def _tus(data: bytes) -> None:
    lines = data.split(b"\n")
    headers = [(b"upload-length", lines[0]), (b"upload-offset", lines[-1]), (b"upload-metadata", data)]
    request = Request({"type": "http", "headers": headers})
    for name in ("upload-length", "upload-offset"):
        number = _number(request, name)
        assert number is None or number >= 0
    for key, value in _metadata(request.headers["upload-metadata"]).items():
        assert value.isascii()
        assert " " not in key


def _manifest(data: bytes) -> None:
    found = Manifest.model_validate_json(data)
    assert Manifest.model_validate_json(found.to_bytes()) == found


def _gm65(data: bytes) -> None:
    if codes.is_gm65_answer(data):
        heads = [at for at in range(len(data)) if data.startswith(b"\x02\x00", at)]
        assert any(len(data) - at >= data[at + 3] + 6 for at in heads if at + 3 < len(data))


_FRAME = b"--shot\r\nContent-Type: image/jpeg\r\nContent-Length: 5\r\n\r\n\xff\xd8abc\r\n"
_LIST = Path(__file__).parents[2] / "contract" / "examples" / "manifest_body.json"
ENTRIES = [
    Entry(
        "worker messages",
        _messages,
        [_a_page(), encode(Message("gone", {"reason": "hung"})), encode(Message("x", {}, (b"a", b"")))],
        (NoMessageError,),
    ),
    Entry(
        "motion jpeg",
        _mjpeg,
        [
            b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=shot\r\n\r\n" + _FRAME * 3,
            b"HTTP/1.1 404 Not Found\r\n\r\n",
            b"HTTP/1.0 200 OK\r\n\r\n--shot\r\nContent-Length: 99999999999\r\n\r\n",
        ],
        (SourceGoneError,),
    ),
    Entry(
        "clamd answers",
        _clamd,
        [b"stream: OK\0", b"stream: Eicar-Test FOUND\0", b"INSTREAM size limit exceeded. ERROR\0", b"x" * _TOO_LONG],
        (FileRefusedError,),
    ),
    Entry(
        "tus headers",
        _tus,
        [b"52428800", b"0\nsha256 YWJj,media_type YXBwbGljYXRpb24vcGRm\n17", b"-1\n" + b"9" * 400, b"a b,c d e"],
    ),
    Entry("manifests", _manifest, [_LIST.read_bytes(), b"{}", b"[" * 5000], (ValidationError,)),
    Entry("gm65 answers", _gm65, [codes.gm65_ack(), codes.gm65_ack(b"\x39\x01"), codes.SSI_ACK]),
]
