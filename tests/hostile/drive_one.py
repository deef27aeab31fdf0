"""Looks at hostile drives one after the other, in one process: the worker's own jobs, in children with its limits.

A line of standard input is JSON: the image, and which files to fetch by their shown path (null: all). A line of the
output says what became of it. Starting Python and loading the intake is most of a worker's cost, so it is shared here;
`python -m tests.hostile drives` goes through the real driver instead.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from typing import Any

from edge.scanners.usb_drive import sandbox
from edge.scanners.usb_drive.job import Device, fetch_file, list_files
from edge.scanners.usb_drive.judging import judge
from edge.scanners.usb_drive.worker import LIST_SECONDS, READ_SECONDS, Job, run
from tests.hostile.second_look import harm

LARGEST = 25 * 1024 * 1024


def main() -> None:
    sandbox.give_up()
    for line in sys.stdin:
        asked = json.loads(line)
        number = os.open(asked["image"], os.O_RDONLY)
        try:
            answer = _look(Device(number, os.lseek(number, 0, os.SEEK_END)), asked["only"])
        finally:
            os.close(number)
        print(json.dumps(answer), flush=True)


def _look(device: Device, only: list[str] | None) -> dict[str, Any]:
    began = time.perf_counter()
    listed = run(Job(lambda say: list_files(device, say), LIST_SECONDS))
    answer: dict[str, Any] = {"kind": listed.kind, "reason": listed.facts.get("reason", ""), "offered": [], "files": {}}
    answer["list_ms"] = _since(began)
    answer["skipped"] = listed.facts.get("skipped", 0)
    for each in listed.facts.get("files", ()):
        path = f"{each['folder']}/{each['name']}".strip("/")
        answer["offered"].append(path)
        if only is None or path in only:
            answer["files"].setdefault(path, []).append(_fetch(device, each["index"]))
    # The largest of all children so far.
    answer["peak"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    return answer


def _fetch(device: Device, index: int) -> dict[str, Any]:
    began = time.perf_counter()
    done = run(Job(lambda say: fetch_file(device, index, LARGEST, judge, say), READ_SECONDS))
    taken = _since(began)
    if done.kind != "fetched":
        return {"verdict": str(done.facts.get("reason", done.kind)), "ms": taken, "left": [], "notes": []}
    left = harm(done.blobs[0], done.facts["media_type"])
    return {"verdict": "clean", "ms": taken, "left": left, "notes": done.facts["notes"]}


def _since(began: float) -> float:
    return round(1000 * (time.perf_counter() - began), 1)


if __name__ == "__main__":
    main()
