"""How often one address may look a paper up: enough for a window with many papers, too little for trying numbers."""

from __future__ import annotations

from dataclasses import dataclass, field

AT_ONCE = 20
PER_SECOND = 0.5
MOST_ADDRESSES = 4096


@dataclass
class Patience:
    """Looks per address: a bucket that fills again. Who asked longest ago is forgotten first."""

    _seen: dict[str, tuple[float, float]] = field(default_factory=dict)

    def allows(self, address: str, now: float) -> bool:
        """Take one look of this address, if it has one left."""
        left, at = self._seen.pop(address, (float(AT_ONCE), now))
        left = min(float(AT_ONCE), left + (now - at) * PER_SECOND)
        self._seen[address] = (left - 1 if left >= 1 else left, now)
        if len(self._seen) > MOST_ADDRESSES:
            del self._seen[next(iter(self._seen))]
        return left >= 1
