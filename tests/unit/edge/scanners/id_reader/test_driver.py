"""The card reader over a real pseudo-terminal: in order, once per card, and what a person is told when it fails."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from edge.errors import CardUnreadableError, ConfigError, LinkError, NoAnswerError, NonsenseError, ReaderFailedError
from edge.links.simulator import Noise, NoiseMode
from edge.ports import IdCard, IdReader
from edge.scanner_sections import IdReaderConfig
from edge.scanners.id_reader.driver import SdtReader, Settings
from edge.scanners.id_reader.simulator import PERSONS, Fault, SdtSimulator, citizen_card
from edge.scanners.registry import check_id_reader
from tests.unit.edge.scanners.desk import STATION, card_reader, until

NUMBER = "110101199003070011"


async def test_a_card_that_is_put_on_the_reader_is_read(tmp_path: Path) -> None:
    simulator = SdtSimulator()
    async with card_reader(tmp_path, simulator) as (reader, _):
        assert isinstance(reader, IdReader)
        waiting = asyncio.create_task(reader.wait_for_card(5))
        await until(lambda: simulator.finds > 1)
        simulator.put(PERSONS["wang"])
        card = await waiting
    assert card is not None
    assert (card.citizen_number, card.kind, card.name, card.valid_to is None) == (NUMBER, "citizen", "王测试", False)
    assert len(card.photo) == 1024
    assert NUMBER not in repr(card)
    assert "王" not in repr(card)


@pytest.mark.parametrize("person", PERSONS)
async def test_every_kind_of_card(tmp_path: Path, person: str) -> None:
    simulator = SdtSimulator()
    simulator.put(PERSONS[person])
    async with card_reader(tmp_path, simulator) as (reader, _):
        card = await reader.wait_for_card(5)
    assert card is not None
    assert (card.kind, card.citizen_number) == (PERSONS[person].kind, PERSONS[person].fields["number"])
    assert (card.valid_to is None) == (PERSONS[person].fields["valid_to"] == "长期")


async def test_nothing_is_asked_while_nobody_waits(tmp_path: Path) -> None:
    simulator = SdtSimulator()
    async with card_reader(tmp_path, simulator) as (reader, _):
        before = asyncio.all_tasks()
        assert await reader.wait_for_card(0.12) is None
        assert 1 <= simulator.finds <= 4
        # Nothing runs any more that could ask.
        await until(lambda: asyncio.all_tasks() <= before)


@pytest.mark.parametrize("finds_again", [True, False])
async def test_a_card_that_stays_counts_once(tmp_path: Path, finds_again: bool) -> None:
    simulator = SdtSimulator(finds_again=finds_again)
    simulator.put(PERSONS["wang"])
    async with card_reader(tmp_path, simulator) as (reader, _):
        assert await reader.wait_for_card(5) is not None
        assert await reader.wait_for_card(0.4) is None


async def test_a_card_that_was_lifted_counts_again_though_nobody_waited_meanwhile(tmp_path: Path) -> None:
    simulator = SdtSimulator()
    simulator.put(PERSONS["wang"])
    async with card_reader(tmp_path, simulator) as (reader, _):
        assert await reader.wait_for_card(5) is not None
        simulator.put(None)
        asked = simulator.finds
        await until(lambda: simulator.finds >= asked + 3)
        simulator.put(PERSONS["wang"])
        assert await reader.wait_for_card(5) is not None


async def test_another_card_counts_however_quickly_it_came(tmp_path: Path) -> None:
    simulator = SdtSimulator()
    simulator.put(PERSONS["wang"])
    async with card_reader(tmp_path, simulator) as (reader, _):
        assert await reader.wait_for_card(5) is not None
        simulator.put(PERSONS["li"])
        card = await reader.wait_for_card(5)
        assert card is not None
        assert card.name == "李样例"


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("taken_away", "card_again"),
        ("cut_off", "card_again"),
        ("unreadable", "card_again"),
        ("wrong_card", "card_other_kind"),
    ],
)
async def test_what_a_person_is_told_when_a_card_cannot_be_read(tmp_path: Path, fault: Fault, told: str) -> None:
    simulator = SdtSimulator()
    simulator.put(PERSONS["wang"])
    simulator.fault = fault
    async with card_reader(tmp_path, simulator) as (reader, _):
        with pytest.raises(CardUnreadableError) as refused:
            await reader.wait_for_card(5)
        assert refused.value.text == told
        # Told once, and as soon as it can be read it is.
        assert await reader.wait_for_card(0.2) is None
        simulator.fault = "none"
        simulator.put(PERSONS["wang"])
        assert await reader.wait_for_card(5) is not None


async def test_a_card_that_says_what_cannot_be_is_not_believed(tmp_path: Path) -> None:
    simulator = SdtSimulator()
    simulator.put(citizen_card("测试一", "11010119900101001X"))
    async with card_reader(tmp_path, simulator) as (reader, _):
        with pytest.raises(CardUnreadableError):
            await reader.wait_for_card(5)


@pytest.mark.parametrize(("fault", "error"), [("self_test", LinkError), ("silent", NoAnswerError)])
async def test_a_reader_out_of_order(tmp_path: Path, fault: Fault, error: type[Exception]) -> None:
    simulator = SdtSimulator()
    simulator.fault = fault
    async with card_reader(tmp_path, simulator) as (reader, _):
        with pytest.raises(error):
            await reader.wait_for_card(5)


@pytest.mark.parametrize(("fault", "reason"), [("self_test", "sam_failed"), ("refused", "sam_refused")])
async def test_it_says_what_is_wrong_with_itself(tmp_path: Path, fault: Fault, reason: str) -> None:
    simulator = SdtSimulator()
    async with card_reader(tmp_path, simulator) as (reader, _):
        await reader.check()
        assert simulator.finds == 0
        simulator.fault = fault
        with pytest.raises(ReaderFailedError, match=reason):
            await reader.check()


async def test_a_silent_a_noisy_and_an_unplugged_reader_fail_the_check(tmp_path: Path) -> None:
    simulator = SdtSimulator()
    async with card_reader(tmp_path, simulator) as (reader, pty):
        pty.noise_out = Noise(1.0, 5, ("flip",))
        with pytest.raises(NonsenseError):
            await reader.check()
        pty.noise_out = Noise(0.0, 5, ())
        simulator.fault = "silent"
        with pytest.raises(NoAnswerError):
            await reader.check()
        pty.unplug()
        with pytest.raises(LinkError):
            await reader.check()


async def test_a_reader_that_is_unplugged_and_comes_back(tmp_path: Path) -> None:
    simulator = SdtSimulator()
    async with card_reader(tmp_path, simulator) as (reader, pty):
        waiting = asyncio.create_task(reader.wait_for_card(5))
        await until(lambda: simulator.finds > 0)
        pty.unplug()
        with pytest.raises(LinkError):
            await waiting
        pty.plug()
        simulator.put(PERSONS["li"])
        async with asyncio.timeout(5):
            while True:
                try:
                    card = await reader.wait_for_card(1)
                    break
                except LinkError:
                    await asyncio.sleep(0.05)
        assert card is not None


@pytest.mark.parametrize("modes", [("chop", "glue"), ("flip", "drop"), ("chop", "glue", "flip", "drop", "echo")])
async def test_noise_costs_time_and_never_a_wrong_card(
    tmp_path: Path, modes: tuple[NoiseMode, ...], caplog: pytest.LogCaptureFixture
) -> None:
    """Each disturbance strikes one frame in seven; what is returned is the card, and the log says nothing of it."""
    caplog.set_level(logging.DEBUG)
    simulator, read = SdtSimulator(), 0
    async with card_reader(tmp_path, simulator, lifted_polls=1) as (reader, pty):
        pty.noise_out = Noise(0.15, 7, modes)
        pty.noise_in = Noise(0.0, 8, ("echo",) if "echo" in modes else ())
        for person in ("wang", "li", "zhang", "chan", "wang", "li"):
            simulator.put(PERSONS[person])
            try:
                card = await reader.wait_for_card(1.5)
            except (CardUnreadableError, LinkError):
                continue
            assert card is None or card.citizen_number == PERSONS[person].fields["number"]
            read += card is not None
            simulator.put(None)
            await reader.wait_for_card(0.06)
    assert read >= 3
    assert all(word not in caplog.text for word in (NUMBER, "王测试", "31 00 31 00", "aa aa"))


def test_a_photo_goes_through_the_hook_and_a_bad_one_is_none() -> None:
    def decode(block: bytes) -> bytes:
        if not any(block):
            raise ValueError("nothing there")
        return bytes(102 * 126 * 3)

    with_hook = SdtReader("r", Settings(), None, decode)  # type: ignore[arg-type]  # no wire is used
    assert len(with_hook.portrait(IdCard(NUMBER, photo=b"\x01" * 1024)) or b"") == 38556
    assert with_hook.portrait(IdCard(NUMBER, photo=bytes(1024))) is None
    assert SdtReader("r", Settings(), None).portrait(IdCard(NUMBER, photo=b"1")) is None  # type: ignore[arg-type]  # same


def test_settings_are_typed() -> None:
    with pytest.raises(ConfigError, match=r"id_reader\.family"):
        check_id_reader(STATION, IdReaderConfig(port="/dev/x", family="abc"))
    with pytest.raises(ConfigError, match=r"id_reader\.settings\.speed"):
        check_id_reader(STATION, IdReaderConfig(port="/dev/x", settings={"speed": 1}))
