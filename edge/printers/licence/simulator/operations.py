"""The simulated printer's answers: one IPP message in, one out (RFC 8011, §4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from edge.paper_ports import Stock
from edge.printers.licence.ipp import Attribute, Group, Message, Plain, Tag, of
from edge.printers.licence.simulator.device import COMPLETED, PENDING, UNFINISHED, Device, Job

PRINT_JOB, VALIDATE_JOB, CANCEL_JOB, GET_JOB, GET_JOBS, GET_PRINTER = 0x0002, 0x0004, 0x0008, 0x0009, 0x000A, 0x000B
OK, IGNORED = 0x0000, 0x0001
NOT_POSSIBLE, NOT_FOUND, NOT_SUPPORTED = 0x0404, 0x0406, 0x040B
UNKNOWN_OPERATION, NOT_ACCEPTING, BUSY = 0x0501, 0x0506, 0x0507
_TEMPLATE = ("copies", "sides", "print-scaling", "media-col")
Groups = tuple[tuple[int, tuple[Attribute, ...]], ...]


def answer(device: Device, question: Message) -> Message:
    """Carry out what is asked and answer it."""
    known: Mapping[int, Callable[[Device, Message], tuple[int, Groups]]] = {
        PRINT_JOB: _print_job,
        VALIDATE_JOB: _validate_job,
        CANCEL_JOB: _cancel,
        GET_JOB: _job,
        GET_JOBS: _jobs,
        GET_PRINTER: _printer,
    }
    act = known.get(question.code)
    code, groups = (UNKNOWN_OPERATION, ()) if act is None else act(device, question)
    head = of("attributes-charset", Tag.CHARSET, "utf-8"), of("attributes-natural-language", Tag.LANGUAGE, "en")
    return Message(code, question.request_id, ((Group.OPERATION, head), *groups))


def _print_job(device: Device, question: Message) -> tuple[int, Groups]:
    code, unsupported = _judged(device, question)
    if code not in {OK, IGNORED}:
        return code, unsupported
    stock = None if "media-col" in device.moods.ignores else _stock(question)
    name = _first(question.named(Group.OPERATION), "job-name")
    job = device.take(str(name), len(question.data), stock)
    return code, (*unsupported, (Group.JOB, _told(job)))


def _validate_job(device: Device, question: Message) -> tuple[int, Groups]:
    return _judged(device, question) if device.moods.validates else (OK, ())


def _judged(device: Device, question: Message) -> tuple[int, Groups]:
    moods, asked = device.moods, question.named(Group.JOB)
    if not moods.accepting:
        return NOT_ACCEPTING, ()
    if moods.one_at_a_time and device.busy:
        return BUSY, ()
    stock = _stock(question)
    if stock is not None and stock.tray not in device.trays and "media-col" not in moods.ignores:
        return NOT_SUPPORTED, ((Group.UNSUPPORTED, (Attribute("media-col", ()),)),)
    ignored = [name for name in _TEMPLATE if name in asked and name in moods.ignores]
    if ignored:
        return IGNORED, ((Group.UNSUPPORTED, tuple(of(name, Tag.UNSUPPORTED, None) for name in ignored)),)
    return OK, ()


def _cancel(device: Device, question: Message) -> tuple[int, Groups]:
    job = _meant(device, question)
    if job is None:
        return NOT_FOUND, ()
    return (OK if device.cancel(job) else NOT_POSSIBLE), ()


def _job(device: Device, question: Message) -> tuple[int, Groups]:
    job = _meant(device, question)
    return (NOT_FOUND, ()) if job is None else (OK, ((Group.JOB, _told(job)),))


def _jobs(device: Device, question: Message) -> tuple[int, Groups]:
    ended = _first(question.named(Group.OPERATION), "which-jobs") == "completed"
    jobs = (job for job in device.jobs.values() if (job.state not in UNFINISHED) is ended)
    return OK, tuple((Group.JOB, _told(job)) for job in jobs)


def _printer(device: Device, _question: Message) -> tuple[int, Groups]:
    reasons = device.reasons()
    stopped = bool(device.halted_by()) or any(each.endswith("-error") for each in reasons)
    working = any(job.state in UNFINISHED and job.state != PENDING for job in device.jobs.values())
    full = {name: tray for name, tray in device.trays.items() if tray.sheets > 0}
    ready = [_media(name, tray.width_um, tray.height_um, tray.type) for name, tray in full.items()]
    said = [
        of("printer-state", Tag.ENUM, 5 if stopped else 4 if working else 3),
        of("printer-state-reasons", Tag.KEYWORD, *(reasons or ["none"])),
        of("printer-is-accepting-jobs", Tag.BOOLEAN, device.moods.accepting),
        of("document-format-supported", Tag.MIME, "application/pdf"),
    ]
    if device.moods.tells_media:
        none = of("media-col-ready", Tag.NO_VALUE, None)
        said.append(of("media-col-ready", Tag.COLLECTION, *ready) if ready else none)
    return OK, ((Group.PRINTER, tuple(said)),)


def _told(job: Job) -> tuple[Attribute, ...]:
    told = [
        of("job-id", Tag.INTEGER, job.number),
        of("job-name", Tag.NAME, job.name),
        of("job-state", Tag.ENUM, job.state),
        of("job-state-reasons", Tag.KEYWORD, job.reason),
    ]
    if job.impressions is not None:
        told.append(of("job-impressions-completed", Tag.INTEGER, job.impressions if job.state == COMPLETED else 0))
    return tuple(told)


def _media(tray: str, width_um: int, height_um: int, kind: str) -> tuple[Attribute, ...]:
    size: Plain = (of("x-dimension", Tag.INTEGER, width_um // 10), of("y-dimension", Tag.INTEGER, height_um // 10))
    return (
        of("media-size", Tag.COLLECTION, size),
        of("media-source", Tag.KEYWORD, tray),
        of("media-type", Tag.KEYWORD, kind),
    )


def _meant(device: Device, question: Message) -> Job | None:
    number = _first(question.named(Group.OPERATION), "job-id")
    return device.jobs.get(number) if isinstance(number, int) else None


def _stock(question: Message) -> Stock | None:
    members = _members(_first(question.named(Group.JOB), "media-col"))
    size = _members(members.get("media-size"))
    width, height = size.get("x-dimension"), size.get("y-dimension")
    if not isinstance(width, int) or not isinstance(height, int):
        return None
    return Stock(width * 10, height * 10, str(members.get("media-source")), str(members.get("media-type")))


def _members(said: Plain) -> dict[str, Plain]:
    if not isinstance(said, tuple):
        return {}
    return {each.name: each.values[0].plain for each in said if isinstance(each, Attribute) and each.values}


def _first(said: Mapping[str, tuple[Plain, ...]], name: str) -> Plain:
    return said.get(name, (None,))[0]
