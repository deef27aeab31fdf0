"""Whether what people were told is on record: an independent comparison of ledger, databases, door log and audit.

Each check returns the sentences that are wrong; none means that it holds.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from hall import records
from hall.house import House
from hall.ledger import Ledger
from hall.processes import HouseError
from hall.tails import json_lines

SMS_GATEWAY_LOG = "sms.log"


def all_at_hub(house: House) -> list[str]:
    """Every event of the station is a projected row at the hub, without a gap, and acknowledged."""
    station = {row["id"]: row["seq"] for row in records.rows(house.directory.station_db, "select id, seq from outbox")}
    hub = records.rows(house.directory.hub_db, "select id, seq, state from events order by seq")
    problems = [f"event {number} of the station is not at the hub" for number in _missing(station, hub)]
    if len(hub) != len(station):
        problems.append(f"{len(station)} events at the station, {len(hub)} rows at the hub")
    if [row["seq"] for row in hub] != list(range(1, len(hub) + 1)):
        problems.append("the hub's numbers have gaps or repeats")
    problems += [f"event {row['seq']} is {row['state']}, not projected" for row in hub if row["state"] != "done"]
    acked = records.value(house.directory.station_db, "select value from meta where key = 'acked_through'")
    if not station or int(acked or 0) != max(station.values()):
        problems.append(f"acknowledged through {acked}, last event {max(station.values(), default=0)}")
    return problems


def _missing(station: dict[str, int], hub: list[records.Row]) -> list[int]:
    known = {row["id"] for row in hub}
    return [seq for event, seq in station.items() if event not in known]


def told_is_on_record(house: House, ledger: Ledger) -> list[str]:
    """Every receipt number, clearing, load and pickup that somebody was told of is a row at the hub."""
    wanted = [
        ("receipt", "receipt_number", "deposit_made"),
        ("cleared", "receipt_number", "deposit_cleared"),
        ("loaded", "case_number", "item_loaded"),
        ("collected", "case_number", "item_collected"),
    ]
    problems: list[str] = []
    for what, key, event in wanted:
        for told in ledger.entries(what):
            sql = "select count(*) from events where type = ? and subject = ? and state = 'done'"
            count = records.value(house.directory.hub_db, sql, event, str(told.facts[key]))
            if count != 1:
                problems.append(f"told {what} {told.facts[key]}, but {count} rows {event} at the hub")
    return problems + _pictures(house, ledger)


def _pictures(house: House, ledger: Ledger) -> list[str]:
    problems: list[str] = []
    wishes = [
        ("cleared", "receipt_number", "select state from deposits where receipt_number = ?", "cleared"),
        ("collected", "case_number", "select state from cases where case_number = ?", "collected"),
        ("printed", "order", "select state from print_jobs where order_id = ?", "taken"),
    ]
    for what, key, sql, wish in wishes:
        for told in ledger.entries(what):
            state = records.value(house.directory.hub_db, sql, str(told.facts[key]))
            if state != wish:
                problems.append(f"told {what} {told.facts[key]}, but the hub's picture says {state}")
    return problems


def doors_were_asked_for(house: House, ledger: Ledger) -> list[str]:
    """Each opening of a door was asked for by a person, had its own grant, and is a row at the hub."""
    log = json_lines(house.directory.door_log)
    opened = Counter(line["compartment"] for line in log if line["what"] == "door" and line["door"] == "open")
    pulsed = Counter(line["compartment"] for line in log if line["what"] == "pulse")
    asked = Counter(told.facts["compartment"] for told in ledger.entries("asked"))
    problems = [
        f"door {n} opened {opened[n]} times, asked for {asked[n]} times" for n in opened if opened[n] > asked[n]
    ]
    problems += [
        f"door {n} asked for {asked[n]} times, opened {opened[n]} times" for n in asked if opened[n] < asked[n]
    ]
    # One second pulse under the same intent is allowed when the first did not open the door.
    problems += [f"coil {n} pulsed {pulsed[n]} times for {asked[n]} wishes" for n in pulsed if pulsed[n] > 2 * asked[n]]
    grants = records.rows(
        house.directory.hub_db, "select json_extract(body, '$.data.grant') as g from events where type = 'door_opened'"
    )
    distinct = {row["g"] for row in grants if row["g"]}
    if not len(grants) == len(distinct) == opened.total():
        problems.append(
            f"{opened.total()} doors opened, {len(grants)} rows door_opened with {len(distinct)} different grants"
        )
    return problems


def nothing_is_left(house: House) -> list[str]:
    """Doors shut, compartments free, visits ended, no task open, the code erased."""
    station, hub = house.directory.station_db, house.directory.hub_db
    counts = {
        "visits still open": (station, "select count(*) from visits where not ended"),
        "compartments not free": (station, "select count(*) from compartments where allocation <> 'free'"),
        "compartments out of service": (station, "select count(*) from compartments where not in_service"),
        "live codes": (station, "select count(*) from codes"),
        "open tasks": (hub, "select count(*) from tasks where closed_at is null"),
        "texts not sent": (hub, "select count(*) from notifications where state <> 'sent'"),
        "sealed codes not erased": (
            hub,
            "select count(*) from sealed where field = 'code_sealed' and jwe is not null",
        ),
        "quarantined messages": (hub, "select count(*) from quarantine"),
    }
    found = {what: records.value(database, sql) for what, (database, sql) in counts.items()}
    return [f"{count} {what}" for what, count in found.items() if count != 0]


async def audit_verifies(house: House) -> list[str]:
    """`python -m hub audit verify` finds every chain whole."""
    try:
        await house.run_hub("audit", "verify")
    except HouseError as error:
        return [str(error)]
    return []


def no_personal_data(house: House, secrets: Iterable[str]) -> list[str]:
    """Phone, name and code stand nowhere in the run's files in clear, but in the SMS gateway's log."""
    problems: list[str] = []
    for file in sorted(house.directory.path.rglob("*")):
        if not file.is_file() or file.is_symlink() or file.name == SMS_GATEWAY_LOG:
            continue
        data = file.read_bytes()
        problems += [f"{kind} stands in {file}" for secret in secrets if (kind := _found(secret, data))]
    return problems


def _found(secret: str, data: bytes) -> str | None:
    """What kind of secret the bytes hold, as text or as the bytes log's hex; not the secret itself: this is printed."""
    plain = secret.encode()
    # Digits alone: eight of them may be part of a longer number by chance, never bounded by other characters.
    bounded = rb"(?<!\d)" + re.escape(plain) + rb"(?!\d)" if secret.isdigit() else re.escape(plain)
    if re.search(bounded, data) or secret.encode("gb18030").hex(" ").encode() in data:
        return "the code" if len(secret) == 8 and secret.isdigit() else "the phone" if secret.isdigit() else "the name"
    return None
