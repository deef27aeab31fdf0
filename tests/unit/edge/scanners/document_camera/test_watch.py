from hypothesis import given
from hypothesis import strategies as st

from edge.scanners.document_camera.watch import STILL_SECONDS, Look, Watch

EMPTY, LIES, MOVES = (
    Look(False, False, False, False), Look(True, False, False, False), Look(True, True, False, False)
)  # fmt: skip
SAME, HAND = Look(True, False, False, True), Look(True, False, True, False)


def test_a_sheet_is_captured_once_until_it_is_taken_away() -> None:
    watch = Watch()
    assert watch.see(0.0, EMPTY).hint == "empty"
    assert watch.see(0.1, MOVES).hint == "hold_still"
    assert watch.see(0.2, LIES) == watch.see(0.4, LIES)
    assert watch.see(0.51, LIES).capture
    assert [watch.see(0.6 + at, SAME).hint for at in range(3)] == ["take_away"] * 3
    watch.see(4.0, EMPTY)
    watch.see(4.1, SAME)
    assert watch.see(4.5, SAME).capture


def test_what_reaches_over_the_border_is_never_captured_and_soon_named() -> None:
    watch = Watch()
    answers = [watch.see(at / 10, HAND) for at in range(20)]
    assert not any(answer.capture for answer in answers)
    assert (answers[0].hint, answers[-1].hint) == ("hold_still", "cropped")


@given(st.lists(st.tuples(st.integers(1, 4), st.builds(Look, *[st.booleans()] * 4)), max_size=60))
def test_every_capture_had_a_still_sheet_without_a_hand_for_long_enough(steps: list[tuple[int, Look]]) -> None:
    watch, now, still_since = Watch(), 0.0, None
    for tenths, look in steps:
        now += tenths / 10
        still_since = None if look.moves or not look.covered else (now if still_since is None else still_since)
        if watch.see(now, look).capture:
            assert not look.crosses
            assert still_since is not None
            assert now - still_since >= STILL_SECONDS - 1e-9
