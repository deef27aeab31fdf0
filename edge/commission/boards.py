"""The boards of the ports as commissioning hears them: raw answers under every reading, before any is believed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from edge.commission.person import CommissioningRefusedError
from edge.config import BoardConfig, BoardSetting
from edge.core.wiring import Pictures, Reading, Views
from edge.errors import LinkError
from edge.links.bus import SharedBus
from edge.links.wire import OpenLink, open_link
from edge.lockers.board import Question
from edge.lockers.coils import CoilPacer
from edge.lockers.commissioning import COMMISSIONABLE, Commissionable, doors, only_answer
from edge.lockers.line import Line, LineSettings
from edge.lockers.registry import check_boards, make_board
from edge.ports import Bus, Door, LockBoard

# One-byte check sums let about one in 256 badly disturbed frames pass: an answer counts once it came twice in a row.
_TRIES = 6
_LOOK_AGAIN_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a board was found, and what the station's file said of it before."""

    name: str
    port: str
    family: str
    baud: int
    address: int
    settings: Mapping[str, BoardSetting]
    profile: str | None = None

    def config(self, channels: int, reading: Reading = ()) -> BoardConfig:
        """Return the board's lines of the station file under a reading."""
        settings: dict[str, BoardSetting] = {**self.settings, "baud": self.baud, **dict(reading)}
        return BoardConfig(
            name=self.name, family=self.family, port=self.port, address=self.address, channels=channels,
            settings=settings,
        )  # fmt: skip


@dataclass(frozen=True)
class Bench:
    """One board on its open wire, asked in raw questions; coils move by its real driver only."""

    file: Path
    spot: Spot
    line: LineSettings
    bus: Bus
    pacer: CoilPacer
    unanswered: set[int] = field(default_factory=set)
    """Questions that this board never answered: where each lock is asked alone, a board has fewer than its family."""

    async def listen(self) -> None:
        """Find out which questions the board answers at all, before any door is shown."""
        for n, question in enumerate(self._questions()[self.kind.readings[0]]):
            if await self._twice(question, tries=3) is None:
                self.unanswered.add(n)

    @property
    def kind(self) -> Commissionable:
        """How boards of this family are commissioned."""
        return COMMISSIONABLE[self.spot.family]

    async def views(self) -> Views:
        """Return the doors under every reading.

        Raises:
            CommissioningRefusedError: the board does not answer twice in a row alike.
        """
        questions = self._questions()
        asked = [n for n in range(len(questions[self.kind.readings[0]])) if n not in self.unanswered]
        answers = [await self._twice(questions[self.kind.readings[0]][n]) for n in asked]
        whole = [answer for answer in answers if answer is not None]
        if len(whole) < len(answers) or not whole:
            raise CommissioningRefusedError("board_unreadable", board=self.spot.name)
        return {reading: doors([each[n] for n in asked], whole) for reading, each in questions.items()}

    async def contact(self, channel: int) -> Mapping[Reading, Door] | None:
        """Ask about one lock alone; None where the board does not answer such questions."""
        contacts = self.kind.contacts
        if contacts is None:
            return None
        frame = await self._twice(contacts.question(self.spot.address, channel), tries=3)
        return None if frame is None else {r: contacts.read(frame, dict(r)) for r in self.kind.readings}

    async def driver(self, reading: Reading) -> LockBoard:
        """Return the board's real driver over the same wire, for as many channels as the board tells of."""
        return make_board(self.file, self.spot.config(await self.covered(), reading), self.bus, self.pacer)

    async def covered(self) -> int:
        """Return how many channels the board tells of."""
        told = max(max(said, default=0) for said in (await self.views()).values())
        return min(told, self.kind.locks[-1])

    def _questions(self) -> Mapping[Reading, Sequence[Question]]:
        return {reading: tongue.questions() for reading, tongue in self.kind.tongues(self.spot.address).items()}

    async def _twice(self, question: Question, tries: int = _TRIES) -> bytes | None:
        before: bytes | None = None
        for _ in range(tries):
            now = await self._once(question)
            if now is not None and now == before:
                return now
            before = now
        return None

    async def _once(self, question: Question) -> bytes | None:
        try:
            async with self.bus.conversation(urgent=False) as link:
                return await Line(self.line).ask(link, question.request, lambda heard: only_answer(question, heard))
        except LinkError:
            return None


class Boards:
    """All boards of the ports, by name."""

    def __init__(self, benches: Sequence[Bench]) -> None:
        self.benches = {bench.spot.name: bench for bench in benches}

    async def picture(self) -> Pictures:
        """Read every board; raises as `Bench.views`."""
        return {name: await bench.views() for name, bench in self.benches.items()}

    async def changed(self, before: Pictures, within: float) -> Pictures:
        """Return the first picture that differs from `before`, read once more, or the last one after `within` seconds.

        The second look shows whether a further door is on its way.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + within
        while (now := await self.picture()) == before and loop.time() < deadline:  # noqa: ASYNC110 - boards speak only when asked
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        return now if now == before else await self.picture()


@asynccontextmanager
async def open_spots(
    file: Path, spots: Sequence[Spot], opener: Callable[[str, int], Awaitable[OpenLink]] = open_link
) -> AsyncIterator[Boards]:
    """Open every port once, at the speed at which its boards answered.

    Raises:
        ConfigError: what the station's file says of a board cannot be.
    """
    async with AsyncExitStack() as stack:
        buses: dict[str, tuple[SharedBus, CoilPacer]] = {}
        benches: list[Bench] = []
        for spot in spots:
            config = spot.config(channels=1)
            check_boards(file, [config])
            line = COMMISSIONABLE[spot.family].settings.model_validate(config.settings)
            if spot.port not in buses:
                bus = SharedBus(
                    spot.port, spot.baud, quiet=line.quiet_ms / 1000, late=line.late_ms / 1000, opener=opener
                )
                buses[spot.port] = await stack.enter_async_context(bus), CoilPacer(line)
            benches.append(Bench(file, spot, line, *buses[spot.port]))
            await benches[-1].listen()
        yield Boards(benches)
