"""Table `desks`: which cases an officer searches, and what each waits for; one sealed row each.

Clear: the account's id alone. A desk is written anew with every step of a journal of its officer,
whatever the step was, so that a row says no more than that somebody of a team has worked. What a
case waits for is sealed a second time under the key of this case: its erasure reaches it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import msgspec
from sqlalchemy import Column, Table, insert, select, update

from rfl.crypto.sealing import Spot
from rfl.domain.decoding import decoded
from rfl.domain.desk import Waiting, Waits, waiting
from rfl.domain.groups import Half
from rfl.domain.journal import Journal
from rfl.errors import Erased
from rfl.storage import honey, ledger, vault
from rfl.storage.cases import OutsideState, cases
from rfl.storage.columns import Id, Sealed, metadata
from rfl.storage.documents import opened_document, sealed_document
from rfl.storage.vault import SealedRow
from rfl.storage.work import Work

desks = Table(
    "desks",
    metadata,
    Column("id", Id, primary_key=True),
    Column("content", Sealed, nullable=False),
)

_ENTRY = "entry"
_SIZE = 192
_PART = 500


@dataclass(frozen=True, slots=True)
class DeskRow:
    """A case on a desk, and what it waits for there."""

    id: str
    created_at: int
    due_at: int | None
    waits: tuple[Waits, ...]
    to_do_on: date | None = None


def follow(work: Work, case_id: str, log_id: str, before: Journal, after: Journal) -> None:
    """Bring the desks of everybody who is or was of the team in step with a journal.

    The desks are opened under the accounts' own keys, which the entry counts.
    """
    members = sorted(before.team | after.team)
    ledger.append(work, objects=[log_id], count=len(members))
    for member in members:
        desk = _desk(work, member)
        kept = {} if desk is None else {one: seal for one, seal in desk.items() if one != case_id}
        if member in after.team:
            kept[case_id] = _sealed_entry(work, member, case_id, waiting(after, member))
        content = sealed_document(work, desks.name, member, kept)
        _keep(work, member, content, is_new=desk is None)


def cases_of(work: Work, officer: str) -> list[str]:
    """Return the cases on an officer's desk, by id; an entry must stand before."""
    return sorted(_desk(work, officer) or {})


def on_desk(
    work: Work, officer: str, waits: Waits | None, after: tuple[int, str], limit: int
) -> list[DeskRow]:
    """Return a page of an officer's searches in the order of opening, `waits` alone if given.

    A case whose enquirer came into the same hand is left out, unless a second officer agreed.
    """
    ledger.append(work, count=1)
    desk = _desk(work, officer) or {}
    rows = sorted(_living(work, list(desk)), key=lambda row: (row[2], row[0]))
    later = [row for row in rows if (row[2], row[0]) > after]
    ledger.append(work, count=len(later))
    found: list[DeskRow] = []
    for start in range(0, len(later), limit):
        part = later[start : start + limit]
        vault.load_keys(work, [row[0] for row in part], Half.REST)
        for case_id, handles, created_at, due_at in part:
            entry = _entry(work, officer, case_id, desk[case_id])
            if entry is None or (handles == officer and not entry.agreed):
                continue
            if waits is None or waits in entry.waits:
                waits_for = tuple(sorted(entry.waits))
                found.append(DeskRow(case_id, created_at, due_at, waits_for, entry.due_on))
        if len(found) >= limit:
            break
    return found[:limit]


def _living(work: Work, ids: Sequence[str]) -> Iterator[tuple[str, str | None, int, int | None]]:
    columns = (cases.c.id, cases.c.officer, cases.c.created_at, cases.c.due_at)
    alive = select(*columns).where(cases.c.state != OutsideState.ERASED)
    alive = alive.where(honey.outside(work, cases.c.id))
    for start in range(0, len(ids), _PART):
        mine = alive.where(cases.c.id.in_(ids[start : start + _PART]))
        for row in work.connection.execute(mine):
            yield row[0], row[1], row[2], row[3]


def _desk(work: Work, officer: str) -> dict[str, bytes] | None:
    mine = select(desks.c.content).where(desks.c.id == officer).with_for_update()
    content = work.connection.scalar(mine)
    if content is None:
        return None
    return opened_document(work, desks.name, officer, content, dict[str, bytes])


def _keep(work: Work, officer: str, content: bytes, *, is_new: bool) -> None:
    if is_new:
        work.connection.execute(insert(desks), {"id": officer, "content": content})
        return
    mine = desks.c.id == officer
    work.connection.execute(update(desks).where(mine).values(content=content))


def _sealed_entry(work: Work, officer: str, case_id: str, said: Waiting) -> bytes:
    spot = Spot(desks.name, _ENTRY, officer, case_id)
    filled = msgspec.json.encode(said).ljust(_SIZE)
    return vault.sealed_value(work, spot, Half.REST, filled)


def _entry(work: Work, officer: str, case_id: str, sealed: bytes) -> Waiting | None:
    """Return what a case waits for; None if it was erased meanwhile."""
    row = SealedRow(desks.name, officer, case_id, {_ENTRY: sealed})
    try:
        content = vault.open_logged(work, row, _ENTRY, Half.REST)
    except Erased:
        return None
    return decoded(content, Waiting)
