"""The only place that spells topics, and who may use them how.

Broker ACLs are generated from `TOPICS`. No personal data ever appears in a topic.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

ROOT: Final = "nd1"
SHARED_EVENTS: Final = f"$share/hub/{ROOT}/+/events"
SHARED_TELEMETRY: Final = f"$share/hub/{ROOT}/+/telemetry"
ALL_PRESENCE: Final = f"{ROOT}/+/presence"
ALL_STATE: Final = f"{ROOT}/+/state/+"
HUB_PRESENCE: Final = f"{ROOT}/hub/+/presence"
KEEPALIVE_S: Final = 10
SESSION_EXPIRY_S: Final = 24 * 3600
WILL_DELAY_S: Final = 15
TELEMETRY_EXPIRY_S: Final = 2 * 3600


@dataclass(frozen=True)
class Topic:
    """One row of the published table; `{station}` and `{component}` are filled in by the functions below."""

    pattern: str
    publisher: Literal["station", "hub", "dispatch"]
    qos: Literal[0, 1]
    retain: bool
    message: str
    expiry_s: int | None = None


TOPICS: Final[dict[str, Topic]] = {
    "events": Topic(f"{ROOT}/{{station}}/events", "station", 1, False, "EventBatch"),
    "ack": Topic(f"{ROOT}/{{station}}/ack", "hub", 1, False, "Ack"),
    "commands": Topic(f"{ROOT}/{{station}}/commands", "dispatch", 1, False, "SignedCommand", expiry_s=60),
    "presence": Topic(f"{ROOT}/{{station}}/presence", "station", 1, True, "Presence"),
    "state": Topic(f"{ROOT}/{{station}}/state/{{component}}", "station", 1, True, "State"),
    "telemetry": Topic(f"{ROOT}/{{station}}/telemetry", "station", 0, False, "Telemetry", expiry_s=TELEMETRY_EXPIRY_S),
    "desired": Topic(f"{ROOT}/{{station}}/desired", "dispatch", 1, True, "Desired"),
    "hub_presence": Topic(f"{ROOT}/hub/{{worker}}/presence", "hub", 1, True, "HubPresence"),
}


def events(station: str) -> str:
    """Where a station publishes its batches."""
    return f"{ROOT}/{station}/events"


def ack(station: str) -> str:
    """Where the hub answers."""
    return f"{ROOT}/{station}/ack"


def commands(station: str) -> str:
    """Where signed commands come; never retained."""
    return f"{ROOT}/{station}/commands"


def presence(station: str) -> str:
    """Birth and will of a station."""
    return f"{ROOT}/{station}/presence"


def state(station: str, component: str) -> str:
    """Last known picture of one component."""
    return f"{ROOT}/{station}/state/{component}"


def telemetry(station: str) -> str:
    """Measurements that may be lost."""
    return f"{ROOT}/{station}/telemetry"


def desired(station: str) -> str:
    """Versions and hashes of the documents a station should hold."""
    return f"{ROOT}/{station}/desired"


def hub_presence(worker: str) -> str:
    """Birth and will of a hub process."""
    return f"{ROOT}/hub/{worker}/presence"


def station_of(topic: str) -> str | None:
    """Return the station in `nd1/{station}/...`, or None when the topic is not one of a station."""
    parts = topic.split("/")
    return parts[1] if len(parts) >= 3 and parts[0] == ROOT and parts[1] != "hub" else None


def acl(*, station_user: str = "%u", hub_user: str = "hub", dispatch_user: str = "dispatch") -> str:
    """Return a mosquitto ACL file: a station publishes only where the table names it, the rest is denied."""
    lines = [f"user {hub_user}", f"topic read {ROOT}/#"]
    lines += [f"topic write {_wild(topic)}" for topic in TOPICS.values() if topic.publisher == "hub"]
    lines += [f"user {dispatch_user}", f"topic read {HUB_PRESENCE}"]
    lines += [f"topic write {_wild(topic)}" for topic in TOPICS.values() if topic.publisher == "dispatch"]
    for topic in TOPICS.values():
        access = "write" if topic.publisher == "station" else "read"
        wild = topic.pattern.replace("{station}", station_user).replace("{component}", "+").replace("{worker}", "+")
        lines.append(f"pattern {access} {wild}")
    return "\n".join(lines) + "\n"


def _wild(topic: Topic) -> str:
    return topic.pattern.replace("{station}", "+").replace("{component}", "+").replace("{worker}", "+")
