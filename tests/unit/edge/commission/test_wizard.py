"""The wizard over the boards' own bytes: whatever wiring and mistakes, it learns the truth or refuses."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.commission.boards import Spot, open_spots
from edge.commission.person import CommissioningRefusedError, LeftError
from edge.commission.wizard import Learned, Wizard
from edge.core.wiring import Contact
from edge.lockers.commissioning import COMMISSIONABLE
from edge.lockers.cu60.simulator import Cu60Simulator
from edge.lockers.dc02.simulator import Dc02Simulator
from edge.lockers.kerong_cu16.simulator import KerongCu16Simulator
from edge.lockers.kerong_cu48.simulator import KerongCu48Simulator
from edge.lockers.lock8a.simulator import Lock8aSimulator
from edge.lockers.modbus_relay.simulator import ModbusRelaySimulator
from edge.lockers.simulator import BoardSimulator, SimulatedBank, SimulatedDoor
from edge.lockers.winnsen.simulator import WinnsenSimulator
from edge.lockers.wkly.simulator import WklySimulator
from tests.unit.edge.commission.cabinet import FAST, Cabinet, Hands, bank, hurried

STATION = Path("station.toml")


async def learn(cabinet: Cabinet, hands: Hands, family: str, addresses: list[int], **line: int) -> Learned:
    settings = FAST | {"pulse_ms": 100} | line
    spots = [Spot(f"b{n}", "memory", family, 9600, address, settings) for n, address in enumerate(addresses)]
    async with open_spots(STATION, spots, cabinet.opener) as boards:
        wizard = Wizard(hands, boards, shuffled=lambda numbers: numbers[::-1], within=0.01)
        return await wizard.run()


def truth(cabinet: Cabinet) -> dict[int, Contact]:
    return {number: Contact(f"b{board}", channel) for number, (board, channel) in cabinet.doors.items()}


def lock8a(channels: list[int], high_first: bool = True, closed_contact: int = 0x11, open_bit: int = 1) -> Cabinet:
    board = Lock8aSimulator(1, bank(channels), high_first=high_first, closed_contact=closed_contact, open_bit=open_bit)
    return Cabinet([board], {n: (0, c) for n, c in enumerate(channels, 11)})


WIRED_8A = [
    (high_first, closed_contact, open_bit)
    for high_first in (True, False)
    for closed_contact in (0x11, 0x00)
    for open_bit in (1, 0)
]


def settings_8a(high_first: bool, closed_contact: int, open_bit: int) -> dict[str, str]:
    return {
        "status_byte_order": "high_first" if high_first else "low_first",
        "single_polarity": "closed_is_11" if closed_contact else "closed_is_00",
        "bitmap_polarity": "one_is_open" if open_bit else "one_is_closed",
    }


@pytest.mark.parametrize("wired", WIRED_8A)
def test_a_key_tells_order_and_both_polarities_without_a_coil(wired: tuple[bool, int, int]) -> None:
    high_first, closed_contact, open_bit = wired
    cabinet = lock8a([1, 17, 10], high_first=high_first, closed_contact=closed_contact, open_bit=open_bit)
    learned = hurried(learn(cabinet, Hands(cabinet), "lock8a", [1]))
    assert dict(learned.readings["b0"]) == settings_8a(*wired)
    assert learned.channels == truth(cabinet)
    assert cabinet.pulses == 0
    assert learned.coils_tried == frozenset()


@pytest.mark.parametrize("wired", WIRED_8A)
def test_locks_tell_it_too(wired: tuple[bool, int, int]) -> None:
    high_first, closed_contact, open_bit = wired
    cabinet = lock8a([1, 4], high_first=high_first, closed_contact=closed_contact, open_bit=open_bit)
    learned = hurried(learn(cabinet, Hands(cabinet, by_lock=True), "lock8a", [1]))
    assert dict(learned.readings["b0"]) == settings_8a(*wired)
    assert learned.channels == truth(cabinet)
    assert learned.coils_tried == {11, 12}


def test_a_lock_that_must_rest_is_waited_for_and_not_called_broken() -> None:
    cabinet = lock8a([1, 4])
    hands = Hands(cabinet, by_lock=True)
    learned = hurried(learn(cabinet, hands, "lock8a", [1], unlock_interval_ms=3000))
    assert learned.coils_tried == {11, 12}
    assert "lock_rests" in hands.told
    assert "unlock_not_sent" not in hands.told


class Mute8a(Lock8aSimulator):
    """A board that knows whole-board queries only."""

    def _act(self, frame: bytes) -> list[bytes]:
        return [] if frame[0] == 0x80 and frame[2] else super()._act(frame)


@pytest.mark.parametrize("high_first", [True, False])
def test_a_board_that_says_nothing_of_single_locks_needs_one_unlock(high_first: bool) -> None:
    cabinet = Cabinet([Mute8a(1, bank([3, 20]), high_first=high_first)], {1: (0, 3), 2: (0, 20)})
    learned = hurried(learn(cabinet, Hands(cabinet), "lock8a", [1]))
    # What only those answers show is not written: nothing reads it.
    assert dict(learned.readings["b0"]) == {
        "status_byte_order": "high_first" if high_first else "low_first", "bitmap_polarity": "one_is_open",
    }  # fmt: skip
    assert learned.channels == truth(cabinet)


def test_and_is_refused_where_nobody_allows_it() -> None:
    cabinet = Cabinet([Mute8a(1, bank([3, 20]))], {1: (0, 3), 2: (0, 20)})
    with pytest.raises(CommissioningRefusedError, match="order_unclear_refused"):
        hurried(learn(cabinet, Hands(cabinet, may_unlock=False), "lock8a", [1]))
    assert cabinet.pulses == 0


def test_doors_in_the_middle_group_alone_do_not_tell_the_order() -> None:
    """Both orders agree about them; whoever adds a door later would trust a guess."""
    cabinet = lock8a([9, 12, 16])
    with pytest.raises(CommissioningRefusedError, match="still_ambiguous"):
        hurried(learn(cabinet, Hands(cabinet), "lock8a", [1]))


class Mixed8a(Lock8aSimulator):
    """Some locks have the other switch: their bit, their single contact, or both are turned round."""

    bits: frozenset[int] = frozenset()
    contacts: frozenset[int] = frozenset()

    def _contact(self, lock: int) -> int:
        return super()._contact(lock) ^ (0x11 if lock in self.contacts else 0)

    def _status(self) -> bytes:
        for channel in self.bits & self.bank.doors.keys():
            door = self.bank.doors[channel]
            door.stuck_sensor = "closed" if door.leaf == "open" else "open"
        frame = super()._status()
        for channel in self.bits & self.bank.doors.keys():
            self.bank.doors[channel].stuck_sensor = None
        return frame


@pytest.mark.parametrize(("bits", "contacts"), [({2}, set()), (set(), {2}), ({2}, {2})])
def test_locks_of_different_makes_on_one_board_are_refused(bits: set[int], contacts: set[int]) -> None:
    simulator = Mixed8a(1, bank([1, 2, 3]))
    simulator.bits, simulator.contacts = frozenset(bits), frozenset(contacts)
    cabinet = Cabinet([simulator], {1: (0, 1), 2: (0, 2), 3: (0, 3)})
    hands = Hands(cabinet, patience=60)
    with pytest.raises((CommissioningRefusedError, LeftError)):
        hurried(learn(cabinet, hands, "lock8a", [1]))
    assert "doors_contradict" in hands.told


class Crossed8a(Lock8aSimulator):
    """Coils of two channels are exchanged, their sensors are not."""

    def _unlock(self, lock: int) -> list[bytes]:
        return super()._unlock({1: 2, 2: 1}.get(lock, lock))


def test_exchanged_coils_are_found_by_the_locks() -> None:
    cabinet = Cabinet([Crossed8a(1, bank([1, 2, 3]))], {1: (0, 1), 2: (0, 2), 3: (0, 3)})
    hands = Hands(cabinet, by_lock=True, patience=60)
    with pytest.raises((CommissioningRefusedError, LeftError)):
        hurried(learn(cabinet, hands, "lock8a", [1]))
    assert "coil_and_sensor_differ" in hands.told


class CrossedRelays(ModbusRelaySimulator):
    """Relays 1 and 2 open each other's doors; the inputs are right."""

    def _switch(self, relay: int, *, on: bool, now: float, until: float) -> None:
        super()._switch({0: 1, 1: 0}.get(relay, relay), on=on, now=now, until=until)


