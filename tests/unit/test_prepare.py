"""`.ci/prepare` names what a machine lacks, with the reason, and never goes on without it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# What `.ci/prepare` itself runs. It looks into the administrator's folders too, so not all else is missing.
HERE = ("sh", "python3")


@pytest.fixture
def bare_machine(tmp_path: Path) -> Path:
    """A folder as PATH: a shell, and an `id` that says this is not root."""
    for name in HERE:
        program = shutil.which(name)
        assert program is not None
        (tmp_path / name).symlink_to(program)
    (tmp_path / "id").write_text("#!/bin/sh\necho 1000\n")
    (tmp_path / "id").chmod(0o755)
    return tmp_path


def prepare(path: Path, *groups: str) -> subprocess.CompletedProcess[str]:
    command = [str(path / "sh"), ".ci/prepare", *groups]
    return subprocess.run(command, cwd=ROOT, env={"PATH": str(path)}, capture_output=True, text=True, check=False)


def test_every_missing_tool_is_named_with_its_reason_and_the_line_that_installs_it(bare_machine: Path) -> None:
    result = prepare(bare_machine, "check", "test")
    assert result.returncode == 2
    assert result.stdout == ""
    *reasons, how = result.stderr.splitlines()
    assert reasons[0] == "missing on this machine:"
    assert "  strace: kills a process at a chosen fsync, and counts them" in reasons
    assert "  nodejs: runs the AsyncAPI parser on the published contract" in reasons
    assert how.startswith("on Debian, as root:  apt-get install --no-install-recommends ")
    named = [name for line in reasons[1:] for name in line.strip().split(":")[0].split()]
    assert how.split("recommends ")[1].split() == named


def test_a_check_does_not_ask_for_what_only_the_tests_need(bare_machine: Path) -> None:
    asked = prepare(bare_machine, "check").stderr
    assert "npm" in asked
    assert "strace" not in asked


def test_a_tool_that_is_there_is_not_asked_for(bare_machine: Path) -> None:
    (bare_machine / "strace").symlink_to("/bin/true")
    reasons = prepare(bare_machine, "test").stderr
    assert "  strace:" not in reasons
    assert "  chromium:" in reasons
