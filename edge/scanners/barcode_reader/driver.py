"""`BarcodeReader` on a serial line: readers that send by themselves, and two families that are told when to look."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from edge.errors import LinkError, NoAnswerError, NonsenseError
from edge.ports import Bus, ByteLink
from edge.scanners.barcode_reader import codec
from edge.scanners.barcode_reader.codec import CodeParser, decode

_WAKE_SECONDS = 0.05
_ANSWER_SECONDS, _TRIES = 0.5, 2
_CHUNK = 4096


class Settings(BaseModel):
    """What is set per reader."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    baud: Annotated[int, Field(ge=1200, le=460800)] = 9600
    idle_ms: Annotated[int, Field(ge=5, le=2000)] = 40
    """Silence that ends a code without CR or LF."""
    trigger: Literal["command", "none"] = "command"
    """`none`: the reader looks by itself all the time, and is told nothing."""
    again_seconds: Annotated[float, Field(ge=0.5, le=60)] = 4.0
    """A reader that is told to look gives up by itself; it is told again so often."""


@dataclass(frozen=True, slots=True)
class Tongue:
    """How a family is told to look and to stop, what it answers, and how one asks whether it is there (if one can)."""

    start: bytes = b""
    stop: bytes = b""
    wake: bytes = b""
    answers: tuple[bytes, ...] = ()
    ask: bytes = b""
    answered: Callable[[bytes], bool] = bool


TONGUES = {
    "plain": Tongue(),
    "gm65": Tongue(
        codec.GM65_START,
        codec.GM65_STOP,
        answers=(codec.gm65_ack(),),
        ask=codec.GM65_ASK_BAUD,
        answered=codec.is_gm65_answer,
    ),
    "gm72": Tongue(
        codec.SSI_START,
        codec.SSI_STOP,
        codec.SSI_WAKE,
        (codec.SSI_ACK,),
        ask=codec.SSI_STOP,
        answered=lambda heard: codec.SSI_ACK in heard,
    ),
}


class SerialCodeReader:
    """One reader on its own wire; between two waits it neither shines nor is listened to."""

    def __init__(self, name: str, tongue: Tongue, settings: Settings, bus: Bus) -> None:
        self.name = name
        self._settings, self._bus = settings, bus
        self._family = tongue
        self._tongue = tongue if settings.trigger == "command" else Tongue(answers=tongue.answers)
        self._waited_for = False

    async def wait_for_code(self, deadline: float) -> str | None:
        """Return the next code; see `edge.ports.BarcodeReader`."""
        self._waited_for = True
        try:
            return await self._wait_for_code(_now() + deadline)
        finally:
            self._waited_for = False

    async def check(self) -> None:
        """Ask a question of the family, twice on a poor line; see `edge.ports.BarcodeReader`."""
        if self._waited_for:
            return
        heard = b""
        async with self._bus.conversation(urgent=False) as link:
            for _ in range(_TRIES if self._family.ask else 0):
                heard += await self._asked(link)
                if self._family.answered(heard):
                    return
        if self._family.ask:
            raise (NonsenseError if heard else NoAnswerError)(f"{self.name}: no answer to a question")

    async def _asked(self, link: ByteLink) -> bytes:
        await self._wake(link)
        await link.write(self._family.ask)
        heard, give_up = b"", _now() + _ANSWER_SECONDS
        while (left := give_up - _now()) > 0 and not self._family.answered(heard):
            heard += await link.read(_CHUNK, left)
        return heard

    async def _wait_for_code(self, give_up: float) -> str | None:
        # Taking the wire throws away what came before, and waits until it is silent: half a code is no code.
        async with self._bus.conversation(urgent=False) as link, self._looking(link):
            parser, told_at = CodeParser(self._tongue.answers), _now()
            while (left := give_up - _now()) > 0 or parser.begun:
                again = told_at + self._settings.again_seconds - _now() if self._tongue.start else left
                wait = self._settings.idle_ms / 1000 if parser.begun else max(0.0, min(left, again))
                data = await link.read(_CHUNK, wait)
                ended = parser.feed(data) if data else parser.silence()
                if text := next(filter(None, map(decode, ended)), None):
                    return text
                if self._tongue.start and _now() >= told_at + self._settings.again_seconds:
                    await self._start(link)
                    told_at = _now()
        return None

    @asynccontextmanager
    async def _looking(self, link: ByteLink) -> AsyncIterator[None]:
        await self._start(link)
        try:
            yield
        finally:
            with contextlib.suppress(LinkError):
                if self._tongue.stop:
                    await link.write(self._tongue.stop)

    async def _start(self, link: ByteLink) -> None:
        if self._tongue.start:
            await self._wake(link)
            await link.write(self._tongue.start)

    async def _wake(self, link: ByteLink) -> None:
        if self._family.wake:
            await link.write(self._family.wake)
            await asyncio.sleep(_WAKE_SECONDS)


def _now() -> float:
    return asyncio.get_running_loop().time()
