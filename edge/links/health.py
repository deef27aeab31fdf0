"""Whether the answers on a wire can still be believed: a run of nonsense puts it into quarantine. Pure."""

from __future__ import annotations


class BusHealth:
    """Counts bad conversations in a row; silence is neither good nor bad, because a dead board must not stop others.

    In quarantine questions only are asked, and one good answer ends it.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._bad = 0
        self.quarantined = False

    def good(self) -> bool:
        """Note a question that was answered; return whether that ended the quarantine."""
        ended, self.quarantined, self._bad = self.quarantined, False, 0
        return ended

    def bad(self) -> bool:
        """Note nonsense; return whether the wire must be closed and opened afresh now."""
        self._bad += 1
        if self._bad < self._limit:
            return False
        self.quarantined, self._bad = True, 0
        return True
