"""Judges one file from standard input, in a process with the limits of one file; prints what became of it as JSON."""

from __future__ import annotations

import base64
import json
import resource
import sys
import time
from pathlib import Path

from edge.errors import FileRefusedError
from edge.scanners.intake.judge import judge

MIB = 1024 * 1024


def _peak() -> int:
    """In KiB; `getrusage` would count the parent, which built the file."""
    rows = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(row.split()[1]) for row in rows if row.startswith("VmHWM"))


def main() -> None:
    name, content = sys.argv[1], sys.stdin.buffer.read()
    resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]) * MIB,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + 3,) * 2)
    began = time.perf_counter()
    answer: dict[str, object] = {"verdict": "clean"}
    try:
        kept = judge(name, content)
        answer |= {"media_type": kept.media_type, "notes": kept.notes}
        answer["content"] = base64.b64encode(kept.content).decode()
    except FileRefusedError as refused:
        answer["verdict"] = refused.reason
    answer["ms"] = round(1000 * (time.perf_counter() - began), 1)
    answer["peak"] = _peak() // 1024
    print(json.dumps(answer))


main()
