from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.events import EVENT_TYPES, DepositMade, DoorOpened
from contract.publish import EXAMPLES
from hub.ingest.arrived import State
from hub.ingest.guard import UnreadableError, read_batch, reread
from tests.unit.hub.ingest.letters import EPOCH, RECEIPT, STATION, batch, door, event, payload, started

TOPIC = f"nd1/{STATION}/events"


def test_a_batch_is_read_typed() -> None:
    read = batch(started(), door(2, 3))
    assert (read.station, read.epoch) == (STATION, EPOCH)
    first, second = read.events
    assert (first.seq, first.type, first.state) == (1, "station_started", State.NEW)
    assert isinstance(second.data, DoorOpened)
    assert (second.compartment, second.at) == (3, datetime(2026, 11, 24, 22, 3, 2, tzinfo=UTC))


@pytest.mark.parametrize("name", sorted(EVENT_TYPES))
def test_every_published_example_is_understood(name: str) -> None:
    example = json.loads((EXAMPLES / f"event.{name}.json").read_text())
    (read,) = batch(event(1, name, example)).events
    assert read.state is State.NEW
    assert type(read.data) is EVENT_TYPES[name]


@pytest.mark.parametrize(
    "broken",
    [
        event(2, "never_heard_of", {"a": 1}),
        event(2, "door_opened", {"compartment": "three"}),
        event(2, "door_opened", {"compartment": 0}),
        event(2, "door_opened", {"compartment": 3}, at="yesterday"),
        event(2, "door_opened", {"compartment": 3}, at="0001-01-01T00:00:00+14:00"),
        event(2, "door_opened", {"compartment": 3}, clock="maybe"),
        event(2, "door_opened", {"compartment": 3}, boot=-1),
        {**event(2, "door_opened"), "data": None},
        event(2, "device_failed", {"device": "a\0b", "fault": "x"}),
        event(2, "No Type!"),
        event(2, "door_opened", {"compartment": 3}, type=7),
    ],
)
def test_an_odd_event_is_judged_alone(broken: dict[str, Any]) -> None:
    first, odd, last = batch(started(), broken, door(3, 3)).events
    assert (first.state, odd.state, last.state) == (State.NEW, State.UNKNOWN, State.NEW)
    assert (odd.seq, odd.id, odd.data) == (2, broken["id"], None)
    assert json.loads(odd.body) == broken


def test_a_later_version_of_the_envelope_is_kept() -> None:
    read = read_batch(TOPIC, payload([started(), door(2, 3)], v=2))
    assert [item.state for item in read.events] == [State.UNKNOWN, State.UNKNOWN]
    assert read.events[1].type == "door_opened"


def test_an_event_of_a_later_version_is_not_taken_for_one_of_this() -> None:
    read = read_batch(TOPIC, payload([door(2, 3)], v=2))
    assert reread(read.events[0].body) is None
    assert reread(batch(door(2, 3)).events[0].body) is not None


@pytest.mark.parametrize("reason", ["\\u0000", "a\\\\u0000", "\\\\\\u0000"])
def test_a_text_about_nul_is_none(reason: str) -> None:
    (read,) = batch(event(1, "compartment_taken_out", {"compartment": 3, "reason": reason, "by": "station"})).events
    assert read.state is State.NEW
    assert reread(read.body) == read.data


@pytest.mark.parametrize("reason", ["\0", "\\\0", "\\\\\0", "\0\\u0000"])
def test_what_holds_nul_is_never_understood_not_later_either(reason: str) -> None:
    (read,) = batch(event(1, "compartment_taken_out", {"compartment": 3, "reason": reason, "by": "station"})).events
    assert read.state is State.UNKNOWN
    assert reread(read.body) is None


@pytest.mark.parametrize("data", [{"phone_sealed": "a\0b"}, {"a\0_sealed": "b"}, {"a\0": {"b_sealed": "c"}}])
def test_no_sealed_value_or_name_holds_nul(data: dict[str, object]) -> None:
    (read,) = batch(event(1, "news", data)).events
    assert read.state is State.UNKNOWN
    assert not any("\0" in text for value in read.sealed for text in (value.field, value.jwe))


def test_half_a_surrogate_pair_takes_nothing_along() -> None:
    half = event(2, "compartment_taken_out", {"compartment": 3, "reason": "@", "by": "station"})
    text = payload([started(), half, door(3, 3)]).replace(b'"@"', rb'"\\ud83d\u00e9\ud83d \ude00\ud83d\ude00"')
    first, odd, last = read_batch(TOPIC, text).events
    assert (first.state, odd.state, last.state) == (State.NEW, State.NEW, State.NEW)
    assert json.loads(odd.body)["data"]["reason"] == "\\ud83d\u00e9\ufffd \ufffd\U0001f600"


