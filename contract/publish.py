"""The published form of the contract: JSON Schemas, one example per message, an AsyncAPI 3 and an OpenAPI 3.1 document.

`python -m contract.publish` writes them under `contract/schemas/`; `--check` fails when they differ from the code.
Examples are kept by hand in `contract/examples/`; a message without one does not exist.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from contract.commands import CommandClaims
from contract.documents import BODIES, StationDocument
from contract.envelope import Event, EventBatch
from contract.events import EVENT_TYPES
from contract.http_api import openapi
from contract.manifest import Manifest
from contract.state import Ack, CompartmentsState, Desired, DeviceState, HubPresence, Presence, Telemetry
from contract.topics import KEEPALIVE_S, ROOT, TOPICS, Topic
from contract.wire import WireModel

HERE = Path(__file__).parent
SCHEMAS = HERE / "schemas"
EXAMPLES = HERE / "examples"

MESSAGES: dict[str, type[WireModel]] = {
    "EventBatch": EventBatch,
    "Event": Event,
    "Ack": Ack,
    "Presence": Presence,
    "HubPresence": HubPresence,
    "Desired": Desired,
    "CompartmentsState": CompartmentsState,
    "DeviceState": DeviceState,
    "Telemetry": Telemetry,
    "CommandClaims": CommandClaims,
    "StationDocument": StationDocument,
    "config_body": BODIES["config"],
    "expected_body": BODIES["expected"],
    "staff_body": BODIES["staff"],
    "print_body": BODIES["print"],
    "manifest_body": Manifest,
}

SIGNED_COMMAND: dict[str, Any] = {
    "title": "SignedCommand",
    "description": "Compact JWS (RFC 7515, alg EdDSA, kid, typ nd-command+jwt or none) over the claims CommandClaims.",
    "type": "string",
    "pattern": r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$",
}
PARAMETERS = {
    "station": {"description": "The station's id: [a-z0-9-]{3,32}, 'hub' reserved."},
    "component": {"description": "The part of the station that the picture shows: compartments, printer-receipt, ..."},
    "worker": {"description": "One hub process."},
}


def all_schemas() -> dict[str, dict[str, Any]]:
    """Return every published schema by file stem: messages, and `event.<type>` for the data of each event type."""
    schemas = {name: model.model_json_schema(mode="serialization") for name, model in MESSAGES.items()}
    schemas |= {f"event.{name}": data.model_json_schema(mode="serialization") for name, data in EVENT_TYPES.items()}
    return schemas | {"SignedCommand": SIGNED_COMMAND}


def example(stem: str) -> object:
    """Return the canonical example of a message or of an event type's data.

    Raises:
        FileNotFoundError: the example is missing, so the message does not exist.
    """
    loaded: object = json.loads((EXAMPLES / f"{stem}.json").read_text("utf-8"))
    return loaded


def asyncapi() -> dict[str, Any]:
    """Return the AsyncAPI 3 document of the MQTT half of the contract."""
    messages = {name: _message(name) for name in _message_names()}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Nightdesk: station and hub over MQTT 5",
            "version": "1.0.0",
            "description": "Within version 1 fields are only added, and unknown fields are kept. QoS 2 is never used.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {"broker": {"host": "broker.example:8883", "protocol": "secure-mqtt", "protocolVersion": "5.0"}},
        "channels": {name: _channel(topic) for name, topic in TOPICS.items()},
        "operations": {_operation_name(name, topic): _operation(name, topic) for name, topic in TOPICS.items()},
        "components": {"messages": messages, "schemas": _flat_schemas()},
    }


def files() -> dict[Path, str]:
    """Return every generated file with its text."""
    made = {SCHEMAS / f"{stem}.schema.json": _text(schema) for stem, schema in all_schemas().items()}
    return made | {SCHEMAS / "asyncapi.json": _text(asyncapi()), SCHEMAS / "openapi.json": _text(openapi())}


def stale() -> list[str]:
    """Return the names of generated files that are missing, old or no longer made."""
    wanted = files()
    old = [path.name for path, text in wanted.items() if not path.exists() or path.read_text("utf-8") != text]
    return old + [path.name for path in SCHEMAS.glob("*.json") if path not in wanted]


def write() -> None:
    """Write every generated file and remove those no longer made."""
    SCHEMAS.mkdir(exist_ok=True)
    wanted = files()
    for path in set(SCHEMAS.glob("*.json")) - set(wanted):
        path.unlink()
    for path, text in wanted.items():
        path.write_text(text, "utf-8")


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _message_names() -> list[str]:
    return sorted({name for topic in TOPICS.values() for name in _names(topic)})


def _names(topic: Topic) -> list[str]:
    return ["CompartmentsState", "DeviceState"] if topic.message == "State" else [topic.message]


def _message(name: str) -> dict[str, Any]:
    jose = name == "SignedCommand"
    return {
        "name": name,
        "contentType": "application/jose" if jose else "application/json",
        "payload": {"$ref": f"#/components/schemas/{name}"},
        "examples": [{"payload": example(name)}],
    }


def _channel(topic: Topic) -> dict[str, Any]:
    used = {name: text for name, text in PARAMETERS.items() if f"{{{name}}}" in topic.pattern}
    return {
        "address": topic.pattern,
        "parameters": used,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in _names(topic)},
        "bindings": {"mqtt": {"bindingVersion": "0.2.0"}} if topic.retain else {},
    }


def _operation_name(name: str, topic: Topic) -> str:
    return f"{topic.publisher}_sends_{name}"


def _operation(name: str, topic: Topic) -> dict[str, Any]:
    binding: dict[str, Any] = {"qos": topic.qos, "retain": topic.retain, "bindingVersion": "0.2.0"}
    if topic.expiry_s is not None:
        binding["messageExpiryInterval"] = topic.expiry_s
    return {
        "action": "send",
        "summary": f"Sent by the {topic.publisher}; keepalive {KEEPALIVE_S} s; root {ROOT}.",
        "channel": {"$ref": f"#/channels/{name}"},
        "messages": [{"$ref": f"#/channels/{name}/messages/{message}"} for message in _names(topic)],
        "bindings": {"mqtt": binding},
    }


def _flat_schemas() -> dict[str, Any]:
    """Return all schemas as components: local `$defs` become components of their own, references follow."""
    flat: dict[str, Any] = {}
    for stem, schema in all_schemas().items():
        name = stem.replace(".", "_")
        body = json.loads(json.dumps(schema).replace("#/$defs/", "#/components/schemas/"))
        flat |= body.pop("$defs", {})
        flat[name] = body
    flat["EventData"] = {"oneOf": [{"$ref": f"#/components/schemas/event_{name}"} for name in sorted(EVENT_TYPES)]}
    return flat


def main(arguments: list[str]) -> int:
    """Write the published files, or with `--check` say which are stale."""
    if arguments == ["--check"]:
        old = stale()
        sys.stdout.write("".join(f"stale: {name}; run python -m contract.publish\n" for name in old))
        return 1 if old else 0
    write()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
