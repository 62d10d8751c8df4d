"""What a queue may be narrowed by and is sealed: level and country of search of many cases.

A page may open two hundred cases to show fifty, so what is needed of all of them comes in one
question and is opened in one go, and of a case file only the country is read.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import msgspec
from sqlalchemy import select

from rfl.domain.groups import Group, Half
from rfl.domain.request import Level
from rfl.storage import ledger, people, vault
from rfl.storage.casefiles import casefiles
from rfl.storage.cases import CaseRow, cases
from rfl.storage.documents import CONTENT, unpacked
from rfl.storage.vault import ID_SIZE, TIE, record_keys
from rfl.storage.work import Work

GROUPS = (Group.CIRCUMSTANCES, Group.SENSITIVE)
_COLUMNS = (cases.c.id, cases.c.sensitive, cases.c.tie, record_keys.c.rest, record_keys.c.identity)
_ASKED = (
    select(*_COLUMNS)
    .join(record_keys, record_keys.c.record_id == cases.c.id)
    .where(cases.c.sensitive.is_not(None))
)
_WITH_FILES = _ASKED.join(casefiles, casefiles.c.id == cases.c.id).add_columns(casefiles.c.content)


class _Where(msgspec.Struct, frozen=True):
    """Of a case file, where the person is searched."""

    country: str | None = None


@dataclass(frozen=True, slots=True)
class Facets:
    """Level of a case, whether a child asks, and where it is searched, if that was asked.

    `tie` and `wrapped` are for its entry, if it is shown.
    """

    level: Level
    child: bool
    country: str | None
    tie: bytes = field(repr=False)
    wrapped: bytes = field(repr=False)


def of_cases(
    work: Work, rows: Sequence[CaseRow], *, with_country: bool = False
) -> dict[str, Facets]:
    """Return the facets by case of those that are not erased; their entry must stand before."""
    asked = _WITH_FILES if with_country else _ASKED
    wanted = asked.where(cases.c.id.in_([row.id for row in rows]))
    found = work.connection.execute(wanted).all()
    if not found:
        return {}
    records, sensitive, ties, rest, identity, *contents = zip(*found, strict=True)
    sealed = [(cases.name, Group.SENSITIVE.value, sensitive)]
    sealed += [(casefiles.name, CONTENT, one) for one in contents]
    levels, *files = vault.open_columns(work, Half.REST, records, rest, sealed)
    places = [unpacked(one, _Where).country for one in files[0]] if files else [None] * len(found)
    return {
        record: Facets(*people.sensitivity_of(level), country, tie, wrapped)
        for record, level, country, tie, wrapped in zip(
            records, levels, places, ties, identity, strict=True
        )
    }


def enter_shown(work: Work, shown: Collection[tuple[str, Facets]]) -> None:
    """Enter the log ids of the cases that are shown of those that were opened."""
    if not shown:
        return
    records = [record for record, _facets in shown]
    vault.count_shown(work, records)
    wrapped = [facets.wrapped for _record, facets in shown]
    ties = (cases.name, TIE, [facets.tie for _record, facets in shown])
    [opened] = vault.open_columns(work, Half.IDENTITY, records, wrapped, [ties])
    objects = [tie[:ID_SIZE].decode("ascii") for tie in opened]
    ledger.append(work, objects=objects, count=len(objects))
