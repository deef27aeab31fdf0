"""The text of a message to a recipient, as service centres write them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from hub.core.times import local


@dataclass(frozen=True)
class Wording:
    """Who signs the messages, and how each station's place is called (`place` for those without a name)."""

    signature: str = "东城政务"
    place: str = "1层24小时自助区"
    places: dict[str, str] = field(default_factory=dict)

    def pickup_code(self, *, station: str, title: str, code: str, compartment: int, due: datetime | None) -> str:
        """Return the message that carries a pickup code."""
        place = self.places.get(station, self.place)
        return (
            f"【{self.signature}】您办理的“{title}”已办结，请凭取件码{code}{_until(due)}"
            f"到{place}{compartment}号柜领取{'，逾期转人工窗口' if due else ''}。"
        )


def _until(due: datetime | None) -> str:
    if due is None:
        return ""
    at = local(due)
    minutes = f"{at.minute}分" if at.minute else ""
    return f"于{at.month}月{at.day}日{at.hour}时{minutes}前"
