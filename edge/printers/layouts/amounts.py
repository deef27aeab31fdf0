"""Amounts as Chinese capitals (支付结算办法; vectors in the facts on the domain, §1)."""

from __future__ import annotations

from decimal import Decimal

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")


def capitals(yuan: Decimal) -> str:
    """Return an amount of whole fen below 10^16 yuan in capitals; 负 before a negative one, 整 where no fen follows.

    Raises:
        ValueError: fractions of a fen, or too large.
    """
    fen = abs(yuan) * 100
    if fen != fen.to_integral_value() or fen >= 10**18:
        raise ValueError("an amount of whole fen")
    whole, cents = divmod(int(fen), 100)
    sign = "负" if yuan < 0 else ""
    return sign + (_whole(whole) + "元" if whole or not cents else "") + _cents(cents, whole)


def _cents(cents: int, yuan: int) -> str:
    jiao, fen = divmod(cents, 10)
    if not cents:
        return "整"
    # After yuan a zero is read out: for jiao that are none, and before jiao when the yuan end in one.
    gap = yuan and (not jiao or yuan % 10 == 0)
    return ("零" if gap else "") + (f"{_DIGITS[jiao]}角" if jiao else "") + (f"{_DIGITS[fen]}分" if fen else "")


def _whole(number: int) -> str:
    if not number:
        return "零"
    said = ""
    groups = [number // 10_000**at % 10_000 for at in range(4)]
    for at in reversed(range(4)):
        group = groups[at]
        if not group:
            continue
        gap = said and (group < 1000 or not groups[at + 1])
        said += ("零" if gap else "") + _thousands(group) + _GROUPS[at]
    return said


def _thousands(group: int) -> str:
    said, gap = "", False
    for place in reversed(range(4)):
        digit = group // 10**place % 10
        if digit:
            said += ("零" if gap and said else "") + _DIGITS[digit] + _PLACES[place]
        gap = not digit if said else False
    return said
