"""Which handler projects which type. Every type of the contract stands here, also those that change no picture."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from hub.ingest.arrived import Arrived
from hub.ingest.changes import Change
from hub.ingest.handlers import deposits, doors, items, papers, station, submissions, trolleys

Handler = Callable[[Arrived, Any], Iterable[Change]]


def nothing(_event: Arrived, _data: object) -> Iterable[Change]:
    """A record for timelines; no picture changes."""
    return ()


HANDLERS: dict[str, Handler] = {
    "station_started": station.station_started,
    "session_started": nothing,
    "session_ended": nothing,
    "submission_made": submissions.submission_made,
    "deposit_made": deposits.deposit_made,
    "deposit_abandoned": deposits.deposit_abandoned,
    "deposit_cleared": deposits.deposit_cleared,
    "deposit_turned_away": nothing,
    "waiting_joined": deposits.waiting_joined,
    "trolley_finished": trolleys.trolley_finished,
    "item_loaded": items.item_loaded,
    "item_collected": items.item_collected,
    "item_expired": items.item_expired,
    "item_extended": items.item_extended,
    "item_cleared": items.item_cleared,
    "item_withdrawn": items.item_withdrawn,
    "code_reissued": items.code_reissued,
    "one_time_code_issued": items.one_time_code_issued,
    "door_opened": doors.door_opened,
    "door_closed": doors.door_closed,
    "door_left_open": doors.door_left_open,
    "door_forced": doors.door_forced,
    "door_failed": doors.door_failed,
    "maintenance_due": doors.maintenance_due,
    "door_serviced": doors.door_serviced,
    "compartment_doubtful": doors.compartment_doubtful,
    "compartment_taken_out": doors.compartment_taken_out,
    "compartment_returned": doors.compartment_returned,
    "compartments_reconciled": doors.compartments_reconciled,
    "emergency_release_granted": nothing,
    "pickup_refused": items.pickup_refused,
    "document_captured": submissions.document_captured,
    "usb_imported": submissions.usb_imported,
    "usb_refused": nothing,
    "identity_read": submissions.identity_read,
    "print_requested": papers.print_requested,
    "paper_taken": papers.paper_taken,
    "paper_left": papers.paper_left,
    "print_done": papers.print_done,
    "print_unverified": papers.print_unverified,
    "print_failed": papers.print_failed,
    "blank_voided": nothing,
    "stock_loaded": nothing,
    "stock_received": nothing,
    "stock_unloaded": nothing,
    "blank_inspected": nothing,
    "blanks_destroyed": nothing,
    "stock_counted": papers.stock_counted,
    "rating_given": nothing,
    "device_failed": station.device_failed,
    "device_recovered": station.device_recovered,
    "self_test_done": station.self_test_done,
    "command_done": station.command_done,
    "command_refused": station.command_refused,
    "config_applied": station.config_applied,
    "config_refused": station.config_refused,
}
