"""The station itself: its software, its devices, the commands and documents it answered."""

from __future__ import annotations

import json
from collections.abc import Iterator

from contract.events import (
    CommandDone,
    CommandRefused,
    ConfigApplied,
    ConfigRefused,
    DeviceFailed,
    DeviceRecovered,
    SelfTestDone,
    StationStarted,
)
from hub.db.tables import commands, documents, stations
from hub.ingest.arrived import Arrived
from hub.ingest.changes import Change, Rule
from hub.ingest.handlers.rows import close_task, open_task


def station_started(event: Arrived, data: StationStarted) -> Iterator[Change]:
    """What runs there, and which of its devices are simulated."""
    values = {"software": data.software, "simulated": json.dumps(list(data.simulated))}
    yield Change(stations, Rule.EDIT, {"station": event.station}, values)


def device_failed(event: Arrived, data: DeviceFailed) -> Iterator[Change]:
    """A device needs a technician."""
    text = f"设备故障：{data.device}（{data.fault}）。\nDevice failed: {data.device} ({data.fault})."
    yield open_task(event, "device", data.device, text)


def device_recovered(event: Arrived, data: DeviceRecovered) -> Iterator[Change]:
    """It works again."""
    yield close_task(event, "device", data.device)


def self_test_done(event: Arrived, data: SelfTestDone) -> Iterator[Change]:
    """A failed test is a device that needs a technician; a passed one is a device that works."""
    if data.passed:
        yield close_task(event, "device", data.device)
    else:
        text = f"自检未通过：{data.device}（{data.detail}）。\nSelf-test failed: {data.device} ({data.detail})."
        yield open_task(event, "device", data.device, text)


def command_done(_event: Arrived, data: CommandDone) -> Iterator[Change]:
    """The station carried it out."""
    yield Change(commands, Rule.EDIT, {"jti": str(data.jti)}, {"state": "done", "answer": data.result})


def command_refused(_event: Arrived, data: CommandRefused) -> Iterator[Change]:
    """The station refused it; what it could not read has no id."""
    if data.jti is not None:
        yield Change(commands, Rule.EDIT, {"jti": str(data.jti)}, {"state": "refused", "answer": data.reason})


def config_applied(event: Arrived, data: ConfigApplied) -> Iterator[Change]:
    """A signed document is in force there."""
    key = {"station": event.station, "kind": data.kind, "sha256": data.sha256}
    yield Change(documents, Rule.EDIT, key, {"applied": "applied", "problem": None})


def config_refused(event: Arrived, data: ConfigRefused) -> Iterator[Change]:
    """The station keeps the last good one."""
    key = {"station": event.station, "kind": data.kind, "sha256": data.sha256}
    yield Change(documents, Rule.EDIT, key, {"applied": "refused", "problem": data.reason})
