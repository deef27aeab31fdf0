from __future__ import annotations

from edge.links.health import BusHealth


def test_a_run_of_nonsense_and_one_good_answer() -> None:
    health = BusHealth(3)
    assert [health.bad(), health.bad()] == [False, False]
    assert not health.good()
    assert [health.bad(), health.bad(), health.quarantined] == [False, False, False]
    assert health.bad()
    assert health.quarantined
    assert [health.bad(), health.bad(), health.bad()] == [False, False, True], "opened afresh again and again"
    assert health.good()
    assert not health.quarantined
    assert not health.good()
