"""The plays of the world page: one at a time, in the background, with its lines on the page."""

from __future__ import annotations

import asyncio
from typing import cast

from hall.acts import faults
from hall.acts.stage import Secrets, Stage
from hall.house import House
from hall.ledger import Ledger
from hall.page.acts import ActRefusedError, Form
from hall.processes import HouseError, Tell
from hall.timeline import Timeline
from hall.visitor import PageError
from hall.world import WorldError

LEDGER = "played.jsonl"


class Plays:
    """Begins a play when the visitor asks for it; `close` ends what still plays."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._playing: asyncio.Task[None] | None = None

    def begin(self, form: Form) -> None:
        """Begin the fault of the form in its language.

        Raises:
            ActRefusedError: no such play, or another one is on.
        """
        name, language = form.get("fault", ""), form.get("language", "")
        if name not in faults.FAULTS or language not in ("zh", "en"):
            raise ActRefusedError("没有这出戏 no such play")
        if self._playing is not None and not self._playing.done():
            raise ActRefusedError("上一出还没演完 the last play is not over")
        self._playing = asyncio.create_task(self._play(name, cast("faults.Language", language)))

    async def close(self) -> None:
        """Break off what still plays; idempotent."""
        if self._playing is not None:
            self._playing.cancel()
            await asyncio.gather(self._playing, return_exceptions=True)

    async def _play(self, name: str, language: faults.Language) -> None:
        fault = faults.FAULTS[name]
        try:
            await faults.play(stage_for(self._house, self._say), name, language)
        except (HouseError, WorldError, PageError) as error:
            self._say(f"✗ {fault.zh} {fault.en}: {error}")
        else:
            self._say(f"✓ {fault.zh} {fault.en}")

    def _say(self, line: str) -> None:
        self._house.note(line.strip())


async def play_faults(house: House, write: Tell) -> bool:
    """Play every fault in both languages in a started house; True when every person saw what should be seen."""
    stage = stage_for(house, write)
    await stage.until_document("staff")
    for name, fault in faults.FAULTS.items():
        for language in ("zh", "en"):
            try:
                await faults.play(stage, name, language)
            except (HouseError, WorldError, PageError) as error:
                write(f"  ✗ {fault.zh} {fault.en} ({language}): {error}")
                return False
            write(f"  ✓ {fault.zh} {fault.en} ({language})")
    return True


def stage_for(house: House, write: Tell) -> Stage:
    """A stage for plays that need no secrets, with a ledger of its own."""
    directory = house.directory
    timeline = Timeline(directory.bytes_log, directory.now, write)
    timeline.learn_idle({board["name"] for board in directory.table()["boards"]})
    return Stage(house, Ledger(directory.path / LEDGER, directory.now), timeline, Secrets("", ""))
