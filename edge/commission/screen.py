"""The person at the station's own screen: what the wizard asks becomes a page, and one answer comes back."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edge.commission.person import LeftError
from edge.services.changes import Changes

# As long as service mode lasts: nobody holds the station out of service by walking away.
IDLE_S = 600.0
_REMEMBERED = 6
LONGEST_ANSWER = 80


@dataclass(frozen=True, slots=True)
class Said:
    """A text of `texts.py` with its facts."""

    text: str
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked now; `turn` ties an answer to it. Without options a line is typed."""

    turn: int
    said: Said
    options: tuple[str, ...]
    default: str


class ScreenPerson:
    """A `Person`. `changes` tells pages to ask again; `left` is set once the person wants to go."""

    def __init__(self, idle_s: float = IDLE_S) -> None:
        self._idle_s = idle_s
        self._turn = 0
        self._answer: asyncio.Future[str] | None = None
        self.question: Question | None = None
        self.said: deque[Said] = deque(maxlen=_REMEMBERED)
        self.changes = Changes()
        self.left = asyncio.Event()

    async def tell(self, text: str, **facts: object) -> None:
        """Show it among the last things that were said."""
        self.said.append(Said(text, facts))
        self.changes.notify()

    async def choose(self, text: str, options: Sequence[str], **facts: object) -> str:
        """Show buttons and return the one that was pressed."""
        return await self._ask(Said(text, facts), tuple(options), "")

    async def ask(self, text: str, *, default: str = "", **facts: object) -> str:
        """Show a field and return what was typed into it."""
        return await self._ask(Said(text, facts), (), default) or default

    def answer(self, turn: int, given: str) -> None:
        """Take an answer; one to an older question, or that is no option, is ignored."""
        question, waiting = self.question, self._answer
        if question is None or waiting is None or waiting.done() or question.turn != turn:
            return
        if not question.options or given in question.options:
            waiting.set_result(given)

    async def _ask(self, said: Said, options: tuple[str, ...], default: str) -> str:
        self._turn += 1
        self._answer = asyncio.get_running_loop().create_future()
        self.question = Question(self._turn, said, options, default)
        self.changes.notify()
        try:
            async with asyncio.timeout(self._idle_s):
                return await self._answer
        except TimeoutError as error:
            raise LeftError("nobody answered") from error
        finally:
            self.question = None
            self.changes.notify()
