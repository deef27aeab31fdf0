"""The process that holds the camera: looks, captures, makes pages and documents; killed by the driver when it hangs.

It may not write a file: the kernel refuses (`RLIMIT_FSIZE`), as it refuses core dumps. It ends when its input ends, so
that none outlives the agent, and everything it saw ends with it.
"""

from __future__ import annotations

import contextlib
import os
import queue
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

import cv2
import numpy as np

from edge.links.messages import Decoder, Message, encode
from edge.ports import Capture, Joining
from edge.scanners.document_camera import hands
from edge.scanners.document_camera.eye import Eye
from edge.scanners.document_camera.model import Calibration, Frame
from edge.scanners.document_camera.outline import outlines
from edge.scanners.document_camera.page import turn
from edge.scanners.document_camera.pdf import join
from edge.scanners.document_camera.source import BrokenFrameError, FrameSource, Shot, SourceGoneError
from edge.scanners.document_camera.source_open import open_source
from edge.scanners.document_camera.wanted import Wanted
from edge.scanners.document_camera.watch import Watch
from edge.scanners.document_camera.worker_codec import pages_from_parts, pages_to_parts

LOOK_EVERY_S = 0.1
PREVIEW_WIDTH = 800
MOST_MEMORY = 3 << 30
_lock = threading.Lock()


def main() -> None:
    """Serve the pipe until it ends."""
    for limit, value in ((resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_DATA, MOST_MEMORY)):
        resource.setrlimit(limit, (value, value))
    # The agent decides when this ends, not a Ctrl-C that was meant for the agent.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(2)
    asked: queue.Queue[Message] = queue.Queue()
    work: queue.Queue[Callable[[], None]] = queue.Queue()
    threading.Thread(target=_hear, args=(lambda message: _sort(message, asked, work),), daemon=True).start()
    threading.Thread(target=_work, args=(work,), daemon=True).start()
    try:
        Worker(asked, work.put).serve()
    except MisplacedError as error:
        _say(Message("failed", {"reason": str(error), "detail": ""}))
    except StaleError:
        _say(Message("failed", {"reason": "stale", "detail": ""}))
    except BrokenFrameError:
        _say(Message("failed", {"reason": "gone", "detail": "the first frame is no picture"}))
    except SourceGoneError as error:
        # The text is ours and holds no picture; it tells the technician what the camera said.
        _say(Message("failed", {"reason": error.reason, "detail": str(error)}))


class StaleError(Exception):
    """The same frame again and again: a camera always has noise."""


class MisplacedError(Exception):
    """Sizes could not be true: `uncalibrated`, `moved` since the calibration, or pictures of `other_size`."""


