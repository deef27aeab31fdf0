"""The hub's side of an upload, as its answers tell it: tus 1.0 core and creation over httpx.

What is sent is read as it goes: only a piece of one file is in memory. Nothing logged or raised here holds a URL or a
hash. Source: contract of the wire, section 2; tus resumable upload protocol 1.0.x.
"""

from __future__ import annotations

import base64
import logging
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING

from edge.store.file_rows import FileRow
from edge.uplink.documents import Source

if TYPE_CHECKING:
    import httpx

# One PATCH: long enough to be worth its round trip, short enough that what arrived is soon told.
PATCH_BYTES = 8 * 1024 * 1024
CONNECT_S, SEND_S, ANSWER_S = 10.0, 30.0, 60.0
_PIECE_TYPE = "application/offset+octet-stream"
# These speak of the hub, not of one file: the others would be answered alike.
_OF_ALL = frozenset({401, 403, 429, 500, 502, 503, 504, 507})


class HubAwayError(Exception):
    """The hub takes no files now; the next one would not go either."""


class NotTakenError(Exception):
    """This file was not taken now; others may be."""


Read = Callable[[int], AsyncIterator[bytes]]
"""Yields a file's content from an offset on."""


@asynccontextmanager
async def hub_files(source: Source) -> AsyncIterator[HubFiles]:
    """Open the way to the hub.

    Raises:
        HubAwayError: no token, or no authority's certificate; and whatever fails of HTTP inside.
    """
    import httpx  # noqa: PLC0415  costs memory and start time, and is needed only when there is something to send

    # It says each URL at INFO, and ours hold hashes: whoever has a document could look for it in a log.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        token = source.token_file.read_text(encoding="ascii").strip()
        verify_by = True if source.ca_file is None else ssl.create_default_context(cafile=str(source.ca_file))
    except (OSError, ValueError) as error:
        raise HubAwayError(f"token or certificate: {type(error).__name__}") from error
    headers = {"Authorization": f"Bearer {token}", "Tus-Resumable": "1.0.0"}
    timeout = httpx.Timeout(CONNECT_S, write=SEND_S, read=ANSWER_S)
    base = source.url.rstrip("/") + "/"
    try:
        async with httpx.AsyncClient(
            base_url=base, headers=headers, verify=verify_by, timeout=timeout, trust_env=False
        ) as client:
            yield HubFiles(client)
    except httpx.HTTPError as error:
        raise HubAwayError(type(error).__name__) from error


class HubFiles:
    """What one hub says of files; raises HubAwayError, NotTakenError, and httpx's errors, which `hub_files` turns."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def holds(self, sha256: str) -> bool:
        """Whether the hub has verified a content with this hash.

        A 200 alone would do for any portal in between: the answer has to name the hash.
        """
        answer = await self._client.head(f"files/{sha256}")
        if answer.status_code == 200:
            if answer.headers.get("etag") != f'"{sha256}"':
                raise HubAwayError("an answer that is not the hub's")
            return True
        _require(answer, 404)
        return False

    async def require(self, sha256: str) -> None:
        """Raise NotTakenError unless the hub `holds` it."""
        if not await self.holds(sha256):
            raise NotTakenError("all was sent, and the hub does not have it")

    async def send(self, row: FileRow, read: Read, moved: Callable[[], None]) -> None:
        """Send what the hub does not have yet of one file; `moved` is called for each piece that it took.

        Raises:
            FileLostError: as `read` does.
        """
        upload = await self._announce(row)
        offset = await self._offset(upload, row.size)
        first = True
        while offset < row.size or first:
            # The last byte may be there while the hub could not finish: an empty piece asks it again.
            offset = await self._piece(upload, row, read, offset)
            first = False
            moved()

    async def _announce(self, row: FileRow) -> httpx.URL:
        import httpx  # noqa: PLC0415  as above

        values = {"sha256": row.sha256, "media_type": row.media_type}
        metadata = ",".join(f"{key} {base64.b64encode(text.encode()).decode()}" for key, text in values.items())
        headers = {"Upload-Length": str(row.size), "Upload-Metadata": metadata}
        answer = await self._client.post("uploads", headers=headers)
        _require(answer, 201)
        asked = answer.request.url
        try:
            upload = asked.join(answer.headers.get("location", ""))
        except (httpx.InvalidURL, ValueError):
            raise NotTakenError("the upload's place cannot be read") from None
        if (upload.scheme, upload.host, upload.port) != (asked.scheme, asked.host, asked.port):
            raise NotTakenError("the upload's place is on another host")  # our token is not for others
        return upload

    async def _offset(self, upload: httpx.URL, size: int) -> int:
        answer = await self._client.head(upload)
        _require(answer, 200)
        return _offset_in(answer, 0, size)

    async def _piece(self, upload: httpx.URL, row: FileRow, read: Read, offset: int) -> int:
        length = min(PATCH_BYTES, row.size - offset)
        headers = {"Upload-Offset": str(offset), "Content-Type": _PIECE_TYPE, "Content-Length": str(length)}
        async with aclosing(_at_most(read, offset, length)) as content:
            answer = await self._client.patch(upload, headers=headers, content=content)
        _require(answer, 204)
        return _offset_in(answer, offset + min(1, length), row.size)


async def _at_most(read: Read, offset: int, length: int) -> AsyncGenerator[bytes, None]:
    if not length:
        return
    left = length
    pieces = read(offset)
    try:
        async for piece in pieces:
            yield piece[:left]
            left -= len(piece[:left])
            if not left:
                return
    finally:
        if isinstance(pieces, AsyncGenerator):
            await pieces.aclose()


def _require(answer: httpx.Response, status: int) -> None:
    if answer.status_code == status:
        return
    kind = HubAwayError if answer.status_code in _OF_ALL else NotTakenError
    raise kind(f"the hub answered {answer.status_code}")


def _offset_in(answer: httpx.Response, least: int, most: int) -> int:
    text = answer.headers.get("upload-offset", "")
    if text.isascii() and text.isdigit() and least <= int(text) <= most:
        return int(text)
    raise NotTakenError("the hub answered without a usable offset")
