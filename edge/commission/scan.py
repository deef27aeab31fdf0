"""Which boards stand on a port: every family, speed and address asked by frames that move nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from edge.commission.person import CommissioningRefusedError
from edge.core.wiring import Answered, ScanRefusal, sort_answers
from edge.errors import LinkError, NoAnswerError
from edge.links.bus import SharedBus
from edge.links.wire import OpenLink, open_link
from edge.lockers.board import Question
from edge.lockers.commissioning import COMMISSIONABLE, Commissionable, only_answer
from edge.lockers.line import Line, LineSettings

Progress = Callable[[str, int, str], Awaitable[None]]
"""Told before each stretch of the search: port, speed, families."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Milliseconds of a search: boards answer in about 50, and a search asks hundreds of addresses."""

    answer_ms: int = 250
    silence_ms: int = 25
    quiet_ms: int = 20


async def scan(
    port: str,
    patience: Patience,
    progress: Progress,
    families: Sequence[str] = tuple(COMMISSIONABLE),
    opener: Callable[[str, int], Awaitable[OpenLink]] = open_link,
) -> list[Answered]:
    """Return the boards of a port, all of one family.

    Raises:
        CommissioningRefusedError: nobody answers, or what answers cannot share a wire.
    """
    heard, search = _Heard(), _Search(port, patience, progress, opener)
    answers: set[Answered] = set()
    for last in (False, True):
        # Questions that may disturb other families go out where nothing else answered.
        asked = [name for name in families if COMMISSIONABLE[name].asked_last == last]
        if not answers:
            answers = await _scan_families(search, asked, heard)
    sorted_ = sort_answers(answers, {name: COMMISSIONABLE[name].bauds for name in families})
    if isinstance(sorted_, ScanRefusal):
        text = "only_noise" if sorted_.text == "nobody_answers" and heard.anything else sorted_.text
        raise CommissioningRefusedError(text, port=port, facts=sorted_.facts)
    return sorted_


class _Heard:
    """Whether the line ever carried bytes: a wire with wrong answers is another fault than a dead one."""

    def __init__(self) -> None:
        self.anything = False


@dataclass(frozen=True, slots=True)
class _Search:
    port: str
    patience: Patience
    progress: Progress
    opener: Callable[[str, int], Awaitable[OpenLink]]


async def _scan_families(search: _Search, names: Sequence[str], heard: _Heard) -> set[Answered]:
    port = search.port
    answers: set[Answered] = set()
    bauds = dict.fromkeys(baud for name in names for baud in COMMISSIONABLE[name].bauds)
    # A serial server has its own speed; asking it twice shows the same boards twice.
    for baud in list(bauds)[:1] if port.startswith("socket://") else list(bauds):
        served = [name for name in names if baud in COMMISSIONABLE[name].bauds or port.startswith("socket://")]
        await search.progress(port, baud, ", ".join(served))
        quiet = search.patience.quiet_ms / 1000
        async with SharedBus(port, baud, quiet=quiet, late=quiet, opener=search.opener) as bus:
            for name in served:
                answers |= await _scan_addresses(bus, name, baud, search.patience, heard)
    return answers


async def _scan_addresses(bus: SharedBus, name: str, baud: int, patience: Patience, heard: _Heard) -> set[Answered]:
    family = COMMISSIONABLE[name]
    line = Line(LineSettings(answer_ms=patience.answer_ms, silence_ms=patience.silence_ms))
    found: set[Answered] = set()
    for address in family.addresses:
        if await _answers_twice(bus, line, family, address, heard):
            found.add(Answered(name, _usual(family, baud), address))
    return found


def _usual(family: Commissionable, baud: int) -> int:
    return baud if baud in family.bauds else family.bauds[0]


async def _answers_twice(bus: SharedBus, line: Line, family: Commissionable, address: int, heard: _Heard) -> bool:
    question = next(iter(family.tongues(address).values())).questions()[0]
    return await _answers(bus, line, question, heard) and await _answers(bus, line, question, heard)


async def _answers(bus: SharedBus, line: Line, question: Question, heard: _Heard) -> bool:
    def find(data: bytes) -> bytes | None:
        answer = only_answer(question, data)
        heard.anything |= answer is None and bool(data.replace(question.request, b""))
        return answer

    try:
        async with bus.conversation(urgent=False) as link:
            await line.ask(link, question.request, find)
    except NoAnswerError:
        return False
    except LinkError as error:
        raise CommissioningRefusedError("port_unusable", trouble=str(error)) from error
    return True
