"""`LicencePrinter` over IPP (RFC 8011): a driverless printer, or a queue of CUPS; both speak the same protocol.

A job carries its stock: size, tray and type of paper, one copy, one side. Nothing here tries twice: a request whose
answer did not come may have been carried out, and only the printer's own list of jobs tells.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

import httpx
from pydantic import BaseModel, ConfigDict, Field

from edge.errors import LinkError, NoAnswerError, PrinterNotReadyError
from edge.paper_ports import JobLook, PrinterLook, Stock
from edge.printers.licence.ipp import Attribute, Group, IppNonsenseError, Message, Plain, Tag, decode, encode, of

_PRINT_JOB, _CANCEL_JOB, _GET_JOB, _GET_JOBS, _GET_PRINTER = 0x0002, 0x0008, 0x0009, 0x000A, 0x000B
_LAST_SUCCESS = 0x00FF
_NOT_FOUND = 0x0406
_PRINTER_STATES: dict[Plain, Literal["idle", "processing", "stopped"]] = {3: "idle", 4: "processing", 5: "stopped"}
_JOB_STATES: dict[Plain, Literal["pending", "held", "processing", "stopped", "canceled", "aborted", "completed"]] = {
    3: "pending", 4: "held", 5: "processing", 6: "stopped", 7: "canceled", 8: "aborted", 9: "completed",
}  # fmt: skip
_WANTED_OF_PRINTER = (
    "printer-state", "printer-state-reasons", "printer-is-accepting-jobs", "media-col-ready",
)  # fmt: skip
_WANTED_OF_JOB = ("job-id", "job-name", "job-state", "job-state-reasons", "job-impressions-completed")
_MOST_ANSWER = 4 << 20
_NONE_KEPT = httpx.Limits(max_keepalive_connections=0)


class Settings(BaseModel):
    """What is set per printer."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    answer_seconds: Annotated[float, Field(gt=0, le=60)] = 5.0
    user: Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[\x21-\x7e]+$")] = "nightdesk"
    """Under which name jobs stand in the printer's list; never a citizen's."""


class IppPrinter:
    """One printer or queue at `ipp://host[:port]/path`."""

    def __init__(self, name: str, uri: str, settings: Settings, client: httpx.AsyncClient) -> None:
        self.name = name
        self._uri, self._settings, self._client = uri, settings, client
        parts = urlsplit(uri)
        self._address = f"http://{parts.hostname}:{parts.port or 631}{parts.path or '/'}"
        self._numbers = itertools.count(1)

    async def look(self) -> PrinterLook:
        """Return what the printer says of itself; see `edge.paper_ports.LicencePrinter`."""
        answer = await self._ask(_GET_PRINTER, of("requested-attributes", Tag.KEYWORD, *_WANTED_OF_PRINTER))
        said = answer.named(Group.PRINTER)
        return PrinterLook(
            state=_PRINTER_STATES.get(_first(said, "printer-state"), "stopped"),
            accepting=_first(said, "printer-is-accepting-jobs") is True,
            reasons=_reasons(said, "printer-state-reasons"),
            ready=tuple(stock for each in said.get("media-col-ready", ()) if (stock := _stock(each)) is not None),
        )

    async def send(self, document: bytes, job_name: str, stock: Stock) -> int:
        """Send one sheet; see `edge.paper_ports.LicencePrinter`."""
        operation = (
            of("job-name", Tag.NAME, job_name),
            of("document-format", Tag.MIME, "application/pdf"),
            of("ipp-attribute-fidelity", Tag.BOOLEAN, True),
        )
        job = (
            of("copies", Tag.INTEGER, 1),
            of("sides", Tag.KEYWORD, "one-sided"),
            of("print-scaling", Tag.KEYWORD, "none"),
            of("media-col", Tag.COLLECTION, _media(stock)),
        )
        answer = await self._ask(_PRINT_JOB, *operation, job=job, document=document)
        number = _first(answer.named(Group.JOB), "job-id")
        if type(number) is not int:
            raise NoAnswerError(f"{self.name}: the job has no number")
        return number

    async def job(self, number: int, job_name: str) -> JobLook | None:
        """Return what the printer says of a job; see `edge.paper_ports.LicencePrinter`."""
        wanted = of("requested-attributes", Tag.KEYWORD, *_WANTED_OF_JOB)
        answer = await self._ask(_GET_JOB, of("job-id", Tag.INTEGER, number), wanted, missing=True)
        said = answer.named(Group.JOB)
        return None if answer.code == _NOT_FOUND or _first(said, "job-name") != job_name else _job(said)

    async def find(self, job_name: str) -> int | None:
        """Look for a job among all that the printer remembers; see `edge.paper_ports.LicencePrinter`."""
        for which in ("not-completed", "completed"):
            wanted = of("requested-attributes", Tag.KEYWORD, *_WANTED_OF_JOB)
            answer = await self._ask(_GET_JOBS, of("which-jobs", Tag.KEYWORD, which), wanted)
            for tag, attributes in answer.groups:
                said = {each.name: tuple(value.plain for value in each.values) for each in attributes}
                number = _first(said, "job-id")
                if tag == Group.JOB and _first(said, "job-name") == job_name and type(number) is int:
                    return number
        return None

    async def cancel(self, number: int) -> None:
        """Ask that a job be dropped; see `edge.paper_ports.LicencePrinter`."""
        await self._ask(_CANCEL_JOB, of("job-id", Tag.INTEGER, number))

    async def _ask(
        self,
        operation: int,
        *attributes: Attribute,
        job: tuple[Attribute, ...] = (),
        document: bytes = b"",
        missing: bool = False,
    ) -> Message:
        head = (
            of("attributes-charset", Tag.CHARSET, "utf-8"),
            of("attributes-natural-language", Tag.LANGUAGE, "en"),
            of("printer-uri", Tag.URI, self._uri),
        )
        # A job is named by printer and number, and the number stands right behind the printer (RFC 8011, §4.1.5).
        who = of("requesting-user-name", Tag.NAME, self._settings.user)
        numbered = tuple(each for each in attributes if each.name == "job-id")
        others = tuple(each for each in attributes if each.name != "job-id")
        groups: tuple[tuple[int, tuple[Attribute, ...]], ...] = ((Group.OPERATION, (*head, *numbered, who, *others)),)
        if job:
            groups += ((Group.JOB, job),)
        question = Message(operation, next(self._numbers) & 0x7FFFFFFF, groups, document)
        answer = await self._exchange(encode(question), question.request_id)
        if answer.code < 0 or (answer.code > _LAST_SUCCESS and not (missing and answer.code == _NOT_FOUND)):
            raise PrinterNotReadyError(f"{self.name}: refused with status {answer.code & 0xFFFF:#06x}")
        return answer

    async def _exchange(self, body: bytes, number: int) -> Message:
        try:
            async with self._client.stream(
                "POST", self._address, content=body, headers={"Content-Type": "application/ipp"},
                timeout=self._settings.answer_seconds,
            ) as response:  # fmt: skip
                received = b""
                async for part in response.aiter_bytes():
                    received += part
                    if len(received) > _MOST_ANSWER:
                        raise NoAnswerError(f"{self.name}: an answer without end")
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise LinkError(f"{self.name}: not there") from error
        except httpx.HTTPError as error:
            raise NoAnswerError(f"{self.name}: no whole answer") from error
        if response.status_code != httpx.codes.OK:
            raise PrinterNotReadyError(f"{self.name}: refused with HTTP status {response.status_code}")
        try:
            answer = decode(received)
        except IppNonsenseError as error:
            raise NoAnswerError(f"{self.name}: nonsense") from error
        if answer.request_id != number:
            raise NoAnswerError(f"{self.name}: the answer to another question")
        return answer


