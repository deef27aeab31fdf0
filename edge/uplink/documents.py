"""Signed documents: fetched by hash when `desired` names another one, checked, and swapped atomically in the store.

The last good one stays in force whatever happens here. Source: contract of the wire, section 1 (Documents).
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import random
import ssl
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from joserfc.jwk import OKPKey
from pydantic import ValidationError

from contract.documents import BODIES, DOCUMENT_TYP, StationDocument, read_body
from contract.events import ConfigApplied, ConfigRefused
from contract.signing import SignatureRefusedError, verify
from contract.state import Desired, WantedDocument
from edge.store.papers import StoredDocument
from edge.store.unit_of_work import Store, Transaction

log = logging.getLogger(__name__)

LARGEST_DOCUMENT = 8 * 1024 * 1024
FETCH_TIMEOUT_S = 10.0
RETRY_MIN_S, RETRY_MAX_S = 1.0, 60.0


class NotFetchedError(Exception):
    """The document did not come; the same may succeed later. `status` is the HTTP status, if there was an answer."""

    def __init__(self, what: str, status: int | None = None) -> None:
        super().__init__(what)
        self.status = status


class DocumentRefusedError(Exception):
    """The document came and must not be used; `reason` in a few words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Source:
    """Where documents are fetched: base URL, file with the bearer token, CA file for https if not the system's."""

    url: str
    token_file: Path
    ca_file: Path | None = None


def check_document(
    token: str, kind: str, wanted: WantedDocument, station: str, keys: Mapping[str, OKPKey]
) -> StationDocument:
    """Return the document if it is the wanted one, signed by one of `keys` (those pinned for its kind).

    Raises:
        DocumentRefusedError: it is not, and why.
    """
    if hashlib.sha256(token.encode()).hexdigest() != wanted.sha256:
        raise DocumentRefusedError("hash_mismatch")
    try:
        _, payload = verify(token, keys, typ=DOCUMENT_TYP)
        document = StationDocument.model_validate_json(payload)
        read_body(document)
    except SignatureRefusedError as error:
        raise DocumentRefusedError(error.reason) from error
    except ValidationError as error:
        raise DocumentRefusedError("malformed") from error
    for right, reason in (
        (document.kind == kind, "wrong_kind"),
        (document.station == station, "wrong_station"),
        (document.version == wanted.version, "wrong_version"),
    ):
        if not right:
            raise DocumentRefusedError(reason)
    return document


class Documents:
    """Follows `desired`. `applied` is called with the kind after each swap.

    `keys` are the pinned keys by kind of document, then by `kid`.
    """

    def __init__(
        self,
        store: Store,
        station: str,
        keys: Mapping[str, Mapping[str, OKPKey]],
        source: Source,
        applied: Callable[[str], Awaitable[None]],
    ) -> None:
        self._store, self._station, self._keys, self._source = store, station, keys, source
        self._applied = applied
        self._wanted: dict[str, WantedDocument] = {}
        # Of this process only: after a restart the station file may pin another key.
        self._refused: set[str] = set()
        self._news = asyncio.Event()

    def desired_arrived(self, payload: bytes) -> None:
        """Take one message of the station's `desired` topic; nonsense is logged and forgotten."""
        try:
            desired = Desired.model_validate_json(payload)
        except ValidationError as error:
            log.warning("`desired` cannot be read: %d errors", error.error_count())
            return
        if desired.station != self._station:
            log.warning("`desired` is meant for another station")
            return
        self._wanted = {kind: wanted for kind, wanted in desired.documents.items() if kind in BODIES}
        self._news.set()

    async def run(self) -> None:
        """Fetch what is wanted until cancelled; what cannot be had is tried again with growing pauses."""
        attempt = 0
        while True:
            self._news.clear()
            missed = [kind for kind in list(self._wanted) if not await self._hold(kind)]
            attempt = attempt + 1 if missed else 0
            with suppress(TimeoutError):
                async with asyncio.timeout(_pause(attempt) if missed else None):
                    await self._news.wait()
                    attempt = 0

    async def _hold(self, kind: str) -> bool:
        """Make sure that the wanted document is in force or refused; False when it is worth another try."""
        wanted = self._wanted[kind]
        stored = await self._store.read(lambda tx: tx.document(kind))
        if wanted.sha256 in self._refused or (stored is not None and stored.sha256 == wanted.sha256):
            return True
        if stored is not None and wanted.version <= stored.version:
            return await self._refuse(kind, wanted, "version_not_rising")
        try:
            token = await fetch(self._source, wanted.sha256)
            check_document(token, kind, wanted, self._station, self._keys.get(kind, {}))
        except NotFetchedError as error:
            log.warning("document %s version %d was not fetched: %s", kind, wanted.version, error)
            return False
        except DocumentRefusedError as refusal:
            return await self._refuse(kind, wanted, refusal.reason)
        document = StoredDocument(kind, wanted.version, wanted.sha256, token)
        if await self._store.transact(lambda tx: _swap(tx, document)):
            log.info("document %s version %d is in force", kind, wanted.version)
            await self._applied(kind)
        return True

    async def _refuse(self, kind: str, wanted: WantedDocument, reason: str) -> bool:
        log.error("document %s version %d is refused: %s", kind, wanted.version, reason)
        refused = ConfigRefused(kind=kind, version=wanted.version, sha256=wanted.sha256, reason=reason)
        await self._store.transact(lambda tx: _tell_once(tx, refused))
        if reason == "hash_mismatch":
            # The transfer may have broken the bytes; whatever else is wrong was signed or named so.
            return False
        self._refused.add(wanted.sha256)
        return True


