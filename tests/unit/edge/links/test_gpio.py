from __future__ import annotations

import asyncio

import pytest
from gpiozero.pins.mock import MockFactory

from edge.errors import LinkError
from edge.links.gpio import GpioChip, open_pins
from tests.conformance.bench import eventually


class Pins:
    def __init__(self) -> None:
        self.factory = MockFactory()
        self.gone = asyncio.Event()
        self.closings = 0

    async def closed(self) -> None:
        await self.gone.wait()

    async def close(self) -> None:
        self.closings += 1
        self.factory.close()


class Opener:
    """Opens pins, after as many refusals as asked for."""

    def __init__(self, refusals: int = 0) -> None:
        self.refusals = refusals
        self.opened: list[Pins] = []

    async def __call__(self, _port: str) -> Pins:
        if self.refusals:
            self.refusals -= 1
            raise LinkError("no such chip")
        self.opened.append(Pins())
        return self.opened[-1]


async def test_a_chip_that_is_not_there_is_a_link_error() -> None:
    """Through the real lgpio, which the requirements of the tests bring along."""
    with pytest.raises(LinkError, match="gpiochip 99"):
        await open_pins("gpio://99")


async def test_a_missing_chip_is_tried_again() -> None:
    opener = Opener(refusals=1)
    async with GpioChip("gpio://0", opener=opener) as chip:
        with pytest.raises(LinkError, match="gpio://0: no such chip"):
            _ = chip.factory
        await eventually(lambda: bool(opener.opened))
        assert chip.factory is opener.opened[0].factory


async def test_users_are_told_before_the_pins_go() -> None:
    opener = Opener()
    seen: list[int] = []
    async with GpioChip("gpio://0", opener=opener) as chip:
        chip.before_closing(lambda: seen.append(opener.opened[-1].closings))
        first = opener.opened[0]
        first.gone.set()
        await eventually(lambda: len(opener.opened) == 2)
        assert (seen, first.closings) == ([0], 1)
        assert chip.factory is opener.opened[1].factory
    assert seen == [0, 0]
    assert opener.opened[1].closings == 1
    await chip.close()
    assert opener.opened[1].closings == 1
    with pytest.raises(LinkError, match="closed"):
        _ = chip.factory
