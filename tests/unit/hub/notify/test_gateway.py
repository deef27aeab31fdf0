from __future__ import annotations

import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.errors import GatewayError
from hub.notify.gateway import LogGateway


def gateway(path: Path) -> LogGateway:
    return LogGateway(path, lambda: datetime(2026, 11, 24, 22, 3, tzinfo=UTC))


def lines(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text().splitlines() if line.startswith("{") and line.endswith("}")]


async def test_a_message_is_one_private_line(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "sms.log"
    await gateway(path).send("n-1", "13800138000", "您好")
    assert lines(path) == [{"id": "n-1", "at": "2026-11-24T22:03:00+00:00", "to": "13800138000", "text": "您好"}]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_the_same_key_is_accepted_once(tmp_path: Path) -> None:
    path = tmp_path / "sms.log"
    first, second = gateway(path), gateway(path)
    await first.send("n-1", "1", "a")
    await first.send("n-1", "1", "a")
    await second.send("n-1", "1", "a")  # another process, or this one after a crash
    await second.send("n-2", "1", "b")
    await first.send("n-2", "1", "b")
    assert [line["id"] for line in lines(path)] == ["n-1", "n-2"]


async def test_a_line_that_a_crash_tore_is_no_message(tmp_path: Path) -> None:
    path = tmp_path / "sms.log"
    await gateway(path).send("n-1", "1", "a")
    with path.open("a") as log:
        log.write('{"id": "n-2", "to": "1"')
    await gateway(path).send("n-2", "1", "b")
    assert [line["id"] for line in lines(path)] == ["n-1", "n-2"]


async def test_a_rotated_log_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "sms.log"
    same = gateway(path)
    await same.send("n-1", "1", "a")
    path.unlink()
    await same.send("n-2", "1", "b")
    assert [line["id"] for line in lines(path)] == ["n-2"]


async def test_a_log_that_cannot_be_written_refuses(tmp_path: Path) -> None:
    with pytest.raises(GatewayError) as caught:
        await gateway(tmp_path).send("n-1", "13800138000", "code 12345678")
    assert "13800138000" not in str(caught.value)
