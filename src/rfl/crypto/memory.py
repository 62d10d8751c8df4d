"""What the operating system may do with the memory of a process that holds keys."""

import ctypes
import resource
import sys

_PR_SET_DUMPABLE = 4


def keep_memory_private() -> None:
    """Let no crash write this process's memory down, and no other program of its user read it.

    A limit of 0 stops dumps into files, core(5). On Linux the process is besides not *dumpable*,
    prctl(2): that stops the dumps which the kernel hands to a program whatever the limit is, and
    ptrace. Programs that this one starts have the limit too.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
