"""What is asked before a paper is printed and after it came to be in doubt, and what the hub is told of it."""

from __future__ import annotations

import contextlib

from contract.events import EventData, PaperLeft, PaperTaken, PrintDone, PrintFailed, PrintUnverified
from contract.print_orders import PrintOrder
from edge.clock import Clock
from edge.core.printer_state import why_not
from edge.core.printing import PrintJob, PrintStep
from edge.errors import LinkError, NoAnswerError, PrinterNotReadyError
from edge.paper_ports import JobLook, LicencePrinter, Stock
from edge.services.paper_parts import Machine
from edge.services.refusals import RefusedError
from edge.store.unit_of_work import Transaction

BEFORE = frozenset({PrintStep.REQUESTED, PrintStep.RESERVED, PrintStep.SENDING})
OPEN = BEFORE | {PrintStep.SENT}
_UNFINISHED = frozenset({"pending", "held", "processing", "stopped"})


def require_wanted(tx: Transaction, order: PrintOrder, clock: Clock) -> None:
    """Refuse an order whose paper is out, on its way or in doubt, or that is over.

    Raises:
        RefusedError: why.
    """
    steps = {job.step for job in tx.jobs_of_order(order.order)} - {PrintStep.FAILED}
    if PrintStep.UNVERIFIED in steps:
        raise RefusedError("print_unverified")
    if steps & OPEN:
        raise RefusedError("print_busy")
    if steps:
        raise RefusedError("print_already")
    # A clock that nothing has set cannot tell.
    if clock.synced and order.expires_at <= clock.now():
        raise RefusedError("print_expired")


async def require_ready(machine: Machine, stock: Stock) -> None:
    """Ask before a sheet is reserved: is the printer there, does it print, does the right stock lie in the tray.

    Raises:
        RefusedError: why not.
    """
    try:
        look = await machine.printer.look()
    except NoAnswerError as error:
        raise RefusedError("print_silent") from error
    except (LinkError, PrinterNotReadyError) as error:
        raise RefusedError("print_away") from error
    if reason := why_not(look, stock):
        raise RefusedError(f"print_{reason}")
    if await paper_at(machine):
        raise RefusedError("print_output_full")


async def require_dropped(printer: LicencePrinter, job: PrintJob) -> None:
    """See to it that the printer will not print a job any more, whatever it did with it before.

    Raises:
        RefusedError: it still has it, or nobody can say.
    """
    try:
        number = job.number if job.number is not None else await printer.find(job.name)
        if number is None or not _is_unfinished(await printer.job(number, job.name)):
            return
        with contextlib.suppress(PrinterNotReadyError):
            await printer.cancel(number)
        if _is_unfinished(await printer.job(number, job.name)):
            raise RefusedError("print_busy")
    except NoAnswerError as error:
        raise RefusedError("print_silent") from error
    except (LinkError, PrinterNotReadyError) as error:
        raise RefusedError("print_away") from error


def _is_unfinished(look: JobLook | None) -> bool:
    return look is not None and look.state in _UNFINISHED


async def paper_at(machine: Machine | None) -> bool | None:
    """Return what the sensor at the output sees; None for one that is silent or not there."""
    if machine is None or machine.sensor is None:
        return None
    try:
        return await machine.sensor.paper()
    except LinkError:
        return None


def event_of(job: PrintJob) -> EventData | None:
    """Return what the hub is told of a job that came to its present step; None for steps on the way."""
    match job.step:
        case PrintStep.PRINTED:
            return PrintDone(job=job.id, layout=job.layout)
        case PrintStep.UNVERIFIED:
            return PrintUnverified(job=job.id, layout=job.layout)
        case PrintStep.FAILED:
            return PrintFailed(job=job.id, layout=job.layout, reason=job.reason)
        case PrintStep.TAKEN:
            return PaperTaken(job=job.id, layout=job.layout)
        case PrintStep.LEFT:
            return PaperLeft(job=job.id, layout=job.layout)
        case _:
            return None
