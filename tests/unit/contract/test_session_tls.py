"""mTLS: the broker takes the certificate's CN as the user name, and its ACL holds."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from contract.session import MqttSession, PublishRefusedError, SessionSettings, Tls
from hall.addresses import free_port
from hall.broker import mosquitto_path
from hall.processes import Child, until
from tests.unit.contract.sessions import next_connection

EVENTS, ACK = "nd1/st-1/events", "nd1/st-1/ack"


@pytest.fixture
async def port(tmp_path: Path) -> AsyncIterator[int]:
    make_certificates(tmp_path)
    port = free_port()
    (tmp_path / "acl").write_text("pattern write nd1/%u/events\npattern read nd1/%u/ack\n")
    (tmp_path / "m.conf").write_text(
        f"listener {port} 127.0.0.1\ncafile {tmp_path}/ca.pem\ncertfile {tmp_path}/server.pem\n"
        f"keyfile {tmp_path}/server.key\nrequire_certificate true\nuse_identity_as_username true\n"
        f"acl_file {tmp_path}/acl\n" + ("user root\n" if os.geteuid() == 0 else "")
    )
    command = [mosquitto_path() or "mosquitto", "-c", str(tmp_path / "m.conf")]
    child = Child("broker", command, tmp_path / "log", ready=lambda: accepts(port))
    await child.start()
    yield port
    await child.stop()


async def test_a_certificate_gives_exactly_its_own_topics(port: int, tmp_path: Path) -> None:
    tls = Tls(tmp_path / "ca.pem", tmp_path / "st-1.pem", tmp_path / "st-1.key")
    mine = SessionSettings(
        url=f"mqtts://localhost:{port}", client_id="st-1", tls=tls, subscriptions=(ACK, "nd1/st-2/ack")
    )
    async with MqttSession(mine) as session:
        assert (await next_connection(session)).refused == ()
        await session.publish(EVENTS, b"x" * 60_000)
        with pytest.raises(PublishRefusedError) as caught:
            await session.publish("nd1/st-2/events", b"{}")
        assert caught.value.code == 135


@pytest.mark.parametrize("tls", ["nobody", "stranger"])
async def test_without_the_right_certificate_there_is_no_connection(port: int, tmp_path: Path, tls: str) -> None:
    pair = (tmp_path / "stranger.pem", tmp_path / "stranger.key") if tls == "stranger" else (None, None)
    files = Tls(tmp_path / "ca.pem", *pair)
    wrong = SessionSettings(
        url=f"mqtts://localhost:{port}", client_id="st-1", tls=files, reconnect_min_s=0.05, reconnect_max_s=0.05
    )
    attempts = 0

    async def prepare() -> None:
        nonlocal attempts
        attempts += 1

    async with MqttSession(replace(wrong, prepare=prepare)) as session:

        async def three() -> bool:
            return attempts > 3

        await until(three, 8, "three attempts")
        assert not session.connected


async def accepts(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


def make_certificates(folder: Path) -> None:
    """An authority, the broker, station st-1, and a stranger who signed for himself."""

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    ec = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2")
    openssl("req", "-x509", *ec, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=authority")
    openssl("req", "-x509", *ec, "-keyout", "stranger.key", "-out", "stranger.pem", "-subj", "/CN=st-1")
    for name, common in (("server", "localhost"), ("st-1", "st-1")):
        extra = ("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")
        authority = ("-CA", "ca.pem", "-CAkey", "ca.key")
        files = ("-keyout", f"{name}.key", "-out", f"{name}.pem")
        openssl("req", "-x509", *ec, *files, "-subj", f"/CN={common}", *extra, *authority)
