"""Rows of `make bench-capture` that are not about finding: each is a function that measures and says how it went.

Add a function to `MEASURES`; it gets the seed and the number of frames or pages to use.
"""

from __future__ import annotations

from tests.bench.capture_checks import check_rows
from tests.bench.capture_codes import code_rows
from tests.bench.capture_deskew import deskew_rows
from tests.bench.capture_finished import document_rows
from tests.bench.capture_row import Measure, Row
from tests.bench.capture_shadow import shadow_rows
from tests.bench.capture_times import time_rows

__all__ = ["MEASURES", "Measure", "Row"]
MEASURES: list[Measure] = [shadow_rows, deskew_rows, code_rows, document_rows, check_rows, time_rows]
