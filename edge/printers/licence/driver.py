"""`LicencePrinter` over IPP (RFC 8011): a driverless printer, or a queue of CUPS; both speak the same protocol.

A job carries its stock: size, tray and type of paper, one copy, one side. Nothing here tries twice: a request whose
answer did not come may have been carried out, and only the printer's own list of jobs tells.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

import httpx
from pydantic import BaseModel, ConfigDict, Field

from edge.core.printer_state import why_not
from edge.errors import JobAlteredError, LinkError, NoAnswerError, PrinterNotReadyError
from edge.paper_ports import JobLook, PrinterLook, Stock
from edge.printers.licence.ipp import Attribute, Group, IppNonsenseError, Message, Plain, Tag, decode, encode, of

_PRINT_JOB, _VALIDATE_JOB = 0x0002, 0x0004
_CANCEL_JOB, _GET_JOB, _GET_JOBS, _GET_PRINTER = 0x0008, 0x0009, 0x000A, 0x000B
_IGNORED, _LAST_SUCCESS = 0x0001, 0x00FF
_NOT_FOUND, _UNKNOWN_OPERATION = 0x0406, 0x0501
_REFUSED = {0x0506: "not_accepting", 0x0507: "busy", 0x040B: "ignores"}
# Broken while it was at it: an internal error, a device error, a job canceled. It may have begun.
_BROKEN = frozenset({0x0500, 0x0504, 0x0508})
_PRINTER_STATES: dict[Plain, Literal["idle", "processing", "stopped"]] = {3: "idle", 4: "processing", 5: "stopped"}
_JOB_STATES: dict[Plain, Literal["pending", "held", "processing", "stopped", "canceled", "aborted", "completed"]] = {
    3: "pending", 4: "held", 5: "processing", 6: "stopped", 7: "canceled", 8: "aborted", 9: "completed",
}  # fmt: skip
_WANTED_OF_PRINTER = (
    "printer-state", "printer-state-reasons", "printer-is-accepting-jobs", "media-col-ready", "printer-error-policy",
    "printer-input-tray",
)  # fmt: skip
_WANTED_OF_JOB = ("job-id", "job-name", "job-state", "job-state-reasons", "job-impressions-completed")
_OF_A_JOB = frozenset({"copies", "sides", "print-scaling", "media-col"})
_Said = dict[str, tuple[Plain, ...]]
_MOST_ANSWER = 4 << 20
_NONE_KEPT = httpx.Limits(max_keepalive_connections=0)


class Settings(BaseModel):
    """What is set per printer."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    answer_seconds: Annotated[float, Field(gt=0, le=60)] = 5.0
    user: Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[\x21-\x7e]+$")] = "nightdesk"
    """Under which name jobs stand in the printer's list; never a citizen's."""
    printer_uri: Annotated[str, Field(pattern=r"^(ipp://[^/]+/.+)?$")] = ""
    """`ipp://...` of the printer behind a queue of CUPS: the queue knows neither its trays nor what came out."""
    blind_trays: bool = False
    """It never tells what lies in its trays, and is trusted all the same."""
    may_ignore: str = ""
    """Attributes of a job, parted by commas, that this model may ignore (UNCONFIRMED per model)."""


