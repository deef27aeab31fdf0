"""Anything at any moment, at a whole station over bytes: the search for a door that opens for nobody's grant (I3).

Real core, store, services, buses and drivers; simulated boards answer bytes; time is virtual. What people, steel,
wires, power and clocks do is chosen by hypothesis, the judge is `oracle.py`.
"""

from __future__ import annotations

from collections import Counter
from typing import get_args

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from edge.links.simulator import Noise, NoiseMode
from edge.services.parts import StaffWork
from tests.proofs.bench import Bench
from tests.proofs.cabinet import PRINTER, Layout
from tests.proofs.people import People

# Every family that speaks over bytes, two boards at a station.
PAIRS = (("lock8a", "kerong_cu48"), ("wkly", "kerong_cu16"), ("dc02", "winnsen"), ("cu60", "modbus_relay"))
NUMBERS, BOARDS = range(1, 7), ("b0", "b1")
numbers, boards = st.sampled_from(NUMBERS), st.sampled_from(BOARDS)
# No process is back before what it left on the wire has arrived.
away = st.sampled_from((0.1, 1.0, 5.0, 65.0))
seconds = st.sampled_from((0.01, 0.1, 0.4, 1.0, 3.5, 16.0, 65.0, 200.0))
BEATS = st.integers(0, 60)
INSPECTIONS, REST_S = 6, 61.0
TOTALS: Counter[str] = Counter()
# Most moves are made by who can make them; a few rules have no such mark, so that the wrong moment is met as well.
idle = precondition(lambda self: self.people.view().visit is None)
busy = precondition(lambda self: self.people.view().visit is not None)


class Lockers(RuleBasedStateMachine):
    """Rules are moves; each is followed by a look of the judge."""

    families = PAIRS[0]

    @initialize()
    def build(self) -> None:
        self.bench = Bench(Layout(self.families, doors_each=3))
        self.people = People(self.bench)
        self.bench.do(self.bench.start())
        self.bench.do(self.bench.give_documents([]))
        TOTALS["examples"] += 1

    # -- people -----------------------------------------------------------------------------------------------------

    @rule(size=st.sampled_from(("s", "m")), beats=BEATS)
    def citizen_hands_in(self, size: str, beats: int) -> None:
        self.bench.do(self.people.hand_in(size))
        self.bench.do(self.bench.beats(beats))

    @idle
    @rule(beats=BEATS)
    def staff_load(self, beats: int) -> None:
        self.bench.do(self.people.load())
        self.bench.do(self.bench.beats(beats))

    @rule(number=numbers, right=st.sampled_from((True, True, True, False)), beats=BEATS)
    def recipient_types(self, number: int, right: bool, beats: int) -> None:
        code = self.people.codes().get(number)
        if code is not None:
            self.bench.do(self.people.type_code(number, code if right else f"{(int(code) + 1) % 10**8:08d}"))
            self.bench.do(self.bench.beats(beats))

    @idle
    @rule(number=numbers)
    def staff_clear(self, number: int) -> None:
        self.bench.do(self.people.clear(number))

    @idle
    @rule(number=numbers)
    def staff_inspect(self, number: int) -> None:
        self.bench.do(self.people.inspect(number))

    @busy
    @rule()
    def uses_the_door_as_meant(self) -> None:
        """Waits for the door, uses it, shuts it, waits for the question and answers."""
        self.bench.do(self._as_meant())

    async def _as_meant(self) -> None:
        bench, people = self.bench, self.people
        await bench.until(lambda: people.view().step != "opening", 10)
        people.use_open_door()
        view = people.view()
        if view.compartment is not None and view.step == "open":
            bench.cabinet.push(view.compartment)
        await bench.until(lambda: people.view().step in {"closed", "result"}, 10)
        await people.answer()
        await people.leave_result()

    @busy
    @rule()
    def hands_reach_in(self) -> None:
        self.people.use_open_door()

    @busy
    @rule()
    def answers(self) -> None:
        self.bench.do(self.people.answer())

    @busy
    @rule()
    def wants_it_again(self) -> None:
        self.bench.do(self.people.once_more())

    @busy
    @rule()
    def gives_up(self) -> None:
        self.bench.do(self.people.give_up())

    @busy
    @rule()
    def leaves(self) -> None:
        self.bench.do(self.people.leave_result())

    @rule(number=numbers)
    def shuts(self, number: int) -> None:
        self.bench.act(lambda: self.bench.cabinet.push(number))

    @rule(number=numbers)
    def pulls(self, number: int) -> None:
        self.bench.act(lambda: self.bench.cabinet.pull(number))

    # -- faults -----------------------------------------------------------------------------------------------------

    @rule(number=numbers)
    def forces(self, number: int) -> None:
        self.bench.act(lambda: self.bench.cabinet.force(number))

    @rule(number=numbers, jammed=st.booleans())
    def jams(self, number: int, jammed: bool) -> None:
        self.bench.cabinet.door(number).jammed = jammed

    @rule(number=numbers, leaf=st.sampled_from((None, None, "open", "closed")))
    def sticks(self, number: int, leaf: str | None) -> None:
        self.bench.stick(number, leaf)

    @rule(
        board=boards,
        modes=st.lists(st.sampled_from(get_args(NoiseMode)), min_size=1, max_size=3, unique=True),
        rate=st.sampled_from((0.1, 0.4, 0.8)),
        seed=st.integers(0, 999),
    )
    def noise(self, board: str, modes: list[NoiseMode], rate: float, seed: int) -> None:
        wire = self.bench.cabinet.wires[board]
        inward: tuple[NoiseMode, ...] = tuple(mode for mode in modes if mode != "delay")
        wire.noise_in, wire.noise_out = Noise(rate, seed, inward), Noise(rate, seed + 1, tuple(modes))

    @rule(board=boards)
    def silence_on_the_line(self, board: str) -> None:
        self.bench.cabinet.wires[board].hush()

    @rule(board=st.sampled_from((*BOARDS, PRINTER)), beats=BEATS)
    def unplugs(self, board: str, beats: int) -> None:
        self.bench.do(self.bench.beats(beats))
        self.bench.do(self.bench.unplug(board))

    @rule(board=st.sampled_from((*BOARDS, PRINTER)))
    def plugs(self, board: str) -> None:
        self.bench.cabinet.wires[board].plug()

    @rule(beats=BEATS, away=away)
    def edge_crashes(self, beats: int, away: float) -> None:
        TOTALS["crashes"] += 1
        self.bench.do(self._crash(beats, away))

    async def _crash(self, beats: int, away: float) -> None:
        await self.bench.beats(beats)
        await self.bench.crash()
        await self.bench.wait(away)
        await self.bench.start()

    @rule(beats=BEATS, away=away)
    def power_fails(self, beats: int, away: float) -> None:
        TOTALS["power cuts"] += 1
        self.bench.do(self.bench.beats(beats))
        self.bench.do(self.bench.power_cut(away))

    @rule(busy=st.sampled_from((0.0, 0.0, 0.3, 4.0)))
    def disk(self, busy: float) -> None:
        self.bench.busy(busy)

    @rule(jump=st.sampled_from((-86_400.0, -60.0, 60.0, 86_400.0)))
    def clock_jumps(self, jump: float) -> None:
        self.bench.clock.jump(jump)

    @rule(passed=seconds)
    def time_passes(self, passed: float) -> None:
        self.bench.do(self.bench.wait(passed))

    # -- the judge --------------------------------------------------------------------------------------------------

    @invariant()
    def nothing_is_wrong(self) -> None:
        if hasattr(self, "bench"):
            TOTALS["steps"] += 1
            assert not self.bench.judge.problems, self.bench.judge.problems

    def teardown(self) -> None:
        """Heal everything, let staff settle what is in doubt, and see one more citizen hand in."""
        if not hasattr(self, "bench"):
            return
        try:
            if not self.bench.judge.problems:
                self.bench.do(heal_and_live(self.bench, self.people))
                assert not self.bench.judge.problems, self.bench.judge.problems
        finally:
            TOTALS["pulses"] += self.bench.judge.pulses.total()
            TOTALS["events"] += len(self.bench.judge.events)
            self.bench.close()


