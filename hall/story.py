"""The story: a deposit at night with the network cut, a morning's work, a pickup, and a paper printed without a line;
played by itself and checked.

Nobody is at the keyboard: the acts press the real buttons of kiosk and desk over HTTP and act as the world through the
simulators. It has ended well only if everything that people were told is on record.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta

from hall import checks, records
from hall.acts import citizen, clerk, printing, staff
from hall.acts.stage import Secrets, Stage
from hall.house import House
from hall.ledger import Ledger
from hall.page.acts import EVENING, MORNING, next_time
from hall.processes import HouseError, Tell
from hall.timeline import Timeline
from hall.visitor import PageError
from hall.world import WorldError

LEDGER = "told.jsonl"
# The processes start shortly before, so that even their first records belong to that evening.
EARLIER = timedelta(minutes=1)


def set_the_evening(house: House) -> None:
    """Before anything starts: it is the next evening, a minute before the story."""
    house.directory.shift_clock(next_time(house.directory.now(), *EVENING) - EARLIER)


async def play(house: House, write: Tell) -> bool:
    """Play all acts in a started house and judge them; True when everything holds."""
    stage = _stage(house, write)
    try:
        await _acts(stage)
    except (HouseError, WorldError, PageError) as error:
        write(f"\n故事中断 The story broke off: {error}\n运行目录 run directory kept: {house.directory.path}")
        return False
    return await _judge(stage, write)


def _stage(house: House, write: Tell) -> Stage:
    directory = house.directory
    phone = f"1380000{secrets.randbelow(10**4):04d}"
    return Stage(
        house,
        Ledger(directory.path / LEDGER, directory.now),
        Timeline(directory.bytes_log, directory.now, write),
        Secrets("王晓明", phone),
    )


async def _acts(stage: Stage) -> None:
    await stage.until_document("staff")
    boards = {board["name"] for board in stage.house.directory.table()["boards"]}
    stage.timeline.learn_idle(boards)
    stage.timeline.act("夜里交件，网络中断", "A deposit at night, the network cut in the middle")
    stage.set_clock(next_time(stage.house.directory.now(), *EVENING))
    await citizen.hand_in(stage)
    await citizen.network_comes_back(stage)
    stage.timeline.act("早上取出文件", "The morning: staff clear the deposit")
    stage.set_clock(next_time(stage.house.directory.now(), *MORNING))
    await staff.clear(stage)
    stage.timeline.act("立案，证照备好", "At the desk: a case, and its certificate ready")
    before = records.value(
        stage.house.directory.hub_db, "select coalesce(max(version), 0) from documents where kind = 'expected'"
    )
    await clerk.make_case_and_mark_ready(stage)
    version = await stage.until_document("expected", int(before or 0))
    stage.timeline.line("站点 station", f"收到新的待装清单  received a new `expected` ({version})")
    stage.timeline.act("装柜", "Staff load the certificate")
    await staff.load(stage)
    stage.timeline.act("凭短信取件", "The citizen collects with the code from the text message")
    await citizen.collect(stage)
    stage.timeline.act("夜里打印，网络中断", "A tax record is printed at night, the network cut")
    await printing.order(stage)
    stage.set_clock(next_time(stage.house.directory.now(), *EVENING))
    await printing.print_record(stage)


async def _judge(stage: Stage, write: Tell) -> bool:
    stage.timeline.act("核对", "What was told, against what is on record")
    await _until_quiet(stage)
    house, ledger = stage.house, stage.ledger
    verdicts = {
        "所有事件都在中枢 every event is at the hub": checks.all_at_hub(house),
        "告诉过人的都有记录 everything told is on record": checks.told_is_on_record(house, ledger),
        "每扇开过的门都有人要开 every door opened was asked for": checks.doors_were_asked_for(house, ledger),
        "没有遗留 nothing is left behind": checks.nothing_is_left(house),
        "审计链完整 the audit verifies": await checks.audit_verifies(house),
        "日志和数据中没有个人信息 no personal data but in the gateway's log": checks.no_personal_data(
            house, (stage.secrets.name, stage.secrets.phone, *stage.secrets.codes, *stage.secrets.papers)
        ),
    }
    for name, problems in verdicts.items():
        write(f"  {'✗' if problems else '✓'} {name}")
        for problem in problems:
            write(f"      {problem}")
    well = not any(verdicts.values())
    _rows(stage)
    write(
        "\n故事完整 The story holds." if well else f"\n故事不完整 The story does not hold; kept: {house.directory.path}"
    )
    return well


async def _until_quiet(stage: Stage) -> None:
    """Wait until the station has nothing unacknowledged; the check that follows says so if it never comes."""
    database = stage.house.directory.station_db
    last = "select max(seq) from outbox"
    acked = "select cast(value as integer) from meta where key = 'acked_through'"

    async def quiet() -> bool:
        return bool(records.value(database, last) == records.value(database, acked))

    try:
        await stage.until(quiet, "everything acknowledged")
    except HouseError as error:
        stage.timeline.line("站点 station", str(error))


def _rows(stage: Stage) -> None:
    hub = stage.house.directory.hub_db
    for table, sql in (
        ("deposits", "select receipt_number, compartment, state, made_at, cleared_at, cleared_by from deposits"),
        ("cases", "select case_number, receipt_number, state, compartment, made_by, collected_at from cases"),
        ("notifications", "select kind, case_number, state, sent_at from notifications"),
        ("print_jobs", "select order_id, state, at from print_jobs"),
        ("events", "select seq, type, at, subject, compartment from events order by seq"),
    ):
        for row in records.rows(hub, sql):
            shown = {name: _shown(stage, name, value) for name, value in row.items() if value is not None}
            stage.timeline.row(table, **shown)


def _shown(stage: Stage, column: str, value: object) -> object:
    """The hub keeps UTC; people read the station's time."""
    if column == "at" or column.endswith("_at"):
        moment = datetime.fromisoformat(str(value)).replace(tzinfo=UTC).astimezone(stage.house.directory.zone)
        return f"{moment:%Y-%m-%dT%H:%M:%S}"
    return value