def relays(simulator: type[ModbusRelaySimulator]) -> Cabinet:
    return Cabinet([simulator(1, bank([1, 2, 5]))], {1: (0, 1), 2: (0, 2), 3: (0, 5)})


def test_a_relay_board_is_not_believed_before_its_relays_moved() -> None:
    cabinet = relays(ModbusRelaySimulator)
    with pytest.raises(CommissioningRefusedError, match="coils_must_move"):
        hurried(learn(cabinet, Hands(cabinet, may_unlock=False), "modbus_relay", [1]))
    learned = hurried(learn(cabinet, Hands(cabinet), "modbus_relay", [1]))
    assert learned.channels == truth(cabinet)
    assert learned.coils_tried == {1, 2, 3}


@pytest.mark.parametrize("by_lock", [True, False])
def test_relays_that_open_other_doors_than_their_inputs_tell_are_refused(by_lock: bool) -> None:
    cabinet = relays(CrossedRelays)
    with pytest.raises((CommissioningRefusedError, LeftError)):
        hurried(learn(cabinet, Hands(cabinet, by_lock=by_lock, patience=120), "modbus_relay", [1]))


def test_a_door_that_its_own_relay_does_not_open_is_not_written() -> None:
    cabinet = relays(ModbusRelaySimulator)
    cabinet.boards[0].bank.doors[2].jammed = True
    hands = Hands(cabinet, patience=150)
    with pytest.raises((CommissioningRefusedError, LeftError)):
        hurried(learn(cabinet, hands, "modbus_relay", [1]))
    assert "coil_not_proved" in hands.told


