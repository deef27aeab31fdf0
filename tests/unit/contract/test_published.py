"""The published contract: every message has a schema and an example, and they agree, judged by jsonschema."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from contract import publish
from contract.envelope import Event, EventBatch
from contract.events import EVENT_TYPES
from contract.signing import load_key, verify

# Names of the published table; a type may be added here, never taken away.
FIRST_SET = {
    "station_started",
    "session_started",
    "session_ended",
    "submission_made",
    "deposit_made",
    "deposit_abandoned",
    "deposit_cleared",
    "item_loaded",
    "item_collected",
    "item_expired",
    "item_cleared",
    "code_reissued",
    "door_opened",
    "door_closed",
    "door_left_open",
    "door_forced",
    "door_failed",
    "compartment_doubtful",
    "compartment_taken_out",
    "compartment_returned",
    "pickup_refused",
    "document_captured",
    "usb_imported",
    "usb_refused",
    "identity_read",
    "print_requested",
    "paper_left",
    "paper_taken",
    "print_done",
    "print_unverified",
    "print_failed",
    "blank_voided",
    "stock_loaded",
    "stock_received",
    "stock_unloaded",
    "blank_inspected",
    "blanks_destroyed",
    "stock_counted",
    "rating_given",
    "device_failed",
    "device_recovered",
    "self_test_done",
    "command_done",
    "command_refused",
    "config_applied",
    "config_refused",
}
STEMS = sorted(publish.all_schemas())


def test_every_type_of_the_first_set_exists() -> None:
    assert set(EVENT_TYPES) >= FIRST_SET


@pytest.mark.parametrize("stem", STEMS)
def test_example_fits_its_schema_and_its_class(stem: str) -> None:
    schema, value = publish.all_schemas()[stem], publish.example(stem)
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(value)
    model = publish.MESSAGES.get(stem) or EVENT_TYPES.get(stem.removeprefix("event."))
    if model is not None:
        text = json.dumps(value)
        assert json.loads(model.model_validate_json(text).to_bytes()) == value


@pytest.mark.parametrize("stem", STEMS)
def test_schema_refuses_what_is_not_the_message(stem: str) -> None:
    assert not Draft202012Validator(publish.all_schemas()[stem]).is_valid(17)


def test_no_example_without_a_message() -> None:
    assert sorted(path.stem for path in publish.EXAMPLES.glob("*.json")) == STEMS


def test_generated_files_are_fresh() -> None:
    assert publish.stale() == []


def test_a_stale_file_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish, "SCHEMAS", tmp_path)
    assert "asyncapi.json" in publish.stale()


def test_the_example_command_verifies_with_its_published_key(tmp_path: Path) -> None:
    # RFC 8037, appendix A.1
    key = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "kid": "rfc8037-example"}
    path = tmp_path / "key.json"
    path.write_text(json.dumps(key))
    _, payload = verify(
        str(publish.example("SignedCommand")), {"rfc8037-example": load_key(path)}, typ="nd-command+jwt"
    )
    assert json.loads(payload) == publish.example("CommandClaims")


def test_unknown_fields_and_types_are_kept() -> None:
    batch = publish.example("EventBatch")
    assert isinstance(batch, dict)
    batch["later"] = 1
    batch["events"][0] |= {"type": "something_new", "extra": {"a": [1]}}
    read = EventBatch.model_validate_json(json.dumps(batch))
    assert json.loads(read.to_bytes()) == batch
    assert read.events[0].read_data() is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("seq", 0),
        ("seq", True),
        ("seq", "1"),
        ("id", "x"),
        ("at", "2026-11-24T22:03:11"),
        ("clock", "maybe"),
        ("data", []),
    ],
)
def test_an_event_of_another_shape_is_refused(field: str, value: object) -> None:
    event = publish.example("Event")
    assert isinstance(event, dict)
    with pytest.raises(ValueError, match=field):
        Event.model_validate_json(json.dumps(event | {field: value}))
