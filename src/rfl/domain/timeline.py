"""The history of a case as one timeline: who did what when, of everything that belongs to it.

Two of them, because of the two sides: what the enquirer's side may read, and what the team does.
What is known only by its day stands at the beginning of that day.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from rfl.domain.call import FamilyCall
from rfl.domain.casefile import CaseFile
from rfl.domain.enquiry import Enquiry
from rfl.domain.ids import PersonId
from rfl.domain.journal import Journal
from rfl.domain.masked import Masked
from rfl.domain.message import Message
from rfl.domain.request import TracingRequest
from rfl.domain.states import MessageState
from rfl.domain.task import Task
from rfl.domain.transmission import Transmission


@dataclass(frozen=True, slots=True, repr=False)
class Happened(Masked):
    """One line: `kind` is the part of the case and what happened to it, as `task.done`.

    `record` is what it happened to; `id` orders what has the same moment.
    """

    id: str
    at: datetime
    by: str | None
    kind: str
    record: str
    said: str | None = None
    person: PersonId | None = None
    state: str | None = None

    @property
    def created_at(self) -> int:
        """When it happened, in microseconds since 1970."""
        return (self.at - _EPOCH) // timedelta(microseconds=1)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def page_of(found: list[Happened], after: tuple[int, str], limit: int) -> list[Happened]:
    """Return the lines after a place (microseconds, id), the oldest first, at most so many."""
    ordered = sorted(found, key=lambda one: (one.created_at, one.id))
    return [one for one in ordered if (one.created_at, one.id) > after][:limit]


@dataclass(frozen=True, slots=True)
class Beside:
    """A record beside the case: its id, when it was made, and by which officer."""

    id: str
    at: datetime
    by: str | None


def of_file(case: str, file: CaseFile) -> Iterator[Happened]:
    """The case itself: opened, judged, accepted, assigned, noted, told, closed, reopened, merged;
    and since when everybody outside knows what of each sought person.
    """
    for number, event in enumerate(file.events):
        key = _key(case, number)
        yield Happened(key, event.at, event.by, f"case.{event.kind}", case, event.said)
    for number, one in enumerate((*file.earlier, *file.outcomes)):
        if one.since is not None:
            key, state = _key(case, number, "outcome"), one.told.outcome.value
            at, by = _day(one.since), "service"
            yield Happened(key, at, by, "person.told", case, person=one.person, state=state)


def of_request(case: str, request: TracingRequest) -> Iterator[Happened]:
    """What the enquirer was told of their data, agreed to and took back."""
    if (notice := request.notice) is not None:
        at, said = _day(notice.given_on), f"{notice.version} {notice.language}"
        yield Happened(_key(case, 0, "notice"), at, None, "notice.given", case, said)
    for number, one in enumerate(request.consents):
        uses = " ".join(sorted((*one.uses, *one.recipients, *one.items)))
        key, at = _key(case, number, "consent"), _day(one.given_on)
        yield Happened(key, at, None, "consent.given", case, uses, one.person)
        if one.withdrawn_on is not None:
            key, at = _key(case, number, "withdrawal"), _day(one.withdrawn_on)
            yield Happened(key, at, None, "consent.withdrawn", case, uses, one.person)


def of_enquiry(made: Beside, enquiry: Enquiry) -> Iterator[Happened]:
    """How it came to the case."""
    yield Happened(_key(made.id, 0), made.at, made.by, "enquiry.received", made.id, enquiry.said)
    for number, turn in enumerate(enquiry.turns, start=1):
        key, kind = _key(made.id, number), f"enquiry.{turn.state}"
        yield Happened(key, turn.at, turn.by, kind, made.id, turn.said)


def of_task(made: Beside, task: Task) -> Iterator[Happened]:
    """Planned, and done."""
    yield Happened(_key(made.id, 0), made.at, task.made_by, "task.planned", made.id, task.what)
    if task.done_at is not None:
        key = _key(made.id, 1)
        yield Happened(key, task.done_at, task.done_by, "task.done", made.id, task.came)


def of_transmission(made: Beside, sent: Transmission) -> Iterator[Happened]:
    """Queued for a society, and each step since."""
    key = _key(made.id, 0)
    yield Happened(key, made.at, made.by, "transmission.queued", made.id, state=sent.peer)
    for number, move in enumerate(sent.moves, start=1):
        key, kind = _key(made.id, number), f"transmission.{move.state}"
        yield Happened(key, move.at, move.by, kind, made.id, state=sent.peer)


def of_message(made: Beside, letter: Message) -> Iterator[Happened]:
    """A letter as its writer hears of it (P-38)."""
    yield Happened(_key(made.id, 0), made.at, made.by, "message.collected", made.id)
    for number, check in enumerate(letter.checks, start=1):
        why = check.returned
        kind = "message.checked" if why is None else "message.returned"
        key, at = _key(made.id, number), _day(check.on)
        yield Happened(key, at, check.by, kind, made.id, state=why and why.value)
    heard_at = _heard_at(letter)
    if heard_at is not None:
        yield Happened(_key(made.id, 9_999), heard_at, None, f"message.{letter.state}", made.id)


def of_call(made: Beside, call: FamilyCall) -> Iterator[Happened]:
    """The fact that a family spoke."""
    yield Happened(_key(made.id, 0), _day(call.on), call.by, f"call.{call.way}", made.id)


def of_journal(case: str, journal: Journal) -> Iterator[Happened]:
    """What the team wrote, did and planned; each change of a search is a line of its own."""
    for number, line in enumerate(journal.lines):
        key, state = _key(case, number, "line"), line.state and line.state.value
        at, by = line.at, line.by
        yield Happened(key, at, by, "search.line", case, line.said, line.person, state)
    for number, action in enumerate(journal.actions):
        key, kind = _key(case, number, "action"), f"search.{action.method}"
        at, by, came = _day(action.on), action.by, action.came.value
        yield Happened(key, at, by, kind, case, action.said, action.person, came)
    for number, to_do in enumerate(journal.to_do):
        key = _key(case, number, "todo")
        if to_do.done_at is not None:
            yield Happened(key, to_do.done_at, to_do.by, "search.done", case, to_do.what)
    if (screened := journal.screening) is not None:
        key, at = _key(case, 0, "screening"), _day(screened.on)
        yield Happened(key, at, screened.by, "search.screened", case, screened.reason)


def _heard_at(letter: Message) -> datetime | None:
    """When the writer's side came into its state; None where a check has said so."""
    if letter.state is MessageState.COULD_NOT_BE_DELIVERED and letter.return_on is not None:
        return _day(letter.return_on)
    if letter.state in (MessageState.COLLECTED, MessageState.CHECKED):
        return None
    return letter.moved_at


def _key(record: str, number: int, what: str = "") -> str:
    return f"{record}.{what}.{number:05d}"


def _day(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
