"""What processes beside this one are given, what they answer, and what becomes of failures."""

import io
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rfl.crypto.beside import Batch, Beside, Lost, batches, read, started, write
from rfl.crypto.sealing import DataKey, Spot, seal

ECHO = """
import sys
from rfl.crypto.beside import batches, write
for batch in batches(sys.stdin.buffer):
    write(sys.stdout.buffer, batch.keys[0])
"""
RECORD = "reg_1"


def python(code: str) -> list[str]:
    return [sys.executable, "-P", "-c", code]


def give(beside: Beside, key: bytes, record: str = RECORD, sealed: bytes = b"") -> None:
    beside.open("registrations", "terms", [record], [key], [sealed])


def asked(
    command: list[str], keys: list[bytes], record: str = RECORD, sealed: bytes = b""
) -> list[bytes]:
    with started(command, 1) as beside:
        for key in keys:
            give(beside, key, record, sealed)
        return list(beside.answers())


def test_processes_answer_all_that_they_were_given() -> None:
    keys = [os.urandom(32) for _one in range(20)]
    with started(python(ECHO), 2) as beside:
        for key in keys:
            give(beside, key)
        assert beside.given == len(keys)
        assert sorted(beside.answers()) == sorted(keys)


# Each ends before its work is done: at once, by an error, or with a code after it has answered.
FAILING = [
    "",
    "1 / 0",
    "import sys; sys.stdin.buffer.read(); sys.exit(3)",
]


@pytest.mark.parametrize("code", FAILING)
def test_whoever_gives_work_to_a_process_that_ends_is_told_and_waits_for_nothing(
    code: str,
) -> None:
    with pytest.raises(Lost):
        asked(python(code), [bytes(100_000)] * 50)


def test_a_program_that_is_not_there_is_lost() -> None:
    with pytest.raises(Lost), started(["/nowhere/at/all"], 1):
        pass


def test_what_is_not_waited_for_is_ended() -> None:
    sleeps = "import time; time.sleep(600)"
    began = time.monotonic()
    with started(python(sleeps), 1) as beside:
        give(beside, bytes(32))
    assert time.monotonic() - began < 300


def test_a_value_that_does_not_open_loses_the_process_and_says_nothing() -> None:
    key, spot = bytes(range(32)), Spot("registrations", "terms", RECORD, RECORD)
    sealed = seal(DataKey(key), spot, b"Maryam Hosseini")
    opener = [sys.executable, "-P", "-m", "rfl.opener", "1", "0"]
    with pytest.raises(Lost):
        asked(opener, [key], "reg_2", sealed)


def test_the_opener_leaves_no_core() -> None:
    given = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-P", "-m", "rfl.opener", "1", "0"], **given) as opener:
        limits = Path(f"/proc/{opener.pid}/limits")
        deadline = time.monotonic() + 60
        while not re.search(r"core file size +0 +0 ", limits.read_text()):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        opener.kill()


def test_neither_keys_nor_values_are_shown() -> None:
    assert "secret" not in repr(Batch("t", "c", [RECORD], [b"secret"], [b"secret"]))


@pytest.mark.parametrize("cut", [0, 3, 8, 11])
def test_what_was_cut_short_is_no_message(cut: int) -> None:
    whole = io.BytesIO()
    write(whole, b"12345")
    assert read(io.BytesIO(whole.getvalue())) == b"12345"
    assert read(io.BytesIO(whole.getvalue()[:cut])) is None
    with pytest.raises(Lost):
        list(batches(io.BytesIO(b"")))


def test_a_length_that_no_message_has_is_not_read() -> None:
    assert read(io.BytesIO(b"The Zen of Python")) is None
