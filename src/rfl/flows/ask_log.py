"""Ask the access log by actor, record, action, purpose, peer, decision and time.

Each question is an entry itself. Entries are shown, never what they are about.
"""

from dataclasses import dataclass, replace

from rfl.domain.access import Verb
from rfl.domain.entry import Entry, from_bytes
from rfl.domain.question import NOBODY, Question
from rfl.errors import InvalidInput
from rfl.flows.runtime import Call, Runtime
from rfl.storage import ledger, log_questions
from rfl.storage.log_questions import Kept
from rfl.storage.subjects import Asked, asked_about
from rfl.storage.work import Work

LOOKED_AT = 20_000
_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Answered:
    """Entries in the order asked for. `end` is where to go on from, None after the last.

    One answer looks at no more than LOOKED_AT entries, so it may hold few and still go on.
    """

    entries: tuple[Entry, ...]
    end: tuple[int, int] | None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class About:
    """Whom a question is about, if anybody: a log id, or a record to be tied to its log ids."""

    object: str | None
    person: str | None = None

    def __post_init__(self) -> None:
        if self.object is None and self.person is not None:
            raise InvalidInput("object", "is required where a person is named")


NOBODY_NAMED = About(None)


def ask_log(
    rt: Runtime,
    call: Call,
    question: Question,
    about: About = NOBODY_NAMED,
    *,
    after: tuple[int, int] | None = None,
    limit: int = 100,
) -> Answered:
    """Return the entries that answer the question, at most `limit`; this reading is among them."""
    with rt.begin(call, Verb.LOG_READ) as work:
        work.require()
        asked = Asked(())
        if about.object is not None:
            asked = asked_about(work, about.object, about.person)
            question = replace(question, objects=asked.log_ids)
        ledger.append(work, objects=asked.log_ids, count=asked.ties)
        if about.object is not None and not asked.log_ids:
            return Answered((), None, NOBODY)
        return _answer(work, question, after, limit)


def _answer(work: Work, question: Question, after: tuple[int, int] | None, limit: int) -> Answered:
    entries: list[Entry] = []
    for _ in range(LOOKED_AT // _ONCE):
        wanted = _ONCE if question.purpose else limit - len(entries)
        rows = log_questions.answering(work, question, after, wanted)
        for row in rows:
            after = (row.at, row.seq)
            _add(entries, question, row)
            if len(entries) == limit:
                return Answered(tuple(entries), after)
        if len(rows) < wanted:
            return Answered(tuple(entries), None)
    return Answered(tuple(entries), after)


def _add(entries: list[Entry], question: Question, row: Kept) -> None:
    entry = from_bytes(row.body)
    if question.is_answered_by(entry):
        entries.append(entry)
