"""The walls around a process that draws foreign bytes: little memory and time, no file of ours, no network.

Two layers: resource limits, which every Linux has, and Landlock, where the kernel has it (5.13; TCP from 6.7): after
that the process reads fonts, opens nothing else, and connects to nobody. Numbers: linux/landlock.h, prctl(2).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource

MIB = 1024 * 1024
MEMORY, CPU_S = 1024 * MIB, 10
# A PDF need not bring its fonts along; what it asks for is looked for here.
FONTS = ("/usr/share/fonts", "/usr/local/share/fonts")

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION, _PATH_BENEATH = 1, 1
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 4, 38


class _Ruleset(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def raise_walls() -> bool:
    """Limit this process for good; whether the kernel shut the files away too."""
    limits = {
        resource.RLIMIT_AS: MEMORY, resource.RLIMIT_CPU: CPU_S, resource.RLIMIT_FSIZE: 0, resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: 32,
    }  # fmt: skip
    for limit, value in limits.items():
        resource.setrlimit(limit, (value, value))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    return _shut_files_away(libc)


def _shut_files_away(libc: ctypes.CDLL) -> bool:
    version = libc.syscall(_CREATE_RULESET, None, 0, _VERSION)
    if version < 1:
        return False
    rules = _Ruleset(_all_of_files(version), 3 if version >= 4 else 0)  # 3: binding and connecting by TCP
    size = ctypes.sizeof(rules) if version >= 4 else 8
    ruleset = libc.syscall(_CREATE_RULESET, ctypes.byref(rules), size, 0)
    if ruleset < 0:
        return False
    for folder in FONTS:
        _allow_reading(libc, ruleset, folder)
    done: bool = libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0
    os.close(ruleset)
    return done


def _all_of_files(version: int) -> int:
    """Every right on files that this kernel knows: 13 at first, then rename across, truncate, and ioctl on devices."""
    return (1 << {1: 13, 2: 14, 3: 15, 4: 15}.get(version, 16)) - 1


def _allow_reading(libc: ctypes.CDLL, ruleset: int, folder: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        parent = os.open(folder, os.O_PATH | os.O_CLOEXEC)
        rule = _Beneath(_READ_FILE | _READ_DIR, parent)
        libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0)
        os.close(parent)
