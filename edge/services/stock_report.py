"""The count of blanks: for the page, the night's event and the paper that staff sign.

What was received is kept apart from the sheets (table `stock_ranges`), so that a sheet that is lost from the store is
missed here and not merely absent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from contract.events import CountedStock, StockCounted
from edge.core import stock
from edge.core.stock import Ledger, Place
from edge.services.slip_texts import COLUMNS
from edge.store.unit_of_work import Transaction

KIND_NAMES: Mapping[str, tuple[str, str]] = {
    "licence_original": ("营业执照正本", "Business licence, original"),
    "licence_copy": ("营业执照副本", "Business licence, duplicate"),
}
"""Kinds of stock that have words; another kind is called as the station file calls it."""
_RULE = "-" * COLUMNS
_SIGN = ("经办人/Staff 1: ______________", "", "监督人/Staff 2: ______________")


def counted(ledger: Ledger, received: Mapping[str, int]) -> tuple[CountedStock, ...]:
    """Count every kind that was received or is here."""
    waiting = Counter(blank.kind for blank in ledger.values() if blank.place is Place.TO_INSPECT)
    kinds = sorted({*received, *(blank.kind for blank in ledger.values())})
    return tuple(_counted(ledger, kind, received.get(kind, 0), waiting[kind]) for kind in kinds)


def is_balanced(kind: CountedStock) -> bool:
    """Whether no sheet of a kind is missing, and none is here that nobody received."""
    return kind.received == kind.in_store + kind.in_tray + kind.printed + kind.voided


def tell_count(tx: Transaction) -> None:
    """Emit the night's count; of a station without blanks none."""
    kinds = counted(tx.blanks(), tx.received_blanks())
    if kinds:
        tx.emit(StockCounted(kinds=kinds, balanced=all(is_balanced(each) for each in kinds)))


def count_lines(names: tuple[str, str], at: datetime, kinds: Sequence[CountedStock]) -> list[str]:
    """Return the count as a slip."""
    lines = [*names, "空白证照盘点 STOCK COUNT", f"{at:%Y-%m-%d %H:%M}"]
    for each in kinds:
        lines += [_RULE, *_named(each.kind)]
        lines += [
            f"收入 received   {each.received:>8}",
            f"库存 in store   {each.in_store:>8}",
            f"纸盒 in tray    {each.in_tray:>8}",
            f" 待查 to inspect {each.to_inspect:>7}",
            f"打印 printed    {each.printed:>8}",
            f"作废 voided     {each.voided:>8}",
            f" 已销毁 destroyed {each.destroyed:>6}",
            "平 BALANCED" if is_balanced(each) else "*** 不平 NOT BALANCED ***",
        ]
    return [*lines, _RULE, *_SIGN]


def list_lines(names: tuple[str, str], at: datetime, numbers: Sequence[str]) -> list[str]:
    """Return the list by which void sheets are destroyed, to be signed by two."""
    title = ["作废证照销毁清单", "VOID BLANKS TO BE DESTROYED", f"{at:%Y-%m-%d %H:%M}"]
    listed = [f"{at:>3}. {number}" for at, number in enumerate(numbers, 1)]
    return [*names, *title, _RULE, *listed, _RULE, f"共 total: {len(numbers)}", "", *_SIGN]


def _counted(ledger: Ledger, kind: str, received: int, to_inspect: int) -> CountedStock:
    count = stock.count(ledger, kind)
    return CountedStock(
        kind=kind,
        received=received,
        in_store=count.in_store,
        in_tray=count.in_tray,
        to_inspect=to_inspect,
        printed=count.printed,
        voided=count.voided,
        destroyed=count.destroyed,
    )


def _named(kind: str) -> tuple[str, ...]:
    return KIND_NAMES.get(kind, (kind,))
