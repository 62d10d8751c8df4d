"""Threads that read the first of a type at the same moment do not end the process."""

import ast
import subprocess
import sys
from pathlib import Path

from rfl.domain import decoding

SOURCE = Path(decoding.__file__).parents[1]

# With msgspec alone this dies of a segmentation fault within the first few rounds.
READERS = """
import enum, sys, threading
from dataclasses import make_dataclass
from rfl.domain.decoding import converted, decoded

sys.setswitchinterval(1e-6)
for round in range(40):
    kind = enum.Enum("Kind", {f"a{number}": f"v{number}" for number in range(10)})
    parts = [
        make_dataclass(f"Part{number}", [("kind", kind | None, None)], slots=True, frozen=True)
        for number in range(6)
    ]
    fields = [(f"part{number}", tuple[part, ...], ()) for number, part in enumerate(parts)]
    whole = make_dataclass("Whole", fields, slots=True, frozen=True)
    said = {f"part{number}": [{"kind": "v3"}] for number in range(6)}
    line, read = threading.Barrier(8), []

    def read_one(number):
        line.wait()
        read.append(converted(said, whole) if number % 2 else decoded(b"{}", whole))

    readers = [threading.Thread(target=read_one, args=(number,)) for number in range(8)]
    for one in readers:
        one.start()
    for one in readers:
        one.join()
    assert len(read) == 8
"""


def test_threads_that_read_the_first_of_a_type_at_once_all_read_it() -> None:
    done = subprocess.run([sys.executable, "-c", READERS], capture_output=True, check=False)
    assert (done.returncode, done.stderr[-500:]) == (0, b"")


def test_nothing_else_reads_json_into_types() -> None:
    found = [
        f"{path.relative_to(SOURCE)}:{call.lineno}"
        for path in sorted(SOURCE.rglob("*.py"))
        if path != Path(decoding.__file__)
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call) and _is_typed(call)
    ]
    assert found == []


def _is_typed(call: ast.Call) -> bool:
    name = ast.unparse(call.func)
    if name == "msgspec.convert":
        return True
    if name == "msgspec.json.decode":
        return bool(call.keywords)
    return name == "msgspec.json.Decoder" and bool(call.args or call.keywords)
