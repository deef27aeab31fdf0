"""Topics and the broker's access list, both from one table."""

from contract import topics


def test_functions_spell_what_the_table_says() -> None:
    spelled = {
        "events": topics.events("s-1"), "ack": topics.ack("s-1"), "commands": topics.commands("s-1"),
        "presence": topics.presence("s-1"), "state": topics.state("s-1", "ups"), "telemetry": topics.telemetry("s-1"),
        "desired": topics.desired("s-1"), "hub_presence": topics.hub_presence("w-1"),
    }  # fmt: skip
    filled = {
        name: topic.pattern.format(station="s-1", component="ups", worker="w-1")
        for name, topic in topics.TOPICS.items()
    }
    assert spelled == filled


def test_commands_are_never_retained() -> None:
    assert not topics.TOPICS["commands"].retain


def test_a_station_writes_only_its_own_topics() -> None:
    patterns = [line for line in topics.acl().splitlines() if line.startswith("pattern write")]
    assert patterns
    assert all("/%u/" in line for line in patterns)
    assert not any(word in line for line in patterns for word in ("ack", "commands", "desired"))


def test_only_dispatch_may_send_commands() -> None:
    users = topics.acl().split("user ")
    writers = [user.splitlines()[0] for user in users if "topic write nd1/+/commands" in user]
    assert writers == ["dispatch"]


def test_the_station_in_a_topic() -> None:
    assert topics.station_of("nd1/dc-24h-01/events") == "dc-24h-01"
    assert topics.station_of("nd1/hub/w1/presence") is None
    assert topics.station_of("garbage") is None