class Misread(Hands):
    """Reads 99 on door 12, once: while the doors are met."""

    async def ask(self, text: str, *, default: str = "", **facts: object) -> str:
        said = await super().ask(text, default=default, **facts)
        if said == "12" and not self.slipped:
            self.slipped.add(12)
            return "99"
        return said


@pytest.mark.parametrize("by_lock", [True, False])
def test_a_number_misread_once_is_found_when_the_doors_are_proved(by_lock: bool) -> None:
    cabinet = lock8a([1, 4])
    hands = Misread(cabinet, by_lock=by_lock)
    learned = judged(cabinet, hands, "lock8a", [1])
    assert hands.slipped == {12}
    assert learned is None or 99 not in learned.channels
    assert "proof_failed" in hands.told or not by_lock


class TwoAtOnce(Hands):
    """Opens a second door too, whenever one is to be proved by its key, the first two times."""

    def _act(self, text: str, facts: Mapping[str, object]) -> str:
        answer = super()._act(text, facts)
        if text == "prove_by_hand" and len(self.slipped) < 2:
            self.slipped.add(len(self.slipped))
            for number in self.cabinet.doors:
                self.cabinet.open_by_key(number)
        return answer


def test_two_doors_at_once_prove_neither() -> None:
    cabinet = lock8a([1, 4])
    hands = TwoAtOnce(cabinet)
    learned = hurried(learn(cabinet, hands, "lock8a", [1]))
    assert learned.channels == truth(cabinet)
    assert hands.told.count("several_moved") == 2


def test_a_sensor_that_never_moves_leaves_its_door_out() -> None:
    cabinet = lock8a([1, 2, 20])
    cabinet.boards[0].bank.doors[2].stuck_sensor = "closed"
    hands = Hands(cabinet, patience=40)
    with pytest.raises(LeftError):
        hurried(learn(cabinet, hands, "lock8a", [1]))
    assert "none_moved" in hands.told


def test_two_sensors_that_touch_are_said() -> None:
    cabinet = lock8a([1, 2])
    doors = cabinet.boards[0].bank.doors

    def touch(door: SimulatedDoor) -> None:
        doors[3 - door.channel].stuck_sensor = "open" if door.leaf == "open" else None

    cabinet.boards[0].bank.on_change = touch
    hands = Hands(cabinet, patience=20)
    with pytest.raises((LeftError, CommissioningRefusedError)):
        hurried(learn(cabinet, hands, "lock8a", [1]))
    assert "several_moved" in hands.told


def test_a_person_who_shuts_when_asked_to_open_does_not_turn_the_polarity_round() -> None:
    """The first picture was taken with the door open; everything the person shows of it is the wrong way round."""

    class Backwards(Hands):
        def _act(self, text: str, facts: Mapping[str, object]) -> str:
            if text in ("shut_all", "shut_it"):
                self.cabinet.shut()
                self.cabinet.open_by_key(11)
                return "all_shut" if text == "shut_all" else "it_is_shut"
            if text == "open_one_by_hand":
                self.cabinet.shut()
                self._showing = 11
                return "it_is_open"
            return super()._act(text, facts)

    cabinet = lock8a([20])
    with pytest.raises((CommissioningRefusedError, LeftError)):
        hurried(learn(cabinet, Backwards(cabinet, patience=60), "lock8a", [1]))


FAMILIES: dict[str, tuple[range, range]] = {
    "lock8a": (range(1, 33), range(1, 25)),
    "kerong_cu48": (range(10), range(1, 25)),
    "kerong_cu16": (range(10), range(1, 17)),
    "wkly": (range(32), range(1, 25)),
    "dc02": (range(1, 16), range(1, 13)),
    "cu60": (range(10), range(1, 25)),
    "winnsen": (range(4), range(1, 17)),
    "modbus_relay": (range(1, 33), range(1, 9)),
}


