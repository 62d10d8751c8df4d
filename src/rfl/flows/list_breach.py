"""List whose data could have been read, how they are reached, and whom to tell first (P-30).

From the log for an account or a society; for a leaked version of the keys, everybody whose record
was under it. The list is written into a sealed file alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from rfl.audit.exposure import Exposure, exposed
from rfl.audit.tracing import is_disclosure
from rfl.domain.access import Role, Verb
from rfl.domain.approval import Approves, Exact
from rfl.domain.breach import LEAST_PASSPHRASE, Asked, Band, Concerned, Gone, Other, concerned_by
from rfl.domain.breach_beside import concerned_beside
from rfl.domain.entry import Entry, from_bytes
from rfl.domain.groups import Group
from rfl.domain.question import Question
from rfl.errors import InvalidInput
from rfl.flows.runtime import Call, Runtime, require_second
from rfl.storage import breach_files, casefiles, gate, ledger, log_questions, people
from rfl.storage import exposed as records
from rfl.storage.breach_files import BreachWriter
from rfl.storage.exposed import Found
from rfl.storage.work import Work, micros

_EVERYTHING = frozenset(people.STORED)
_WITH_FILES = frozenset(casefiles.GROUPS)


@dataclass(slots=True)
class Listed:
    """What the list holds, in numbers: persons by band, records, and who cannot be told.

    `erased`: log ids, or records, that lead to nobody any more; `unnamed`: records opened by
    entries that count them and do not name them.
    """

    persons: dict[Band, int]
    records: int = 0
    others: int = 0
    erased: int = 0
    unnamed: int = 0


def list_breach(rt: Runtime, call: Call, asked: Asked, path: Path, passphrase: str) -> Listed:
    """Write the list into a new file that the passphrase opens; return its numbers.

    Two administrators agree to exactly this, if there are two; or the data protection officer gives
    their own token, which is the only way in a lockdown, when no agreement can be read. Nothing is
    told if it fails.
    """
    if len(passphrase) < LEAST_PASSPHRASE:
        raise InvalidInput("passphrase", f"must have at least {LEAST_PASSPHRASE} characters")
    with rt.attempt(call, Verb.BREACH_LIST):
        # An approval is used once, so that the file is made sure of first.
        with breach_files.new_file(path, passphrase) as writer:
            found = _begun(rt, call, asked)
            with rt.look(call, Verb.BREACH_LIST) as work:
                work.entries = 1  # What is opened now was entered by `_begun`.
                listed = _written(work, asked, found, writer)
            writer.finish(_head(rt, asked, listed))
        with rt.begin(call, Verb.BREACH_LIST) as work:
            ledger.append(work, count=sum(listed.persons.values()), reason="complete")
    return listed


def _begun(rt: Runtime, call: Call, asked: Asked) -> Exposure:
    """Read the log, and enter what is about to be opened before any of it is."""
    with rt.begin(call, Verb.BREACH_LIST) as work:
        work.require()
        gate.require_open(work)
        if work.actor.role is not Role.DATA_PROTECTION_OFFICER:
            require_second(rt, work, call, Exact(Approves.BREACH_LIST, "breach", asked.words()))
        if asked.key is not None and not 1 <= asked.key <= work.agent.version():
            raise InvalidInput("key", "must be a version that this node has or had")
        found = exposed(_entries(work, asked))
        opened = records.count(work) + len(found.masks)
        ledger.append(work, groups=people.STORED, count=opened, reason="begun")
    return found


def _entries(work: Work, asked: Asked) -> Iterator[Entry]:
    """The entries that show what was read; a copy that was sent is there until it is too late."""
    if asked.actor is not None:
        question = Question(actor=asked.actor, since=asked.since, until=asked.until)
        said = map(from_bytes, log_questions.streamed(work, question))
        yield from (entry for entry in said if question.is_answered_by(entry))
    elif asked.node is not None:
        sent = log_questions.with_peers(work, None, asked.until, asked.node)
        yield from filter(is_disclosure, map(from_bytes, sent))


def _written(work: Work, asked: Asked, found: Exposure, writer: BreachWriter) -> Listed:
    listed = Listed(writer.counts, unnamed=found.unnamed)
    left = set(found.masks)
    chosen = records.bearing(work, found.masks.keys())
    if asked.key is not None:
        before = _under_until(work, asked)
        listed.erased = records.erased_since(work, micros(asked.since), before)
        chosen = records.under_keys(work, before)
    for part in records.parts(chosen):
        left.difference_update(*(log_ids for _table, _record, log_ids in part))
        _write_part(work, records.of_somebody(work, part), found, writer, listed)
    for log_id in sorted(left):
        writer.add_other(Gone(log_id, _codes(found.groups_of([log_id]))))
    listed.erased += len(left)
    return listed


def _write_part(
    work: Work, part: list[Found], found: Exposure, writer: BreachWriter, listed: Listed
) -> None:
    groups = {
        record: found.groups_of(log_ids) if log_ids else _EVERYTHING
        for _table, record, log_ids in part
    }
    named = set[str]()
    for person in _people(work, part, groups):
        writer.add(person)
        named.add(person.record)
    others = [(table, record) for table, record, _ids in part if record not in named]
    for table, record in others:
        writer.add_other(Other(record, table, _codes(groups[record])))
    listed.records += len(named)
    listed.others += len(others)


def _people(
    work: Work, part: list[Found], groups: Mapping[str, frozenset[Group]]
) -> Iterator[Concerned]:
    """Open what these records say of persons, and yield each."""
    described = [record for table, record, _log_ids in part if records.is_described(table)]
    attached = records.attached(work, described)
    for record, content in records.descriptions(work, described):
        files = attached.get(record, 0) if groups[record] & _WITH_FILES else 0
        for person in concerned_by(record, content, groups[record], work.now):
            yield replace(person, attachments=files)
    for record, document in records.beside(work, part):
        yield from concerned_beside(record, document, _EVERYTHING, work.now)


def _under_until(work: Work, asked: Asked) -> int:
    """Return the moment from which on no new record was under the version, if that came first.

    A rotation says when it began. If the log does not reach back to it, nobody is left out.
    """
    later = work.agent.version() - (asked.key or 0)
    question = Question(action=Verb.KEYS_ROTATE)
    said = map(from_bytes, log_questions.streamed(work, question))
    begun = [entry.at for entry in said if question.is_answered_by(entry) and _begins(entry)]
    until = micros(asked.until)
    if not later or len(begun) < later:
        return until
    return min(until, micros(datetime.fromisoformat(begun[-later])))


def _begins(entry: Entry) -> bool:
    return entry.reason == "begun"


def _codes(groups: frozenset[Group]) -> tuple[str, ...]:
    return tuple(sorted(groups))


def _head(rt: Runtime, asked: Asked, listed: Listed) -> dict[str, object]:
    return {
        "society": rt.rules.society,
        "made_at": rt.clock().isoformat(),
        "asked": list(asked.words()),
        "persons": {str(int(band)): count for band, count in listed.persons.items()},
        "records": listed.records,
        "others": listed.others,
        "erased": listed.erased,
        "unnamed": listed.unnamed,
    }
