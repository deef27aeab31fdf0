"""Hostile files and drives, each in fresh processes under the limits of the product: `python -m tests.hostile`.

`files` or `drives` for one half, `--only WORD` for those whose name has the word. A drive goes through the driver and a
worker, as at a station. Peak is a whole process, interpreter and libraries included. Ends with 1 when a verdict is not
what it should be, a process died, or the second look finds something in what got through.
"""

from __future__ import annotations

import argparse
import base64
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.hostile import drives, gallery
from tests.hostile.case import CLEAN, Case
from tests.hostile.drive_case import DriveCase
from tests.hostile.second_look import harm


def judged(case: Case, memory: int) -> dict[str, object]:
    name = case.name.encode("utf-8", "replace").decode()
    command = [sys.executable, "-m", "tests.hostile.one", name, str(memory)]
    done = subprocess.run(command, input=case.build(), capture_output=True, check=False, timeout=60)
    if done.returncode or not done.stdout:
        return {"verdict": f"died {done.returncode}", "ms": 0.0, "peak": 0}
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def files(only: str, memory: int) -> int:
    wrong = count = 0
    print(f"{'file':<24} {'tries':<36} {'verdict':<16} {'ms':>8} {'MiB':>5}  notes")
    for case in gallery.cases():
        if only not in case.name:
            continue
        answer = judged(case, memory)
        verdict = str(answer["verdict"])
        content = base64.b64decode(str(answer.get("content", "")))
        left = harm(content, str(answer["media_type"])) if verdict == CLEAN else []
        bad = verdict not in case.expected or bool(left)
        wrong, count = wrong + bad, count + 1
        notes = " ".join(answer.get("notes", ())) + (f"  LEFT {left}" if left else "") + ("  WRONG" if bad else "")  # type: ignore[arg-type]  # of JSON
        shown = case.name.encode("ascii", "replace").decode()
        print(f"{shown:<24} {case.tries:<36} {verdict:<16} {answer['ms']:>8} {answer['peak']:>5}  {notes}", flush=True)
    print(f"{count} files, {wrong} not as they should be")
    return wrong


def all_drives(only: str) -> int:
    failed = count = 0
    print(f"{'drive':<22} {'tries':<58} {'look s':>7} {'file s':>7} {'MiB':>5}  what became of it")
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder, "image")
        for case in drives.cases():
            if only not in case.name:
                continue
            with drives.opened_eyes("drive_driven") as eyes:
                answer = eyes.look(case, image)
            image.unlink()
            found = drives.wrong(case, answer)
            failed, count = failed + bool(found), count + 1
            print(_row(case, answer) + "".join(f"  WRONG {each}" for each in found), flush=True)
    print(f"{count} drives, {failed} not as they should be")
    return failed


def _row(case: DriveCase, answer: dict[str, object]) -> str:
    looks: dict[str, list[dict[str, object]]] = answer["files"]  # type: ignore[assignment]  # of JSON
    every = [each for several in looks.values() for each in several]
    slowest = max((float(str(each["ms"])) for each in every), default=0.0) / 1000
    verdicts = sorted({str(each["verdict"]) for each in every})
    offered = len(answer["offered"])  # type: ignore[arg-type]  # of JSON
    what = f"refused: {answer['reason']}" if answer["reason"] else f"{offered} offered: {' '.join(verdicts)}"
    seconds = f"{float(str(answer['list_ms'])) / 1000:>7.2f} {slowest:>7.2f}"
    return f"{case.name:<22} {case.tries:<58} {seconds} {answer['peak']:>5}  {what}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument("half", nargs="?", choices=["files", "drives"])
    parser.add_argument("--only", default="")
    parser.add_argument("--memory", type=int, default=256, help="MiB of address space for one file")
    options = parser.parse_args()
    wrong = files(options.only, options.memory) if options.half != "drives" else 0
    wrong += all_drives(options.only) if options.half != "files" else 0
    return 1 if wrong else 0


sys.exit(main())
