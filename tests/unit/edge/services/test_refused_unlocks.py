"""What becomes of a visit when the lock must rest, was unlocked too often, or its bus talks nonsense."""

from __future__ import annotations

from pathlib import Path

from edge.core.compartment import Allocation
from edge.ports import Door
from tests.unit.edge.services.night import begin, eventually, night, step, until


async def test_the_second_pulse_waits_until_the_lock_has_rested(tmp_path: Path) -> None:
    async with night(tmp_path, coils="unlock_interval_ms = 1500, unlocks_a_minute = 3") as scene:
        await scene.world.do("jam", compartment=1, jammed=True)
        await begin(scene)
        await until(lambda: scene.station.visits.active and scene.station.visits.active.pulses == 2)
        await scene.world.do("jam", compartment=1, jammed=False)
        await step(scene, "open")
        first, second = [each["mono"] for each in (await scene.world.do("state"))["coil_log"]]
        # On its way to the board a frame may wait; without the rest the second one comes in a few tenths.
        assert second - first >= 1.2
        assert (await scene.compartment(1)).in_service


async def test_a_lock_that_was_unlocked_too_often_is_not_blamed_and_the_person_goes_on_elsewhere(
    tmp_path: Path,
) -> None:
    async with night(tmp_path, coils="unlock_interval_ms = 0, unlocks_a_minute = 1") as scene:
        await scene.world.do("jam", compartment=1, jammed=True)
        await begin(scene)
        opened = await step(scene, "open")
        assert opened.compartment == 2
        assert await scene.world.coils() == {1: 1, 2: 1}, "nothing was sent to the lock a second time"
        left = await scene.compartment(1)
        assert (left.allocation, left.in_service) == (Allocation.FREE, True)
        assert "door_failed" not in await scene.types()


async def test_a_bus_that_talks_nonsense_is_reported_and_heard_again(tmp_path: Path) -> None:
    async with night(tmp_path) as scene:
        await scene.world.do("noise", board="main", modes=["flip"], rate=1.0, seed=3, way="out")
        await until(lambda: scene.station.doors.quarantined_buses() == {"main"})
        await until(lambda: scene.station.doors.door(1) is Door.UNKNOWN)
        while (await scene.last("device_failed"))["device"] != "bus-main":
            await eventually(scene.types, "device_failed")
        assert (await scene.last("device_failed"))["fault"] == "quarantined"
        assert scene.station.doors.door(5) is Door.CLOSED, "the other bus goes on"
        await scene.world.do("noise", board="main", modes=[])
        await until(lambda: scene.station.doors.door(1) is Door.CLOSED)
        await eventually(scene.types, "device_recovered")
        assert scene.station.doors.quarantined_buses() == frozenset()
