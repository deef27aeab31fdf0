"""The drive's worker: what a look at the drive may not do, and how each way to die is told."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from typing import Any

import pytest

from hall.processes import ROOT


def job(name: str, *more: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.integration.drive_jobs", name, *more]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60, check=True)
    said: dict[str, Any] = json.loads(done.stdout)
    return said


@pytest.mark.parametrize(
    ("death", "reason"),
    [
        ("spin", "too_slow"), ("hang", "too_slow"), ("grow", "bomb"), ("abort", "bomb"), ("crash", "broken"),
        ("lie", "broken"), ("raises", "broken"),
    ],
)  # fmt: skip
def test_each_way_to_die_has_its_reason(death: str, reason: str) -> None:
    said = job(death)
    assert (said["kind"], said["reason"]) == ("turned_down", reason)
    # Two seconds of work, and a machine that does other things besides.
    assert said["s"] < 40


def test_a_look_has_no_rights_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        free, said = job("free", port), job("rights", port)
    # As root, which the tests want; the last one needs it.
    assert {"write", "fork", "network"} <= set(free["may"])
    assert said["may"] == []
    assert said["user"] != 0


def test_a_look_holds_only_its_way_out() -> None:
    # The error stream, the program's own file, the pipe to the worker, and the folder that is being listed.
    assert len(job("descriptors")["numbers"]) == 4
