"""One request to one other society: addressee, methods, due date, and what came back."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from rfl.domain.masked import Masked
from rfl.domain.request import Method
from rfl.domain.states import Outside, TransmissionState, stepped
from rfl.errors import Conflict, InvalidInput


class WhyReturned(StrEnum):
    """Why a society sends a request back or does not take it."""

    MORE_ON_PERSON = "more_on_person"
    MORE_ON_PLACE = "more_on_place"
    METHODS_NOT_ALLOWED = "methods_not_allowed"
    NOT_OUR_COUNTRY = "not_our_country"
    NOT_POSSIBLE_NOW = "not_possible_now"
    RULES = "rules"


_REASONED = {TransmissionState.RETURNED_FOR_INFORMATION, TransmissionState.DECLINED}
_WAITING = {TransmissionState.QUEUED, TransmissionState.DELIVERED, TransmissionState.ACCEPTED}
_ENDS = frozenset(
    {
        Outside.INFORMATION_GIVEN,
        Outside.DECEASED_CONFIRMED,
        Outside.ENDED_WITHOUT_INFORMATION,
    }
)


@dataclass(frozen=True, slots=True)
class Moved:
    """One step of a transmission: who entered it, and when."""

    at: datetime
    by: str
    state: TransmissionState


@dataclass(frozen=True, slots=True, repr=False)
class Transmission(Masked):
    """A request under way. Its result is one of the outside outcomes, and nothing more.

    `onward`: the society may pass it on as an intermediary. `withholds_origin`: whoever it is
    passed on to is not told who asks. `files`: the attachments that went with its last letter.
    `asked_who`: a found person has asked who is searching, so a society at risk may be told.
    `taken_back`: when its society wrote, in seconds, that a person took back what they let be told.
    `destroyed`: its society attests that it holds nothing of it any more.
    """

    peer: str
    methods: frozenset[Method]
    due_on: date
    onward: bool = False
    withholds_origin: bool = False
    state: TransmissionState = TransmissionState.QUEUED
    answer_on: date | None = None
    reason: WhyReturned | None = None
    results: tuple[tuple[str, Outside], ...] = ()
    moves: tuple[Moved, ...] = ()
    files: tuple[str, ...] = ()
    asked_who: bool = False
    taken_back: tuple[tuple[str, int], ...] = ()
    destroyed: bool = False

    @property
    def waits(self) -> bool:
        """True while the other society has to do something."""
        return self.state in _WAITING

    @property
    def ended_there(self) -> bool:
        """True where its society declined it, or let it end without a word that has come here."""
        is_over = self.destroyed and self.state is TransmissionState.RECALLED
        return is_over or self.state is TransmissionState.DECLINED

    def moved(
        self,
        state: TransmissionState,
        at: datetime,
        by: str,
        *,
        reason: WhyReturned | None = None,
        answer_on: date | None = None,
    ) -> "Transmission":
        """Return it in another state, or raise Conflict or InvalidInput."""
        if (state in _REASONED) != (reason is not None):
            raise InvalidInput("reason", "must be given where a request is returned or declined")
        if (state is TransmissionState.ACCEPTED) != (answer_on is not None):
            raise InvalidInput("answer_on", "must be given with an acceptance, and only then")
        return replace(
            self,
            state=stepped(self.state, state),
            reason=reason,
            answer_on=answer_on or self.answer_on,
            moves=(*self.moves, Moved(at, by, state)),
        )

    def without(self, person: str, at: int) -> "Transmission":
        """Return it after a found person took back, by a word of this time, what was told."""
        return replace(self, taken_back=tuple({**dict(self.taken_back), person: at}.items()))

    def overtook(self, person: str, at: int) -> bool:
        """True if a person took back what a letter of this time tells: it comes too late."""
        return at <= dict(self.taken_back).get(person, -1)

    def heard(
        self,
        persons: frozenset[str],
        results: tuple[tuple[str, Outside], ...],
        at: datetime,
        by: str,
    ) -> "Transmission":
        """Return it with what the other society told; it has ended once each of `persons` has.

        Good news may follow an end without information, so more may come afterwards.
        """
        if self.state not in (TransmissionState.ACCEPTED, TransmissionState.ENDED):
            raise Conflict("A request that was not accepted has no result.")
        if any(person not in persons or outcome not in _ENDS for person, outcome in results):
            raise InvalidInput("results", "must name an outcome for persons of this request")
        known = dict(self.results) | dict(results)
        after = replace(self, results=tuple(sorted(known.items())))
        if self.state is TransmissionState.ACCEPTED and persons <= known.keys():
            return after.moved(TransmissionState.ENDED, at, by)
        return after
