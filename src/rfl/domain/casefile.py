"""The enquirer's side's file of one case: what was asked, judged, agreed, and what was told.

It knows nothing that the search found beyond `Outcome`, which `domain.told` made. So whoever may
read it (enquirer, intake branch, asking society's letter) reads what may be known (P-35).
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from rfl.domain import text
from rfl.domain.answer import NOTHING_GIVEN, Item
from rfl.domain.archive import Archive
from rfl.domain.care import AskingChild, Credibility, Screening
from rfl.domain.death import Talk
from rfl.domain.ids import PersonId
from rfl.domain.masked import Masked
from rfl.domain.merge import Merge
from rfl.domain.states import STEPS, CaseState, Outside, stepped
from rfl.domain.told import SEARCHING, Told
from rfl.errors import Conflict, InvalidInput

MOST_EVENTS = 5_000
_STEPS = STEPS[Outside]


class Kind(StrEnum):
    """What happened, as the timeline of a case names it."""

    OPENED = "opened"
    ACCEPTED = "accepted"
    ASSIGNED = "assigned"
    HANDED_OVER = "handed_over"
    NOTED = "noted"
    CHILD_ASKED = "child_asked"
    JUDGED_CREDIBLE = "judged_credible"
    SCREENED = "screened"
    SUSPENDED = "suspended"
    TAKEN_UP = "taken_up"
    CLOSED = "closed"
    REOPENED = "reopened"
    TOLD = "told"
    TALKED = "talked"
    JUDGED_AGAIN = "judged_again"
    MERGED = "merged"
    UNMERGED = "unmerged"
    TOOK_IN = "took_in"
    GAVE_BACK = "gave_back"
    ASKED_AGAIN = "asked_again"
    REVIEW_DUE = "review_due"
    ARCHIVED = "archived"


class Ending(StrEnum):
    """Why a case is closed towards the enquirer. None says what a search found."""

    ANSWERED = "answered"
    ENDED_WITHOUT_INFORMATION = "ended_without_information"
    WITHDRAWN = "withdrawn"
    ENQUIRER_NOT_REACHED = "enquirer_not_reached"
    CONTACT_RESTORED_BY_FAMILY = "contact_restored_by_family"
    DECLINED = "declined"
    REFERRED_ELSEWHERE = "referred_elsewhere"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True, repr=False)
class Event(Masked):
    """One line of the timeline."""

    at: datetime
    by: str
    kind: Kind
    said: str | None = None

    def __post_init__(self) -> None:
        text.optional_story(self.said, "said")


@dataclass(frozen=True, slots=True, repr=False)
class Outcome(Masked):
    """What everyone outside knows of one sought person, and since when."""

    person: PersonId
    told: Told = SEARCHING
    since: date | None = None
    talk: Talk | None = None
    withdrawn_on: date | None = None

    def then(self, told: Told, on: date) -> "Outcome":
        """Return the outcome after more was told. What was told stays told.

        So an answer that is withdrawn, or has run out, takes nothing back here. Of who took it back
        and agrees anew, what they agree to now is told, and nothing of what they had agreed to.
        """
        if told.outcome is Outside.SEARCHING or told.outcome not in _STEPS[self.told.outcome]:
            return self
        if self.withdrawn_on is not None:
            return replace(self, told=told, since=on, withdrawn_on=None)
        given = self.told.given.then(told.given)
        more = replace(told, items=self.told.items | told.items, given=given)
        return self if more == self.told else replace(self, told=more, since=on)

    @property
    def may_print(self) -> bool:
        """True unless a death is to be told: its letter prints after the talk (P-05)."""
        return self.told.outcome is not Outside.DECEASED_CONFIRMED or self.talk is not None


@dataclass(frozen=True, slots=True, repr=False)
class CaseFile(Masked):
    """The whole file. `answer_on` is fixed at acceptance, before any search begins (P-03).

    `asked_by` is the society that handles the enquirer, where it is not this one.
    `merge`: the case that this one is worked with; `merged`: those that are worked with this one.
    `earlier`: what was told before the case was reopened.
    `offered_to`: the society that the case is offered to, or was given to (`domain.handover`).
    `archive`: since when the case rests in the restricted archive (P-24), until it is reopened.
    """

    outcomes: tuple[Outcome, ...]
    state: CaseState = CaseState.OPEN
    country: str | None = None
    policy: str = ""
    accepted_on: date | None = None
    answer_on: date | None = None
    review_on: date | None = None
    ending: Ending | None = None
    credibility: Credibility | None = None
    screening: Screening | None = None
    child: AskingChild | None = None
    leads: tuple[tuple[PersonId, PersonId], ...] = ()
    asked_by: str | None = None
    merge: Merge | None = None
    merged: tuple[str, ...] = ()
    earlier: tuple[Outcome, ...] = ()
    offered_to: str | None = None
    archive: Archive | None = None
    events: tuple[Event, ...] = field(default=())

    @property
    def rests_in_another(self) -> bool:
        """True for a duplicate of the same enquirer: what is done is done in the other case."""
        return self.merge is not None and self.merge.same_enquirer

    @property
    def archived_on(self) -> date | None:
        """Since when the case is in the restricted archive, None if it is not."""
        return self.archive.on if self.archive is not None else None

    def hides(self, enquirer: PersonId) -> frozenset[str]:
        """Return the persons of this case whom the matcher finds in the surviving one."""
        return self.merge.hides(enquirer) if self.merge is not None else frozenset()

    def require_own_work(self) -> None:
        """Raise Conflict for a duplicate: its enquirer is served in the surviving case."""
        if self.rests_in_another:
            raise Conflict("This case is merged: work in the one that survives, or undo it.")

    def require_kept(self) -> None:
        """Raise Conflict for a case that is offered, or was given, to another society.

        What is offered stays as it was offered; what was given is handled there.
        """
        if self.offered_to is not None:
            raise Conflict("This case is offered, or was given, to another society.")

    def require_not_archived(self) -> None:
        """Raise Conflict for a case in the archive: it is read there, and worked once reopened."""
        if self.archive is not None:
            raise Conflict("This case is archived: reopen it first.")

    def require_handled_here(self) -> None:
        """Raise Conflict for a case that was given to another society, not for one on offer."""
        if self.offered_to is not None and self.state is CaseState.CLOSED:
            raise Conflict("This case was given to another society, which handles it now.")

    def require_judged(self, *, asked_by_child: bool) -> None:
        """Raise InvalidInput before it was judged who asks (P-07) and how a child does (P-19).

        A child that another society looks after was asked there.
        """
        if self.credibility is None:
            raise InvalidInput("credibility", "must be judged before a case is accepted")
        if asked_by_child and self.child is None and self.asked_by is None:
            raise InvalidInput("child", "must be recorded before a child's own case is accepted")

    def with_event(self, event: Event) -> "CaseFile":
        """Return the file with one more line of its timeline."""
        if len(self.events) >= MOST_EVENTS:
            raise Conflict("The timeline is full: open a case that follows this one.")
        return replace(self, events=(*self.events, event))

    def following(self, persons: tuple[PersonId, ...]) -> "CaseFile":
        """Return the file with an outcome for every person sought now."""
        known = {outcome.person for outcome in self.outcomes}
        more = tuple(Outcome(person) for person in persons if person not in known)
        return replace(self, outcomes=(*self.outcomes, *more)) if more else self

    def accepted(self, on: date, answer_on: date, policy: str, country: str | None) -> "CaseFile":
        """Return the case as accepted: active, with the day of the answer fixed."""
        if answer_on <= on:
            raise InvalidInput("answer_on", "must lie after the day of acceptance")
        return replace(
            self,
            state=stepped(self.state, CaseState.ACTIVE),
            accepted_on=on,
            answer_on=answer_on,
            policy=policy,
            country=country,
        )

    def suspended(self, review_on: date, on: date) -> "CaseFile":
        """Return the case as suspended until a day on which somebody looks again."""
        if review_on <= on:
            raise InvalidInput("review_on", "must lie in the future")
        return replace(self, state=stepped(self.state, CaseState.SUSPENDED), review_on=review_on)

    def taken_up(self) -> "CaseFile":
        """Return a suspended case as it was before: active if it was accepted, else open."""
        after = CaseState.ACTIVE if self.accepted_on is not None else CaseState.OPEN
        if self.state is not CaseState.SUSPENDED:
            raise Conflict("Only a suspended case is taken up again.")
        return replace(self, state=stepped(self.state, after), review_on=None)

    def closed(self, ending: Ending) -> "CaseFile":
        """Return the case as closed. What was told stays, and so does the whole history."""
        return replace(
            self, state=stepped(self.state, CaseState.CLOSED), ending=ending, review_on=None
        )

    def reopened(self) -> "CaseFile":
        """Return a closed case as reopened: everybody outside sees `searching` again.

        What was told before stays on record, and so does who was talked to.
        """
        told = tuple(one for one in self.outcomes if one.since is not None)
        searching = tuple(Outcome(one.person, talk=one.talk) for one in self.outcomes)
        return replace(
            self,
            state=stepped(self.state, CaseState.REOPENED),
            ending=None,
            archive=None,
            accepted_on=None,
            answer_on=None,
            outcomes=searching,
            earlier=(*self.earlier, *told),
        )

    def with_told(self, person: str, told: Told, on: date) -> "CaseFile":
        """Return the file after this was told of a person."""
        kept = tuple(one.then(told, on) if one.person == person else one for one in self.outcomes)
        return replace(self, outcomes=kept)

    def withdrawn(self, person: str, on: date, *, items_stay: bool) -> "CaseFile":
        """Return the file after a found person took back what they had agreed to tell.

        The searching side keeps which items were told; who was told them lets go of them. What the
        person gave to be passed on goes from both.
        """

        def changed(one: Outcome) -> Outcome:
            if one.person != person or not one.told.items:
                return one
            items = one.told.items if items_stay else frozenset[Item]()
            told = replace(one.told, items=items, given=NOTHING_GIVEN)
            return replace(one, told=told, withdrawn_on=one.withdrawn_on or on)

        return replace(self, outcomes=tuple(changed(one) for one in self.outcomes))

    def untold(self, persons: Collection[str]) -> "CaseFile":
        """Return the file of another society's case as if it had heard nothing of these persons.

        They took back what they had agreed to before a letter told it.
        """
        outcomes = (Outcome(one.person) if one.person in persons else one for one in self.outcomes)
        return replace(self, outcomes=tuple(outcomes))

    def without_given(self, person: str) -> "CaseFile":
        """Return the file without what a found person gave to be passed on, and takes back."""

        def changed(one: Outcome) -> Outcome:
            told = replace(one.told, given=NOTHING_GIVEN)
            return replace(one, told=told) if one.person == person else one

        return replace(self, outcomes=tuple(changed(one) for one in self.outcomes))

    def led_by(self, accompanying: PersonId, lead: PersonId) -> "CaseFile":
        """Return the file with one person listed as accompanying another."""
        known = {outcome.person for outcome in self.outcomes}
        if accompanying == lead or not {accompanying, lead} <= known:
            raise InvalidInput("lead", "must be another sought person of this case")
        if lead in dict(self.leads):
            raise InvalidInput("lead", "must not accompany somebody itself")
        kept = tuple(pair for pair in self.leads if pair[0] != accompanying)
        return replace(self, leads=(*kept, (accompanying, lead)))
