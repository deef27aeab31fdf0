"""Which tax paper answers which months: the change of 2018-12 to 2019-01, on both sides of it and across."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from edge.printers.layouts.taxes import TaxCertificateText, TaxRecord, papers_for
from tests.unit.edge.printers.layouts.examples import EXAMPLES

OLD, NEW = "tax_certificate_text", "tax_record"
ROUTES = [
    ("2018-12", "2018-12", [(OLD, "2018-12 至 2018-12")]),
    ("2019-01", "2019-01", [(NEW, "2019-01 至 2019-01")]),
    ("2018-12", "2019-01", [(OLD, "2018-12 至 2018-12"), (NEW, "2019-01 至 2019-01")]),
    ("2017-03", "2018-11", [(OLD, "2017-03 至 2018-11")]),
    ("2018-06", "2020-02", [(OLD, "2018-06 至 2018-12"), (NEW, "2019-01 至 2020-02")]),
]


@pytest.mark.parametrize(("first", "last", "papers"), ROUTES)
def test_months_go_to_their_papers(first: str, last: str, papers: list[tuple[str, str]]) -> None:
    assert [(each.layout, each.months) for each in papers_for(first, last)] == papers


@pytest.mark.parametrize(("first", "last"), [("2019-02", "2019-01"), ("2019-13", "2020-01"), ("2019-1", "2020-01")])
def test_what_are_no_months_is_refused(first: str, last: str) -> None:
    with pytest.raises(ValueError, match=r"month|pattern"):
        papers_for(first, last)


def test_a_paper_of_the_other_sides_months_is_refused() -> None:
    with pytest.raises(ValidationError, match="months that another paper"):
        TaxRecord.model_validate({**EXAMPLES[NEW], "period": "2018-12 至 2019-12"})
    with pytest.raises(ValidationError, match="months that another paper"):
        TaxCertificateText.model_validate({**EXAMPLES[OLD], "period": "2018-01 至 2019-01"})
    row = {**EXAMPLES[NEW]["rows"][0], "period": "2018-12"}
    with pytest.raises(ValidationError, match="a row of months"):
        TaxRecord.model_validate({**EXAMPLES[NEW], "rows": [row]})