class Worker:
    """Waits for `open`, then looks for ever; work of a second goes to the other thread, so that the picture goes on."""

    def __init__(self, asked: queue.Queue[Message], put: Callable[[Callable[[], None]], None]) -> None:
        self._asked, self._put = asked, put
        self._source: FrameSource | None = None
        self._calibration: Calibration | None = None
        self._eye, self._watch = Eye(None), Watch()
        self._last, self._fresh_at, self._deadline = b"", 0.0, 0.0
        self._verdicts: queue.Queue[Capture] = queue.Queue()
        self._thumbnails: tuple[bytes, ...] = ()
        self._deskew = True
        self._size: tuple[int, ...] = ()

    def serve(self) -> None:
        """Carry out what is asked, and look in between."""
        while True:
            if self._source is None:
                self._obey(self._asked.get())
                continue
            begun = time.monotonic()
            shot = self._source.newest()
            with contextlib.suppress(BrokenFrameError):
                if self._is_fresh(shot):
                    self._look(shot)
            while not self._asked.empty():
                self._obey(self._asked.get(), shot)
            time.sleep(max(0.0, begun + LOOK_EVERY_S - time.monotonic()))

    def _obey(self, message: Message, shot: Shot | None = None) -> None:
        facts, blobs = message.facts, message.blobs
        if message.kind == "open":
            self._open(Wanted(**facts["wanted"]), Path(facts["calibration_dir"]))
        elif message.kind == "capture" and shot is not None:
            self._watch.captured_by_hand()
            self._eye.captured()
            self._put(lambda: self._capture(shot, facts["id"]))
        elif message.kind == "check" and shot is not None:
            self._check(shot, facts["id"])
        elif message.kind == "compare_with":
            self._thumbnails = blobs

    def _open(self, wanted: Wanted, calibration_dir: Path) -> None:
        self._source, self._deadline = open_source(wanted), wanted.deadline_seconds
        self._deskew = wanted.deskew
        first = self._source.newest()
        self._calibration = hands.load_calibration(calibration_dir)
        self._eye = Eye(self._calibration)
        if self._source.lives:
            self._check_place(first)
        self._fresh_at = time.monotonic()

    def _check_place(self, shot: Shot) -> None:
        if self._calibration is None:
            raise MisplacedError("uncalibrated")
        fault = hands.misplaced(shot.whole(), self._calibration)
        if fault is not None:
            raise MisplacedError(fault)

    def _check(self, shot: Shot, number: int) -> None:
        if self._source is not None:
            self._source.check()
        fault = None
        if self._calibration is not None and self._source is not None and self._source.lives:
            fault = hands.check_marks(shot.whole(), self._calibration)
        _say(Message("checked", {"id": number, "fault": fault}))

    def _is_fresh(self, shot: Shot) -> bool:
        """Whether this is a picture that was not looked at yet; one that is no picture is never fresh."""
        now = time.monotonic()
        if shot.jpeg != self._last or not (self._source and self._source.lives):
            self._last = shot.jpeg
            size = shot.small().shape
            if self._source and self._source.lives and size != (self._size or size):
                raise MisplacedError("other_size")
            self._size, self._fresh_at = size, now
            return True
        if now - self._fresh_at > self._deadline:
            raise StaleError
        return False

    def _look(self, shot: Shot) -> None:
        small = shot.small()
        while not self._verdicts.empty():
            verdict = self._verdicts.get().verdict
            if verdict != "found":
                self._watch.failed("cropped" if verdict == "cropped" else "unsure")
        look = self._eye.look(small)
        answer = self._watch.see(time.monotonic(), look)
        if answer.capture:
            self._eye.captured()
            self._put(lambda: self._capture(shot, None))
        seen = outlines(small, self._calibration) if look.covered else ()
        _say(Message("preview", {"hint": answer.hint, "outlines": seen}, (_preview(small),)))

    def _capture(self, shot: Shot, number: int | None) -> None:
        capture = hands.capture(shot.whole(), self._calibration, self._thumbnails, deskew=self._deskew)
        self._verdicts.put(capture)
        facts, blobs = pages_to_parts(capture.pages)
        _say(Message("captured", {"id": number, "verdict": capture.verdict, "pages": facts}, blobs))


def _turn(facts: dict[str, object], blobs: tuple[bytes, ...]) -> None:
    page = pages_from_parts(cast("list[dict[str, object]]", facts["pages"]), blobs)[0]
    parts, done = pages_to_parts([turn(page, cast("int", facts["quarters"]))])
    _say(Message("turned", {"id": facts["id"], "pages": parts}, done))


def _join(facts: dict[str, object], blobs: tuple[bytes, ...]) -> None:
    pages = pages_from_parts(cast("list[dict[str, object]]", facts["pages"]), blobs)
    try:
        document = join(pages, cast("Joining", facts["how"]))
    except ValueError:
        # Nothing is wrong with this process: other pages, or the same ones joined otherwise, will do.
        _say(Message("refused", {"id": facts["id"]}))
        return
    _say(Message("joined", {"id": facts["id"]}, (document,)))


def _preview(small: Frame) -> bytes:
    scale = min(1.0, PREVIEW_WIDTH / small.shape[1])
    picture = np.asarray(cv2.resize(small, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    return bytes(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 75])[1])


def _say(message: Message) -> None:
    data = encode(message)
    with _lock:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


def _hear(put: Callable[[Message], None]) -> None:
    decoder = Decoder()
    # Whatever the other threads hang in, the end of the agent is the end of this process.
    while data := os.read(0, 1 << 16):
        for message in decoder.feed(data):
            put(message)
    os._exit(0)


def _sort(message: Message, asked: queue.Queue[Message], work: queue.Queue[Callable[[], None]]) -> None:
    """What needs no camera does not wait for one that may be silent."""
    if message.kind == "turn":
        work.put(lambda: _turn(message.facts, message.blobs))
    elif message.kind == "join":
        work.put(lambda: _join(message.facts, message.blobs))
    else:
        asked.put(message)


def _work(jobs: queue.Queue[Callable[[], None]]) -> None:
    try:
        while True:
            jobs.get()()
    finally:
        # A job that cannot be done ends the process: the driver starts a new one, and nobody waits in vain.
        os._exit(1)


if __name__ == "__main__":
    main()
