"""The text of a message to a recipient, as service centres write them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from contract.ids import show_receipt_number
from hub.core.times import local


@dataclass(frozen=True)
class Wording:
    """Who signs the messages, and how each station's place is called (`place` for those without a name)."""

    signature: str = "东城政务"
    place: str = "1层24小时自助区"
    places: dict[str, str] = field(default_factory=dict)

    def pickup_code(
        self,
        *,
        station: str,
        title: str,
        code: str,
        compartment: int,
        due: datetime | None,
        second_factor: bool = False,
    ) -> str:
        """Return the message that carries a pickup code."""
        place = self.places.get(station, self.place)
        return (
            f"【{self.signature}】您办理的“{title}”已办结，请凭取件码{code}{_until(due)}"
            f"到{place}{compartment}号柜领取{'，逾期转人工窗口' if due else ''}。"
            + ("开柜时还需身份证或短信验证码。" if second_factor else "")
        )

    def one_time_code(self, *, station: str, code: str) -> str:
        """Return the message that carries a second factor; it names no item."""
        place = self.places.get(station, self.place)
        return f"【{self.signature}】验证码{code}，用于在{place}开柜取件，5分钟内有效，请勿告诉他人。"

    def reminder(self, *, station: str, compartment: int, due: datetime | None) -> str:
        """Return the message that reminds of an item; neither name nor code stands in it."""
        place = self.places.get(station, self.place)
        return (
            f"【{self.signature}】您有证件在{place}{compartment}号柜待领，请凭此前短信中的取件码{_until(due)}领取"
            f"{'，逾期转人工窗口' if due else ''}。"
        )

    def waiting_place(self, *, station: str, receipt_number: str, until: datetime) -> str:
        """Return the message that says that a compartment is free now."""
        place = self.places.get(station, self.place)
        return (
            f"【{self.signature}】您等候的柜子（收件编号{show_receipt_number(receipt_number)}）现有空柜，"
            f"请{_until(until).removeprefix('于')}到{place}交件。空柜不预留，半小时内只通知您一人。"
        )


def _until(due: datetime | None) -> str:
    if due is None:
        return ""
    at = local(due)
    minutes = f"{at.minute}分" if at.minute else ""
    return f"于{at.month}月{at.day}日{at.hour}时{minutes}前"
