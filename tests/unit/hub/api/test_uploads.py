"""Uploads by the protocol: whose they are, where they go on, and what counts as being here."""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from sqlalchemy import delete
from starlette.requests import ClientDisconnect

from contract.http_api import LARGEST_FILE
from hub.api import uploads
from hub.db.engine import writing
from hub.db.file_tables import files
from hub.services import file_store
from hub.services.file_disk import make_folder
from hub.services.file_format import DamagedError
from hub.services.submission_files import SubmissionFiles
from tests.unit.hub.api.conftest import STATIONS, Hub, announce, piece, sha, status_of

PAGE = b"a page of paper" * 200_000
HASH = sha(PAGE)


async def offset_of(client: httpx.AsyncClient, sha256: str = HASH) -> int:
    return int((await client.head(f"/uploads/{sha256}")).headers["upload-offset"])


async def send(client: httpx.AsyncClient, content: bytes) -> None:
    assert (await announce(client, sha(content), len(content))).status_code == 201
    assert (await piece(client, sha(content), 0, content)).status_code == 204


async def test_a_file_comes_in_pieces_and_is_here_when_it_is_whole(hub: Hub, client: httpx.AsyncClient) -> None:
    assert await status_of(client, HASH) == 404
    made = await announce(client, HASH, len(PAGE))
    assert made.status_code == 201
    assert made.headers["tus-resumable"] == "1.0.0"
    assert made.request.url.join(made.headers["location"]).path == f"/uploads/{HASH}"
    assert (await piece(client, HASH, 0, PAGE[:1_500_000])).headers["upload-offset"] == "1500000"
    assert (await announce(client, HASH, len(PAGE))).status_code == 201
    assert await offset_of(client) == 1_500_000
    assert await status_of(client, HASH) == 404
    assert (await piece(client, HASH, 1_500_000, PAGE[1_500_000:])).status_code == 204
    here = await client.head(f"/files/{HASH}")
    assert (here.status_code, here.headers["etag"]) == (200, f'"{HASH}"')
    place = hub.disk.place(HASH)
    assert hub.names() == [str(place.relative_to(hub.folder))]
    assert HASH not in str(place)
    assert PAGE[:64] not in place.read_bytes()
    assert [stat.S_IMODE(each.stat().st_mode) for each in (hub.folder, place.parent, place)] == [0o700, 0o700, 0o600]
    desk = SubmissionFiles(hub.engine, hub.disk)
    assert (await desk.here([HASH, sha(b"other")]))[HASH].media_type == "image/jpeg"
    assert await desk.read(HASH) == PAGE
    with pytest.raises(FileNotFoundError):
        await desk.read(sha(b"other"))


async def test_without_the_stations_token_nothing_is_read_or_told(hub: Hub, client: httpx.AsyncClient) -> None:
    await announce(client, HASH, len(PAGE))

    async def body() -> AsyncIterator[bytes]:
        raise AssertionError("the body was read")
        yield b""

    client.headers["Authorization"] = "Bearer wrong"
    headers = {"Upload-Offset": "0", "Content-Type": uploads.PIECE_TYPE}
    refused = await client.patch(f"/uploads/{HASH}", headers=headers, content=body())
    assert (refused.status_code, refused.headers["content-type"]) == (401, "application/problem+json")
    assert await status_of(client, HASH) == 401
    async with hub.client(STATIONS[1]) as other:
        assert (await other.head(f"/uploads/{HASH}")).status_code == 404
        assert (await piece(other, HASH, 0, PAGE)).status_code == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Tus-Resumable": "0.2.2"}, 412),
        ({"Upload-Length": "-1"}, 400),
        ({"Upload-Length": "64 MiB"}, 400),
        ({"Upload-Length": str(LARGEST_FILE + 1)}, 413),
        ({"Upload-Metadata": "sha256 !!!"}, 400),
        ({"Upload-Metadata": "sha256 Li4vLi4vZXRj"}, 400),  # ../../etc
        ({"Upload-Metadata": ""}, 400),
    ],
)
async def test_a_wrong_announcement_is_refused(
    hub: Hub, client: httpx.AsyncClient, headers: dict[str, str], status: int
) -> None:
    good = (await announce(client, HASH, 0)).request.headers
    made = hub.names()
    right = {name: good[name] for name in ("upload-metadata",)} | {"upload-length": "5"}
    answer = await client.post("/uploads", headers=right | {name.lower(): value for name, value in headers.items()})
    assert (answer.status_code, hub.names()) == (status, made)


