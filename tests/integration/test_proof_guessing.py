"""The guessing proof in short (`python -m tests.proofs guessing` plays weeks); its kiosk answers like the real one."""

from __future__ import annotations

import random
from pathlib import Path
from uuid import UUID

import pytest

from edge.errors import LockedOutError, WrongCodeError
from edge.services.door_control import Channel
from edge.services.station import FittedCompartment, Station
from edge.services.view import Screen
from edge.store.compartments import Fitted
from edge.store.unit_of_work import Store
from tests.materials import kept_in
from tests.proofs.attackers import ATTACKERS, BOOT_SECONDS, Guess, PowerCycle, Wait
from tests.proofs.guessing import DOORS, LIMIT, ModelKiosk, bound, chance, hits, upper, week
from tests.unit.edge.hand_clock import HandClock

DAY = 24 * 3600.0
SEED = 20261124


def test_no_attacker_exceeds_the_bound_of_a_day_and_the_best_reach_it() -> None:
    tries = {name: week(name, attacker, SEED, seconds=DAY).tries for name, attacker in ATTACKERS.items()}
    assert max(tries.values()) == tries["spread"] == tries["five_and_on"] == bound(DAY) == 8670
    # Cutting the power locks everything for good, sooner or later.
    assert tries["power_cycle_each_try"] <= 5 * DOORS
    assert tries["power_cycle_each_alarm"] <= 5 * DOORS


def test_a_week_of_guesses_hits_less_often_than_once_in_a_thousand() -> None:
    assert bound() == 60_510
    assert 6.0e-4 < chance(bound()) < 6.1e-4 < LIMIT


def test_the_drawn_codes_are_hit_as_often_as_the_count_says() -> None:
    # With a thousandth of the codes, so that hits are many: 8670 tries among 10^5 codes.
    day = week("spread", ATTACKERS["spread"], SEED, seconds=DAY)
    weeks, found = hits(day.admitted, range(SEED, SEED + 4000), codes=10**5)
    share = 1.0
    for count in day.admitted.values():
        share *= 1 - count / 10**5
    expected, deviation = weeks * (1 - share), (weeks * (1 - share) * share) ** 0.5
    assert abs(found - expected) < 4 * deviation
    assert 0.07 < found / weeks < 0.1


def test_what_a_count_of_hits_still_allows() -> None:
    # Tables of the Poisson distribution: none seen allows 3.00, ten seen allow 16.96.
    assert upper(0, 1) == pytest.approx(2.996, abs=0.001)
    assert upper(10, 1) == pytest.approx(16.962, abs=0.001)


class RealKiosk:
    """The same moves at the screen of a real station over a real store; only its clock is moved by hand."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.clock = folder, HandClock()
        self.now = 0.0
        self._store: Store
        self._station: Station

    async def start(self) -> None:
        self._store = await Store.open(self._folder / "station.db", self.clock)
        fitted = [
            FittedCompartment(Fitted(number, "s", "any"), Channel("none", number)) for number in range(1, DOORS + 1)
        ]
        boot = (await self._store.identity()).boot
        self._station = Station(
            self._store, {}, None, fitted, kept_in(self._folder, self._store), self.clock, NoSealer(),
            boot=boot, code_key=b"k" * 32, names=("", ""), sleep=self._sleep,
        )  # fmt: skip
        await self._station.start()

    async def stop(self) -> None:
        self._station.staff.close()
        await self._store.close()

    async def guess(self, number: int) -> float:
        self._station.desk.go(Screen.PICKUP)
        self._station.desk.choose_compartment(str(number))
        try:
            await self._station.desk.start_pickup("00000000")
        except LockedOutError as locked:
            return float(locked.seconds_left)
        except WrongCodeError:
            return 0.0
        raise AssertionError("the code of an empty compartment was taken for right")

    async def power_cycle(self) -> None:
        await self.stop()
        await self._sleep(BOOT_SECONDS)
        self.clock.restart()
        await self.start()

    async def wait(self, seconds: float) -> None:
        await self._sleep(seconds)

    async def _sleep(self, seconds: float) -> None:
        self.now += seconds
        self.clock.wait(seconds)


class NoSealer:
    """Nobody loads anything here."""

    def seal(self, plain: str, event_id: UUID, field: str) -> str:
        raise AssertionError("nothing is sealed")


@pytest.mark.parametrize("name", ["one_door", "five_and_on", "power_cycle_each_lock", "anything"])
async def test_the_model_answers_like_the_station(name: str, tmp_path: Path) -> None:
    model, real = ModelKiosk(), RealKiosk(tmp_path)
    # The station's clock stands at another second when it starts first: only differences matter.
    await real.start()
    plan = ATTACKERS[name](DOORS, random.Random(SEED))
    move, answers = next(plan), []
    for _ in range(90):
        answer = 0.0
        match move:
            case Guess(number):
                answer = model.guess(number)
                answers.append((answer, await real.guess(number), model.now, real.now))
            case Wait(seconds):
                model.now += seconds
                await real.wait(seconds)
            case PowerCycle():
                model.power_cycle()
                await real.power_cycle()
        move = plan.send(answer)
    await real.stop()
    assert [each for each in answers if each[0] != each[1] or each[2] != pytest.approx(each[3])] == []
    assert model.admitted.total() > 10
    assert any(locked for locked, *_ in answers)
