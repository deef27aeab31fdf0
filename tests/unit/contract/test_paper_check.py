"""The offline tool: a saved list of keys, and codes as they are scanned."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from contract.paper_check import WORDS, main
from contract.paper_codes import Finding, issue
from tests.unit.contract.test_paper_codes import CODE, KEY, LIST, NOW, OTHER, TODAY


@pytest.fixture
def saved(tmp_path: Path) -> str:
    file = tmp_path / "paper-keys.json"
    file.write_bytes(LIST.to_bytes())
    return str(file)


def run(*arguments: str, lines: tuple[str, ...] = (), days: int = 0) -> int:
    return main(list(arguments), lambda: NOW + timedelta(days=days), lines)


def test_a_genuine_code(saved: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--keys", saved, f"HTTPS://HUB.EXAMPLE/V/{CODE}") == 0
    told = capsys.readouterr().out
    assert "licence_original  91110000MA01TEST0X  2026-11-24  hub" in told
    assert "!" not in told


def test_one_forged_code_among_many_is_a_finding(saved: str, capsys: pytest.CaptureFixture[str]) -> None:
    forged = issue("licence_original", "91110000MA01TEST0X", TODAY, "0" * 64, OTHER)
    assert run("--keys", saved, lines=(CODE + "\n", "\n", forged)) == 1
    assert "UNKNOWN KEY" in capsys.readouterr().out
    assert run("--keys", saved) == 1


def test_an_old_list_says_so(saved: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--keys", saved, CODE, days=8) == 0
    assert "the list is old" in capsys.readouterr().out


def test_the_content_is_compared(saved: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "content"
    file.write_text(json.dumps({"qr": "left out", "name": "北京测试有限公司"}))
    assert run("--keys", saved, "--content", str(file), CODE) == 0
    file.write_text(json.dumps({"name": "北京测试有限公司甲"}))
    assert run("--keys", saved, "--content", str(file), CODE) == 1
    assert "ANOTHER CONTENT" in capsys.readouterr().out
    file.write_bytes(b"%PDF-1.7 not JSON")
    pdf = issue("received", "7", TODAY, hashlib.sha256(b"%PDF-1.7 not JSON").hexdigest(), KEY)
    assert run("--keys", saved, "--content", str(file), pdf) == 0


@pytest.mark.parametrize("content", [b"", b"{}", b'{"made_at": 1, "keys": []}', b"\xff"])
def test_another_file_is_no_list(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "keys"
    file.write_bytes(content)
    assert run("--keys", str(file), CODE) == 2
    assert run("--keys", str(tmp_path / "none"), CODE) == 2


def test_every_finding_has_words() -> None:
    assert set(WORDS) == set(Finding)


def test_as_a_program(saved: str) -> None:
    command = [sys.executable, "-m", "contract.paper_check", "--keys", saved, CODE[:-1]]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert "NO CODE" in done.stdout
