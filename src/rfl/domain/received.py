"""A request that another society sent: what it asked, what was decided, and what it was told.

It is not a case before it is accepted, so nothing of it is matched. Whatever it came with is
destroyed when it is declined, withdrawn, or returned and not sent again.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime

from rfl.domain.attachment import Enclosed
from rfl.domain.casefile import Outcome
from rfl.domain.dossier import Dossier, Reach
from rfl.domain.ids import PersonId, new_id
from rfl.domain.masked import Masked
from rfl.domain.person import Person
from rfl.domain.purpose import LegalBasis
from rfl.domain.request import Contact, Level, Sought, TracingRequest
from rfl.domain.states import Outside, TransmissionState, stepped
from rfl.domain.told import ENDED, Told
from rfl.domain.transmission import WhyReturned
from rfl.errors import Conflict, InvalidInput

_REASONED = {TransmissionState.RETURNED_FOR_INFORMATION, TransmissionState.DECLINED}
_GONE = {TransmissionState.DECLINED, TransmissionState.RECALLED}


@dataclass(frozen=True, slots=True)
class Leave:
    """What the society that asks lets this node do with its request besides searching.

    `onward`: pass it on to others, as an intermediary, while the consent behind it holds;
    `withhold_origin`: without saying who asks.
    """

    onward: bool = False
    withhold_origin: bool = False
    consent_until: datetime | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Received(Masked):
    """A peer's request. `ref` is the peer's reference: it goes back in letters, and nowhere else.

    `persons` ties the peer's ids of the sought persons to this node's own, which alone are used
    here; `said` is what was told the peer of each, by this node's id. `passed_on` is left when the
    request is gone: the societies it was passed on to, each with this node's reference. `files` are
    the pictures that belong to it now. `asks_who`: its society is to hear that somebody who was
    found asks who is searching. `erased_on`: this node erased its case, and nothing is left but
    what its society is still owed.
    """

    peer: str
    ref: str
    dossier: Dossier | None
    retain_until: date
    state: TransmissionState = TransmissionState.DELIVERED
    answer_on: date | None = None
    reason: WhyReturned | None = None
    persons: tuple[tuple[PersonId, PersonId], ...] = ()
    said: tuple[Outcome, ...] = ()
    reminded_on: date | None = None
    moved_at: datetime | None = None
    leave: Leave = Leave()
    passed_on: tuple[tuple[str, str], ...] = ()
    files: tuple[Enclosed, ...] = ()
    asks_who: bool = False
    erased_on: date | None = None

    @property
    def is_gone(self) -> bool:
        """True once what came with the request was destroyed."""
        return self.state in _GONE

    def onward(self, at: datetime) -> Leave | None:
        """Return the leave to pass the request on, if there is one and its consent still holds."""
        until = self.leave.consent_until
        holds = self.leave.onward and until is not None and at < until
        return self.leave if holds and not self.is_gone else None

    @property
    def came(self) -> frozenset[str]:
        """The attachments of the case here that came with the request."""
        return frozenset(one.own for one in self.files if one.own is not None)

    def theirs(self, own: PersonId) -> PersonId:
        """Return the peer's id of a person of this node."""
        return next(theirs for theirs, mine in self.persons if mine == own)

    def again(self, dossier: Dossier, retain_until: date, at: datetime) -> "Received":
        """Return a request that was returned, and came again."""
        if self.state is not TransmissionState.RETURNED_FOR_INFORMATION:
            raise Conflict("Only a request that was returned is sent again.")
        before = replace(self, dossier=dossier, retain_until=retain_until, reason=None)
        return replace(before, state=TransmissionState.DELIVERED, moved_at=at)

    def accepted(self, answer_on: date, at: datetime) -> "Received":
        """Return the request as accepted, with the day of the answer and own ids for persons."""
        if self.dossier is None:
            raise Conflict("What came with this request was destroyed.")
        state = stepped(self.state, TransmissionState.ACCEPTED)
        made = tuple((theirs, PersonId(new_id("per"))) for theirs in self.dossier.persons)
        persons = self.persons or made
        return replace(self, state=state, answer_on=answer_on, persons=persons, moved_at=at)

    def read(self, dossier: Dossier) -> Dossier:
        """Return what is read of the dossier of an update.

        How the enquirer is reached and their own words are nothing before information was given.
        """
        was_given = (one.told.outcome is Outside.INFORMATION_GIVEN for one in self.said)
        return dossier if any(was_given) else replace(dossier, reach=None)

    def restated(self, dossier: Dossier, retain_until: date, at: datetime) -> "Received":
        """Return the request as its society tells it now; persons that are new get own ids."""
        if self.dossier is None:
            raise Conflict("What came with this request was destroyed.")
        if dossier.persons[: len(self.dossier.persons)] != self.dossier.persons:
            raise InvalidInput("sought", "must keep the persons; new ones come last")
        known = dict(self.persons)
        more = tuple(one for one in dossier.persons if self.persons and one not in known)
        persons = (*self.persons, *((one, PersonId(new_id("per"))) for one in more))
        changed = replace(self, dossier=dossier, retain_until=retain_until, persons=persons)
        return replace(changed, moved_at=at)

    def moved(self, state: TransmissionState, at: datetime) -> "Received":
        """Return the request in a state that its society moved it to."""
        return replace(self, state=stepped(self.state, state), moved_at=at)

    def refused(self, state: TransmissionState, reason: WhyReturned, at: datetime) -> "Received":
        """Return the request as returned, or as declined, and then without what it came with."""
        if state not in _REASONED:
            raise InvalidInput("state", "must be returned or declined")
        kept = None if state is TransmissionState.DECLINED else self.dossier
        after = stepped(self.state, state)
        return replace(self, state=after, reason=reason, dossier=kept, moved_at=at)

    def told(self, outcomes: tuple[Outcome, ...], at: datetime) -> "Received":
        """Return the request after the peer was told more."""
        known = {one.person: one for one in self.said} | {one.person: one for one in outcomes}
        return replace(self, said=tuple(known.values()), moved_at=at)

    def erased(self, on: date) -> "Received":
        """Return what is left when this node erases its case: ids, and which of them was told."""
        said = tuple(_unsaid(one) for one in self.said)
        left = Received(self.peer, self.ref, None, self.retain_until, self.state, self.answer_on)
        return replace(left, persons=self.persons, said=said, moved_at=self.moved_at, erased_on=on)

    def owed(self, on: date) -> tuple[Outcome, ...]:
        """Return what its society is to know of each person after the case was erased.

        That what it was told is taken back; of whom it was told nothing, on the day of the answer,
        what it would hear of anybody who is not found (P-03). A death that was told stays told.
        """
        known = {one.person: one for one in self.said}
        is_due = self.answer_on is not None and self.answer_on <= on
        ended = Outcome(PersonId(""), ENDED, since=self.answer_on)
        is_awaited = is_due and self.state is TransmissionState.ACCEPTED
        owed = [replace(ended, person=own) for _theirs, own in self.persons if own not in known]
        given = [one for one in self.said if one.told.outcome is Outside.INFORMATION_GIVEN]
        back = [replace(one, withdrawn_on=one.withdrawn_on or self.erased_on) for one in given]
        return (*back, *(owed if is_awaited else ()))

    @property
    def leads(self) -> tuple[tuple[PersonId, PersonId], ...]:
        """Who accompanies whom, by this node's ids."""
        own = dict(self.persons)
        said = self.dossier.leads if self.dossier is not None else ()
        return tuple((own[one], own[lead]) for one, lead in said)

    def request(self, level: Level, enquirer_id: PersonId | None = None) -> TracingRequest:
        """Return it as a tracing request of this node, with this node's ids.

        Its level is the one given, unless its society wants it stricter.
        """
        dossier = self.dossier
        if dossier is None or not self.persons:
            raise Conflict("Only a request that was accepted becomes a case.")
        own = dict(self.persons)
        sought = tuple(_own(one, own[one.person.id]) for one in dossier.sought)
        named, reach = dossier.enquirer, dossier.reach or Reach()
        contact = Contact(address=reach.address, phones=reach.phones, emails=reach.emails)
        unnamed = Person(id=enquirer_id or PersonId(new_id("per")))
        enquirer = unnamed if named is None else replace(named, id=unnamed.id)
        return TracingRequest(
            enquirer=enquirer,
            sought=sought,
            legal_basis=LegalBasis.PUBLIC_INTEREST,
            contact=contact,
            separation=replace(dossier.separation, narrative=reach.story),
            methods=dossier.methods,
            level=level.stricter(dossier.level),
            child_enquirer=dossier.child_enquirer,
            withheld=named is None,
            excluded=dossier.excluded,
            detrimental=dossier.detrimental,
        )


def _unsaid(outcome: Outcome) -> Outcome:
    """Return that a person's outcome was told, without what was told."""
    told = Told(outcome.told.outcome)
    return Outcome(outcome.person, told, withdrawn_on=outcome.withdrawn_on)


def _own(sought: Sought, person: PersonId) -> Sought:
    return replace(sought, person=replace(sought.person, id=person))
