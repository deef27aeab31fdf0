"""Doors and compartments: what the sensors said, and what needs a person."""

from __future__ import annotations

from collections.abc import Iterator

from contract.events import (
    CompartmentDoubtful,
    CompartmentReturned,
    CompartmentsReconciled,
    CompartmentTakenOut,
    DoorClosed,
    DoorFailed,
    DoorForced,
    DoorLeftOpen,
    DoorOpened,
    DoorServiced,
    MaintenanceDue,
)
from contract.ids import show_receipt_number
from hub.ingest.arrived import Arrived
from hub.ingest.changes import Change
from hub.ingest.handlers.rows import close_task, holds, looked_into, open_task, picture

FAULTS = {
    "not_opened": ("柜门未能打开", "the door did not open"),
    "other_door": ("打开了另一扇柜门", "another door opened"),
    "no_answer": ("锁控板无应答", "the board does not answer"),
    "sensor_stuck": ("门磁与实际不符", "its sensor does not tell the truth"),
    "flapping": ("门磁不停跳动", "its sensor flickers"),
}
DOUBTS = {
    "unconfirmed": ("未经确认", "nobody confirmed"),
    "restarted": ("办理中断电或重启", "the station restarted"),
    "forced": ("柜门被强行打开", "the door was forced"),
    "other_door": ("打开了另一扇柜门", "another door opened"),
    "nothing_inside": ("称未放入", "said to be empty"),
    "sensor_unknown": ("门磁无法判断", "the sensor does not tell"),
    "sensor_stuck": ("门磁不可信", "the sensor is not to be believed"),
    "item_missing": ("领取人称柜内没有证件", "the recipient says that the item is not inside"),
    "wrong_item": ("领取人称柜内不是自己的证件，已放回", "the recipient says that it is another's item, put back"),
}


def door_opened(event: Arrived, data: DoorOpened) -> Iterator[Change]:
    """The sensor said open."""
    yield picture(event, data.compartment, door="open")


def door_closed(event: Arrived, data: DoorClosed) -> Iterator[Change]:
    """The sensor said closed again, which also ends a complaint about an open door."""
    yield picture(event, data.compartment, door="closed")
    yield close_task(event, "left_open", data.compartment)


def door_left_open(event: Arrived, data: DoorLeftOpen) -> Iterator[Change]:
    """A prompt is for the citizen; the alarm is for staff."""
    if data.stage == "alarm":
        text = f"{data.compartment}号柜柜门未关。\nThe door of compartment {data.compartment} was left open."
        yield open_task(event, "left_open", data.compartment, text, data.compartment)


def door_forced(event: Arrived, data: DoorForced) -> Iterator[Change]:
    """A door opened for nobody."""
    yield picture(event, data.compartment, door="open")
    text = f"{data.compartment}号柜柜门无授权打开。\nThe door of compartment {data.compartment} opened without a grant."
    yield open_task(event, "forced", data.compartment, text, data.compartment)


def door_failed(event: Arrived, data: DoorFailed) -> Iterator[Change]:
    """A door did not do what was asked; a technician is needed, also at a door that moved in its place."""
    zh, en = FAULTS[data.fault]
    other = f"（{data.other}号柜）" if data.other else ""
    other_en = f" ({data.other})" if data.other else ""
    text = f"{data.compartment}号柜：{zh}{other}。\nCompartment {data.compartment}: {en}{other_en}."
    yield open_task(event, "door", data.compartment, text, data.compartment)
    if data.other:
        moved = f"{data.other}号柜柜门打开，而要开的是{data.compartment}号柜。"
        moved_en = f"The door of compartment {data.other} opened when {data.compartment} was asked."
        yield open_task(event, "door", data.other, f"{moved}\n{moved_en}", data.other)


def maintenance_due(event: Arrived, data: MaintenanceDue) -> Iterator[Change]:
    """A technician should look after lock, hinge and sensor."""
    text = (
        f"{data.compartment}号柜柜门已开 {data.openings} 次，请保养。\n"
        f"The door of compartment {data.compartment} has opened {data.openings} times: maintenance is due."
    )
    yield open_task(event, "maintenance", data.compartment, text, data.compartment)


def door_serviced(event: Arrived, data: DoorServiced) -> Iterator[Change]:
    """It was looked after."""
    yield close_task(event, "maintenance", data.compartment)


def compartment_doubtful(event: Arrived, data: CompartmentDoubtful) -> Iterator[Change]:
    """Nobody can say what lies inside until staff looked."""
    yield picture(event, data.compartment, allocation="doubtful")
    # With a case, the receipt number is of the slip that the recipient holds, not of a deposit.
    deposit = None if data.case_number else data.receipt_number
    if deposit or data.case_number:
        yield holds(event, data.compartment, receipt=deposit, case=data.case_number)
    zh, en = DOUBTS[data.reason]
    slip = show_receipt_number(data.receipt_number) if data.receipt_number and data.case_number else ""
    zh, en = (f"{zh}（凭条 {slip}）", f"{en} (slip {slip})") if slip else (zh, en)
    text = f"{data.compartment}号柜内有无物品待查：{zh}。\nLook into compartment {data.compartment}: {en}."
    yield open_task(event, "doubtful", data.compartment, text, data.compartment)


def compartment_taken_out(event: Arrived, data: CompartmentTakenOut) -> Iterator[Change]:
    """Out of service: one task, whoever did it. What the station did by itself, `door_failed` told in better words."""
    yield picture(event, data.compartment, in_service=False, reason=data.reason)
    if data.by != "station" or data.reason not in FAULTS:
        text = f"{data.compartment}号柜停用：{data.reason}。\nCompartment {data.compartment} is out: {data.reason}."
        yield open_task(event, "door", data.compartment, text, data.compartment)


def compartment_returned(event: Arrived, data: CompartmentReturned) -> Iterator[Change]:
    """Back in service, holding what the person found."""
    yield picture(event, data.compartment, in_service=True, reason=None, allocation=data.allocation)
    if data.allocation == "free":
        yield holds(event, data.compartment)
    yield close_task(event, "door", data.compartment)
    if data.allocation != "doubtful":
        yield from looked_into(event, data.compartment)


def compartments_reconciled(event: Arrived, data: CompartmentsReconciled) -> Iterator[Change]:
    """The night's list: only what is in doubt needs somebody; an empty list ends yesterday's."""
    if not data.doubtful:
        yield close_task(event, "reconciliation", "night")
        return
    listed = ", ".join(str(number) for number in data.doubtful)
    text = f"夜间核对：{listed}号柜内有无物品待查。\nNightly reconciliation: look into compartments {listed}."
    yield open_task(event, "reconciliation", "night", text)
