"""The board that is asked: everything about one board on a shared wire that does not depend on its family.

A family is a `Tongue`: the frame that unlocks a channel, the questions whose answers are the picture, and how an answer
is found among other bytes. `PolledBoard` makes a `LockBoard` of it: turns on the bus, one coil at a time, one unlock
frame and never a second, echo, silence, and no picture believed that two answers did not show.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import ClassVar, NamedTuple, TypeVar

from edge.errors import LinkError, NoAnswerError, UnknownChannelError
from edge.lockers.coils import CoilPacer
from edge.lockers.line import DoorReader, Line, LineSettings
from edge.ports import Bus, Door, Inside, LockBoard

_log = logging.getLogger(__name__)

SettingsOf = TypeVar("SettingsOf", bound=LineSettings)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: its bytes as they stood on the line, and what they say of the channels they cover."""

    frame: bytes
    doors: Mapping[int, Door]
    inside: Mapping[int, Inside] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """One status question. `find` returns the answer to it among the bytes that came, or None while there is none.

    Only a whole frame with the right check, this board's address and this question's function is an answer.
    """

    request: bytes
    find: Callable[[bytes], Answer | None]


class Tongue(ABC):
    """What one board of a family says and understands; pure, made from its codec."""

    answers_unlock: ClassVar[bool] = False
    """Whether an unlock is answered. The answer is waited for, so that it disturbs nothing, and never believed."""

    @abstractmethod
    def unlock(self, channel: int) -> bytes:
        """Return the frame that pulses one coil; `channel` is one of the board's."""

    @abstractmethod
    def questions(self) -> Sequence[Question]:
        """Return what has to be asked for a whole picture: most families need one question, some one per lock."""

    def feedback(self, channel: int, heard: bytes) -> str | None:
        """Return in words, for the log, what a whole answer to the unlock says; None while there is none."""
        return None

    def hints(self, heard: bytes) -> Sequence[tuple[int, Door]]:
        """Return the door changes that this board reports unasked among these bytes: channel and door, in order."""
        return ()


class _Sensor(NamedTuple):
    kind: type[Door | Inside]
    channel: int


class PolledBoard(LockBoard):
    """One board on a bus, whatever its family."""

    def __init__(
        self, name: str, tongue: Tongue, *, channels: range, settings: LineSettings, bus: Bus, pacer: CoilPacer
    ) -> None:
        self.name, self.channels = name, channels
        self._tongue, self._bus, self._pacer = tongue, bus, pacer
        self._line = Line(settings)
        self._readers = [DoorReader(partial(self._ask, question)) for question in tongue.questions()]
        self._inside: Mapping[int, Inside] = {}

    @property
    def inside(self) -> Mapping[int, Inside]:
        """What the last answers said about items; see `edge.ports.LockBoard`."""
        return self._inside

    @property
    def quarantine(self) -> str | None:
        """The name of the bus while unlocks on it are refused; see `edge.ports.LockBoard`."""
        return self._bus.quarantine

    def on_hint(self, told: Callable[[int, Door], None]) -> None:
        """Listen to all that the wire brings; see `edge.ports.LockBoard`."""

        def overheard(heard: bytes) -> None:
            for channel, door in self._tongue.hints(heard):
                if channel in self.channels:
                    told(channel, door)

        self._bus.overhear(overheard)

    async def unlock(self, channel: int) -> None:
        """Put exactly one unlock frame on the wire; see `edge.ports.LockBoard`."""
        if channel not in self.channels:
            raise UnknownChannelError(f"board {self.name} has no channel {channel}")
        async with self._pacer.coil(self.name, channel):
            says = await self._fire(channel)
        _log.info("board %s: unlock of channel %d: %s", self.name, channel, says)

    async def read_doors(self) -> Mapping[int, Door]:
        """Ask for all doors; see `edge.ports.LockBoard`.

        Where several questions make a picture, a board that leaves two of them without an answer is asked no further.
        """
        seen: dict[_Sensor, Door | Inside] = {}
        missed = 0
        for reader in self._readers:
            try:
                seen |= await reader.read()
            except NoAnswerError:
                missed += 1
                if not seen:
                    raise
                if missed > 1:
                    break
        self._inside = {at.channel: said for at, said in seen.items() if isinstance(said, Inside)}
        doors = {at.channel: said for at, said in seen.items() if isinstance(said, Door)}
        return {channel: doors.get(channel, Door.UNKNOWN) for channel in self.channels}

    async def _fire(self, channel: int) -> str:
        request = self._tongue.unlock(channel)
        written = False
        try:
            async with self._bus.conversation(urgent=True) as link:
                await link.write(request)
                written = True
                if not self._tongue.answers_unlock:
                    return "sent"
                return await self._line.listen(link, request, partial(self._tongue.feedback, channel))
        except LinkError as error:
            if not written:
                raise
            # Some boards never answer. The frame went out whole; the door alone tells what it did. The bus has heard of
            # the missing answer: where it looks like that to a question (CU16), a late one must not pass for it.
            return f"no answer: {error}"

    async def _ask(self, question: Question) -> Mapping[_Sensor, Door | Inside]:
        def find(heard: bytes) -> Answer | None:
            answer = question.find(heard)
            if answer is not None and not answer.frame.startswith(question.request):
                self._line.learn_echo(self._line.echoes or heard.startswith(question.request))
            return answer

        async with self._bus.conversation(urgent=False) as link:
            answer = await self._line.ask(link, question.request, find)
        doors = {_Sensor(Door, channel): door for channel, door in answer.doors.items()}
        return doors | {_Sensor(Inside, channel): said for channel, said in answer.inside.items()}


def polled(tongue: Callable[[int, range, SettingsOf], Tongue]) -> Callable[..., LockBoard]:
    """Return what the registry makes boards of this family with; `tongue` takes address, channels and settings."""

    def make(
        name: str, *, address: int, channels: range, settings: SettingsOf, bus: Bus, pacer: CoilPacer
    ) -> LockBoard:
        made = tongue(address, channels, settings)
        return PolledBoard(name, made, channels=channels, settings=settings, bus=bus, pacer=pacer)

    return make
