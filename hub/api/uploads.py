"""Contents from stations, resumable: tus 1.0 (core and creation), with the station's bearer token.

`POST /uploads` announces one (`Upload-Length`; `Upload-Metadata` with `sha256`, in hexadecimal, and `media_type`),
`HEAD /uploads/{id}` says how much of it is on the disk, `PATCH` goes on from there. An upload belongs to its station,
and its id is the content's hash, so announcing the same again finds what was begun. `HEAD /files/{sha256}` answers 200
only when the content is here, whole, and committed; the hash stands in `ETag`, so that no answer of somebody between is
taken for ours. Statuses beyond the protocol's: 422 another hash than announced (its part is gone), 423 another request
sends it, 429 too much is unfinished, 503 database or disk is away, 507 no room. Protocol: tus resumable upload 1.0.x.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import errno
import logging
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from functools import partial

from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from contract.http_api import LARGEST_FILE
from hub.api.problems import problem
from hub.api.station_of import no_token, station_of
from hub.db.engine import is_away
from hub.services.file_format import Announced
from hub.services.file_part import Part, PartBusyError
from hub.services.file_store import UNKNOWN_TYPE, FileStore, QuotaError, WrongHashError, in_thread

log = logging.getLogger(__name__)

VERSION = "1.0.0"
PIECE_TYPE = "application/offset+octet-stream"
# Held in memory for each running upload.
WRITE_AT_ONCE = 1024 * 1024
# A station whose line broke without a word comes back and finds its upload held until this is over.
SILENT_S = 20.0
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,40}/[a-z0-9][a-z0-9.+-]{0,57}")
_NUMBER = re.compile(r"[0-9]{1,18}")
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

Handler = Callable[[Request, str], Awaitable[Response]]


class Uploads:
    """Takes contents in, and says which are here."""

    def __init__(self, engine: AsyncEngine, store: FileStore) -> None:
        self._engine, self._store = engine, store

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [
            Route("/uploads", self._options, methods=["OPTIONS"]),
            Route("/uploads", partial(self._guarded, self._post), methods=["POST"]),
            Route("/uploads/{sha256}", partial(self._guarded, self._head), methods=["HEAD"]),
            Route("/uploads/{sha256}", partial(self._guarded, self._patch), methods=["PATCH"]),
            Route("/files/{sha256}", partial(self._guarded, self._is_here), methods=["HEAD"]),
        ]

    async def _options(self, _request: Request) -> Response:
        says = {"Tus-Version": VERSION, "Tus-Extension": "creation", "Tus-Max-Size": str(LARGEST_FILE)}
        return Response(status_code=204, headers={"Tus-Resumable": VERSION, **says})

    async def _guarded(self, handler: Handler, request: Request) -> Response:
        """Let a known station in, before anything of a body is read, and say in our words what went wrong."""
        try:
            response = await self._admitted(handler, request)
        except Exception as error:
            answer = _failed(error)
            if answer is None:
                raise
            response = answer
        if request.url.path.startswith("/uploads"):
            response.headers["Tus-Resumable"] = VERSION
        return response

    async def _admitted(self, handler: Handler, request: Request) -> Response:
        station = await station_of(self._engine, request)
        if station is None:
            return no_token()
        if request.url.path.startswith("/uploads") and request.headers.get("tus-resumable") != VERSION:
            response = problem(412, "不支持的上传协议版本", f"This hub speaks tus {VERSION}.")
            response.headers["Tus-Version"] = VERSION
            return response
        if not _SHA256.fullmatch(request.path_params.get("sha256", "0" * 64)):
            return _nothing()
        return await handler(request, station)

    async def _post(self, request: Request, station: str) -> Response:
        length, metadata = _number(request, "upload-length"), _metadata(request.headers.get("upload-metadata", ""))
        sha256, media_type = metadata.get("sha256", ""), metadata.get("media_type", "")
        if length is None or not _SHA256.fullmatch(sha256):
            return problem(400, "上传声明不完整", "Upload-Length, and sha256 in Upload-Metadata, are needed.")
        if length > LARGEST_FILE:
            return problem(413, "文件过大", f"A file may have {LARGEST_FILE} bytes.")
        said = Announced(sha256, length, media_type if _MEDIA_TYPE.fullmatch(media_type) else UNKNOWN_TYPE)
        await self._store.begin(station, said)
        if length == 0:
            await self._finish_empty(station, sha256)
        # Relative to /uploads, so that it is right behind a proxy that puts a prefix before our paths.
        return Response(status_code=201, headers={"Location": f"uploads/{sha256}"})

    async def _finish_empty(self, station: str, sha256: str) -> None:
        part = await self._store.open(station, sha256)
        if part is not None:
            try:
                await self._store.finish(part)
            finally:
                part.close()

    async def _head(self, request: Request, station: str) -> Response:
        part = await self._store.open(station, request.path_params["sha256"])
        if part is None:
            return _nothing()
        part.close()
        says = {"Upload-Offset": str(part.offset), "Upload-Length": str(part.said.size)}
        return Response(headers={**says, "Cache-Control": "no-store"})

    async def _patch(self, request: Request, station: str) -> Response:
        if request.headers.get("content-type") != PIECE_TYPE:
            return problem(415, "内容类型不对", f"A piece has the content type {PIECE_TYPE}.")
        offset = _number(request, "upload-offset")
        if offset is None:
            return problem(400, "缺少上传位置", "Upload-Offset is needed.")
        part = await self._store.open(station, request.path_params["sha256"])
        if part is None:
            return _nothing()
        try:
            return await self._take(request, part, offset)
        finally:
            part.close()

    async def _take(self, request: Request, part: Part, offset: int) -> Response:
        if offset != part.offset:
            return problem(409, "上传位置不符", "Upload-Offset is not where this upload ends.")
        if (_number(request, "content-length") or 0) > part.said.size - offset:
            return _too_long()
        cut = not await _receive(request, part)
        if part.offset > part.said.size:
            await in_thread(part.discard)
            return _too_long()
        await in_thread(part.sync)
        if part.offset == part.said.size:
            await self._store.finish(part)
        if cut:
            return problem(408, "传输中断", "The line was silent or cut; what came is kept.")
        return Response(status_code=204, headers={"Upload-Offset": str(part.offset)})

    async def _is_here(self, request: Request, _station: str) -> Response:
        sha256 = request.path_params["sha256"]
        size = await self._store.size_of(sha256)
        if size is None:
            return _nothing()
        says = {"ETag": f'"{sha256}"', "Content-Length": str(size), "Cache-Control": "no-store"}
        return Response(headers=says)


async def _receive(request: Request, part: Part) -> bool:
    """Write what comes until the body ends or is too long; False when it was cut, or nothing came for too long."""
    held, whole = bytearray(), True
    try:
        async with aclosing(_chunks(request)) as chunks:
            async for chunk in chunks:
                held += chunk
                if len(held) >= WRITE_AT_ONCE or part.offset + len(held) > part.said.size:
                    await in_thread(partial(part.append, bytes(held)))
                    held.clear()
                if part.offset > part.said.size:
                    break
    except (ClientDisconnect, TimeoutError):
        whole = False
    await in_thread(partial(part.append, bytes(held)))
    return whole


async def _chunks(request: Request) -> AsyncGenerator[bytes, None]:
    stream = aiter(request.stream())
    while True:
        async with asyncio.timeout(SILENT_S):
            chunk = await anext(stream, None)
        if chunk is None:
            return
        yield chunk


def _failed(error: Exception) -> Response | None:
    """Return the answer to what a station may try again, or mend; None for a bug."""
    if isinstance(error, PartBusyError):
        return problem(423, "该上传正在进行", "Another request sends this upload.")
    if isinstance(error, QuotaError):
        return problem(429, "未完成的上传过多", "This station has too many unfinished uploads.")
    if isinstance(error, WrongHashError):
        return problem(422, "内容与声明不符", "The content does not have the announced hash; nothing was kept.")
    if isinstance(error, OSError) and error.errno in _FULL:
        log.error("no room for uploads")
        return problem(507, "存储空间不足", "There is no room for this upload now.")
    if is_away(error):
        log.warning("an upload could not be taken now (%s)", type(error).__name__)
        return problem(503, "暂时无法接收", "The database or the disk is away; try again.")
    return None


def _nothing() -> Response:
    return problem(404, "没有此内容", "There is no such upload or file.")


def _too_long() -> Response:
    return problem(413, "超出声明的长度", "More came than Upload-Length says.")


def _number(request: Request, header: str) -> int | None:
    text = request.headers.get(header, "")
    return int(text) if _NUMBER.fullmatch(text) else None


def _metadata(header: str) -> dict[str, str]:
    """Read `key base64,key base64`; what cannot be read is left out."""
    found = {}
    for pair in header.split(","):
        key, _, value = pair.strip().partition(" ")
        try:
            found[key] = base64.b64decode(value, validate=True).decode("ascii")
        except (binascii.Error, ValueError):
            continue
    return found
