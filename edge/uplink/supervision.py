"""Parts that fail alone: an error nobody expected is logged with its type, and the part starts again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)

PAUSE_MIN_S, PAUSE_MAX_S = 1.0, 30.0
# A part that ran this long was well: its next failure starts from the shortest pause.
WELL_S = 60.0


async def keep_running(name: str, run: Callable[[], Awaitable[None]], *, first_pause_s: float = PAUSE_MIN_S) -> None:
    """Run `run` again and again until cancelled, with growing pauses after failures."""
    pause = first_pause_s
    while True:
        started = asyncio.get_running_loop().time()
        try:
            await run()
        except Exception:  # the point of supervision: whatever it was, it is logged and the others go on
            log.exception("%s failed and starts again", name)
        if asyncio.get_running_loop().time() - started > WELL_S:
            pause = first_pause_s
        await asyncio.sleep(pause)
        pause = min(pause * 2, PAUSE_MAX_S)
