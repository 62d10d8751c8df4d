"""State to a person what was done with their data (P-14), once their identity was checked."""

from collections.abc import Sequence
from dataclasses import dataclass

from rfl.audit import statement
from rfl.audit.statement import Account, Concerned, Use
from rfl.domain.access import Verb
from rfl.domain.entry import Entry, from_bytes
from rfl.domain.question import Question
from rfl.errors import InvalidInput
from rfl.flows.runtime import Call, Runtime
from rfl.storage import accounts, ledger, log_questions
from rfl.storage.subjects import Subject, subject_of
from rfl.storage.work import Work

_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence, or the uses; `text` is either, to be read."""

    sentence: str | None
    uses: tuple[Use, ...]
    text: str


def state_for_subject(
    rt: Runtime, call: Call, record: str, person: str | None, *, identity_checked: bool
) -> Statement:
    """Return the statement. Unchecked, nothing is looked up: the sentence is always the same.

    In a case the person is named too, because it holds several. The statement's own entry is not
    in it.
    """
    with rt.begin(call, Verb.LOG_STATE) as work:
        work.require()
        if not identity_checked:
            ledger.append(work, reason="identity_not_checked")
            return _sentence(statement.UNCHECKED)
        if person is None and not record.startswith("reg_"):
            raise InvalidInput("person", "is required, because a case holds several")
        whole = subject_of(work, record, None)
        if whole is None:
            ledger.append(work, reason="identity_checked")
            return _sentence(statement.NOTHING)
        before = _entries(work, whole)
        subject = whole if person is None else subject_of(work, record, person)
        assert subject is not None  # noqa: S101 (it was there in this transaction)
        found = statement.concerning(before, _concerned(subject))
        names = _actors(found) if rt.rules.statement_names else []
        opened = 1 + accounts.count_of(work, names)
        ledger.append(work, objects=subject.log_ids, count=opened, reason="identity_checked")
        told = _accounts(work, found, named=rt.rules.statement_names)
    stated = statement.uses(found, _concerned(subject), told, rt.rules.zone)
    if not stated:
        return _sentence(statement.NOTHING)
    return Statement(None, tuple(stated), statement.as_text(stated))


def _sentence(words: str) -> Statement:
    return Statement(words, (), statement.as_text((), words))


def _concerned(subject: Subject) -> Concerned:
    person = subject.person or subject.persons[0]
    others = frozenset(subject.persons) - {person}
    return Concerned(subject.record, person, others, has_contact=person == subject.persons[0])


def _entries(work: Work, subject: Subject) -> list[Entry]:
    question = Question(objects=subject.log_ids, oldest_first=True)
    found: list[Entry] = []
    after = None
    while rows := log_questions.answering(work, question, after, _ONCE):
        after = (rows[-1].at, rows[-1].seq)
        read = [from_bytes(row.body) for row in rows]
        found += [entry for entry in read if question.is_answered_by(entry)]
    return found


def _actors(entries: Sequence[Entry]) -> list[str]:
    return list(dict.fromkeys(entry.actor for entry in entries))


def _accounts(work: Work, entries: Sequence[Entry], *, named: bool) -> dict[str, Account]:
    actors = _actors(entries)
    names = accounts.names_of(work, actors) if named else {}
    branches = accounts.branches_of(work, actors)
    return {actor: Account(branch, names.get(actor)) for actor, branch in branches.items()}