class IppPrinter:
    """One printer or queue at `ipp://host[:port]/path`."""

    def __init__(
        self, name: str, uri: str, settings: Settings, client: httpx.AsyncClient, direct: httpx.AsyncClient
    ) -> None:
        self.name, self._direct = name, direct
        self._uri, self._settings, self._client = uri, settings, client
        self._numbers = itertools.count(1)

    async def look(self) -> PrinterLook:
        """Return what the printer says of itself; see `edge.paper_ports.LicencePrinter`."""
        wanted = of("requested-attributes", Tag.KEYWORD, *_WANTED_OF_PRINTER)
        said = (await self._ask(_GET_PRINTER, wanted)).named(Group.PRINTER)
        reasons, ready = _reasons(said, "printer-state-reasons"), _ready(said)
        if self._settings.printer_uri:
            itself = (await self._ask(_GET_PRINTER, wanted, at=self._settings.printer_uri)).named(Group.PRINTER)
            reasons = tuple(dict.fromkeys((*reasons, *_reasons(itself, "printer-state-reasons"))))
            ready = _ready(itself)
        return PrinterLook(
            state=_PRINTER_STATES.get(_first(said, "printer-state"), "stopped"),
            accepting=_first(said, "printer-is-accepting-jobs") is True,
            reasons=reasons,
            ready=None if self._settings.blind_trays else ready or (),
            obstacle=self._obstacle(said, ready),
        )

    def _obstacle(self, said: _Said, ready: tuple[Stock, ...] | None) -> str:
        # A queue of CUPS under any other policy prints a job that failed once more by itself.
        if _first(said, "printer-error-policy") not in {None, "abort-job"}:
            return "repeats"
        return "trays_untold" if ready is None and not self._settings.blind_trays else ""

    async def send(self, document: bytes, job_name: str, stock: Stock) -> int:
        """Send one sheet; see `edge.paper_ports.LicencePrinter`."""
        operation, job = _wanted(job_name, stock)
        try:
            if reason := why_not(await self.look(), stock):
                raise PrinterNotReadyError(f"{self.name}: {reason}", reason)
            tried = await self._ask(_VALIDATE_JOB, *operation, job=job, allowed=frozenset({_UNKNOWN_OPERATION}))
        except NoAnswerError as error:
            # Silent to a question, before any job: that is not the silence in which a sheet may move.
            raise LinkError(f"{self.name}: silent before anything was sent") from error
        if ignored := self._ignored(tried):
            raise PrinterNotReadyError(f"{self.name}: would ignore {', '.join(ignored)}", "ignores")
        answer = await self._ask(_PRINT_JOB, *operation, job=job, document=document)
        number = _first(answer.named(Group.JOB), "job-id")
        if type(number) is not int:
            raise NoAnswerError(f"{self.name}: the job has no number")
        if ignored := self._ignored(answer):
            with contextlib.suppress(LinkError, PrinterNotReadyError):
                await self.cancel(number)
            raise JobAlteredError(self.name, ignored)
        return number

    def _ignored(self, answer: Message) -> tuple[str, ...]:
        """Return what of a job's own attributes is ignored and must not be."""
        if answer.code != _IGNORED:
            return ()
        may = {each.strip() for each in self._settings.may_ignore.split(",")}
        return tuple(name for name in answer.named(Group.UNSUPPORTED) if name in _OF_A_JOB and name not in may)

    async def job(self, number: int, job_name: str) -> JobLook | None:
        """Return what the printer says of a job; see `edge.paper_ports.LicencePrinter`."""
        wanted = of("requested-attributes", Tag.KEYWORD, *_WANTED_OF_JOB)
        answer = await self._ask(_GET_JOB, of("job-id", Tag.INTEGER, number), wanted, allowed=frozenset({_NOT_FOUND}))
        said = answer.named(Group.JOB)
        if answer.code == _NOT_FOUND or _first(said, "job-name") != job_name:
            return None
        look = _job(said)
        return await self._witnessed(look, job_name) if look.state == "completed" else look

    async def _witnessed(self, look: JobLook, job_name: str) -> JobLook:
        """Ask the printer behind a queue what came out: a queue counts a page when it was handed on.

        CUPS 2.4.2 told `completed` with one impression of a job that its printer had aborted.
        """
        if not self._settings.printer_uri:
            policy = of("requested-attributes", Tag.KEYWORD, "printer-error-policy")
            queue = "printer-error-policy" in (await self._ask(_GET_PRINTER, policy)).named(Group.PRINTER)
            return replace(look, impressions=None) if queue else look
        jobs = [_job(each) for each in await self._named(job_name, self._settings.printer_uri)]
        open_or_failed = [each for each in jobs if each.state != "completed"]
        counted = [each.impressions for each in jobs if each.impressions is not None]
        whole = len(counted) == len(jobs) > 0
        return open_or_failed[0] if open_or_failed else replace(look, impressions=sum(counted) if whole else None)

    async def find(self, job_name: str) -> int | None:
        """Look for a job among all that the printer remembers; see `edge.paper_ports.LicencePrinter`."""
        numbers = (_first(said, "job-id") for said in await self._named(job_name))
        return next((number for number in numbers if type(number) is int), None)

    async def _named(self, job_name: str, at: str = "") -> list[_Said]:
        found: list[_Said] = []
        for which in ("not-completed", "completed"):
            wanted = of("requested-attributes", Tag.KEYWORD, *_WANTED_OF_JOB)
            answer = await self._ask(_GET_JOBS, of("which-jobs", Tag.KEYWORD, which), wanted, at=at)
            groups = (attributes for tag, attributes in answer.groups if tag == Group.JOB)
            jobs = ({each.name: tuple(v.plain for v in each.values) for each in group} for group in groups)
            found += [said for said in jobs if _first(said, "job-name") == job_name]
        return found

    async def cancel(self, number: int) -> None:
        """Ask that a job be dropped; see `edge.paper_ports.LicencePrinter`."""
        await self._ask(_CANCEL_JOB, of("job-id", Tag.INTEGER, number))

    async def _ask(
        self,
        operation: int,
        *attributes: Attribute,
        job: tuple[Attribute, ...] = (),
        document: bytes = b"",
        allowed: frozenset[int] = frozenset(),
        at: str = "",
    ) -> Message:
        head = (
            of("attributes-charset", Tag.CHARSET, "utf-8"),
            of("attributes-natural-language", Tag.LANGUAGE, "en"),
            of("printer-uri", Tag.URI, at or self._uri),
        )
        # A job is named by printer and number, and the number stands right behind the printer (RFC 8011, §4.1.5).
        who = of("requesting-user-name", Tag.NAME, self._settings.user)
        numbered = tuple(each for each in attributes if each.name == "job-id")
        others = tuple(each for each in attributes if each.name != "job-id")
        groups: tuple[tuple[int, tuple[Attribute, ...]], ...] = ((Group.OPERATION, (*head, *numbered, who, *others)),)
        if job:
            groups += ((Group.JOB, job),)
        question = Message(operation, next(self._numbers) & 0x7FFFFFFF, groups, document)
        answer = await self._exchange(encode(question), question.request_id, at)
        code = answer.code & 0xFFFF
        if code in _BROKEN:
            raise NoAnswerError(f"{self.name}: broke off with status {code:#06x}")
        if code > _LAST_SUCCESS and code not in allowed:
            words = f"{self.name}: refused with status {code:#06x}"
            raise PrinterNotReadyError(words, _REFUSED.get(code, "refused"))
        return answer

    async def _exchange(self, body: bytes, number: int, at: str) -> Message:
        client = self._direct if at else self._client
        try:
            async with client.stream(
                "POST", _address(at or self._uri), content=body, headers={"Content-Type": "application/ipp"},
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
        if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise NoAnswerError(f"{self.name}: broke off with HTTP status {response.status_code}")
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
    async with (
        httpx.AsyncClient(trust_env=False, transport=wire) as client,
        httpx.AsyncClient(trust_env=False, limits=_NONE_KEPT) as direct,
    ):
        yield IppPrinter(name, uri, settings, client, direct)


def _address(uri: str) -> str:
    parts = urlsplit(uri)
    return f"http://{parts.hostname}:{parts.port or 631}{parts.path or '/'}"


def _wanted(job_name: str, stock: Stock) -> tuple[tuple[Attribute, ...], tuple[Attribute, ...]]:
    """Return what is said about a job, and what is asked of it."""
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
    return operation, job


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


def _ready(said: _Said) -> tuple[Stock, ...] | None:
    """Return what lies in the trays; None if that is not told: no such attribute, or sizes of no tray, as CUPS'."""
    listed = said.get("media-col-ready")
    if listed is None:
        return None
    found = tuple(stock for each in listed if (stock := _stock(each)) is not None)
    if not found and listed not in {(), (None,)}:
        return None
    empty = _empty_trays(said)
    return tuple(stock for stock in found if stock.tray not in empty)


def _empty_trays(said: _Said) -> frozenset[str]:
    """Return the trays without a sheet, as PWG 5100.13 lists trays: `...;level=0;...;name=main;`.

    What is set for a tray stays "ready" with some printers when it is empty.
    """
    octets = (each for each in said.get("printer-input-tray", ()) if isinstance(each, bytes))
    trays = (each.decode("utf-8", "replace").split(";") for each in octets)
    told = (dict(pair.split("=", 1) for pair in tray if "=" in pair) for tray in trays)
    return frozenset(tray["name"] for tray in told if tray.get("level") == "0" and "name" in tray)


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


def _job(said: _Said) -> JobLook:
    impressions = _first(said, "job-impressions-completed")
    return JobLook(
        state=_JOB_STATES.get(_first(said, "job-state"), "held"),
        reasons=_reasons(said, "job-state-reasons"),
        impressions=impressions if type(impressions) is int else None,
    )


def _first(said: _Said, name: str) -> Plain:
    return said.get(name, (None,))[0]


def _reasons(said: _Said, name: str) -> tuple[str, ...]:
    return tuple(each for each in said.get(name, ()) if isinstance(each, str) and each != "none")
