"""When to capture by itself: something came onto the mat, lies still, and no hand reaches in. Pure: time is given.

One sheet is captured once. It counts as taken away when the mat no longer looks as it did at the capture, and is still.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Hint = Literal["empty", "hold_still", "still", "take_away", "cropped", "unsure"]
STILL_SECONDS = 0.3
# A hand that holds a page down is soon gone; what lies over the border for so long is a sheet that doesn't fit.
BORDER_SECONDS = 1.5


@dataclass(frozen=True, slots=True)
class Look:
    """One small picture, judged: is something on the mat, does it move, does it cross the border of what is seen.

    `as_captured`: it looks as at the last capture. All are False where nothing was captured or seen before.
    """

    covered: bool
    moves: bool
    crosses: bool
    as_captured: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What to tell the citizen, and whether to capture now."""

    hint: Hint
    capture: bool = False


class Watch:
    """Judges one look after the other; `failed` is told when a capture found no page after all."""

    def __init__(self, still_seconds: float = STILL_SECONDS, border_seconds: float = BORDER_SECONDS) -> None:
        self._still_seconds, self._border_seconds = still_seconds, border_seconds
        self._still_since: float | None = None
        self._captured = False
        self._verdict: Literal["cropped", "unsure"] | None = None

    def failed(self, verdict: Literal["cropped", "unsure"]) -> None:
        """The last capture gave no page: say why until the mat changes."""
        self._verdict = verdict

    def captured_by_hand(self) -> None:
        """Somebody pressed the button: what lies there now is captured."""
        self._captured, self._verdict = True, None

    def see(self, now: float, look: Look) -> Answer:
        """Take the look of `now` (seconds, never falling) into account."""
        if look.moves or not look.covered:
            self._still_since = None
        elif self._still_since is None:
            self._still_since = now
        if not look.covered:
            return self._empty(look)
        still_for = 0.0 if self._still_since is None else now - self._still_since
        if self._captured and not look.moves and look.as_captured:
            return Answer(self._verdict or "take_away")
        if look.crosses:
            return Answer("cropped" if still_for >= self._border_seconds else "hold_still")
        if self._still_since is None:
            return Answer("hold_still")
        if still_for < self._still_seconds:
            return Answer("still")
        self._captured, self._verdict = True, None
        return Answer("still", capture=True)

    def _empty(self, look: Look) -> Answer:
        # A moving shadow is not yet an empty mat.
        if not look.moves:
            self._captured, self._verdict = False, None
        return Answer("hold_still" if look.moves else "empty")
