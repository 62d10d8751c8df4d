"""From the id of a record or person to its log ids: the sealed tie is opened for it.

The caller enters it in the log in the same transaction. After an erasure there is no tie: nobody
can tell any more whom the entries are about.
"""

from dataclasses import dataclass

from rfl.domain.access import Verb
from rfl.domain.groups import Group
from rfl.domain.ids import check_id
from rfl.errors import InvalidInput, NotFound
from rfl.storage import cases, people, registrations, vault
from rfl.storage.vault import SealedRow
from rfl.storage.work import Work


@dataclass(frozen=True, slots=True)
class Subject:
    """A record's log id and those of its persons; `person` is the one that was asked about."""

    record: str
    persons: tuple[str, ...]
    person: str | None = None

    @property
    def log_ids(self) -> tuple[str, ...]:
        """What entries may call the one asked about: the record, and the person or all of them."""
        return (self.record, *([self.person] if self.person else self.persons))


@dataclass(frozen=True, slots=True)
class Asked:
    """The log ids that a question is about, and how many ties were opened to know them."""

    log_ids: tuple[str, ...]
    ties: int = 0


def asked_about(work: Work, object_id: str, person: str | None) -> Asked:
    """Return what a log id, a record or a person in a record is called in the log.

    Only who may tie records to the log may ask by a record. No log ids: nothing can be tied.
    """
    if object_id.startswith("log_"):
        if person is not None:
            raise InvalidInput("person", "must come with a record, not with a log id")
        return Asked((check_id(object_id, "log", field="object"),))
    work.require(verb=Verb.LOG_RESOLVE)
    subject = subject_of(work, object_id, person)
    return Asked(subject.log_ids, 1) if subject else Asked(())


def subject_of(work: Work, record: str, person: str | None) -> Subject | None:
    """Return the log ids of a living record and of one person in it, or None if there is none.

    To find a person in a case, *identity* is opened, which is an entry of its own.
    """
    row = _sealed(work, record)
    if row is None or row.values[vault.TIE] is None:
        return None
    log_id, *others = vault.log_ids(work, row)
    subject = Subject(log_id, tuple(others))
    if person is None:
        return subject
    place = _place(work, row, log_id, check_id(person, "per", field="person"))
    return Subject(log_id, subject.persons, subject.persons[place])


def _sealed(work: Work, record: str) -> SealedRow | None:
    try:
        if record.startswith("cas_"):
            return cases.load(work, check_id(record, "cas", field="object"))[1]
        if record.startswith("reg_"):
            return registrations.load(work, check_id(record, "reg", field="object"))[1]
    except NotFound:
        return None
    raise InvalidInput("object", "must be the id of a case or a registration, or a log id")


def _place(work: Work, row: SealedRow, log_id: str, person: str) -> int:
    [opened] = vault.open_rows(work, [row], (Group.IDENTITY,), objects=[log_id])
    for place, one in enumerate(people.persons_in(row.table, opened[Group.IDENTITY])):
        if one.id == person:
            return place
    raise InvalidInput("person", "must be the id of a person of this record")
