"""Papers at the kiosk: whose, which, out, taken or left; what fails ends in a slip, and nothing is printed twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from edge.core.stock import Place
from edge.services.collect_item import Proofs
from edge.services.print_view import PrintView
from edge.services.refusals import RefusedError
from edge.services.view import KioskView, Screen
from tests.unit.edge.services.night import BADGE, CASE, PIN, Night, night, step, until
from tests.unit.edge.services.papers import CARD_KEY, CERTIFICATE, SENSED, licence, load_sheets, mood, record, take


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Night]:
    async with night(tmp_path, proofs=Proofs("night-1", CARD_KEY), licences=SENSED) as scene:
        await scene.give_documents()
        await load_sheets(scene)
        await mood(scene, sheet_seconds=0.05)
        yield scene


def shown(scene: Night) -> PrintView:
    paper = scene.station.desk.state().paper
    assert paper is not None
    return paper


async def to_list(scene: Night, person: str = "li") -> KioskView:
    scene.station.desk.go(Screen.PRINT)
    await scene.world.do("card", on=True, person=person)
    view = await step(scene, "print_list")
    await scene.world.do("card", on=False, person=person)
    return view


async def printed(scene: Night, phase: str) -> PrintView:
    """Print the only paper of the list and wait for a phase."""
    await scene.station.desk.prints.choose(shown(scene).papers[0].order)
    scene.station.desk.prints.print()
    await until(lambda: (paper := scene.station.desk.state().paper) is not None and paper.phase == phase, 20)
    return shown(scene)


async def sheets(scene: Night, place: Place) -> int:
    blanks = await scene.store.read(lambda tx: tx.blanks())
    return sum(each.place is place for each in blanks.values())


async def test_a_licence_comes_out_and_is_taken(scene: Night) -> None:
    await scene.order_papers(licence())
    view = await to_list(scene)
    assert view.prints is False
    assert [(each.layout, each.certificate) for each in shown(scene).papers] == [("licence_copy", CERTIFICATE)]
    assert shown(scene).name == "李*例"
    prints = scene.station.desk.prints
    await prints.choose(shown(scene).papers[0].order)
    assert (shown(scene).pages, prints.picture(0)[1:4], prints.picture(1)) == (1, b"PNG", b"")
    await prints.back()
    await printed(scene, "take")
    assert prints.picture(0) == b""
    assert scene.station.desk.state().seconds_left is None
    await take(scene)
    await until(lambda: shown(scene).phase == "thanks")
    assert await sheets(scene, Place.PRINTED) == 1
    await scene.station.desk.prints.more()
    assert shown(scene).papers == ()
    await scene.station.desk.cancel(None)
    assert scene.station.desk.state().paper is None


async def test_only_ones_own_papers_are_shown(scene: Night) -> None:
    await scene.order_papers(licence())
    assert (await to_list(scene, "wang")).paper == PrintView(name="王*试", take_s=60, senses=True)
    with pytest.raises(RefusedError, match="print_gone"):
        await scene.station.desk.prints.choose(licence()[1].order)


async def test_what_cannot_be_printed_now_ends_in_a_slip_and_can_be_tried_again(scene: Night) -> None:
    await scene.order_papers(licence())
    await to_list(scene)
    await scene.world.do("licence_printer", plugged=False)
    paper = await printed(scene, "failed")
    view = scene.station.desk.state()
    assert (paper.reason, view.receipt_number is not None) == ("print_away", True)
    await until(lambda: scene.station.desk.state().slip == "printed")
    slip = await scene.world.paper()
    assert "没有打印" in slip
    assert view.receipt_number is not None
    assert view.receipt_number.replace("-", "") in slip.replace("-", "").replace(" ", "")
    await scene.world.do("licence_printer", plugged=True)
    await scene.station.desk.prints.more()
    await printed(scene, "take")


async def test_a_paper_that_nobody_saw_come_out_is_in_doubt_and_not_printed_again(scene: Night) -> None:
    await scene.order_papers(licence())
    await mood(scene, comes="nothing_counted")
    await to_list(scene)
    await printed(scene, "doubtful")
    await until(lambda: scene.station.desk.state().slip == "printed")
    assert "打印情况待核实" in await scene.world.paper()
    assert await sheets(scene, Place.TO_INSPECT) == 1
    await mood(scene, comes="sheet")
    await scene.station.desk.prints.more()
    assert (await printed(scene, "failed")).reason == "print_unverified"


async def test_a_paper_left_in_the_slot_is_told(scene: Night) -> None:
    await scene.crash()
    scene.take_s = 0.4
    await scene.start()
    await scene.order_papers(record())
    await to_list(scene)
    await printed(scene, "left")
    assert (await scene.types())[-1] == "paper_left"


async def test_an_older_paper_is_given_back_first(scene: Night) -> None:
    await scene.order_papers(licence(returns=("OLD-1",)))
    await to_list(scene)
    await scene.station.desk.prints.choose(shown(scene).papers[0].order)
    with pytest.raises(RefusedError, match="print_not_returned"):
        scene.station.desk.prints.print()
    assert await sheets(scene, Place.TRAY) == 3


async def test_nobody_is_sent_home_while_a_paper_is_on_its_way(scene: Night) -> None:
    await scene.order_papers(record())
    await mood(scene, cover_open=True)
    await to_list(scene)
    await scene.station.desk.prints.choose(shown(scene).papers[0].order)
    scene.station.desk.prints.print()
    await scene.station.desk.cancel(None)
    assert scene.station.desk.state().step == "print_job"
    assert scene.station.desk.state().seconds_left is None


async def test_staff_print_for_a_compartment_and_load_it(scene: Night) -> None:
    await scene.order_papers(record(delivery="pickup", case_number=CASE, card_hash=None))
    desk = scene.station.desk
    desk.go(Screen.STAFF)
    await desk.staff_login(BADGE, PIN)
    waiting = (await desk.work()).to_print
    assert [each.case_number for each in waiting] == [CASE]
    await desk.prints.choose_for_compartment(waiting[0].order)
    desk.prints.print()
    await until(lambda: shown(scene).phase == "take", 20)
    await take(scene)
    await until(lambda: shown(scene).phase == "thanks")
    await desk.start_load(CASE)
    assert (await step(scene, "open")).case_number == CASE
    assert (await desk.work()).to_print == []


async def test_nobody_prints_for_a_compartment_without_the_right(scene: Night) -> None:
    order = record(delivery="pickup", case_number=CASE, card_hash=None)
    await scene.order_papers(order)
    with pytest.raises(RefusedError):
        await scene.station.desk.prints.choose_for_compartment(order[1].order)
