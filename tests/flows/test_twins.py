"""P-03: one case, worked twice, ended by a refusal and by nothing found, over 400 days of clock.

Everything that anybody outside the searching team can reach is compared: answers to readers, every
clear column, every row count, the size of every sealed value, every entry of the log.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from rfl.domain.access import Role
from rfl.domain.answer import Answer, Item
from rfl.domain.casefile import Ending
from rfl.domain.entry import from_bytes
from rfl.domain.ids import PersonId
from rfl.domain.journal import Lead
from rfl.domain.purpose import Purpose
from rfl.domain.states import Inside, Outside
from rfl.flows import close, consult, report_death, seek
from rfl.flows.account_for import latest_entries
from rfl.flows.read_file import read_file
from rfl.flows.review import list_cases, read_case
from rfl.flows.runtime import Runtime
from rfl.flows.tell import tell_due
from tests.casework import make_consultation, make_death
from tests.office import Desk, open_desk
from tests.support import Clock, make_call, make_person, make_request, make_runtime

# Ids, and the log's keys of them (`_cell`).
ID = re.compile(r"\b[a-z]{3}_[0-9a-hjkmnp-tv-z]{26}\b|\bkey_-?[0-9]+\b")
DAYS = 400
AUDITOR = make_call(Role.AUDITOR, Purpose.AUDIT)
Step = Callable[[Desk, PersonId, PersonId, int], int]


def note(desk: Desk, _person: PersonId, _enquirer: PersonId, version: int) -> int:
    return seek.write_line(desk.rt, desk.searcher, desk.case, version, "Asked at the gate")


def lead(desk: Desk, person: PersonId, _enquirer: PersonId, version: int) -> int:
    found = Lead(desk.rt.clock(), desk.searcher.actor.id, None, "The list of a camp")
    return seek.open_lead(desk.rt, desk.searcher, desk.case, version, (person, found))


def verify(desk: Desk, person: PersonId, _enquirer: PersonId, version: int) -> int:
    return seek.verify_lead(desk.rt, desk.searcher, desk.case, version, person)


def refuse(desk: Desk, person: PersonId, enquirer: PersonId, version: int) -> int:
    asked = make_consultation(on=desk.today, asked_by=desk.searcher.actor.id)
    answer = Answer(person, enquirer, frozenset(), asked)
    return consult.record_answer(desk.rt, desk.searcher, desk.case, version, answer)


def report(desk: Desk, person: PersonId, _enquirer: PersonId, version: int) -> int:
    death = make_death(reported_by=desk.searcher.actor.id, reported_on=desk.today)
    return report_death.report_death(desk.rt, desk.searcher, desk.case, version, (person, death))


def to(state: Inside) -> Step:
    def move(desk: Desk, person: PersonId, _enquirer: PersonId, version: int) -> int:
        return seek.move(desk.rt, desk.searcher, desk.case, version, (person, state, "So it is"))

    return move


ENDINGS: dict[str, list[Step]] = {
    "refuses": [lead, verify, refuse],
    "not located": [note, note, to(Inside.NOT_LOCATED)],
    "cannot be asked": [lead, verify, to(Inside.CANNOT_BE_ASKED)],
    "detained": [note, note, to(Inside.DETAINED)],
    "reported dead": [lead, note, report],
    "still searching": [note, note, note],
}


def outside(rt: Runtime, desk: Desk) -> str:
    """What everybody outside the team can reach, with ids by the order in which they appear."""
    names: dict[str, str] = {}

    def named(found: re.Match[str]) -> str:
        return names.setdefault(found[0], f"{found[0][:3]}{len(names)}")

    text = msgspec.json.encode([*_answers(rt, desk), *rows_of(rt)]).decode()
    return ID.sub(named, text)


def _answers(rt: Runtime, desk: Desk) -> Iterator[Any]:
    yield read_file(rt, desk.officer, desk.case)
    yield read_case(rt, desk.officer, desk.case)
    yield list_cases(rt, desk.supervisor, (-1, ""), 10)
    yield [_entry(entry) for entry in latest_entries(rt, AUDITOR)]


def rows_of(rt: Runtime) -> Iterator[Any]:
    """Every row of every table: sizes of bytes, entries of the log without their random parts."""
    with rt.database.read() as connection:
        for table in sorted(sa.inspect(connection).get_table_names()):
            rows = connection.execute(sa.text(f"SELECT * FROM {table}")).mappings()  # noqa: S608
            shown = [
                {name: _cell(table, name, value) for name, value in row.items()} for row in rows
            ]
            yield table, sorted(map(str, shown)) if table in UNORDERED else shown


# Rows whose order is that of random numbers.
UNORDERED = {"ledger_objects", "tokens", "accounts", "record_keys", "identifiers"}


def _cell(table: str, name: str, value: Any) -> Any:
    if (table, name) == ("ledger", "body"):
        return _entry(from_bytes(bytes(value)))
    if isinstance(value, bytes | memoryview):
        return len(bytes(value))
    if name == "actor":
        return f"key_{value}"
    if name == "log_id":
        return "key"
    if name in {"id", "account_id", "record_id"} and isinstance(value, str):
        return value[:3]
    return value


def _entry(entry: Any) -> dict[str, Any]:
    said = {name: getattr(entry, name) for name in entry.__slots__}
    return said | {
        "id": "",
        "salt": "",
        "request": "",
        "session": "",
        "objects": len(entry.objects),
    }


def lived(rt: Runtime, clock: Clock, steps: list[Step], every: int) -> list[str]:
    """Work the case to its end by day 30, close it on day 300; what was seen, day by day."""
    desk = open_desk(rt, make_request(make_person("Ali"), make_person("Maryam", birth="1961")))
    desk.judged().accepted()
    person, enquirer, version = desk.person, desk.request.enquirer.id, desk.journal.version
    seen = []
    for day in range(DAYS):
        if day in (10, 20, 30):
            version = steps[day // 10 - 1](desk, person, enquirer, version)
        if day == 300:
            close.close_case(
                rt, desk.officer, desk.case, desk.version, Ending.ENDED_WITHOUT_INFORMATION
            )
        tell_due(rt)
        if day % every == 0 or day in (9, 10, 11, 29, 30, 31, 179, 180, 181, 300):
            seen.append(outside(rt, desk))
        clock.move(days=1)
    assert desk.outcome.told.outcome is Outside.ENDED_WITHOUT_INFORMATION
    return seen


def _new_node(template: Path, folder: Path) -> tuple[Runtime, Clock]:
    folder.mkdir()
    path = folder / "rfl.db"
    path.write_bytes(template.read_bytes())
    clock = Clock()
    return make_runtime(f"sqlite:///{path}", folder, clock), clock


@pytest.fixture(scope="module")
def seen(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    found = {}
    for ending, steps in ENDINGS.items():
        rt, clock = _new_node(sqlite_template, tmp_path_factory.mktemp("twin") / "node")
        found[ending] = lived(rt, clock, steps, every=40)
        rt.database.dispose()
    return found


@pytest.mark.parametrize("ending", [name for name in ENDINGS if name != "not located"])
def test_p03_nobody_outside_can_tell_how_a_search_without_information_ended(
    seen: dict[str, list[str]], ending: str
) -> None:
    for mine, twin in zip(seen[ending], seen["not located"], strict=True):
        assert mine == twin


def test_p03_the_outside_sees_searching_until_the_answer_date_and_then_the_end(
    rt: Runtime, clock: Clock
) -> None:
    desk = open_desk(rt).judged().accepted().located().answered()
    clock.move(days=179)
    assert tell_due(rt) == 0
    assert desk.outcome.told.outcome is Outside.SEARCHING
    clock.move(days=1)
    assert tell_due(rt) == 1
    assert desk.outcome.told.outcome is Outside.ENDED_WITHOUT_INFORMATION
    assert tell_due(rt) == 0


@pytest.mark.parametrize("items", [(), (Item.ALIVE_AND_WELL,)], ids=["refusal", "good news"])
def test_the_comparison_sees_what_may_be_seen(
    sqlite_template: Path, tmp_path: Path, items: tuple[Item, ...]
) -> None:
    twins = []
    for name, answer in (("one", items), ("two", ())):
        rt, _clock = _new_node(sqlite_template, tmp_path / name)
        desk = open_desk(rt).judged().accepted().located().answered(*answer)
        twins.append(outside(rt, desk))
        rt.database.dispose()
    assert (twins[0] == twins[1]) == (items == ())
