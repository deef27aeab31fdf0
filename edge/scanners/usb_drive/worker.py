"""The process that holds the drive. It reads nothing of it: each look is a forked child with limits of its own.

So whatever the bytes of a drive do to a library, they do it to a child that has one file to spoil. This process starts
the child, waits with a deadline, and says how it ended. It ends when its input ends.
"""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

from edge.links.messages import Decoder, Message, NoMessageError, encode
from edge.scanners.usb_drive import sandbox
from edge.scanners.usb_drive.job import Device, Judge, fetch_file, list_files

LIST_SECONDS = 8.0
READ_SECONDS = 20.0
# The limit is two seconds of work; a busy machine may need longer for them, a file that waits gets no more.
JUDGE_SECONDS = 2.0 * sandbox.CPU_SECONDS
_CHUNK = 1 << 18


def main() -> None:
    """Serve the pipe until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests = Requests()
    wanted = requests.next()
    if wanted is None:
        return
    device = _open(str(wanted.facts["device"]))
    sandbox.give_up()
    if device is None:
        _say(Message("gone"))
        return
    _say(run(Job(lambda say: list_files(device, say), LIST_SECONDS)))
    # Heavy, and not needed to show what there is.
    from edge.scanners.usb_drive.judging import judge  # noqa: PLC0415 - see above

    while (request := requests.next()) is not None:
        _say(_answer(request, device, judge))


def _open(path: str) -> Device | None:
    try:
        number = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        return Device(number, os.lseek(number, 0, os.SEEK_END))
    except OSError:
        return None


def _answer(request: Message, device: Device, judge: Judge) -> Message:
    index, largest = int(request.facts["index"]), int(request.facts["largest"])
    done = run(Job(lambda say: fetch_file(device, index, largest, judge, say), READ_SECONDS))
    blobs = (b"", *done.blobs[1:]) if request.facts.get("thumbnail") else done.blobs
    return Message(done.kind, {**done.facts, "id": request.facts["id"]}, blobs)


class Requests:
    """Messages of the agent, one after the other."""

    def __init__(self) -> None:
        self._decoder, self._heard = Decoder(), list[Message]()

    def next(self) -> Message | None:
        """Return the next one, None when the agent is gone."""
        while not self._heard:
            data = os.read(0, _CHUNK)
            if not data:
                return None
            self._heard += self._decoder.feed(data)
        return self._heard.pop(0)


@dataclass(frozen=True)
class Job:
    """What a child does, and how long reading may take."""

    work: Callable[[Callable[[Message], None]], None]
    read_seconds: float


def run(job: Job) -> Message:
    """Return the child's last word, or what its death says."""
    mine, its = os.pipe()
    child = os.fork()
    if child == 0:
        _be_child(job, mine, its)
    os.close(its)
    try:
        said = _hear(mine, job)
    finally:
        os.close(mine)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    return said or _last_word(status)


def _be_child(job: Job, back: int, out: int) -> None:
    """Do the work and end; only the way to the parent and the drive are left open."""
    try:
        for number in (0, 1, back):
            os.close(number)
        sandbox.limit_job()
        job.work(lambda message: _write(out, encode(message)))
    except MemoryError:
        _write(out, encode(_refused("bomb")))
    finally:
        os._exit(0)


def _hear(mine: int, job: Job) -> Message | None:
    """Return the last message of a child, None when it died without one, `too_slow` when it took too long."""
    decoder, end = Decoder(), time.monotonic() + job.read_seconds
    try:
        while select.select([mine], [], [], max(0.0, end - time.monotonic()))[0]:
            data = os.read(mine, _CHUNK)
            if not data:
                return None
            for message in decoder.feed(data):
                if message.kind != "read":
                    return message
                end = time.monotonic() + JUDGE_SECONDS
    except NoMessageError:
        return _refused("broken")
    return _refused("too_slow")


def _last_word(status: int) -> Message:
    """Say what a death means: time, memory, or a library that stumbled over the bytes."""
    by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    if by == signal.SIGXCPU:
        return _refused("too_slow")
    # C++ aborts when there is no memory, and the kernel kills when the machine has none.
    return _refused("bomb" if by in {signal.SIGABRT, signal.SIGKILL} else "broken")


def _refused(reason: str) -> Message:
    return Message("turned_down", {"reason": reason})


def _say(message: Message) -> None:
    _write(1, encode(message))


def _write(out: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(out, view) :]


if __name__ == "__main__":
    main()
