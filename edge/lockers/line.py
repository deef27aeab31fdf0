"""How every family of lock boards talks on its line: settings, a question and its answer, none believed alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import Field

from edge.errors import NoAnswerError, NonsenseError
from edge.lockers.coils import CoilSettings
from edge.ports import ByteLink, Door, Inside

Answer = TypeVar("Answer")
Sensor = TypeVar("Sensor")
Milliseconds = Annotated[int, Field(ge=1, le=5000)]

# A line that babbles is not searched further back; no answer is longer than this.
_HEARD_BYTES = 512


class LineSettings(CoilSettings):
    """What is set besides for every board on a shared wire."""

    baud: Annotated[int, Field(ge=1200, le=460800)] = 9600
    quiet_ms: Milliseconds = 20
    """Silence between two conversations."""
    answer_ms: Milliseconds = 800
    """How long a question waits for its answer. Most answer in 50 ms; field settings reach 1.2 s."""
    silence_ms: Milliseconds = 25
    """Silence that ends a frame: above the 16 ms latency timer of common USB serial adapters."""
    late_ms: Milliseconds = 500
    """Silence demanded after an unanswered question, so that a late answer does not pass for the next one's."""
    nonsense_limit: Annotated[int, Field(ge=2, le=100)] = 6
    """So many conversations of nonsense in a row put the bus into quarantine."""
    echo: Literal["auto", "on", "off"] = "auto"
    """Whether the adapter hears what it sends."""


class Line:
    """One board's manner on its line: how long it is listened to, and whether the line echoes."""

    def __init__(self, settings: LineSettings) -> None:
        self._settings = settings
        self._echoes = settings.echo == "on"

    @property
    def echoes(self) -> bool:
        """Whether what is sent is known to come back before the answer."""
        return self._echoes

    def learn_echo(self, echoes: bool) -> None:
        """Note what the answer to a question that cannot resemble its answer has shown about the line."""
        if self._settings.echo == "auto":
            self._echoes = echoes

    async def ask(self, link: ByteLink, request: bytes, find: Callable[[bytes], Answer | None]) -> Answer:
        """Send a request and return what `find` makes of the answer.

        Raises:
            LinkError: the wire is gone.
            NoAnswerError: silence, the request's own echo apart.
            NonsenseError: nothing that `find` takes for an answer came in time; the message holds the bytes in hex.
        """
        await link.write(request)
        return await self.listen(link, request, find)

    async def listen(self, link: ByteLink, request: bytes, find: Callable[[bytes], Answer | None]) -> Answer:
        """Judge by `find`, at every silence, what came since `request` was sent; raises as `ask` does."""
        heard = bytearray()
        deadline = _now() + self._settings.answer_ms / 1000
        while (left := deadline - _now()) > 0:
            # The first byte may take its time; after it, a short silence ends the frame.
            heard += await link.read(256, left)
            while chunk := await link.read(256, self._settings.silence_ms / 1000):
                heard += chunk
                del heard[:-_HEARD_BYTES]
                if _now() > deadline:
                    break
            if (answer := find(self._without_echo(request, heard))) is not None:
                return answer
        kind = NonsenseError if heard.removeprefix(request) else NoAnswerError
        raise kind(f"asked {request.hex(' ')}, heard {heard[:64].hex(' ') or 'silence'}")

    def _without_echo(self, request: bytes, heard: bytearray) -> bytes:
        # Exactly the bytes that were sent, and only when the line is known to echo: on "closing feedback" locks of the
        # 0x8A family the answer "not opened" looks the same.
        return bytes(heard.removeprefix(request) if self._echoes else heard)


class DoorReader(Generic[Sensor]):
    """Doors (and sensors inside) read so that no single corrupted answer is believed.

    One-byte check sums let about one in 256 badly disturbed frames pass. So a picture that differs from the last one
    is asked for again until two answers in a row agree; what they do not agree about after three is `UNKNOWN`.
    """

    def __init__(self, ask_once: Callable[[], Awaitable[Mapping[Sensor, Door | Inside]]]) -> None:
        self._ask_once = ask_once
        self._last: Mapping[Sensor, Door | Inside] = {}

    async def read(self) -> Mapping[Sensor, Door | Inside]:
        """Return what they say.

        Raises:
            LinkError, NoAnswerError: as the question raised it the second time.
        """
        picture = await self._ask()
        if picture == self._last:
            return picture
        for _ in range(2):
            before, picture = picture, await self._ask()
            if before == picture:
                break
        else:
            picture = {n: said if before.get(n) == said else type(said)("unknown") for n, said in picture.items()}
        self._last = picture
        return picture

    async def _ask(self) -> Mapping[Sensor, Door | Inside]:
        try:
            return await self._ask_once()
        except NoAnswerError:
            return await self._ask_once()


def _now() -> float:
    return asyncio.get_running_loop().time()
