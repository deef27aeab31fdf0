"""Runs one entry: its own seeds first, then inputs made of them, until the time or the number of runs is over."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.fuzz.mutate import Mutate, mutate

# A reader that needs longer for 64 KiB holds up whoever waits for it.
SLOW_S = 2.0
MOST_FINDINGS = 5
_CORPUS = 512


@dataclass(frozen=True)
class Entry:
    """`feed` takes any bytes and returns, or raises one of `allowed`; everything else is a finding."""

    name: str
    feed: Callable[[bytes], None]
    seeds: Sequence[bytes]
    allowed: tuple[type[Exception], ...] = ()
    mutate: Mutate = mutate
    slow_s: float = SLOW_S


class ElsewhereError(Exception):
    """A fault in another process; its text alone tells it from others."""


@dataclass(frozen=True)
class Finding:
    """What went wrong, and with which input."""

    what: str
    data: bytes


@dataclass
class Outcome:
    """How one entry went."""

    name: str
    seed: int
    runs: int = 0
    refused: int = 0
    seconds: float = 0.0
    findings: list[Finding] = field(default_factory=list)


def run(entry: Entry, seed: int, *, seconds: float = float("inf"), runs: int = 1 << 60) -> Outcome:
    """Feed the entry until `seconds` or `runs` are over, or until five different things went wrong."""
    rng, corpus, outcome = random.Random(seed), list(entry.seeds) or [b""], Outcome(entry.name, seed)
    began, kinds = time.monotonic(), set()
    while outcome.runs < runs and (outcome.seconds < seconds or outcome.runs < len(entry.seeds)):
        fresh = outcome.runs < len(entry.seeds)
        data = corpus[outcome.runs] if fresh else entry.mutate(rng, rng.choice(corpus), corpus)
        found = _feed(entry, data, outcome)
        outcome.runs += 1
        outcome.seconds = time.monotonic() - began
        if found is not None and found.split(":")[0] not in kinds:
            kinds.add(found.split(":")[0])
            outcome.findings.append(Finding(found, data))
            if len(outcome.findings) == MOST_FINDINGS:
                break
        # Some of what was made is changed further, so that several wrong things come together.
        if not fresh and rng.random() < 0.02:
            _keep(rng, corpus, data, len(entry.seeds))
    return outcome


def _keep(rng: random.Random, corpus: list[bytes], data: bytes, seeds: int) -> None:
    if len(corpus) < _CORPUS:
        corpus.append(data)
    else:
        corpus[rng.randrange(seeds, _CORPUS)] = data


def _feed(entry: Entry, data: bytes, outcome: Outcome) -> str | None:
    began = time.monotonic()
    try:
        entry.feed(data)
    except entry.allowed:
        outcome.refused += 1
    except ElsewhereError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - whatever an entry raises is the finding
        return f"{type(error).__name__} {_place(error)}: {error}"
    if (took := time.monotonic() - began) > entry.slow_s:
        return f"slow: {took:.1f} s"
    return None


def _place(error: Exception) -> str:
    """Return the file and line that raised, so that two faults of one type are told apart."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]} line {trace.tb_lineno}"