async def fetch(source: Source, sha256: str) -> str:
    """Return the compact JWS with that hash; the hash is the caller's to check. Raises as `fetch_bytes`."""
    try:
        return (await fetch_bytes(source, f"station-documents/{sha256}", LARGEST_DOCUMENT)).decode("ascii")
    except ValueError as error:
        raise NotFetchedError("no ASCII") from error


async def fetch_bytes(source: Source, path: str, most: int) -> bytes:
    """Return what the hub answers to this station at a path.

    Raises:
        NotFetchedError: no token file, no connection, another status than 200, or more than `most` bytes.
    """
    import httpx  # noqa: PLC0415  costs memory and start time, and is needed only when a document changed

    url = f"{source.url.rstrip('/')}/{path}"
    try:
        token = source.token_file.read_text(encoding="ascii").strip()
        verify_by = True if source.ca_file is None else ssl.create_default_context(cafile=str(source.ca_file))
        async with (
            httpx.AsyncClient(verify=verify_by, timeout=FETCH_TIMEOUT_S, trust_env=False) as client,
            client.stream("GET", url, headers={"Authorization": f"Bearer {token}"}) as response,
        ):
            if response.status_code != httpx.codes.OK:
                raise NotFetchedError(f"the hub answered {response.status_code}", response.status_code)
            body = b""
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > most:
                    raise NotFetchedError(f"larger than {most} bytes")
            return body
    except (OSError, ValueError, httpx.HTTPError) as error:
        raise NotFetchedError(f"{type(error).__name__}: {error}") from error


def _swap(tx: Transaction, document: StoredDocument) -> bool:
    stored = tx.document(document.kind)
    if stored is not None and document.version <= stored.version:
        return False
    tx.save_document(document)
    tx.set_meta(_refusal_key(document.kind), "")
    tx.emit(ConfigApplied(kind=document.kind, version=document.version, sha256=document.sha256))
    return True


def _tell_once(tx: Transaction, refused: ConfigRefused) -> None:
    mark = f"{refused.sha256} {refused.reason}"
    if tx.meta(_refusal_key(refused.kind)) != mark:
        tx.set_meta(_refusal_key(refused.kind), mark)
        tx.emit(refused)


def _refusal_key(kind: str) -> str:
    return f"document_refused:{kind}"


def _pause(attempt: int) -> float:
    ceiling = min(RETRY_MAX_S, RETRY_MIN_S * 2.0 ** min(attempt, 10))
    return random.uniform(RETRY_MIN_S, ceiling)  # noqa: S311  jitter, no secret
