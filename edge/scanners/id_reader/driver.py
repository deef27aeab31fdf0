"""`IdReader` over SDT frames: find, select, read, in this order, and a card that stays on the reader counts once.

The wire is taken for each question while nobody's card is there, and for one whole reading when one was found. Nothing
that a card says is logged, kept longer than the caller keeps it, or put into an error's text.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import secrets
from collections.abc import Mapping
from typing import Annotated, Protocol

from pydantic import BaseModel, ConfigDict, Field

from contract.citizen_numbers import PersonKind
from edge.errors import CardTold, CardUnreadableError, LinkError, NoAnswerError, NonsenseError, ReaderFailedError
from edge.ports import Bus, ByteLink, IdCard
from edge.scanners.id_reader import codec
from edge.scanners.id_reader.cards import CardDataError, id_card, read_text
from edge.scanners.id_reader.codec import FrameError, Reply, ReplyParser, Status

_log = logging.getLogger(__name__)

_CHUNK = 4096
_UNREADABLE = b"unreadable"
_COMPARE_SECONDS, _AGAIN_SECONDS = 1.0, 0.4
_UNHEARD_LIMIT = 3
Flag = Annotated[str, Field(min_length=1, max_length=1)]

# What each refusal means for the person; what is not here is the reader's or the line's own affair.
_TOLD: dict[int, CardTold] = {
    Status.FIND_FAILED: "card_again",
    Status.SELECT_FAILED: "card_again",
    Status.READ_FAILED: "card_again",
    Status.RANDOM_FAILED: "card_again",
    Status.NO_CONTENT: "card_again",
    Status.WRONG_CARD: "card_other_kind",
    Status.CARD_NOT_BELIEVED: "card_window",
    Status.READER_NOT_BELIEVED: "card_window",
    Status.INFORMATION_WRONG: "card_window",
}
_MISHEARD = frozenset({Status.HOST_CHECKSUM, Status.HOST_LENGTH, Status.HOST_COMMAND, Status.UNCLEAR})
_OUT_OF_ORDER = frozenset({Status.SELF_TEST_FAILED, Status.NOT_AUTHORISED})


class Settings(BaseModel):
    """What is set per reader. The three flags are the letters by which cards name their kind."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    baud: Annotated[int, Field(ge=9600, le=115200)] = 115200
    poll_ms: Annotated[int, Field(ge=50, le=2000)] = 200
    """Pause between two questions for a card."""
    answer_ms: Annotated[int, Field(ge=50, le=10000)] = 1000
    read_ms: Annotated[int, Field(ge=50, le=20000)] = 3000
    """How long the reply to a reading may take until it begins."""
    body_ms: Annotated[int, Field(ge=50, le=20000)] = 2000
    """How long a reply that has begun may take until it is whole."""
    lifted_polls: Annotated[int, Field(ge=1, le=50)] = 3
    """A card is gone when so many questions in a row found none: some readers miss a card that lies still."""
    left_seconds: Annotated[float, Field(ge=0, le=600)] = 60.0
    """How long a card that was read is watched, so that it is known when it is taken away."""
    flag_hmt: Flag = "J"
    flag_foreign_2017: Flag = "I"
    flag_foreign_2023: Flag = "Y"

    @property
    def flags(self) -> Mapping[str, PersonKind]:
        """Letter -> kind of card; a citizen's has none."""
        return {
            "": "citizen",
            self.flag_hmt: "hmt_resident",
            self.flag_foreign_2017: "foreign_2017",
            self.flag_foreign_2023: "foreign_2023",
        }


class PhotoDecoder(Protocol):
    """Makes a picture of a card's photo block, by a library that its vendor licenses; none is part of this package."""

    def __call__(self, block: bytes) -> bytes:
        """Return 102 x 126 pixels of three bytes; raises `ValueError` when the block cannot be decoded."""