def simulated(draw: st.DrawFn, family: str, address: int, channels: list[int]) -> BoardSimulator:
    bit, answers_unlock, high_first = draw(st.integers(0, 1)), draw(st.booleans()), draw(st.booleans())
    doors = bank(channels)
    match family:
        case "kerong_cu48":
            return KerongCu48Simulator(address, doors, locked_bit=bit)
        case "kerong_cu16":
            return KerongCu16Simulator(address, doors, locked_bit=bit, answers_unlock=answers_unlock)
        case "wkly":
            return WklySimulator(address, every_lock(channels), open_state=bit, answers_unlock=answers_unlock)
        case "dc02":
            return Dc02Simulator(address, doors, open_bit=bit, high_first=high_first, answers_unlock=answers_unlock)
        case "cu60":
            return Cu60Simulator(address, doors, closed_bit=bit, answers_unlock=answers_unlock)
        case "modbus_relay":
            return ModbusRelaySimulator(address, doors, closed_input=bit)
        case "winnsen":
            return WinnsenSimulator(address, doors, open_state=bit, answers_unlock=answers_unlock)
    return Lock8aSimulator(
        address, doors, groups=draw(st.sampled_from([3, 4])), high_first=high_first,
        closed_contact=draw(st.sampled_from([0x00, 0x11])), open_bit=bit,
        answers_unlock=answers_unlock, unsolicited=draw(st.booleans()),
    )  # fmt: skip


def every_lock(channels: list[int]) -> SimulatedBank:
    """Some boards tell of all locks from the first on; those without a number on them are jammed."""
    made = SimulatedBank(range(1, max(channels) + 1))
    for channel, door in made.doors.items():
        door.jammed = channel not in channels
    return made


@st.composite
def cabinets(draw: st.DrawFn) -> tuple[str, list[int], Cabinet]:
    family = draw(st.sampled_from(sorted(FAMILIES)))
    at, channels = FAMILIES[family]
    addresses = draw(st.lists(st.sampled_from(at), min_size=1, max_size=2, unique=True))
    wired = [draw(st.lists(st.sampled_from(channels), min_size=1, max_size=3, unique=True)) for _ in addresses]
    places = [(board, channel) for board, each in enumerate(wired) for channel in each]
    numbers = draw(st.lists(st.integers(1, 40), min_size=len(places), max_size=len(places), unique=True))
    boards = [simulated(draw, family, a, each) for a, each in zip(addresses, wired, strict=True)]
    return family, addresses, Cabinet(boards, dict(zip(numbers, places, strict=True)))


def test_every_family_is_tried() -> None:
    assert FAMILIES.keys() == COMMISSIONABLE.keys()


def judged(cabinet: Cabinet, hands: Hands, family: str, addresses: list[int]) -> Learned | None:
    try:
        learned = hurried(learn(cabinet, hands, family, addresses))
    except (CommissioningRefusedError, LeftError) as refusal:
        hands.told.append(f"refused: {refusal}")
        return None
    return learned


def is_true(learned: Learned, cabinet: Cabinet) -> None:
    """Every door that was learned is where it really is, and reads as it really stands."""
    assert {n: c for n, c in truth(cabinet).items() if n in learned.channels} == learned.channels


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cabinets(), st.booleans())
def test_any_wiring_is_learned_as_it_is(made: tuple[str, list[int], Cabinet], by_lock: bool) -> None:
    family, addresses, cabinet = made
    learned = judged(cabinet, Hands(cabinet, by_lock=by_lock), family, addresses)
    middle_only = family == "lock8a" and any(
        {c for b, c in cabinet.doors.values() if b == board} <= set(range(9, 17)) for board in range(len(addresses))
    )
    if learned is None:
        assert middle_only
    else:
        is_true(learned, cabinet)
        assert learned.channels.keys() == cabinet.doors.keys()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cabinets(), st.booleans(), st.sampled_from([0.2, 0.6]), st.integers(0, 2**32))
def test_no_slip_of_the_person_ends_in_a_wrong_file(
    made: tuple[str, list[int], Cabinet], by_lock: bool, rate: float, seed: int
) -> None:
    family, addresses, cabinet = made
    hands = Hands(cabinet, by_lock=by_lock, slip_rate=rate, seed=seed, patience=90)
    learned = judged(cabinet, hands, family, addresses)
    if learned is not None:
        is_true(learned, cabinet)
