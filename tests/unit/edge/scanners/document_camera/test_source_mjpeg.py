import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from edge.scanners.document_camera.source import SourceGoneError
from edge.scanners.document_camera.source_mjpeg import MjpegSource

OK = b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=x\r\n\r\n"


def part(body: bytes) -> bytes:
    return b"--x\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%b\r\n" % (len(body), body)


@contextmanager
def answering(*data: bytes, hang: bool = False) -> Iterator[str]:
    """A peer that answers one connection with these bytes, then hangs up (or not)."""
    done = threading.Event()

    def serve() -> None:
        client, _ = listening.accept()
        with client:
            client.recv(4096)
            client.sendall(b"".join(data))
            if hang:
                done.wait(10)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/video?x=1"
        finally:
            done.set()
            thread.join()


def test_the_newest_whole_frame_wins() -> None:
    with answering(OK, *[part(b"%d" % number) for number in range(5)], hang=True) as url:
        source = MjpegSource(url, 0.3)
        assert source.newest().jpeg == b"4"
        with pytest.raises(SourceGoneError, match="silence") as silent:
            source.newest()
        assert silent.value.reason == "hung"
        source.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.0 404 Not Found\r\n\r\n",
        OK + b"--x\r\nContent-Type: image/jpeg\r\n\r\nabc\r\n",
        OK + b"--x\r\nContent-Length: 99999999999\r\n\r\n",
        OK + b"--x\r\nContent-Length: -5\r\n\r\n",
        OK + b"--x\r\nContent-Length: 10\r\n\r\nabc",
        OK + b"h" * 20000,
        b"\x00" * 20000,
    ],
)
def test_what_is_no_stream_of_jpegs_is_a_camera_that_is_gone(answer: bytes) -> None:
    with answering(answer) as url, pytest.raises(SourceGoneError) as gone:
        MjpegSource(url, 1.0).newest()
    assert gone.value.reason == "gone"


@pytest.mark.parametrize("sent", [(), (OK,), (OK, b"--x\r\nContent-Length: 9\r\n\r\nhalf")])
def test_silence_is_told_as_a_camera_that_hangs(sent: tuple[bytes, ...]) -> None:
    with answering(*sent, hang=True) as url, pytest.raises(SourceGoneError) as silent:
        MjpegSource(url, 0.2).newest()
    assert silent.value.reason == "hung"


def test_nobody_there_is_a_camera_that_is_gone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(SourceGoneError):
        MjpegSource(f"http://127.0.0.1:{port}/", 1.0)
