"""Papers of print orders: which job prints which order, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator

from contract.events import PaperLeft, PaperTaken, PrintDone, PrintFailed, PrintRequested, PrintUnverified, StockCounted
from hub.db.print_tables import print_jobs
from hub.db.tables import document_requests
from hub.ingest.arrived import Arrived
from hub.ingest.changes import Change, Rule
from hub.ingest.handlers.rows import close_task, open_task

_UNVERIFIED = "paper"
_LEFT = "paper_left"
_STOCK = "stock"


def print_requested(event: Arrived, data: PrintRequested) -> Iterator[Change]:
    """A station prints an order; slips have none."""
    if data.order is not None:
        values = {
            "order_id": str(data.order), "station": event.station, "blank": (data.blank or "")[:40] or None,
            "paper_sha256": data.sha256, "state": "printing", "reason": None, "at": event.when or event.received_at,
        }  # fmt: skip
        yield Change(print_jobs, Rule.PUT, {"job": str(data.job)}, values)


def print_done(event: Arrived, data: PrintDone) -> Iterator[Change]:
    """The device gave evidence; the station's list of what to print gets shorter."""
    yield _became(event, data, "printed")
    asked = {"station": event.station, "kind": "print", "asked_at": event.received_at}
    yield Change(document_requests, Rule.NEW, {"station": event.station, "kind": "print"}, asked)
    yield close_task(event, _UNVERIFIED, str(data.job))


def print_unverified(event: Arrived, data: PrintUnverified) -> Iterator[Change]:
    """Nobody knows whether a paper came out; of a slip that is no task."""
    yield _became(event, data, "unverified")
    if data.layout not in _SLIPS:
        text = "打印结果不明，请到现场核对纸张。\nNobody knows whether a paper came out: please look at the printer."
        yield open_task(event, _UNVERIFIED, str(data.job), text)


def print_failed(event: Arrived, data: PrintFailed) -> Iterator[Change]:
    """It was not printed."""
    yield _became(event, data, "failed", data.reason[:200])
    yield close_task(event, _UNVERIFIED, str(data.job))


def paper_taken(event: Arrived, data: PaperTaken) -> Iterator[Change]:
    """It is in somebody's hands."""
    yield _became(event, data, "taken")
    yield close_task(event, _LEFT, str(data.job))


def paper_left(event: Arrived, data: PaperLeft) -> Iterator[Change]:
    """A technician looks after it."""
    yield _became(event, data, "left")
    text = "有纸张无人取走，请收好并登记。\nA printed paper was left behind: please take it into safe keeping."
    yield open_task(event, _LEFT, str(data.job), text)


def stock_counted(event: Arrived, data: StockCounted) -> Iterator[Change]:
    """The night's count of blanks; one that does not add up is looked into."""
    if data.balanced:
        yield close_task(event, _STOCK, "count")
    else:
        text = "空白证件盘点不平，请到现场清点。\nThe count of blanks does not add up: please count the sheets."
        yield open_task(event, _STOCK, "count", text)


_SLIPS = frozenset({"receipt", "failure", "pickup", "ticket", "compartment_label", "test", "stock"})
_Fate = PrintDone | PrintUnverified | PrintFailed | PaperTaken | PaperLeft


def _became(event: Arrived, data: _Fate, state: str, reason: str | None = None) -> Change:
    values = {"state": state, "reason": reason, "at": event.when or event.received_at}
    return Change(print_jobs, Rule.EDIT, {"job": str(data.job)}, values)
