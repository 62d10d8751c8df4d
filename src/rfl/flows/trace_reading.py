"""Who opened this person's data, when and why, and to whom it was sent: one answer."""

from dataclasses import dataclass

from rfl.audit.tracing import Trace, trace
from rfl.domain.access import Verb
from rfl.domain.entry import from_bytes
from rfl.domain.question import NOBODY, Question
from rfl.flows.runtime import Call, Runtime
from rfl.storage import ledger, log_questions
from rfl.storage.subjects import asked_about

MOST = 1_000
ERASED = "The record was erased: the log no longer says about whom these entries are."
MORE = f"Only the newest {MOST} entries were looked at; ask for the earlier ones by their time."


@dataclass(frozen=True, slots=True)
class Traced:
    """The answer, and what must be said about it."""

    trace: Trace
    notes: tuple[str, ...] = ()


def trace_reading(rt: Runtime, call: Call, record: str, person: str | None = None) -> Traced:
    """Return who opened a record and to whom it was sent, by its id or by its log id."""
    with rt.begin(call, Verb.LOG_READ) as work:
        work.require()
        asked = asked_about(work, record, person)
        ledger.append(work, objects=asked.log_ids, count=asked.ties)
        if not asked.log_ids:
            return Traced(Trace(), (NOBODY,))
        question = Question(objects=asked.log_ids)
        rows = log_questions.answering(work, question, None, MOST)
        entries = [from_bytes(row.body) for row in rows]
        found = trace([one for one in entries if question.is_answered_by(one)])
    notes = ([ERASED] if found.erased else []) + ([MORE] if len(rows) == MOST else [])
    return Traced(found, tuple(notes))
