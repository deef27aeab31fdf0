"""Every hostile file in a fresh process under the limits of one file: `python -m tests.hostile [--only WORD]`.

Peak is the whole process, interpreter and libraries included. Ends with 1 when a verdict is not what it should be, a
process died, or the second look finds something in what got through.
"""

from __future__ import annotations

import argparse
import base64
import json
import subprocess
import sys

from tests.hostile.case import CLEAN, Case
from tests.hostile.gallery import cases
from tests.hostile.second_look import harm


def judged(case: Case, memory: int) -> dict[str, object]:
    name = case.name.encode("utf-8", "replace").decode()
    command = [sys.executable, "-m", "tests.hostile.one", name, str(memory)]
    done = subprocess.run(command, input=case.build(), capture_output=True, check=False, timeout=60)
    if done.returncode or not done.stdout:
        return {"verdict": f"died {done.returncode}", "ms": 0.0, "peak": 0}
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument("--only", default="")
    parser.add_argument("--memory", type=int, default=256, help="MiB of address space for one file")
    options = parser.parse_args()
    wrong = count = 0
    print(f"{'file':<24} {'tries':<36} {'verdict':<16} {'ms':>8} {'MiB':>5}  notes")
    for case in cases():
        if options.only not in case.name:
            continue
        answer = judged(case, options.memory)
        verdict = str(answer["verdict"])
        content = base64.b64decode(str(answer.get("content", "")))
        left = harm(content, str(answer["media_type"])) if verdict == CLEAN else []
        bad = verdict not in case.expected or bool(left)
        wrong, count = wrong + bad, count + 1
        notes = " ".join(answer.get("notes", ())) + (f"  LEFT {left}" if left else "") + ("  WRONG" if bad else "")  # type: ignore[arg-type]  # of JSON
        shown = case.name.encode("ascii", "replace").decode()
        print(f"{shown:<24} {case.tries:<36} {verdict:<16} {answer['ms']:>8} {answer['peak']:>5}  {notes}", flush=True)
    print(f"{count} files, {wrong} not as they should be")
    return 1 if wrong else 0


sys.exit(main())
