"""An unlock that waits for its turn is taken back when nobody waits for the door any more (found by the proofs)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.proofs.bench import Bench
from tests.proofs.cabinet import Layout
from tests.proofs.machine import finish_visit
from tests.proofs.people import People


@pytest.fixture
def waiting() -> Iterator[tuple[Bench, People]]:
    """A second hand-in right after the first: its coil must let the supply recover from the one before."""
    bench = Bench(Layout(("lock8a",), doors_each=4, sizes="s"))
    people = People(bench)
    bench.do(_second_hand_in(bench, people))
    assert people.view().step == "opening"
    assert bench.judge.pulses.total() == 1
    yield bench, people
    bench.close()


async def _second_hand_in(bench: Bench, people: People) -> None:
    await bench.start()
    await bench.give_documents([])
    await people.hand_in()
    assert await finish_visit(bench, people) == "done"
    await people.hand_in()


def test_who_gives_up_before_the_coil_moved_is_not_given_the_door(waiting: tuple[Bench, People]) -> None:
    bench, people = waiting
    bench.do(people.give_up())
    assert people.view().ending == "cancelled"
    bench.do(bench.wait(5))
    assert bench.judge.pulses.total() == 1
    assert bench.judge.problems == []


def test_another_door_that_springs_open_stops_the_one_that_was_asked_for(waiting: tuple[Bench, People]) -> None:
    bench, people = waiting
    bench.act(lambda: bench.cabinet.force(3))
    bench.do(bench.wait(5))
    assert people.view().ending == "failed"
    assert bench.judge.pulses.total() == 1
    assert bench.judge.problems == []


def test_an_unlock_that_nobody_stops_is_sent(waiting: tuple[Bench, People]) -> None:
    bench, people = waiting
    assert bench.do(finish_visit(bench, people)) == "done"
    assert bench.judge.pulses.total() == 2


def test_who_gives_up_at_once_is_not_given_the_door_while_the_disk_is_busy(waiting: tuple[Bench, People]) -> None:
    bench, people = waiting
    bench.do(people.give_up())
    bench.do(people.leave_result())
    bench.busy(2.0)
    bench.do(people.hand_in())
    # In the very round of the loop in which the permission became durable: nothing has begun to carry it out.
    bench.do(people.give_up())
    bench.busy(0.0)
    bench.do(bench.wait(5))
    assert people.view().ending == "cancelled"
    assert bench.judge.pulses.total() == 1
    assert bench.judge.problems == []
