from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hub.ingest.arrived import Arrived, State
from hub.ingest.classify import classify, missing_between, walk
from hub.ingest.lookup import Primary
from tests.unit.hub.ingest.letters import EPOCH, OTHER_EPOCH, STATION, batch, door


def arrived(seq: int, *, id_of: Arrived | None = None, epoch: str = EPOCH) -> Arrived:
    plain = door(seq, 3) if id_of is None else {**door(seq, 3), "id": id_of.id}
    return batch(plain, epoch=epoch).events[0]


def test_the_same_number_and_id_is_a_duplicate() -> None:
    first = arrived(1)
    result = classify([first, arrived(1, id_of=first)], {}, {})
    assert (result.new, result.forks) == ([first], [])


def test_the_same_number_with_another_id_is_a_fork() -> None:
    first, other = arrived(1), arrived(1)
    assert classify([first, other], {}, {}).forks == [other]
    assert classify([other], {first.key: first.id}, {}).forks == [other]


def test_a_known_id_under_another_number_counts() -> None:
    again = arrived(1, epoch=OTHER_EPOCH)
    known = {(STATION, again.id): Primary(EPOCH, 9, "done")}
    assert classify([again], {}, known).new == [again]
    assert again.state is State.KNOWN_ID


def test_an_id_that_comes_twice_in_one_group_is_known_the_second_time() -> None:
    first = arrived(9)
    again = arrived(1, id_of=first, epoch=OTHER_EPOCH)
    classify([first, again], {}, {})
    assert (first.state, again.state) == (State.NEW, State.KNOWN_ID)


@given(st.sets(st.integers(1, 60)))
def test_through_is_the_largest_without_a_gap(numbers: set[int]) -> None:
    ids = {number: f"id {number}" for number in numbers}
    through, name = walk(0, None, ids)
    assert set(range(1, through + 1)) <= numbers
    assert through + 1 not in numbers
    assert name == (f"id {through}" if through else None)


@given(st.sets(st.integers(1, 60), min_size=1))
def test_gaps_and_stored_numbers_fill_the_range(numbers: set[int]) -> None:
    through, _ = walk(0, None, dict.fromkeys(numbers, ""))
    seen = max(numbers)
    gaps = missing_between(through, seen, sorted(number for number in numbers if number > through))
    named = {number for low, high in gaps for number in range(low, high + 1)}
    assert named == set(range(1, seen + 1)) - numbers


def test_gaps_have_a_limit() -> None:
    assert len(missing_between(0, 1001, range(1, 1002, 2), limit=100)) == 100
