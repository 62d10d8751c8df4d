"""Which records a breach concerns: those that bear log ids, or those that were under a key.

The caller's entry stands before. Nothing stays in memory but the part that is being read.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from sqlalchemy import Table, func, select
from sqlalchemy.sql import ColumnElement

from rfl.domain.breach_beside import Beside
from rfl.domain.enquiry import Enquiry
from rfl.domain.groups import HALF, Half
from rfl.domain.handover import Handover
from rfl.domain.message import Message
from rfl.domain.received import Received
from rfl.domain.registration import Registration
from rfl.domain.request import TracingRequest
from rfl.storage import accounts, case_attachments, honey, people, queries, ties, vault
from rfl.storage.cases import OutsideState, cases, intakes
from rfl.storage.documents import opened_document
from rfl.storage.enquiries import enquiries
from rfl.storage.handovers import handovers
from rfl.storage.messages import calls, messages
from rfl.storage.received import received
from rfl.storage.registrations import registrations
from rfl.storage.sources import lists, sources
from rfl.storage.vault import record_keys
from rfl.storage.work import Work

Found = tuple[str, str, tuple[str, ...]]
"""A table, a record, and the log ids that led to it."""

_EVERY = (
    *(cases, registrations, enquiries, messages, calls),
    *(received, handovers, intakes, lists),
)
_DESCRIBED = {cases.name, registrations.name}
_BESIDE: tuple[tuple[Table, type[Any]], ...] = (
    *((enquiries, Enquiry), (messages, Message)),
    *((received, Received), (handovers, Handover)),
)
_CHUNK = 250


def count(work: Work) -> int:
    """Return how many ties `bearing` would open now."""
    return ties.count(work, _EVERY)


def bearing(work: Work, wanted: AbstractSet[str]) -> Iterator[Found]:
    """Yield the living records that bear one of these log ids."""
    if wanted:
        yield from ties.bearing(work, _EVERY, wanted)


def under_keys(work: Work, before: int) -> Iterator[Found]:
    """Yield the living records that were there before a moment, and so under the keys of then."""
    for table in (*_EVERY, accounts.accounts):
        keys = table.join(record_keys, record_keys.c.record_id == table.c.id)
        rows = select(table.c.id).select_from(keys).where(table.c.created_at < before)
        streamed = rows.execution_options(stream_results=True, yield_per=_CHUNK)
        for record in work.connection.execute(streamed).scalars():
            yield str(table.name), record, ()


def erased_since(work: Work, since: int, before: int) -> int:
    """Return how many cases and records of lists that were there before are erased by now."""
    buried: ColumnElement[bool] = sources.c.erased_at >= since
    gone = (cases.c.state == OutsideState.ERASED) & (cases.c.created_at < before)
    numbers = (
        select(func.count()).select_from(sources).where(buried),
        select(func.count()).select_from(cases).where(gone),
    )
    return sum(work.connection.scalar(number) or 0 for number in numbers)


def is_described(table: str) -> bool:
    """True if the record describes persons: a case or a registration."""
    return table in _DESCRIBED


def parts(found: Iterator[Found]) -> Iterator[list[Found]]:
    """Yield what was found in parts that fit in memory."""
    part: list[Found] = []
    for one in found:
        part.append(one)
        if len(part) == _CHUNK:
            yield part
            part = []
    if part:
        yield part


def descriptions(
    work: Work, records: Sequence[str]
) -> Iterator[tuple[str, TracingRequest | Registration]]:
    """Open the whole description of each of these cases and registrations."""
    rows = queries.living(work, records, people.STORED)
    for half in Half:
        vault.load_keys(work, [row.record for row in rows], half)
    with vault.deciding(work):
        for row in rows:
            groups = {
                group: vault.open_logged(work, row, group, HALF[group]) for group in people.STORED
            }
            join = people.join_request if row.table == cases.name else people.join_registration
            yield row.record, join(groups)
    ties.forget(work)


def beside(work: Work, part: Sequence[Found]) -> Iterator[tuple[str, Beside]]:
    """Open the document of each of these enquiries, letters, requests and offers, and the names of
    accounts' holders.
    """
    for table, kind in _BESIDE:
        ids = [record for name, record, _log_ids in part if name == table.name]
        rows = work.connection.execute(
            select(table.c.id, table.c.content).where(table.c.id.in_(ids))
        ).all()
        vault.load_keys(work, ids, Half.REST)
        with vault.deciding(work):
            for row in rows:
                yield row.id, opened_document(work, table.name, row.id, bytes(row.content), kind)
        ties.forget(work)
    holders = [record for name, record, _log_ids in part if name == accounts.accounts.name]
    yield from accounts.names_of(work, holders).items()


def attached(work: Work, cases: Sequence[str]) -> dict[str, int]:
    """Return how many photos and documents each of these cases has, if it has any."""
    kept = case_attachments.attachments.c
    rows = select(kept.case_id, func.count()).where(kept.case_id.in_(cases))
    return {row[0]: row[1] for row in work.connection.execute(rows.group_by(kept.case_id))}


def of_somebody(work: Work, part: Sequence[Found]) -> list[Found]:
    """Return these but for the honey cases: nobody is to be told of those."""
    planted = honey.among(work)
    return [one for one in part if one[1] not in planted]
