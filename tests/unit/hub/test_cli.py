from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.__main__ import main


@pytest.fixture(autouse=True)
def quiet_logging() -> Iterator[None]:
    """`main` sets the log level of the whole process."""
    before = logging.getLogger("alembic").level
    yield
    logging.getLogger("alembic").setLevel(before)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["run", "--database", "mysql://x"], "--database"),
        (["run", "--database", "hub.db"], "--database"),
        (["run", "--broker", "http://x"], "--broker"),
        (["run", "--broker", "mqtts://x"], "--broker-ca"),
        (["run", "--broker-cert", "x"], "--broker-cert"),
        (["run", "--host", "0.0.0.0"], "--host"),
        (["run", "--tls-cert", "x"], "--tls-cert"),
        (["run", "--worker", "A B"], "--worker"),
        (["notify", "--keys", "nowhere"], "nowhere/notify.jwk"),
        (["dispatch", "--keys", "nowhere"], "nowhere/dispatch.jwk"),
    ],
)
def test_a_wrong_option_is_named(words: list[str], named: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    said = capsys.readouterr().err
    assert named in said
    assert "配置错误" in said


def test_a_place_needs_its_station(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "notify", "--out", str(tmp_path)]) == 0
    assert main(["notify", "--keys", str(tmp_path), "--place-of", "first floor"]) == 2
    assert "--place-of" in capsys.readouterr().err


def test_the_ledger_is_shown_and_renewed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database = ["--database", f"sqlite:///{tmp_path}/hub.db"]
    assert main(["ledger", *database]) == 0
    first = capsys.readouterr().out
    assert main(["ledger", *database]) == 0
    assert capsys.readouterr().out == first
    assert main(["ledger", "--renew", *database]) == 0
    assert capsys.readouterr().out != first


def test_a_document_signed_apart_is_brought_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database = ["--database", f"sqlite:///{tmp_path}/hub.db"]
    body, token = tmp_path / "config.json", tmp_path / "token"
    body.write_text('{"idle_seconds": 45}')
    assert main(["keys", "offline", "--out", str(tmp_path)]) == 0
    key = str(tmp_path / "offline.jwk")
    sign = ["document", "sign", "--kind", "config", "--station", "abc", "--key", key, "--in", str(body)]
    assert main([*sign, "--out", str(token)]) == 2, "a version is needed"
    assert main([*sign, "--out", str(token), "--version", "3"]) == 0
    capsys.readouterr()
    assert main(["document", "add", "--in", str(token), *database]) == 0
    assert capsys.readouterr().out == "config 3 for abc\n"
    assert main([*sign, *database]) == 0
    assert capsys.readouterr().out == "unchanged\n"
