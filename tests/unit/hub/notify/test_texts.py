from __future__ import annotations

from datetime import UTC, datetime

from hub.notify.texts import Wording

DUE = datetime(2026, 12, 16, 10, 0, tzinfo=UTC)


def text(wording: Wording, due: datetime | None = DUE) -> str:
    return wording.pickup_code(station="dc-24h-01", title="边境管理区通行证", code="48271936", compartment=12, due=due)


def test_the_text_says_everything() -> None:
    assert text(Wording()) == (
        "【东城政务】您办理的“边境管理区通行证”已办结，请凭取件码48271936于12月16日18时前"
        "到1层24小时自助区12号柜领取，逾期转人工窗口。"
    )


def test_a_station_may_have_a_place_of_its_own() -> None:
    wording = Wording(signature="西城政务", places={"dc-24h-01": "B1层"})
    assert "【西城政务】" in text(wording)
    assert "到B1层12号柜" in text(wording)


def test_without_a_due_time_none_is_invented() -> None:
    assert text(Wording(), None) == (
        "【东城政务】您办理的“边境管理区通行证”已办结，请凭取件码48271936到1层24小时自助区12号柜领取。"
    )


def test_minutes_are_said_when_there_are_any() -> None:
    assert "12月16日18时30分前" in text(Wording(), DUE.replace(minute=30))
