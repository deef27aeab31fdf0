"""What the drive's worker gives up before a byte of the drive is looked at, and what one file may cost.

Two steps. `give_up` once, by the process that holds the drive: no new rights, no network, no file may grow. `limit_job`
in the child that reads: another user where root started it, no capability, and bounds of memory, time and processes.
A child may not be able to open a module's file any more, so everything is imported before.
"""

from __future__ import annotations

import codecs
import contextlib
import ctypes
import os
import resource
import signal
import struct

MIB = 1024 * 1024
CPU_SECONDS = 2
MEMORY = 256 * MIB
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38
_CLONE_NEWIPC, _CLONE_NEWUSER, _CLONE_NEWNET = 0x08000000, 0x10000000, 0x40000000
_CAPABILITIES_3 = 0x20080522
_NOBODY = 65534
_MOST_OPEN = 64
_ENCODINGS = ("ascii", "latin-1", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp437", "gbk", "idna")

_libc = ctypes.CDLL(None, use_errno=True)


def give_up() -> None:
    """Give up what neither this process nor its children need. Ends with the process that started this one."""
    for name in _ENCODINGS:
        codecs.lookup(name)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, _MOST_OPEN)
    _leave_network()
    if _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "no_new_privs")
    if os.geteuid() != 0:
        # Root still needs one, to make each child nobody.
        _drop_capabilities()
    end_with_parent()


def end_with_parent() -> None:
    """Have the kernel kill this process when its parent ends."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def limit_job() -> None:
    """Let this process be nobody, and cost what one file may cost, counted from now."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(_NOBODY, _NOBODY, _NOBODY)
        os.setresuid(_NOBODY, _NOBODY, _NOBODY)
    _drop_capabilities()
    # The change of user has cleared it.
    end_with_parent()
    begun = os.times()
    # Between the two: the signal that says why, before the one that cannot.
    _limit(resource.RLIMIT_CPU, int(begun.user + begun.system) + CPU_SECONDS, more=1)
    _limit(resource.RLIMIT_NPROC, 0)
    with open("/proc/self/statm", "rb") as sizes:
        pages = int(sizes.read().split()[0])
    _limit(resource.RLIMIT_AS, pages * resource.getpagesize() + MEMORY)


def _limit(which: int, value: int, more: int = 0) -> None:
    _, most = resource.getrlimit(which)
    soft, hard = (each if most == resource.RLIM_INFINITY else min(each, most) for each in (value, value + more))
    resource.setrlimit(which, (soft, hard))


def _leave_network() -> None:
    """An empty network of its own: root may make one, others only within a user namespace, if the system has them.

    Where neither is allowed the network stays within reach of who breaks out of a library.
    """
    wanted = _CLONE_NEWNET | _CLONE_NEWIPC
    if _libc.unshare(wanted):
        _libc.unshare(_CLONE_NEWUSER | wanted)


def _drop_capabilities() -> None:
    """A user namespace hands out every capability inside it; none is wanted."""
    head = struct.pack("=Ii", _CAPABILITIES_3, 0)
    with contextlib.suppress(AttributeError):
        _libc.capset(head, struct.pack("=6I", 0, 0, 0, 0, 0, 0))
