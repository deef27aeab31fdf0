"""Run as a program: the drive's worker with a job that misbehaves; prints what the worker says of it and the seconds.

A process of its own, because the sandbox cannot be left again.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import socket
import sys
import tempfile
import time
from collections.abc import Callable

from edge.links.messages import Message
from edge.scanners.usb_drive import sandbox, worker

Say = Callable[[Message], None]


def spin(_say: Say) -> None:
    while True:
        pass


def hang(_say: Say) -> None:
    # Nothing ever comes from it.
    os.read(os.pipe()[0], 1)


def grow(_say: Say) -> None:
    held = []
    while True:
        held.append(bytes(1 << 24))


def abort(_say: Say) -> None:
    os.abort()


def crash(_say: Say) -> None:
    ctypes.string_at(0)


def lie(_say: Say) -> None:
    for number in range(3, 64):
        try:
            os.write(number, b"\xff" * 100)
        except OSError:
            continue


def raises(_say: Say) -> None:
    raise LookupError("name of a citizen")


def rights(say: Say) -> None:
    """Say what this process may still do."""
    say(Message("rights", {"may": [name for name, tried in _TRIALS.items() if _may(tried)], "user": os.geteuid()}))


def descriptors(say: Say) -> None:
    say(Message("open", {"numbers": sorted(int(each) for each in os.listdir("/proc/self/fd"))}))


def _may(tried: Callable[[], object]) -> bool:
    try:
        tried()
    except (OSError, ValueError):
        return False
    return True


def _fork() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


_FILE = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
_TRIALS: dict[str, Callable[[], object]] = {
    "write": lambda: os.write(_FILE.fileno(), b"x"),
    "fork": _fork,
    "network": lambda: socket.create_connection(("127.0.0.1", int(sys.argv[2])), timeout=1),
    "memory": lambda: resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)),
}


def main() -> None:
    if sys.argv[1] == "free":
        rights(lambda said: print(json.dumps(said.facts)))
        return
    begun = time.monotonic()
    sandbox.give_up()
    job = worker.Job(globals()[sys.argv[1]], 1.0)
    said = worker.run(job) if sys.argv[1] == "hang" else worker.run(worker.Job(job.work, 20.0))
    print(json.dumps({"kind": said.kind, **said.facts, "s": time.monotonic() - begun}), flush=True)


if __name__ == "__main__":
    main()
