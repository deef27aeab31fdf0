"""The person at a terminal: texts above, numbered options below, one line of answer."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import TextIO

from edge.commission.person import LeftError
from edge.commission.texts import Language, say, word


class Keyboard:
    """Lines of a terminal or pipe, waited for in the event loop; descriptor 0 unless another is given."""

    def __init__(self, descriptor: int = 0) -> None:
        self._descriptor, self._typed = descriptor, b""

    async def __call__(self) -> str:
        """Return the next line; raises LeftError at the end of the input (Ctrl-D)."""
        while b"\n" not in self._typed:
            await self._readable()
            # Not made non-blocking: the terminal's screen is the same open file, and prints would fail.
            more = os.read(self._descriptor, 4096)
            if not more:
                raise LeftError("the input ended")
            self._typed += more
        line, _, self._typed = self._typed.partition(b"\n")
        return line.decode("utf-8", "replace").strip()

    async def _readable(self) -> None:
        loop, ready = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self._descriptor, ready.set)
        try:
            await ready.wait()
        finally:
            loop.remove_reader(self._descriptor)


class Terminal:
    """A `Person` who reads on `screen` and types lines."""

    def __init__(
        self,
        language: Language = "both",
        line: Callable[[], Awaitable[str]] | None = None,
        screen: TextIO | None = None,
    ) -> None:
        self._language, self._line, self._screen = language, line or Keyboard(), screen or sys.stdout

    async def tell(self, text: str, **facts: object) -> None:
        """Print it."""
        self._print(say(text, self._language, facts))

    async def choose(self, text: str, options: Sequence[str], **facts: object) -> str:
        """Print the options with numbers in front and take one; with a single option, Enter is enough."""
        self._print(say(text, self._language, facts))
        for number, option in enumerate(options, 1):
            self._print(f"  {number}  {word(option, self._language)}")
        while True:
            answer = await self._line()
            if answer == "" and len(options) == 1:
                return options[0]
            if answer.isdecimal() and 1 <= int(answer) <= len(options):
                return options[int(answer) - 1]
            self._print(say("choose_one", self._language, {}))

    async def ask(self, text: str, *, default: str = "", **facts: object) -> str:
        """Print the question with its default in brackets and take a line."""
        self._print(say(text, self._language, facts) + (f" [{default}]" if default else ""))
        return await self._line() or default

    def _print(self, text: str) -> None:
        print(text, file=self._screen, flush=True)
