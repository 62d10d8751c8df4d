"""Fill the log with millions of true entries: the same tables, bytes and tree, only made in bulk.

An entry's bytes are those of a real one in which ids, salt and reader are put in anew. On SQLite
rows and tree are written together, past the table of waiting entries; PostgreSQL goes through it.
"""

import base64
import os
import random
import time
from dataclasses import dataclass
from itertools import count

from rfl.audit import merkle, sequencer
from rfl.domain.access import Role, Verb
from rfl.domain.entry import Entry, from_bytes, written_time
from rfl.domain.ids import new_id
from rfl.domain.purpose import Purpose
from rfl.flows.runtime import OFFICE_CALL, POLICY, Runtime
from rfl.flows.sequence import sequence_waiting, sign_checkpoint
from rfl.storage import ledger, ledger_rows, tree
from rfl.storage.columns import insert_rows, next_number
from rfl.storage.work import Work

# A batch goes through the index of log ids once, which has a page for nearly each entry.
CHUNK = 400_000
# The sequencer takes as many at once.
CHUNK_ON_POSTGRES = 50_000
# One of so many entries names two people; a person has ENTRIES_EACH.
PAIRS = 25
ENTRIES_EACH = 40
GROUPS = ("identity", "contact", "circumstances", "sensitive", "result")
READERS = [new_id("acc") for _one in range(100)]


@dataclass(frozen=True, slots=True)
class Filled:
    """A log that was filled: some of its log ids, and how many entries it took in a second."""

    log_ids: list[str]
    per_second: float


def entry(at: str, *log_ids: str) -> Entry:
    """A reading of a case, as the log has most of."""
    return Entry(
        at=at,
        actor=random.choice(READERS),
        role=Role.TRACING_OFFICER,
        session="tok_00000000000000000000000000",
        client="http",
        action=Verb.CASE_READ,
        purpose=Purpose.TRACING,
        objects=log_ids,
        count=1,
        groups=GROUPS,
        policy=POLICY,
        request=new_id("req"),
    )


def fill(rt: Runtime, wanted: int) -> Filled:
    """Fill the log up to `wanted` entries."""
    sequence_waiting(rt)
    with rt.look(OFFICE_CALL, Verb.LOG_READ) as work:
        missing = before = wanted - tree.size(work)
    log_ids = [new_id("log") for _one in range(max(wanted // ENTRIES_EACH, PAIRS))]
    began = time.perf_counter()
    while missing > 0:
        part = min(missing, CHUNK if rt.database.is_sqlite else CHUNK_ON_POSTGRES)
        with rt.begin(OFFICE_CALL, Verb.LOG_SEQUENCE) as work:
            named = [_named(number, log_ids) for number in range(part)]
            (_fill_sqlite if rt.database.is_sqlite else _fill_postgres)(work, named)
        missing -= part
    seconds = time.perf_counter() - began
    sign_checkpoint(rt)
    return Filled(log_ids[:2_000], before / seconds)


def _named(number: int, log_ids: list[str]) -> tuple[str, ...]:
    first = log_ids[int(random.random() * len(log_ids))]
    return (first, random.choice(log_ids)) if number % PAIRS == 0 else (first,)


def _fill_postgres(work: Work, named: list[tuple[str, ...]]) -> None:
    at = written_time(work.now)
    made = [(work.micros, entry(at, *log_ids)) for log_ids in named]
    ledger.enter_many(work.connection, made)
    sequencer.sequence(work, len(made))


def _fill_sqlite(work: Work, named: list[tuple[str, ...]]) -> None:
    chosen = random.choices([(one, ledger.search_key(one)) for one in READERS], k=len(named))
    form = _form(written_time(work.now))
    bodies = [_body(form, chosen[at][0], log_ids) for at, log_ids in enumerate(named)]
    if from_bytes(bodies[0]).to_bytes() != bodies[0]:
        raise RuntimeError("these are not an entry's bytes")
    seqs = count(next_number(work.connection, ledger.ledger, "seq"))
    action = ledger.search_key(Verb.CASE_READ)
    rows = [
        (seq, work.micros, actor, action, body, False, None)
        for seq, (_reader, actor), body in zip(seqs, chosen, bodies, strict=False)
    ]
    insert_rows(work.connection, ledger.ledger, ("seq", *ledger_rows.COLUMNS), rows)
    objects = [
        (ledger.search_key(one), row[0])
        for row, log_ids in zip(rows, named, strict=True)
        for one in dict.fromkeys(log_ids)
    ]
    insert_rows(work.connection, ledger.ledger_objects, ("log_id", "seq"), sorted(objects))
    sequencer.place(work, [(row[0], merkle.leaf_hash(row[4])) for row in rows])


def _form(at: str) -> str:
    """Return an entry's bytes with a place for each of id, reader, log ids, request and salt."""
    model = entry(at, "LOG IDS")
    form = model.to_bytes().decode("ascii").replace("%", "%%")
    for word in (model.id, model.actor, "LOG IDS", model.request, model.salt):
        form = form.replace(str(word), "%s")
    return form


def _body(form: str, reader: str, log_ids: tuple[str, ...]) -> bytes:
    salt = base64.b64encode(os.urandom(16)).decode("ascii")
    values = (new_id("ent"), reader, '","'.join(log_ids), new_id("req"), salt)
    return (form % values).encode("ascii")