async def heal_and_live(bench: Bench, people: People) -> None:
    """Mend everything, end what is open, look into what is in doubt; then the station must serve again."""
    await heal(bench, people)
    await settle(bench, people)
    assert await people.hand_in(), f"nobody can hand in any more: {people.refused[-3:]}"
    assert await finish_visit(bench, people) == "done", people.view()


async def heal(bench: Bench, people: People) -> None:
    """Mend everything, shut the doors, and wait until nobody is in the middle of anything."""
    bench.busy(0.0)
    await bench.cabinet.heal()
    for number in bench.cabinet.numbers:
        bench.stick(number, None)
        bench.cabinet.push(number)
    # Silent boards are asked every two seconds, broken lines opened every five; a forgotten visit ends by its time.
    await bench.wait(12)
    assert await bench.until(lambda: people.view().step not in {"opening", "open", "closed"}, 400), people.view()
    await people.leave_result()
    await people.sign_out()


async def settle(bench: Bench, people: People) -> None:
    """Staff look into everything that is in doubt or out of service, and take out what they find."""
    for number in bench.cabinet.numbers:
        for _ in range(INSPECTIONS):
            if number not in {each.number for each in (await work_of(bench, people)).to_inspect}:
                break
            assert await people.inspect(number), people.refused[-3:]
            if await finish_visit(bench, people) != "done":
                # A lock that was pulsed too often rests; staff come again.
                await bench.wait(REST_S)
    await people.sign_out()


async def work_of(bench: Bench, people: People) -> StaffWork:
    """Return the lists of staff, signed in."""
    await people.sign_in()
    return await bench.station.desk.work()


async def finish_visit(bench: Bench, people: People) -> str:
    """Use the door as meant, and return how the visit ended."""
    await bench.until(lambda: people.view().step != "opening", 20)
    people.use_open_door()
    number = people.view().compartment
    if number is not None:
        bench.cabinet.push(number)
    await bench.until(lambda: people.view().step in {"closed", "result"}, 20)
    await people.answer()
    await bench.until(lambda: people.view().step in {"result", "home", "list"}, 20)
    ending = str(people.view().ending)
    await people.leave_result()
    return ending
