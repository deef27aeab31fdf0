"""The judge of the proofs notices what it is there for: each rule is broken by hand once."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator

import pytest

from tests.proofs.bench import Bench
from tests.proofs.cabinet import Layout
from tests.proofs.machine import finish_visit
from tests.proofs.people import People


class Scene:
    """A station at whose first door somebody is about to hand in."""

    def __init__(self) -> None:
        self.bench = Bench(Layout(("lock8a",), sizes="s"))
        self.people = People(self.bench)
        self.bench.do(self.bench.start())
        self.bench.do(self.bench.give_documents([]))

    def hand_in(self) -> None:
        self.bench.do(self.people.hand_in())
        self.bench.do(finish_visit(self.bench, self.people))

    def pulse(self, number: int) -> None:
        self.bench.act(lambda: self.bench.cabinet.pulse(number))

    @property
    def said(self) -> str:
        return "; ".join(self.bench.judge.problems)


@pytest.fixture
def scene() -> Iterator[Scene]:
    made = Scene()
    yield made
    made.bench.close()


def a_coil_moves_by_itself(scene: Scene) -> None:
    scene.pulse(2)


def the_wrong_coil_moves(scene: Scene) -> None:
    scene.bench.do(scene.people.hand_in())
    scene.pulse(2)


def a_coil_moves_too_often(scene: Scene) -> None:
    scene.bench.cabinet.door(1).jammed = True
    scene.bench.do(scene.people.hand_in())
    scene.bench.do(scene.bench.wait(1))
    scene.pulse(1)


def a_coil_moves_behind_an_open_door(scene: Scene) -> None:
    scene.bench.cabinet.door(1).jammed = True
    scene.bench.do(scene.people.hand_in())
    scene.bench.do(scene.bench.wait(3.3))
    scene.bench.act(lambda: scene.bench.cabinet.force(1))
    scene.pulse(1)


def nobody_asked(scene: Scene) -> None:
    scene.bench.do(scene.people.hand_in())
    scene.bench.judge.wishes.clear()
    scene.bench.do(scene.bench.wait(1))


def another_start(scene: Scene) -> None:
    scene.bench.do(scene.people.hand_in())
    scene.bench.judge.boot += 1
    scene.bench.do(scene.bench.wait(1))


def a_shut_door_is_reported_open(scene: Scene) -> None:
    scene.bench.judge.look = lambda: None
    scene.hand_in()


def an_event_is_missing(scene: Scene) -> None:
    with sqlite3.connect(scene.bench.database) as sql:
        sql.execute("UPDATE outbox SET seq = seq + 7 WHERE seq = (SELECT max(seq) FROM outbox)")
    sql.close()
    scene.hand_in()


def something_is_forgotten(scene: Scene) -> None:
    scene.bench.cabinet.contents[2].append("an envelope")
    scene.bench.judge.nothing_forgotten(scene.bench.cabinet.contents)


@pytest.mark.parametrize(
    ("breaking", "said"),
    [
        (a_coil_moves_by_itself, "coil 2 moved with 0 open visits"),
        (the_wrong_coil_moves, "coil 2 moved with 0 open visits"),
        (a_coil_moves_too_often, "pulse 2 of 1 permitted"),
        (a_coil_moves_behind_an_open_door, "door reads open"),
        (nobody_asked, "nobody asked for"),
        (another_start, "this is 2"),
        (a_shut_door_is_reported_open, "was reported open, and was not"),
        (an_event_is_missing, "event 9 follows 1"),
        (something_is_forgotten, "compartment 2 is called free"),
    ],
)
def test_what_is_broken_is_said(breaking: Callable[[Scene], None], said: str, scene: Scene) -> None:
    breaking(scene)
    assert said in scene.said


def test_an_ordinary_hand_in_breaks_nothing(scene: Scene) -> None:
    scene.hand_in()
    scene.bench.judge.nothing_forgotten(scene.bench.cabinet.contents)
    assert scene.said == ""
    assert scene.bench.judge.pulses.total() == 1