class SdtReader:
    """One reader on its own wire. `close` ends the watch for a card that was left."""

    def __init__(self, name: str, settings: Settings, bus: Bus, decode: PhotoDecoder | None = None) -> None:
        self.name = name
        self._settings, self._bus, self._decode = settings, bus, decode
        self._salt = secrets.token_bytes(16)
        # Of the card that lies there and counted already: a keyed hash of its number, `_UNREADABLE`, or nothing.
        self._served = b""
        self._missed = self._unheard = 0
        self._compare_at = 0.0
        self._watch: asyncio.Task[None] | None = None

    async def wait_for_card(self, deadline: float) -> IdCard | None:
        """Return a card that is put on the reader; see `edge.ports.IdReader`."""
        await self.close()
        give_up = _now() + deadline
        try:
            while (card := await self._look_on_a_poor_line()) is None:
                if _now() + self._settings.poll_ms / 1000 > give_up:
                    return None
                await asyncio.sleep(self._settings.poll_ms / 1000)
            return card
        finally:
            if self._served:
                self._watch = asyncio.create_task(self._watch_left(), name=f"{self.name}: card left")

    async def check(self) -> None:
        """Ask the security module for its state; see `edge.ports.IdReader`."""
        async with self._bus.conversation(urgent=False) as link:
            status = (await self._plain_answer(link, codec.SAM_STATUS, self._settings.answer_ms)).status
        if status in _OUT_OF_ORDER:
            raise ReaderFailedError("sam_failed" if status == Status.SELF_TEST_FAILED else "sam_refused")
        if status != Status.OK:
            raise NonsenseError(f"{self.name}: answers {status:02x} when asked for its state")

    async def close(self) -> None:
        """Stop watching for a card that was left; idempotent."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait({self._watch})
            self._watch = None

    def portrait(self, card: IdCard) -> bytes | None:
        """Return the card's photo as pixels, None without a decoder or when it cannot be decoded."""
        if self._decode is None or not card.photo:
            return None
        with contextlib.suppress(ValueError):
            return self._decode(card.photo)
        return None

    # One look

    async def _look_on_a_poor_line(self) -> IdCard | None:
        """Look; a question that got no answer twice counts as no card, unless that happens again and again."""
        try:
            card = await self._look()
        except NoAnswerError:
            self._unheard += 1
            if self._unheard >= _UNHEARD_LIMIT:
                self._unheard = 0
                raise
            return None
        self._unheard = 0
        return card

    async def _look(self) -> IdCard | None:
        async with self._bus.conversation(urgent=False) as link:
            if not await self._find(link):
                return None
            # One that lies there already is read again now and then: somebody may have changed it quickly.
            if self._served and _now() < self._compare_at:
                return None
            self._compare_at = _now() + (_AGAIN_SECONDS if self._served == _UNREADABLE else _COMPARE_SECONDS)
            try:
                card = await self._read(link)
            except CardUnreadableError:
                if self._served:
                    return None
                self._served = _UNREADABLE
                raise
        known = hashlib.blake2b(card.citizen_number.encode(), key=self._salt).digest()
        if known == self._served:
            return None
        self._served = known
        return card

    async def _find(self, link: ByteLink) -> bool:
        found = (await self._answer(link, codec.FIND, self._settings.answer_ms)).status == Status.FOUND
        self._missed = 0 if found else self._missed + 1
        if self._missed >= self._settings.lifted_polls:
            self._served = b""
        return found

    async def _read(self, link: ByteLink) -> IdCard:
        """Select and read a card that was found, once more from the beginning if that fails.

        Raises:
            CardUnreadableError: it is gone, or says what cannot be, or is none of ours.
        """
        told = await self._try(link)
        if isinstance(told, str):
            # The order is fixed: a reader that was disturbed wants to find the card again first.
            if not await self._find(link):
                raise CardUnreadableError("card_again")
            told = await self._try(link)
        if isinstance(told, str):
            raise CardUnreadableError(told)
        return told

    async def _try(self, link: ByteLink) -> IdCard | CardTold:
        """Return the card, or the key of what the person should do."""
        selected = await self._answer(link, codec.SELECT, self._settings.answer_ms)
        if selected.status != Status.OK:
            return _told(selected)
        try:
            reply = await self._ask(link, codec.READ, self._settings.read_ms)
        except NoAnswerError:
            # A reader that lost its card in the middle may say nothing; whether it is gone itself, `_find` will tell.
            return "card_again"
        if reply.status != Status.OK:
            return _told(reply)
        try:
            blocks = codec.card_blocks(reply.data)
            return id_card(read_text(blocks.text, self._settings.flags), blocks.photo)
        except (FrameError, CardDataError) as error:
            _log.info("%s: %s", self.name, error)
            return "card_again"

    # One question

    async def _answer(self, link: ByteLink, request: bytes, wait_ms: int) -> Reply:
        """Ask as `_plain_answer`.

        Raises:
            LinkError: as there, or the reader's own module is out of order.
        """
        return self._in_order(await self._plain_answer(link, request, wait_ms))

    async def _plain_answer(self, link: ByteLink, request: bytes, wait_ms: int) -> Reply:
        """Ask, and once more if the line swallowed question or answer.

        Raises:
            LinkError: silence or nonsense twice.
        """
        try:
            reply = await self._ask(link, request, wait_ms)
            if reply.status not in _MISHEARD:
                return reply
        except NoAnswerError:
            await link.discard_input()
        return await self._ask(link, request, wait_ms)

    def _in_order(self, reply: Reply) -> Reply:
        if reply.status in _OUT_OF_ORDER:
            raise LinkError(f"{self.name}: its security module says {reply.status:02x}")
        return reply

    async def _ask(self, link: ByteLink, request: bytes, wait_ms: int) -> Reply:
        """Ask once; a reply that has begun in time may take longer to end."""
        parser, heard, begun = ReplyParser(), False, False
        await link.write(request)
        deadline = _now() + wait_ms / 1000
        while (left := deadline - _now()) > 0:
            data = await link.read(_CHUNK, left)
            heard = heard or bool(data)
            if replies := parser.feed(data):
                return replies[-1]
            if parser.waits and not begun:
                begun, deadline = True, _now() + self._settings.body_ms / 1000
        if replies := parser.give_up():
            return replies[-1]
        raise (NonsenseError if heard else NoAnswerError)(f"{self.name}: {'no reply' if heard else 'silence'}")

    # A card that was left

    async def _watch_left(self) -> None:
        """Ask now and then whether the card was taken away, so that it counts when it comes back."""
        give_up = _now() + self._settings.left_seconds
        with contextlib.suppress(LinkError):
            while self._served and _now() < give_up:
                await asyncio.sleep(self._settings.poll_ms / 1000)
                async with self._bus.conversation(urgent=False) as link:
                    await self._find(link)


def _told(reply: Reply) -> CardTold:
    return _TOLD.get(reply.status, "card_again")


def _now() -> float:
    return asyncio.get_running_loop().time()
