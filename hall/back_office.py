"""The back office of the demonstration: it orders papers for the made-up persons, over HTTP with a token of its own."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

import httpx

from hall.house import House
from hall.processes import HouseError
from hall.world import WorldState

WITHIN_S = 5.0
VALID_DAYS = 30
# The scanner's picture is of a code that only an authority could issue; the hub puts its own in its place.
_LINK = "https://check.example/"
_TAX = "国家税务总局北京市东城区税务局"
COMPANY = "91110101MA01ABCD5M"


async def order_papers(house: House) -> int:
    """Order a tax record for every person of the simulated card reader, and for each a copy of a licence.

    Once a day each; asked again it orders nothing new. Returns how many were ordered.

    Raises:
        HouseError: the hub refuses, or does not answer.
        WorldError: the simulated devices do not answer.
    """
    if not house.directory.client_token.exists():
        raise HouseError("没有后台的凭证：中枢没有启动过 no token of the back office: the hub was never started here")
    persons = _persons(await house.world.state())
    now = house.directory.now()
    fresh = 0
    async with httpx.AsyncClient(base_url=house.ports.hub_url, timeout=WITHIN_S, trust_env=False) as client:
        client.headers["Authorization"] = f"Bearer {house.directory.client_token.read_text().strip()}"
        for person, (name, number) in persons.items():
            for paper in (_record(name, number, now), _licence(name, now)):
                key = f"demo-{person}-{paper['layout']}-{now:%Y%m%d}"
                wish = {"station": house.directory.table()["station"]["id"], "citizen_number": number, **paper}
                fresh += await _post(client, key, wish)
    return fresh


async def _post(client: httpx.AsyncClient, key: str, wish: dict[str, Any]) -> int:
    try:
        answer = await client.post("/print-orders", json=wish, headers={"Idempotency-Key": key})
    except httpx.HTTPError as error:
        raise HouseError(f"the hub does not answer ({type(error).__name__})") from error
    if answer.status_code not in (200, 201):
        raise HouseError(f"the hub refuses an order: {answer.status_code} {answer.text[:200]}")
    return int(answer.status_code == 201)


def _persons(state: WorldState) -> dict[str, tuple[str, str]]:
    """Return the persons with a citizen's number."""
    said = (state.id_reader or {}).get("persons", {})
    found = {person: (each["name"], each["number"]) for person, each in said.items()}
    return {person: each for person, each in found.items() if len(each[1]) == 18}


def _paper(layout: str, certificate: str, facts: dict[str, Any], stock: str | None, now: datetime) -> dict[str, Any]:
    until = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=VALID_DAYS)
    return {
        "layout": layout,
        "certificate": certificate,
        "stock": stock,
        "facts": {**facts, "qr": _LINK},
        "expires_at": until.isoformat(),
    }


def _record(name: str, number: str, now: datetime) -> dict[str, Any]:
    # As long as a real one, and nothing of the person in it.
    certificate = f"311016{now:%y%m%d}{int(hashlib.sha256(number.encode()).hexdigest(), 16) % 10**6:06d}"
    row = {
        "declared_on": f"{now.year - 1}-02-15", "paid": "1680.32", "stored_on": f"{now.year - 1}-02-16",
        "income": "工资薪金所得", "period": f"{now.year - 1}-01", "authority": _TAX,
    }  # fmt: skip
    facts = {
        "number": certificate, "issued_on": f"{now:%Y-%m-%d}", "authority": _TAX, "taxpayer": name,
        "taxpayer_number": number, "check_code": "DEMO-0001", "period": f"{now.year - 1}-01 至 {now.year - 1}-12",
        "id_kind": "居民身份证", "rows": [row],
    }  # fmt: skip
    return _paper("tax_record", certificate, facts, None, now)


def _licence(name: str, now: datetime) -> dict[str, Any]:
    facts = {
        "kind": "company", "name": "东城区样例商贸有限公司", "uscc": COMPANY, "person": name,
        "type_text": "有限责任公司（自然人投资或控股）", "capital": "壹佰万元整",
        "place": "北京市东城区示例街道1号院2号楼3层301室", "scope": "一般项目：技术服务、技术咨询；日用百货销售。",
        "founded": "2018年12月10日", "issued": f"{now:%Y 年 %m 月 %d 日}", "authority": "北京市东城区市场监督管理局",
        "production": True, "copy_number": 1, "copies": 1,
    }  # fmt: skip
    return _paper("licence_copy", COMPANY, facts, "licence_copy", now)