def test_unknown_fields_are_kept() -> None:
    (read,) = batch(event(1, "door_opened", {"compartment": 3, "colour": "red"}, mood="good")).events
    assert read.state is State.NEW
    assert json.loads(read.body)["mood"] == "good"
    assert json.loads(read.body)["data"]["colour"] == "red"


def test_sealed_values_leave_the_body() -> None:
    data = {"receipt_number": RECEIPT_OF_EXAMPLE, "compartment": 3, "size": "s", "phone_sealed": "a.b.c.d.e"}
    (read,) = batch(event(1, "deposit_made", data)).events
    assert [(value.field, value.jwe) for value in read.sealed] == [("phone_sealed", "a.b.c.d.e")]
    assert "a.b.c.d.e" not in read.body
    again = reread(read.body)
    assert isinstance(again, DepositMade)
    assert again.phone_sealed == read.sealed[0].sha256


def test_sealed_values_of_unknown_types_leave_the_body_too() -> None:
    (read,) = batch(event(1, "news", {"a_sealed": "secret 1", "list": [{"b_sealed": "secret 2"}]})).events
    assert [value.field for value in read.sealed] == ["a_sealed", "list.0.b_sealed"]
    assert "secret" not in read.body


RECEIPT_OF_EXAMPLE = json.loads((EXAMPLES / "event.deposit_made.json").read_text())["receipt_number"]


def test_a_receipt_number_is_the_subject() -> None:
    (read,) = batch(event(1, "news", {"receipt_number": RECEIPT, "compartment": 5})).events
    assert (read.subject, read.compartment) == (RECEIPT, 5)


GOOD = {"seq": 1, "id": EPOCH}


@pytest.mark.parametrize(
    "poison",
    [
        b"",
        b"\xff\xfe",
        b"garbage",
        b"[]",
        b"null",
        b"[" * 100_000,
        b'{"v":1',
        b'{"v":1,"station":"dc-24h-01","epoch":"x","events":[]}',
        json.dumps({"v": 1, "station": STATION, "epoch": EPOCH, "events": []}).encode(),
        json.dumps({"v": 1, "station": STATION, "epoch": EPOCH, "events": [{**GOOD, "seq": 0}]}).encode(),
        json.dumps({"v": 1, "station": STATION, "epoch": EPOCH, "events": [{**GOOD, "seq": True}]}).encode(),
        json.dumps({"v": 1, "station": STATION, "epoch": EPOCH, "events": [{**GOOD, "seq": 2**63}]}).encode(),
        json.dumps({"v": 1, "station": STATION, "epoch": EPOCH, "events": [{**GOOD, "id": "me"}]}).encode(),
        json.dumps({"v": 1, "station": STATION, "epoch": EPOCH, "events": [7]}).encode(),
        json.dumps({"v": 0, "station": STATION, "epoch": EPOCH, "events": [GOOD]}).encode(),
        json.dumps({"v": 1, "station": "hub", "epoch": EPOCH, "events": [GOOD]}).encode(),
        json.dumps({"v": 1, "station": "another-one", "epoch": EPOCH, "events": [GOOD]}).encode(),
        json.dumps({"v": 1, "station": STATION, "epoch": EPOCH, "events": [GOOD] * 51}).encode(),
        json.dumps({"v": 1, "station": STATION, "epoch": EPOCH, "events": [GOOD], "x": "y" * 70_000}).encode(),
        b'{"v":1,"station":"dc-24h-01","epoch":"%b","events":[{"seq":1,"id":"%b","x":NaN}]}'
        % (EPOCH.encode(), EPOCH.encode()),
        b'{"v":1,"station":"\\ud800"}',
    ],
)  # fmt: skip
def test_an_unreadable_envelope_has_a_reason(poison: bytes) -> None:
    with pytest.raises(UnreadableError) as caught:
        read_batch(TOPIC, poison)
    assert caught.value.reason


def test_a_reason_shows_nothing_of_the_content() -> None:
    with pytest.raises(UnreadableError) as caught:
        read_batch(TOPIC, json.dumps({"v": 1, "station": STATION, "epoch": "13800138000", "events": [GOOD]}).encode())
    assert "13800138000" not in caught.value.reason


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(data=_json, columns=st.dictionaries(st.sampled_from(["at", "clock", "boot", "type", "correlation"]), _json))
def test_whatever_an_event_holds_it_is_judged_alone(data: object, columns: dict[str, object]) -> None:
    odd = {**event(2, "door_opened"), "data": data, **columns}
    first, _, last = read_batch(TOPIC, payload([started(), odd, door(3, 3)])).events
    assert (first.state, last.state) == (State.NEW, State.NEW)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    with pytest.raises(UnreadableError):
        read_batch(TOPIC, data)
