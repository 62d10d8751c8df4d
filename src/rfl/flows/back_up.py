"""Back up a node into two sealed files, and restore them into an empty database.

The records' keys stand in a file of their own, which is destroyed after days: from then on
whatever was erased cannot come back from any backup. Newer keys open older data, so keys are
kept of the newest backups only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from msgspec.structs import replace

from rfl.crypto.agent import KeyAgent
from rfl.domain.access import Verb
from rfl.domain.entry import written_time
from rfl.domain.groups import Half
from rfl.domain.ids import new_id
from rfl.errors import Conflict, InvalidInput, SealBroken
from rfl.exchange import own
from rfl.flows.runtime import Call, Runtime
from rfl.storage import cases, dump, ledger, migrate, out_streams, peers, sources
from rfl.storage.backup_files import (
    FORMAT,
    Head,
    Part,
    PartWriter,
    Rows,
    existing_files,
    file_name,
    new_files,
    read_part,
)
from rfl.storage.lifecycle import destroy, destroy_keyless, destroy_registrations
from rfl.storage.work import Work

KEEP_DAYS = 14
BATCH = 200


@dataclass(frozen=True, slots=True)
class BackedUp:
    """A backup that was made. `destroy_keys_after` is the last day of its keys."""

    backup: str
    revision: str
    made_at: str
    destroy_keys_after: str
    rows: dict[str, int]


@dataclass(frozen=True, slots=True)
class Restored:
    """A backup that was restored. `erased` records had lost their keys: they were erased after."""

    backup: str
    data_made_at: str
    keys_made_at: str
    rows: dict[str, int]
    erased: int


def back_up(rt: Runtime, call: Call, folder: Path, *, keep_days: int = KEEP_DAYS) -> BackedUp:
    """Write `data.rflb` and `keys.rflb` of one moment into the folder; nothing is overwritten."""
    if not 1 <= keep_days <= 90:
        raise InvalidInput("keep_days", "must be 1 to 90 days")
    with rt.attempt(call, Verb.BACKUP):
        return _backed_up(rt, call, folder, keep_days)


def _backed_up(rt: Runtime, call: Call, folder: Path, keep_days: int) -> BackedUp:
    with rt.begin(call, Verb.BACKUP) as work:
        work.require()
        ledger.append(work, reason="begun")
    with new_files(folder) as files, rt.look(call, Verb.BACKUP) as work:
        head = _head(rt, work)
        ends = (work.today + timedelta(days=keep_days)).isoformat()
        rows = _write(work, files[0], head, dump.data_tables())
        keys_head = replace(head, part="keys", destroy_after=ends)
        rows |= _write(work, files[1], keys_head, [dump.KEYS])
    with rt.begin(call, Verb.BACKUP) as work:
        ledger.append(work, count=sum(rows.values()), reason="complete")
    return BackedUp(head.backup, head.revision, head.made_at, ends, rows)


def restore(rt: Runtime, call: Call, folder: Path) -> Restored:
    """Fill an empty database from a backup, whole or not at all.

    Both files are read and checked to their ends before anything is stored. Entries of attempts
    that failed do not count as content, and follow those of the backup.
    """
    with rt.attempt(call, Verb.RESTORE):
        _require_empty(rt, call)
        with existing_files(folder) as (data, keys):
            data_head, keys_head = _checked(rt, data, keys)
            with rt.begin(call, Verb.RESTORE) as work:
                work.require()
                earlier = ledger.set_aside(work)
                rows = _fill(work, data, "data") | _fill(work, keys, "keys")
                dump.continue_numbers(work)
                erased = _erase_keyless(work)
                out_streams.raise_epochs(work, [row.code for row in peers.every(work)])
                own.adopt(work, rt.rules.society)
                ledger.put_back(work, earlier)
                ledger.append(work, count=sum(rows.values()), reason="complete")
        rt.database.scrub()
    return Restored(data_head.backup, data_head.made_at, keys_head.made_at, rows, erased)


def _head(rt: Runtime, work: Work) -> Head:
    return Head(
        format=FORMAT,
        part="data",
        backup=new_id("bak"),
        society=rt.rules.society,
        revision=migrate.current(rt.database) or "",
        made_at=written_time(work.now),
    )


def _write(work: Work, sink: BinaryIO, head: Head, tables: list[str]) -> dict[str, int]:
    writer = PartWriter(sink, _key(work), head)
    for table in tables:
        columns = dump.columns_of(table)
        writer.add(table, columns, [])
        for rows in dump.rows_of(work, table):
            writer.add(table, columns, rows)
    writer.finish()
    return writer.counts


def _key(work: Work) -> bytes:
    return work.agent.derived("backup")


def _require_empty(rt: Runtime, call: Call) -> None:
    with rt.look(call, Verb.RESTORE) as work:
        work.require()
        if not dump.is_empty(work):
            rule = "The database is not empty: a backup is restored into an empty one only."
            raise Conflict(rule)


def _checked(rt: Runtime, data: BinaryIO, keys: BinaryIO) -> tuple[Head, Head]:
    """Read both files to their ends; return their heads, or raise."""
    data_head = _checked_part(rt, data, "data")
    keys_head = _checked_part(rt, keys, "keys")
    if keys_head.made_at < data_head.made_at:
        rule = "is older than data.rflb: take the keys of the same backup or of a newer one"
        raise Conflict(f"The file {rule}; nothing was restored.", field=file_name("keys"))
    return data_head, keys_head


def _checked_part(rt: Runtime, source: BinaryIO, part: Part) -> Head:
    head: Head | None = None
    versions: set[object] = set()
    for frame in read_part(source, rt.agent.derived("backup"), part):
        if isinstance(frame, Head):
            head = _fitting(rt, frame)
        elif part == "keys":
            for row in frame.rows:
                if row[3] not in versions:
                    versions.add(row[3])
                    _rewrapped(rt.agent, row)
    if head is None:
        raise SealBroken("The file is empty; nothing was restored.", field=file_name(part))
    return head


def _fitting(rt: Runtime, head: Head) -> Head:
    if head.revision != migrate.current(rt.database):
        rule = "was made with other tables: restore it with the version that made it, then upgrade"
        raise Conflict(f"The backup {rule}.", field=file_name(head.part))
    if head.society != rt.rules.society:
        raise Conflict("The backup is of another society.", field=file_name(head.part))
    return head


def _fill(work: Work, source: BinaryIO, part: Part) -> dict[str, int]:
    counts: dict[str, int] = {}
    for frame in read_part(source, _key(work), part):
        if isinstance(frame, Rows):
            rows = (
                [_rewrapped(work.agent, row) for row in frame.rows]
                if part == "keys"
                else frame.rows
            )
            dump.put_rows(work, frame.table, frame.columns, rows)
            counts[frame.table] = counts.get(frame.table, 0) + len(rows)
    return counts


def _rewrapped(agent: KeyAgent, row: Sequence[object]) -> list[object]:
    """Wrap a record's keys under the current version; KeyUnavailable if theirs is destroyed."""
    record, identity, rest = str(row[0]), _bytes(row[1]), _bytes(row[2])
    return [
        record,
        agent.rewrap(Half.IDENTITY, record, identity),
        agent.rewrap(Half.REST, record, rest),
        agent.version(),
    ]


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else b""


def _erase_keyless(work: Work) -> int:
    """Bury what was erased between the data's moment and the keys'; return how many records."""
    dump.drop_stray_keys(work)
    lost_cases, lost_registrations = dump.keyless(work)
    for start in range(0, len(lost_cases), BATCH):
        part = lost_cases[start : start + BATCH]
        destroy(work, part)
        for case_id in part:
            cases.erase(work, case_id)
    for start in range(0, len(lost_registrations), BATCH):
        part = lost_registrations[start : start + BATCH]
        sources.bury(work, part)
        destroy_registrations(work, part)
    return len(lost_cases) + len(lost_registrations) + destroy_keyless(work)