async def test_a_piece_that_does_not_fit_is_refused(client: httpx.AsyncClient) -> None:
    await announce(client, HASH, len(PAGE))
    await piece(client, HASH, 0, PAGE[:10])
    assert (await piece(client, HASH, 0, PAGE[:10])).status_code == 409
    assert (await piece(client, HASH, 11, PAGE[:10])).status_code == 409
    assert (await piece(client, HASH, 10, PAGE)).status_code == 413
    assert (await client.patch(f"/uploads/{HASH}", headers={"Upload-Offset": "10"})).status_code == 415
    assert (await client.head("/uploads/nonsense")).status_code == 404
    assert await offset_of(client) == 10


async def test_another_content_than_announced_is_refused_and_removed(hub: Hub, client: httpx.AsyncClient) -> None:
    wrong = b"x" + PAGE[1:]
    await announce(client, HASH, len(PAGE))
    assert (await piece(client, HASH, 0, wrong)).status_code == 422
    assert hub.names() == []
    assert await status_of(client, HASH) == 404


async def test_an_empty_file_is_here_at_once(client: httpx.AsyncClient) -> None:
    assert (await announce(client, sha(b""), 0)).status_code == 201
    assert await status_of(client, sha(b"")) == 200


async def test_what_came_before_a_cut_is_kept(client: httpx.AsyncClient) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield PAGE[:70_000]
        raise ClientDisconnect

    await announce(client, HASH, len(PAGE))
    headers = {"Upload-Offset": "0", "Content-Type": uploads.PIECE_TYPE}
    cut = await client.patch(f"/uploads/{HASH}", headers=headers, content=body())
    assert (cut.status_code, await offset_of(client)) == (408, 70_000)


async def test_a_file_without_its_row_is_hashed_again_and_adopted(hub: Hub, client: httpx.AsyncClient) -> None:
    await announce(client, HASH, len(PAGE))
    part = await hub.store.open(STATIONS[0], HASH)
    assert part is not None
    part.append(PAGE)
    part.sync()
    make_folder(hub.disk.place(HASH).parent)
    part.place(hub.disk.place(HASH))  # and here the hub is killed
    part.close()
    assert await status_of(client, HASH) == 200
    assert (await SubmissionFiles(hub.engine, hub.disk).here([HASH]))[HASH].media_type == "image/jpeg"


@pytest.mark.parametrize("damage", ["cut", "changed", "swapped", "clear", "another"])
@pytest.mark.parametrize("has_row", [True, False])
async def test_a_damaged_file_is_not_here_and_is_sent_again(
    hub: Hub, client: httpx.AsyncClient, damage: str, has_row: bool
) -> None:
    await send(client, PAGE)
    await send(client, PAGE + b"!")
    place, sound = hub.disk.place(HASH), hub.disk.place(HASH).read_bytes()
    damaged = {
        "cut": sound[:-1],
        "changed": sound[:-200] + bytes([sound[-200] ^ 1]) + sound[-199:],
        "swapped": sound[:36] + sound[36:][::-1],
        "clear": PAGE,
        "another": hub.disk.place(sha(PAGE + b"!")).read_bytes(),
    }
    place.write_bytes(damaged[damage])
    if not has_row:
        async with writing(hub.engine) as connection:
            await connection.execute(delete(files))
    desk = SubmissionFiles(hub.engine, hub.disk)
    if damage != "changed" or not has_row:
        assert await status_of(client, HASH) == 404
        await send(client, PAGE)
        assert await desk.read(HASH) == PAGE
    else:  # the end alone is looked at for each question; whoever reads is told
        with pytest.raises(DamagedError):
            await desk.read(HASH)


async def test_a_row_without_its_file_does_not_count(hub: Hub, client: httpx.AsyncClient) -> None:
    for _ in range(2):
        await announce(client, HASH, len(PAGE))
        await piece(client, HASH, 0, PAGE)
        assert await status_of(client, HASH) == 200
        hub.disk.place(HASH).unlink()
        assert await status_of(client, HASH) == 404
    async with writing(hub.engine) as connection:
        await connection.execute(delete(files))


async def test_a_part_that_is_being_sent_is_not_touched(hub: Hub, client: httpx.AsyncClient) -> None:
    await announce(client, HASH, len(PAGE))
    held = hub.disk.open_part(STATIONS[0], HASH)
    assert held is not None
    assert (await piece(client, HASH, 0, PAGE)).status_code == 423
    assert hub.disk.remove_older(time.time() + 1) == 0
    held.close()
    assert (await piece(client, HASH, 0, PAGE)).status_code == 204


