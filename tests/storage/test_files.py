"""The two sealed files of a case: their size, their place, and that one row is all there is."""

import pytest
import sqlalchemy as sa

from rfl.domain.access import Verb
from rfl.errors import SealBroken, TooLarge
from rfl.flows.note import note
from rfl.flows.read_file import read_file
from rfl.flows.register import open_case
from rfl.flows.runtime import Runtime
from rfl.flows.seek import write_line
from rfl.storage.casefiles import casefiles
from rfl.storage.documents import sealed_document
from rfl.storage.journals import journals
from tests.office import open_desk
from tests.support import OFFICER, make_request

OVERHEAD = 1 + 12 + 16


def sizes(rt: Runtime, table: sa.Table) -> set[int]:
    with rt.database.read() as connection:
        return {len(content) for content in connection.scalars(sa.select(table.c.content))}


def test_p03_a_journal_has_the_size_of_every_other_until_it_is_many_times_longer(
    rt: Runtime,
) -> None:
    desk = open_desk(rt)
    empty = sizes(rt, journals)
    for number in range(20):
        said = f"Asked at gate {number}, and in the kitchen."
        write_line(rt, desk.searcher, desk.case, desk.journal.version, said)
    assert sizes(rt, journals) == empty == {4_096 + OVERHEAD}


def test_a_long_file_moves_to_the_next_class_and_reads_back(rt: Runtime) -> None:
    desk = open_desk(rt)
    story = " ".join(str(number * 7919) for number in range(2_200))
    note(rt, desk.officer, desk.case, desk.version, story)
    assert sizes(rt, casefiles) == {4 * 4_096 + OVERHEAD}
    assert desk.file.events[-1].said == story


def test_a_file_that_was_moved_to_another_case_does_not_open(rt: Runtime) -> None:
    one, two = (open_case(rt, OFFICER, make_request(), None).id for _ in range(2))
    with rt.database.write() as connection:
        content = sa.select(casefiles.c.content).where(casefiles.c.id == one).scalar_subquery()
        moved = sa.update(casefiles).where(casefiles.c.id == two).values(content=content)
        connection.execute(moved)
    assert read_file(rt, OFFICER, one)
    with pytest.raises(SealBroken):
        read_file(rt, OFFICER, two)


def test_a_file_past_the_largest_class_is_refused(sqlite_rt: Runtime) -> None:
    opened = open_case(sqlite_rt, OFFICER, make_request(), None).id
    noise = [number * 7919 % 1_000_003 for number in range(6_000_000)]
    with sqlite_rt.begin(OFFICER, Verb.CASE_WORK) as work, pytest.raises(TooLarge):
        sealed_document(work, casefiles.name, opened, noise)
