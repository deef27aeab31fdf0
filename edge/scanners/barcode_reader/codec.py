"""What code readers say on a serial line: codes ended by CR, LF, both or silence, and the commands of two families.

GROW GM65 and GM861: `7E 00 | kind | length | address | data | CRC-16/XMODEM`; `AB CD` instead of the CRC is never
checked. GM72 and other readers with SSI: `length | opcode | source | status | two's complement of the sum`.
"""

from __future__ import annotations

LONGEST_CODE = 4096

_GM65_ACK_HEAD = b"\x02\x00"


def crc16_xmodem(data: bytes) -> int:
    """Return the CRC with polynomial 1021 and initial value 0."""
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


def gm65(kind: int, address: int, data: bytes, *, checked: bool = True) -> bytes:
    """Return a command to a GM65: `kind` 7 reads, 8 writes, 9 saves."""
    body = bytes((kind, len(data))) + address.to_bytes(2, "big") + data
    check = crc16_xmodem(body).to_bytes(2, "big") if checked else b"\xab\xcd"
    return b"\x7e\x00" + body + check


def gm65_ack(data: bytes = b"\x00") -> bytes:
    """Return the answer to a command that was carried out."""
    body = bytes((0, len(data))) + data
    return _GM65_ACK_HEAD + body + crc16_xmodem(body).to_bytes(2, "big")


def is_gm65_answer(heard: bytes) -> bool:
    """Whether an answer of a GM65 with a right check is in what came."""
    for at in range(len(heard) - 5):
        end = at + 4 + heard[at + 3]
        body = heard[at + 2 : end]
        if heard.startswith(_GM65_ACK_HEAD, at) and crc16_xmodem(body).to_bytes(2, "big") == heard[end : end + 2]:
            return True
    return False


def ssi(opcode: int, source: int = 4) -> bytes:
    """Return a command (from the host: source 4) or an answer of SSI without data."""
    body = bytes((4, opcode, source, 0))
    return body + (-sum(body) & 0xFFFF).to_bytes(2, "big")


GM65_START = gm65(8, 0x0002, b"\x01", checked=False)
GM65_STOP = gm65(8, 0x0002, b"\x00", checked=False)
GM65_SAVE = gm65(9, 0x0000, b"\x00")
GM65_ASK_BAUD = gm65(7, 0x002A, b"\x02")
SSI_WAKE = b"\x00"
SSI_START, SSI_STOP, SSI_ACK = ssi(0xE4), ssi(0xE5), ssi(0xD0, 0)


def decode(code: bytes) -> str | None:
    """Return a code as text: UTF-8, or else GB18030, or else None; nothing in it is believed."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return code.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


class CodeParser:
    """Takes what a line brings, in any portions, and gives the codes in it; answers to commands are taken out.

    A code that is longer than the cap is none, to its end.
    """

    def __init__(self, answers: tuple[bytes, ...] = ()) -> None:
        self._answers = answers
        self._heard = b""
        self._too_long = False

    @property
    def begun(self) -> bool:
        """Whether something came whose end did not."""
        return bool(self._heard) or self._too_long

    def feed(self, data: bytes) -> list[bytes]:
        """Return the codes that have ended now."""
        heard = self._heard + data
        for answer in self._answers:
            heard = heard.replace(answer, b"")
        *ended, self._heard = heard.replace(b"\r", b"\n").split(b"\n")
        if ended and self._too_long:
            ended, self._too_long = ended[1:], False
        if len(self._heard) > LONGEST_CODE:
            self._heard, self._too_long = b"", True
        return [code for code in ended if 0 < len(code) <= LONGEST_CODE]

    def silence(self) -> list[bytes]:
        """The line is silent: what came last has ended, if it is not an answer that was cut off."""
        last, self._heard, too_long, self._too_long = self._heard, b"", self._too_long, False
        cut_off = any(answer.startswith(last) for answer in self._answers)
        return [] if too_long or cut_off or not last else [last]
