"""Trolleys of issued items: what did not go as planned is for a person to see to."""

from __future__ import annotations

from collections.abc import Iterator

from contract.events import TrolleyFinished
from contract.ids import show_receipt_number
from hub.ingest.arrived import Arrived
from hub.ingest.changes import Change
from hub.ingest.handlers.rows import open_task

_LISTS = {
    "doubtful": ("是否在柜内待查", "uncertain"),
    "door_failed": ("柜门未开", "door failed"),
    "not_put_in": ("没有放入", "not put in"),
    "left_over": ("没有合适空柜", "no compartment fits"),
    "not_scanned": ("车上没有", "not on the trolley"),
}


def trolley_finished(event: Arrived, data: TrolleyFinished) -> Iterator[Change]:
    """Items that lie where they were planned need nobody; moved ones are known by their own events."""
    zh, en = [], []
    for name, (chinese, english) in _LISTS.items():
        cases: tuple[str, ...] = getattr(data, name)
        if cases:
            zh.append(f"{chinese}：{'、'.join(cases)}")
            en.append(f"{english}: {', '.join(cases)}")
    if zh:
        number = show_receipt_number(data.receipt_number)
        text = f"装车 {number} 有差异。{'；'.join(zh)}\nTrolley {number} has discrepancies. {'; '.join(en)}"
        yield open_task(event, "trolley", data.receipt_number, text)
