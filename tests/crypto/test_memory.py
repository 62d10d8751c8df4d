"""What a crash leaves of a process that has unlocked the keys: nothing."""

import os
import resource
import signal
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from rfl.crypto.keyring import FileProvider, make_key_file

UNLOCKED = """
import os, sys
from pathlib import Path
from rfl.crypto.keyring import FileProvider
folder = Path(sys.argv[1])
FileProvider(folder / "keyring.json", key_file=folder / "master.key").load()
"""
SEEN = """
import ctypes, resource
assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)
assert sys.platform != "linux" or ctypes.CDLL(None).prctl(3, 0, 0, 0, 0) == 0  # PR_GET_DUMPABLE
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_key_file(tmp_path / "master.key")
    FileProvider(tmp_path / "keyring.json", key_file=tmp_path / "master.key").create()
    return tmp_path


def test_a_process_that_has_unlocked_the_keys_leaves_no_core_when_it_crashes(folder: Path) -> None:
    status = _ended(folder, UNLOCKED + "os.abort()")
    assert os.WTERMSIG(status) == signal.SIGABRT
    assert not os.WCOREDUMP(status)
    assert {one.name for one in folder.iterdir()} == {"keyring.json", "master.key"}


def test_no_program_of_the_same_user_may_read_its_memory(folder: Path) -> None:
    assert _ended(folder, UNLOCKED + SEEN) == 0


def _ended(folder: Path, source: str) -> int:
    """The status with which a process ends that may dump as much as this machine allows."""
    child = os.fork()
    if child == 0:
        most = resource.RLIM_INFINITY
        with suppress(ValueError):  # This process has unlocked keys as well: only root goes back.
            resource.setrlimit(resource.RLIMIT_CORE, (most, most))
        os.chdir(folder)
        program = [sys.executable, "-c", source, str(folder)]
        os.execv(sys.executable, program)  # noqa: S606 (subprocess does not tell of dumps)
    return os.waitpid(child, 0)[1]
