"""The press seen from the agent: a worker that sets papers, started when first wanted, again when it died."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import edge
from edge.errors import LayoutRefusedError, PressError
from edge.links.messages import Decoder, Message, NoMessageError, encode
from edge.paper_ports import Dots

_MODULE = "edge.printers.layouts.worker"
_CHUNK = 1 << 16


class WorkerPress:
    """Sets one paper at a time. Facts and papers stay in memory and in the pipe."""

    def __init__(self, fonts: Path | None = None, deadline_seconds: float = 10.0) -> None:
        self._fonts, self._deadline = fonts, deadline_seconds
        self._process: asyncio.subprocess.Process | None = None
        self._decoder = Decoder()
        self._turn = asyncio.Lock()

    async def pdf(self, layout: str, facts: Mapping[str, Any], at: datetime) -> bytes:
        """Return a paper as PDF/A-2b; see `edge.paper_ports.Press`."""
        made = await self._ask(Message("pdf", {"layout": layout, "facts": dict(facts), "at": at.isoformat()}))
        return made.blobs[0]

    async def dots(self, layout: str, facts: Mapping[str, Any]) -> Dots:
        """Return a paper as dots; see `edge.paper_ports.Press`."""
        made = await self._ask(Message("dots", {"layout": layout, "facts": dict(facts)}))
        return Dots(made.facts["width"], made.facts["rows"], made.blobs[0])

    async def png(self, layout: str, facts: Mapping[str, Any], *, specimen: bool, dpi: int = 96) -> list[bytes]:
        """Return a paper's pages for a screen; see `edge.paper_ports.Press`."""
        asked = {"layout": layout, "facts": dict(facts), "specimen": specimen, "dpi": dpi}
        return list((await self._ask(Message("png", asked))).blobs)

    async def pdf_png(self, pdf: bytes, *, dpi: int = 96) -> list[bytes]:
        """Return a received PDF's pages for a screen; see `edge.paper_ports.Press`."""
        return list((await self._ask(Message("pdf_png", {"dpi": dpi}, (pdf,)))).blobs)

    async def archive_copy(self, original: bytes, facts: Mapping[str, Any], at: datetime) -> bytes:
        """Return a copy of an archive's paper under its custodian's mark; see `edge.paper_ports.Press`."""
        asked = Message("archive_copy", {"facts": dict(facts), "at": at.isoformat()}, (original,))
        return (await self._ask(asked)).blobs[0]

    async def close(self) -> None:
        """End the worker; safe to call twice."""
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await asyncio.shield(process.wait())

    async def _ask(self, question: Message) -> Message:
        async with self._turn:
            try:
                async with asyncio.timeout(self._deadline):
                    answer = await self._converse(question)
            except TimeoutError as error:
                await self.close()
                raise PressError("hung") from error
            except (NoMessageError, ConnectionError, OSError) as error:
                await self.close()
                raise PressError("gone") from error
            except asyncio.CancelledError:
                # An answer that nobody waits for would be taken for the next one.
                await self.close()
                raise
        if answer.kind == "refused":
            raise LayoutRefusedError(answer.facts["reason"], answer.facts["where"])
        return answer

    async def _converse(self, question: Message) -> Message:
        process = self._process or await self._start()
        assert process.stdin is not None and process.stdout is not None  # noqa: PT018 - both were asked for together
        process.stdin.write(encode(question))
        await process.stdin.drain()
        while True:
            data = await process.stdout.read(_CHUNK)
            if not data:
                raise NoMessageError("the worker ended")
            for message in self._decoder.feed(data):
                return message

    async def _start(self) -> asyncio.subprocess.Process:
        self._decoder = Decoder()
        root = str(Path(edge.__file__).parent.parent)
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-B", "-m", _MODULE, *([str(self._fonts)] if self._fonts else []),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, start_new_session=True,
            env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": root},
        )  # fmt: skip
        return self._process


@asynccontextmanager
async def open_press(fonts: Path | None = None) -> AsyncIterator[WorkerPress]:
    """Yield a press; its worker is dead afterwards."""
    press = WorkerPress(fonts)
    try:
        yield press
    finally:
        await press.close()
