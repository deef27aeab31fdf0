"""The whole way through, as `make demo STORY=1` goes it, on each broker: real processes, real pages, real bytes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hall.processes import ROOT

WITHIN_S = 120


def run_hall(*arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"} | ({} if path is None else {"PATH": path})
    command = [sys.executable, "-m", "hall", "run", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=WITHIN_S, check=False
    )


@pytest.mark.parametrize("broker", ["mosquitto", "iotcore"])
def test_the_story_holds(tmp_path: Path, broker: str) -> None:
    # An empty PATH: nothing of the system but the interpreter and the broker may be needed.
    run = run_hall("--story", "--broker", broker, "--dir", str(tmp_path / "run"), path=str(tmp_path))
    assert run.returncode == 0, run.stdout + run.stderr
    assert f"({broker})" in run.stdout
    assert run.stdout.count("✓") == 6
    assert "✗" not in run.stdout
    # The timeline shows the deposit in the evening, door bytes, and rows of both databases' stories.
    assert re.search(r"^22:03:\d\d +柜门 door", run.stdout, re.MULTILINE)
    assert re.search(r"^ +→ (main|annex)  [0-9a-f ]+$", run.stdout, re.MULTILINE)
    assert re.search(r"events: .*type=item_collected", run.stdout)
    left = [line for line in run.stdout.splitlines() if "has ended" in line]
    assert len(left) == 6


def test_ctrl_c_stops_everything(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hall", "run", "--dir", str(tmp_path / "run")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as hall:
        assert hall.stdout is not None
        said = ""
        for line in hall.stdout:
            said += line
            if "Ctrl-C" in line:
                break
        pids = [int(pid) for pid in re.findall(r"\(pid (\d+)\)", said)]
        assert len(pids) == 6, said
        hall.send_signal(signal.SIGINT)
        said += hall.stdout.read()
        assert hall.wait(WITHIN_S) == 0, said
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]
