"""All hostile drives, and a process that looks at them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.hostile import drives_boot, drives_files, drives_names, drives_ntfs, drives_tables, drives_trees
from tests.hostile.case import CLEAN
from tests.hostile.drive_case import DriveCase

_MODULES = (drives_tables, drives_boot, drives_trees, drives_names, drives_files, drives_ntfs)


def cases() -> list[DriveCase]:
    return [each for module in _MODULES for each in module.cases()]


class Eyes:
    """A process that looks at images and says what became of them."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def look(self, case: DriveCase, image: Path) -> dict[str, Any]:
        """Make the image, have it looked at, and return the answer; `died` when the process did."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        case.write(image)
        only = list(case.expected.files) if case.expected.count is not None else None
        self._process.stdin.write(json.dumps({"image": str(image), "only": only}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            return {"kind": "died", "reason": "", "offered": [], "files": {}, "skipped": 0, "list_ms": 0.0, "peak": 0}
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def opened_eyes(module: str) -> Iterator[Eyes]:
    """Start `module`; it ends with its input."""
    command = [sys.executable, "-m", f"tests.hostile.{module}"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Eyes(process)


def wrong(case: DriveCase, answer: dict[str, Any]) -> list[str]:
    """Return what is not as it should be."""
    expected, offered = case.expected, answer["offered"]
    if expected.refused:
        return (
            []
            if answer["reason"] in expected.refused
            else [f"{answer['kind']} {answer['reason']}, {len(offered)} files"]
        )
    if answer["kind"] not in {"listed", "ready"}:
        return [f"{answer['kind']} {answer['reason']}"]
    found = []
    if expected.count is None and set(offered) != set(expected.files):
        found.append(f"offered: {sorted(offered)}")
    if expected.count is not None and len(offered) != expected.count:
        found.append(f"{len(offered)} offered")
    for path, verdicts in expected.files.items():
        for each in answer["files"].get(path, [{"verdict": "not offered", "left": []}]):
            if each["verdict"] not in verdicts:
                found.append(f"{path}: {each['verdict']}")
            if each["verdict"] == CLEAN and each["left"]:
                found.append(f"{path}: left {each['left']}")
    return found
