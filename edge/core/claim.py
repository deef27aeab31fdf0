"""Who may collect an item beside those who know its code: by card, by an authorised relative's card. Pure."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Claim:
    """What was said of an item's recipient when it was loaded; a later list of expected cases does not change it.

    Cards are known by their keyed hashes (`contract.ids.card_hash`). With `second_factor` neither a code nor a card
    alone opens the door.
    """

    card_hash: str | None = None
    collectors: tuple[str, ...] = ()
    second_factor: bool = False

    def whose(self, card_hash: str) -> Literal["card", "relative"] | None:
        """Say whose card this is, if it may collect; every hash is compared, each in constant time."""
        own = self.card_hash is not None and hmac.compare_digest(card_hash, self.card_hash)
        others = [hmac.compare_digest(card_hash, each) for each in self.collectors]
        return "card" if own else "relative" if any(others) else None
