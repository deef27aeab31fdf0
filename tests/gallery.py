"""Every layout as a picture, to be looked at: `python -m tests.gallery FOLDER [DPI]`.

Beside the honest examples of the tests stand those that are hard: what is longest, what is rare, what shrinks.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from edge.printers.layouts.fonts import load_faces
from edge.printers.layouts.typeset import Typesetter
from tests.unit.edge.printers.layouts.examples import EXAMPLES, LICENCE, LONG_NAME, RARE, SCOPE

_ON_STOCK = {"production": True}
_LONG = {
    "place": LONG_NAME[:60] + "（集群注册）",
    "scope": (SCOPE * 40)[:1300],
    "type_text": "个人独资企业分支机构" * 3,
}
_REFUSAL: dict[str, Any] = {
    "kind": "not_accepted", "gaps": [], "due_on": None, "reason": "申请事项不属于本机关职权范围，请向民政局提出。",
    "remedies": "可以自收到本通知书之日起六十日内申请行政复议，或者六个月内提起行政诉讼。",
}  # fmt: skip
_BRANCH = {"kind": "branch", "capital": None}
_INDIVIDUAL = {"kind": "individual_business", "capital": None, "composition": "个人经营", "name": f"王{RARE}小吃店"}
HARD: dict[str, tuple[str, dict[str, Any]]] = {
    "licence_original_on_stock": ("licence_original", _ON_STOCK),
    "licence_original_long": ("licence_original", _LONG),
    "licence_original_branch": ("licence_original", _BRANCH),
    "licence_original_individual": ("licence_original", _INDIVIDUAL),
    "licence_copy_on_stock": ("licence_copy", _ON_STOCK),
    "licence_copy_long": ("licence_copy", {**_LONG, "scope": (SCOPE * 40)[:1000]}),
    "notice_accepted": ("notice", {"kind": "accepted", "gaps": [], "due_on": None, "promised_on": "2026年12月22日"}),
    "notice_not_accepted": ("notice", _REFUSAL),
    "receipt_reprint": ("receipt", {"reprint": True, "details": [LONG_NAME[:60]] * 3}),
    "waybill_long": ("waybill", {"receiver_address": LONG_NAME[:60] + RARE * 5, "official_document": False}),
    "tax_record_pages": ("tax_record", {"rows": EXAMPLES["tax_record"]["rows"] * 20}),
}


def papers() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield a name for the picture, the layout and what it is told."""
    for name, facts in EXAMPLES.items():
        yield name, name, facts
    for name, (layout, change) in HARD.items():
        yield name, layout, {**(LICENCE if layout == "licence_original" else EXAMPLES[layout]), **change}


def main() -> None:
    """Write the pictures; sheets as specimen, what goes onto stock as it leaves the printer."""
    folder, dpi = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 110
    folder.mkdir(parents=True, exist_ok=True)
    setter = Typesetter(load_faces())
    for name, layout, facts in papers():
        specimen = layout.startswith("licence") and not facts["production"]
        for at, page in enumerate(setter.png(layout, facts, specimen, dpi)):
            (folder / f"{name}{f'-{at + 1}' if at else ''}.png").write_bytes(page)


if __name__ == "__main__":
    main()
