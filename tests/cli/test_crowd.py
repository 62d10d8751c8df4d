"""A long list is taken in by several processes, and nobody can tell from what is stored."""

import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest

from rfl.cli import list_crowd
from rfl.cli.list_intake import LONG
from rfl.errors import StorageFailed
from rfl.interchange.registrations import RegistrationMaker
from tests.cli.support import Cli
from tests.interchange.making import TODAY, make_note, make_person, make_pfif, make_terms

WIDE = "x" * 4_000
COUNT = LONG // len(WIDE) + 20


def long_list(path: Path, count: int = COUNT) -> None:
    """A list of few rows that is long in bytes. Each tenth record stands in it twice."""
    rows = [f"A-{number},Person Number{number},{WIDE}\n" for number in range(count)]
    rows += [f"A-{number},Person Number{number},{WIDE}\n" for number in range(0, count, 10)]
    rows.insert(7, "A-bad,,none\n")
    path.write_text("ref,full name,remarks\n" + "".join(rows), encoding="utf-8")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "long.csv"


def test_three_processes_take_in_what_one_would(node: Cli, path: Path) -> None:
    long_list(path)
    first = node.ended(node.start("import", path, "--jobs", "3", "--json")).document
    twice = len(range(0, COUNT, 10))
    assert (first["added"], first["unchanged"], first["refused"]) == (COUNT, twice, 1)
    alone = node.ended(node.start("import", path, "--jobs", "1", "--json")).document
    assert alone["list_id"] == first["list_id"]
    assert (alone["added"], alone["changed"], alone["unchanged"]) == (0, 0, COUNT + twice)


def test_a_process_that_dies_is_told_and_the_list_completed_later(node: Cli, path: Path) -> None:
    long_list(path, 3 * COUNT)
    process = node.start("import", path, "--jobs", "2", "--json")
    others = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while len(found := others.read_text().split()) < 2 and process.poll() is None:
        time.sleep(0.01)
    os.kill(int(found[0]), signal.SIGKILL)
    broken = node.ended(process)
    assert (broken.code, broken.out) == (2, "")
    assert broken.err.startswith("rfl: storage-failed: A process that stored rows ended")
    done = node.ended(node.start("import", path, "--jobs", "2", "--json")).document
    assert done["added"] + done["unchanged"] == 3 * COUNT + len(range(0, 3 * COUNT, 10))


def test_a_failure_that_nobody_foresaw_is_told_without_its_text(
    node: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise ValueError("Zahra Hosseini")

    monkeypatch.setattr(list_crowd, "take_rows", fail)
    monkeypatch.setattr(signal, "signal", lambda *_arguments: None)
    here, there = multiprocessing.Pipe()
    here.send(("lst_" + "0" * 26, RegistrationMaker(make_terms(), TODAY, {}).row))
    list_crowd._work(there, "north", [])
    with pytest.raises(StorageFailed, match="ValueError") as told:
        list_crowd._answer(here)
    assert "Zahra" not in str(told.value)


def test_an_interrupted_import_leaves_whole_rows_and_is_completed(node: Cli, path: Path) -> None:
    long_list(path, 3 * COUNT)
    process = node.start("import", path, "--jobs", "2", "--json")
    time.sleep(3.0)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    done = node.ended(node.start("import", path, "--jobs", "2", "--json")).document
    assert done["added"] + done["unchanged"] == 3 * COUNT + len(range(0, 3 * COUNT, 10))
    assert node("import", path, "--jobs", "1", "--json").document["added"] == 0


@pytest.mark.parametrize("jobs", ["1", "3"])
def test_refused_rows_stand_in_the_order_of_the_file(node: Cli, path: Path, jobs: str) -> None:
    """Some are refused while the file is cut, others where the registrations are made."""
    people = [
        make_person(person_record_id=f"lists.example/{number}", description=WIDE)
        for number in range(COUNT)
    ]
    people[3] = make_person(person_record_id="no domain")
    for number in (1, 2, 4, COUNT - 2):
        people[number] = make_person(
            person_record_id=f"lists.example/{number}", date_of_birth="1990-02-31"
        )
    path.write_bytes(make_pfif(*people, make_note(person_record_id="lists.example/nobody")))
    report = node.ended(node.start("import", path, "--jobs", jobs, "--json")).document
    told = [(one["row"], one["field"]) for one in report["rejects"]]
    born = [(number, "date_of_birth") for number in (2, 3, 5, COUNT - 1)]
    assert told == [*born[:2], (4, "person_record_id"), *born[2:], (1, "note.person_record_id")]
