"""Looks at hostile drives as a station does: the port that its file names, its driver, a worker of its own for each.

The same lines in and out as `drive_one`. `peak` is of the largest of the worker and its children, which
begin as copies of this process.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from typing import Any

from edge.errors import DriveGoneError, FileRefusedError
from edge.ports import DriveFile, DriveLook, UsbDrive
from edge.scanner_sections import UsbDriveConfig
from edge.scanners.registry import open_usb_drive
from tests.hostile.second_look import harm


async def main() -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        async with open_usb_drive(UsbDriveConfig(port=asked["image"])) as port:
            answer = await _look(port, asked["only"])
        answer["peak"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
        print(json.dumps(answer), flush=True)


async def _look(port: UsbDrive, only: list[str] | None) -> dict[str, Any]:
    began = time.perf_counter()
    look = await _settled(port)
    answer: dict[str, Any] = {"kind": look.state, "reason": look.reason, "skipped": look.skipped, "files": {}}
    answer["list_ms"] = _since(began)
    answer["offered"] = [_path(each) for each in look.files]
    for each in look.files:
        if only is None or _path(each) in only:
            answer["files"].setdefault(_path(each), []).append(await _fetch(port, each.key))
    return answer


async def _settled(port: UsbDrive) -> DriveLook:
    """Return the first look that is none of waiting; a station begins with a port that has nothing in it."""
    look = await port.look(0)
    while look.state in {"absent", "reading"}:
        look = await port.look(look.number)
    return look


async def _fetch(port: UsbDrive, key: int) -> dict[str, Any]:
    began, left, verdict = time.perf_counter(), list[str](), "clean"
    try:
        kept = await port.fetch(key)
        left = harm(kept.content, kept.media_type)
    except FileRefusedError as refused:
        verdict = refused.reason
    except DriveGoneError:
        verdict = "gone"
    return {"verdict": verdict, "ms": _since(began), "left": left}


def _path(file: DriveFile) -> str:
    return f"{file.folder}/{file.name}".strip("/")


def _since(began: float) -> float:
    return round(1000 * (time.perf_counter() - began), 1)


if __name__ == "__main__":
    asyncio.run(main())
