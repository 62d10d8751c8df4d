"""Questions to the access log. Each is answered from an index; an entry whose body has expired has
no row any more.

SQLite keeps no figures about the log, and would take the index of an account for narrow. So where
a question has a narrower one (log ids, refusals, a peer), the others are written as sums with 0,
which no index fits.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select, tuple_
from sqlalchemy.sql import ColumnElement

from rfl.domain.entry import Decision
from rfl.domain.question import Question
from rfl.storage.ledger import flush, ledger, ledger_objects, search_key
from rfl.storage.work import Work, micros

_CHUNK = 5_000
_ROW = select(ledger.c.at, ledger.c.seq, ledger.c.body)


@dataclass(frozen=True, slots=True)
class Kept:
    """An entry's bytes, and its place in the order of time."""

    at: int
    seq: int
    body: bytes


def answering(
    work: Work, question: Question, after: tuple[int, int] | None, limit: int
) -> list[Kept]:
    """Return the next entries that may answer; `after` is the place of the last one seen.

    The purpose stands in the body alone, and the other columns hold keys: whoever asks holds each
    body against the question.
    """
    flush(work)
    found = work.connection.execute(statement(question, after).limit(limit))
    return [Kept(row.at, row.seq, bytes(row.body)) for row in found]


def statement(question: Question, after: tuple[int, int] | None = None) -> Select[Any]:
    """Return what is asked of the database, in the order of time."""
    at: ColumnElement[int] = ledger.c.at
    rows = _ROW
    if question.objects:
        at = ledger.c.at + 0
        keys = [search_key(log_id) for log_id in question.objects]
        named = select(ledger_objects.c.seq).where(ledger_objects.c.log_id.in_(keys))
        rows = rows.where(ledger.c.seq.in_(named))
    rows = rows.where(*_parts(question), *_span(at, question.since, question.until))
    place = tuple_(at, ledger.c.seq)
    if question.oldest_first:
        rows = rows.where(place > after) if after else rows
        return rows.order_by(at, ledger.c.seq)
    rows = rows.where(place < after) if after else rows
    return rows.order_by(at.desc(), ledger.c.seq.desc())


def between(work: Work, since: datetime, until: datetime) -> Iterator[bytes]:
    """Yield the bodies of a span in the order of time, however many there are."""
    return _streamed(work, _ROW.where(*_span(ledger.c.at, since, until)))


def streamed(work: Work, question: Question) -> Iterator[bytes]:
    """Yield the bodies of all entries that may answer, in the order of time."""
    flush(work)
    rows = statement(replace(question, oldest_first=True))
    chunks = rows.execution_options(stream_results=True, yield_per=_CHUNK)
    for row in work.connection.execute(chunks):
        yield bytes(row.body)


def with_peers(
    work: Work, since: datetime | None, until: datetime | None, peer: str | None
) -> Iterator[bytes]:
    """Yield the bodies of allowed entries that name a peer, or this one, in the order of time."""
    named = ledger.c.peer.is_not(None) if peer is None else ledger.c.peer == peer
    return _streamed(work, _ROW.where(named, ~ledger.c.denied, *_span(ledger.c.at, since, until)))


def _streamed(work: Work, rows: Select[Any]) -> Iterator[bytes]:
    flush(work)
    ordered = rows.order_by(ledger.c.at, ledger.c.seq)
    streamed = ordered.execution_options(stream_results=True, yield_per=_CHUNK)
    for row in work.connection.execute(streamed):
        yield bytes(row.body)


def _parts(question: Question) -> Iterator[ColumnElement[bool]]:
    refused = question.decision is Decision.DENIED
    narrow = bool(question.objects) or refused or question.peer is not None
    for column in (ledger.c.actor, ledger.c.action):
        word = getattr(question, column.name)
        if word is not None:
            yield (column + 0 if narrow else column) == search_key(word)
    if question.peer is not None:
        yield ledger.c.peer == question.peer
    if question.decision is not None:
        yield ledger.c.denied if refused else ~ledger.c.denied


def _span(
    at: ColumnElement[int], since: datetime | None, until: datetime | None
) -> Iterator[ColumnElement[bool]]:
    if since is not None:
        yield at >= micros(since)
    if until is not None:
        yield at < micros(until)
