from __future__ import annotations

from edge.lockers.simulator import HALF_FRAME_SECONDS, HostFrames, SimulatedBank


class Notes:
    """Remembers each note together with the leaf as it was at that moment."""

    def __init__(self) -> None:
        self.bank = SimulatedBank(range(1, 4), note=self)
        self.taken: list[tuple[str, int, str, str]] = []

    def __call__(self, what: str, channel: int, **facts: str) -> None:
        self.taken.append((what, channel, facts.get("cause", ""), self.bank.doors[channel].leaf))


def test_a_pulse_releases_and_the_spring_opens() -> None:
    notes = Notes()
    notes.bank.pulse(2)
    door = notes.bank.doors[2]
    assert (door.leaf, door.locked, door.pulses) == ("open", False, 1)
    assert notes.taken == [("pulse", 2, "", "closed"), ("door", 2, "spring", "closed")], "noted before it moved"


def test_without_a_spring_a_person_pulls() -> None:
    bank = SimulatedBank(range(1, 4), spring=False)
    assert not bank.pull(1)
    bank.pulse(1)
    assert bank.doors[1].leaf == "closed"
    assert bank.pull(1)
    bank.push(1)
    assert bank.doors[1].locked
    assert not bank.pull(1)


def test_a_jammed_lock_gets_its_pulse_and_stays_shut() -> None:
    bank = SimulatedBank(range(1, 4))
    bank.doors[1].jammed = True
    bank.pulse(1)
    assert (bank.doors[1].pulses, bank.doors[1].leaf) == (1, "closed")


def test_force_needs_no_pulse() -> None:
    notes = Notes()
    notes.bank.force(3)
    assert (notes.bank.doors[3].leaf, notes.bank.doors[3].pulses) == ("open", 0)
    assert notes.taken == [("door", 3, "force", "closed")]


def test_a_stuck_sensor_lies() -> None:
    bank = SimulatedBank(range(1, 4))
    bank.doors[1].stuck_sensor = "closed"
    bank.force(1)
    assert not bank.sensed_open(1)
    assert bank.sensed_open(99), "a channel without a door has an open contact"


def test_a_coil_without_a_lock_moves_nothing() -> None:
    bank = SimulatedBank(range(1, 4))
    bank.pulse(99)
    assert all(door.pulses == 0 for door in bank.doors.values())


def test_half_a_frame_is_forgotten() -> None:
    frames = HostFrames(3, lambda frame: frame[0] == 0xAA)
    assert frames.cut(b"\xaa\x01", 1.0) == []
    assert frames.cut(b"\x02", 1.0 + HALF_FRAME_SECONDS / 2) == [b"\xaa\x01\x02"]
    assert frames.cut(b"\xaa\x01", 2.0) == []
    assert frames.cut(b"\x02\xaa\x03\x04", 2.0 + 2 * HALF_FRAME_SECONDS) == [b"\xaa\x03\x04"]
