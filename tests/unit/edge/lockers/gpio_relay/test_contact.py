from __future__ import annotations

from edge.lockers.gpio_relay.contact import Contact
from edge.ports import Door

OPEN, CLOSED, UNKNOWN = Door.OPEN, Door.CLOSED, Door.UNKNOWN


def contact(*, closed: bool = True) -> Contact:
    return Contact(still=0.030, restless=0.5, closed=closed, now=0.0)


def test_nothing_is_known_before_the_first_stillness() -> None:
    it = contact()
    assert it.door(0.029) is UNKNOWN
    assert it.still_at == 0.030
    assert it.door(0.030) is CLOSED


def test_bouncing_keeps_the_last_position() -> None:
    it = contact()
    for n in range(20):
        it.edge(closed=bool(n % 2), now=1 + n * 0.02)
        assert it.door(1 + n * 0.02) is CLOSED
    it.edge(closed=False, now=1.4)
    assert it.door(1.429) is CLOSED
    assert it.door(1.431) is OPEN


def test_bouncing_for_too_long_is_unknown() -> None:
    it = contact()
    assert it.door(0.9) is CLOSED
    for n in range(60):
        it.edge(closed=bool(n % 2), now=1 + n * 0.01)
    assert it.door(1.499) is CLOSED
    assert it.door(1.6) is UNKNOWN
    assert it.door(1.7) is CLOSED, "still again"


def test_each_restlessness_has_its_own_limit() -> None:
    it = contact()
    for start in (1.0, 2.0, 3.0):
        for n in range(20):
            it.edge(closed=bool(n % 2), now=start + n * 0.02)
            assert it.door(start + n * 0.02) is CLOSED, start


def test_a_position_whose_edge_was_lost_counts_from_when_it_was_read() -> None:
    it = contact()
    it.sample(closed=True, now=1.0)
    assert it.door(1.0) is CLOSED, "nothing new"
    it.sample(closed=False, now=2.0)
    assert it.door(2.02) is CLOSED
    assert it.door(2.04) is OPEN


def test_an_edge_that_is_handed_over_late_does_not_turn_time_back() -> None:
    it = contact()
    it.edge(closed=False, now=2.0)
    it.edge(closed=True, now=1.9)
    assert it.door(2.1) is OPEN