async def test_an_abandoned_part_expires(hub: Hub, client: httpx.AsyncClient) -> None:
    await announce(client, HASH, len(PAGE))
    await piece(client, HASH, 0, PAGE[:10])
    assert hub.disk.remove_older(time.time() - 60) == 0
    assert hub.disk.remove_older(time.time() + 1) == 1
    assert hub.names() == []


async def test_a_station_has_a_quota_of_unfinished_parts(
    hub: Hub, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_store, "UNFINISHED_BYTES", 100)
    assert [(await announce(client, sha(bytes([n])), 40)).status_code for n in range(3)] == [201, 201, 429]
    assert (await announce(client, sha(bytes([0])), 41)).status_code == 201
    async with hub.client(STATIONS[1]) as other:
        assert (await announce(other, sha(b"2"), 40)).status_code == 201


async def test_a_disk_that_is_nearly_full_is_said_before_anything_is_sent(hub: Hub, client: httpx.AsyncClient) -> None:
    hub.free[0] = file_store.RESERVE_BYTES + len(PAGE) - 1
    assert (await announce(client, HASH, len(PAGE))).status_code == 507
    hub.free[0] += 1
    assert (await announce(client, HASH, len(PAGE))).status_code == 201


@pytest.mark.parametrize(("call", "left"), [("pwrite", 10), ("fsync", None)])
async def test_a_disk_that_refuses_is_said_and_nothing_false_is_kept(
    client: httpx.AsyncClient, failing_call: Callable[[str, int], None], call: str, left: int | None
) -> None:
    await announce(client, HASH, len(PAGE))
    await piece(client, HASH, 0, PAGE[:10])
    real = getattr(os, call)
    failing_call(call, errno.ENOSPC)
    assert (await piece(client, HASH, 10, PAGE[10:])).status_code == 507
    setattr(os, call, real)
    # After a failed fsync nobody knows what is on the disk: the part is gone, and the station starts anew.
    answer = await client.head(f"/uploads/{HASH}")
    assert answer.headers.get("upload-offset") == (None if left is None else str(left))


async def test_a_part_that_a_crash_tore_goes_on_before_the_tear(hub: Hub, client: httpx.AsyncClient) -> None:
    await announce(client, HASH, len(PAGE))
    await piece(client, HASH, 0, PAGE[:1000])
    await piece(client, HASH, 1000, PAGE[1000:3000])
    path = hub.disk.part(STATIONS[0], HASH)
    sound = path.read_bytes()
    for torn, offset in ((sound[:-1], 1000), (sound[:-50] + bytes(50), 1000), (sound + bytes(40), 3000)):
        path.write_bytes(torn)
        assert await offset_of(client) == offset
    assert (await piece(client, HASH, 3000, PAGE[3000:])).status_code == 204
    assert await SubmissionFiles(hub.engine, hub.disk).read(HASH) == PAGE


async def test_nothing_that_a_crash_left_behind_the_last_byte_stays(hub: Hub, client: httpx.AsyncClient) -> None:
    await announce(client, HASH, len(PAGE))
    part = hub.disk.open_part(STATIONS[0], HASH)
    assert part is not None
    part.append(PAGE)
    part.close()
    with hub.disk.part(STATIONS[0], HASH).open("ab") as torn:
        torn.write(bytes(5000))
    assert await offset_of(client) == len(PAGE)
    assert (await piece(client, HASH, len(PAGE), b"")).status_code == 204
    assert await SubmissionFiles(hub.engine, hub.disk).read(HASH) == PAGE


async def test_a_part_that_is_none_begins_anew(hub: Hub, client: httpx.AsyncClient) -> None:
    await announce(client, HASH, len(PAGE))
    hub.disk.part(STATIONS[0], HASH).write_bytes(b"torn")
    assert (await client.head(f"/uploads/{HASH}")).status_code == 404
    await send(client, PAGE)


async def test_an_end_whose_file_did_not_get_its_place_is_written_again(hub: Hub, client: httpx.AsyncClient) -> None:
    await announce(client, HASH, len(PAGE))
    part = hub.disk.open_part(STATIONS[0], HASH)
    assert part is not None
    part.append(PAGE)
    elsewhere = hub.folder / "elsewhere"
    part.place(elsewhere)
    part.close()
    elsewhere.rename(hub.disk.part(STATIONS[0], HASH))  # a kill before the rename
    assert await offset_of(client) == len(PAGE)
    assert (await piece(client, HASH, len(PAGE), b"")).status_code == 204
    assert await SubmissionFiles(hub.engine, hub.disk).read(HASH) == PAGE
