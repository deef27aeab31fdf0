"""办件编号: the 31 symbols of the service item, the local day, four digits that start again daily.

Source: GB/T 39554.1 (31-symbol implementation code) and the form that exchange tables of service platforms use:
`<31><YYYYMMDD><4 digits>`, 43 symbols.
"""

from __future__ import annotations

LARGEST_OF_A_DAY = 9999


class CaseNumbersExhaustedError(Exception):
    """One service item had 9,999 cases on one day; a fifth digit would not be a case number."""


def case_number(service_item: str, day: str, n: int) -> str:
    """Compose a case number of a 31-symbol code, a day as YYYYMMDD and the counter of that day (from 1).

    Raises:
        CaseNumbersExhaustedError: `n` does not fit in four digits.
    """
    if not 1 <= n <= LARGEST_OF_A_DAY:
        raise CaseNumbersExhaustedError(f"{service_item} on {day}: {n}")
    return f"{service_item}{day}{n:04d}"
