"""Documents signed by hand with a key that the dispatch process does not have: `config`, by the offline key."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from joserfc.jwk import OKPKey
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine

from contract.documents import StationDocument, sign_document
from contract.ids import StationId
from contract.signing import SignatureRefusedError
from hub.db.engine import writing
from hub.dispatch.documents import Kind, checked_body, insert_document, newest_versions, read_token, store_document
from hub.errors import ConfigError

_STATION: TypeAdapter[str] = TypeAdapter(StationId)


def read_body_file(path: Path, kind: str) -> dict[str, object]:
    """Return the body in a JSON file.

    Raises:
        ConfigError: names the file and the field that is wrong.
    """
    try:
        return checked_body(kind, path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(str(path), f"a readable file ({error.strerror})") from error
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ConfigError(f"{path}: {where}", f"the body of a {kind} document ({first['msg']})") from error


def station_name(text: str) -> str:
    """Return a station's id.

    Raises:
        ConfigError: no station can have this name.
    """
    try:
        return _STATION.validate_python(text)
    except ValidationError as error:
        raise ConfigError("--station", "3 to 32 small letters, digits or hyphens; not `hub`") from error


async def sign_into(
    engine: AsyncEngine, key: OKPKey, kind: Kind, station: str, body: dict[str, object], now: datetime
) -> StationDocument | None:
    """Sign the next version and store it; None when the last one says the same."""
    async with writing(engine) as connection:
        return await store_document(connection, key, kind, station, body, now)


def sign_apart(key: OKPKey, kind: Kind, station: str, version: int, body: dict[str, object], now: datetime) -> str:
    """Return a token signed on a machine without the database; `add_token` brings it in."""
    document = StationDocument(kind=kind, station=station, version=version, issued_at=now, body=body)
    return sign_document(document, key)[0]


async def add_token(engine: AsyncEngine, token: str, sha256: str) -> StationDocument:
    """Store a token that was signed elsewhere; the stations check its signature.

    Raises:
        ConfigError: not a document, or its version does not rise.
    """
    try:
        document = read_token(token)
    except (ValidationError, SignatureRefusedError) as error:
        raise ConfigError("--in", "a signed station document") from error
    async with writing(engine) as connection:
        newest = await newest_versions(connection, document.station, document.kind)
        if document.version <= newest:
            raise ConfigError("--in", f"a version above {newest}, which {document.station} has")
        await insert_document(connection, document, token, sha256)
    return document
