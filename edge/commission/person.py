"""Whoever stands at the cabinet, as the wizard sees them: at a terminal, at the kiosk's screen, or in a test."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from edge.errors import TechnicianError


class Person(Protocol):
    """Answers are free: the wizard checks every one and asks again. Texts are keys of `texts.py`, with their facts.

    A person who goes away raises `LeftError`; nothing was written then.
    """

    async def tell(self, text: str, **facts: object) -> None:
        """Say something that needs no answer."""

    async def choose(self, text: str, options: Sequence[str], **facts: object) -> str:
        """Ask for one of the options, which are keys of `texts.py` too, and return it."""

    async def ask(self, text: str, *, default: str = "", **facts: object) -> str:
        """Ask for a line of text; an empty answer is the default."""


class LeftError(TechnicianError):
    """The person left before the end; the station's file is as it was."""


class CommissioningRefusedError(TechnicianError):
    """What was seen does not say how the station is wired; `text` is a key of `texts.py`, with its facts."""

    def __init__(self, text: str, **facts: object) -> None:
        super().__init__(f"{text} {facts or ''}".strip())
        self.text, self.facts = text, facts


async def ask_number(person: Person, text: str, allowed: range, default: str = "", **facts: object) -> int:
    """Ask until the answer is a whole number of the range."""
    while True:
        answer = (await person.ask(text, default=default, **facts)).strip()
        if answer.isdecimal() and int(answer) in allowed:
            return int(answer)
        await person.tell("not_a_number", least=allowed[0], most=allowed[-1])