@asynccontextmanager
async def open_ipp_printer(
    name: str, uri: str, settings: Settings, socket: Path | None = None
) -> AsyncIterator[IppPrinter]:
    """Yield the printer, asked over a local socket if one is given; nothing is asked of it yet."""
    # Each question on a connection of its own: on one that was kept, a printer that was switched off and on since would
    # look as if it had taken a job and fallen silent.
    wire = httpx.AsyncHTTPTransport(uds=None if socket is None else str(socket), limits=_NONE_KEPT)
    async with httpx.AsyncClient(trust_env=False, transport=wire) as client:
        yield IppPrinter(name, uri, settings, client)


def _media(stock: Stock) -> tuple[Attribute, ...]:
    """Facts on hardware, §5.3: hundredths of a millimetre, and both names that bind a stock to one tray."""
    size: Plain = (
        of("x-dimension", Tag.INTEGER, stock.width_um // 10),
        of("y-dimension", Tag.INTEGER, stock.height_um // 10),
    )
    return (
        of("media-size", Tag.COLLECTION, size),
        of("media-source", Tag.KEYWORD, stock.tray),
        of("media-type", Tag.KEYWORD, stock.type),
    )


def _stock(said: Plain) -> Stock | None:
    members = _members(said)
    size = _members(_first(members, "media-size"))
    width, height = _first(size, "x-dimension"), _first(size, "y-dimension")
    tray, kind = _first(members, "media-source"), _first(members, "media-type")
    if not (type(width) is int and type(height) is int and isinstance(tray, str) and isinstance(kind, str)):
        return None
    return Stock(width * 10, height * 10, tray, kind)


def _members(said: Plain) -> dict[str, tuple[Plain, ...]]:
    if not isinstance(said, tuple):
        return {}
    return {each.name: tuple(v.plain for v in each.values) for each in said if isinstance(each, Attribute)}


def _job(said: dict[str, tuple[Plain, ...]]) -> JobLook:
    impressions = _first(said, "job-impressions-completed")
    return JobLook(
        state=_JOB_STATES.get(_first(said, "job-state"), "held"),
        reasons=_reasons(said, "job-state-reasons"),
        impressions=impressions if type(impressions) is int else None,
    )


def _first(said: dict[str, tuple[Plain, ...]], name: str) -> Plain:
    return said.get(name, (None,))[0]


def _reasons(said: dict[str, tuple[Plain, ...]], name: str) -> tuple[str, ...]:
    return tuple(each for each in said.get(name, ()) if isinstance(each, str) and each != "none")
