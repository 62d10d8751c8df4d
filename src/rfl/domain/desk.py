"""What waits on the desk of one who searches: made from the journal, and kept sealed."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from rfl.domain.journal import Journal, Search
from rfl.domain.masked import Masked
from rfl.domain.states import Inside


class Waits(StrEnum):
    """What the next step of a search is."""

    SCREENING = "screening"
    SEARCH = "search"
    VERIFICATION = "verification"
    CONSULTATION = "consultation"
    SECOND_OFFICER = "second_officer"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, repr=False)
class Waiting(Masked):
    """What one case waits for on one desk. `agreed`: both sides may be in this hand (P-37).

    `due_on` is the first day by which the team has planned to do something.
    """

    waits: frozenset[Waits]
    agreed: bool
    due_on: date | None = None


_NEXT = {
    Inside.SEARCHING: Waits.SEARCH,
    Inside.LEAD: Waits.VERIFICATION,
    Inside.LOCATED: Waits.CONSULTATION,
}


def waiting(journal: Journal, officer: str) -> Waiting:
    """Return what a case waits for, of everything that its team has to do."""
    waits = {_next(search) for search in journal.searches}
    if journal.screening is None:
        waits.add(Waits.SCREENING)
    if len(waits) > 1:
        waits.discard(Waits.NOTHING)
    agreed = officer in {member for member, _by in journal.both_sides}
    return Waiting(frozenset(waits), agreed, journal.next_day)


def _next(search: Search) -> Waits:
    spoken_for = search.answer.representative if search.answer else None
    if spoken_for is not None and spoken_for.agreed_by is None:
        return Waits.SECOND_OFFICER
    if search.death is not None and search.state is Inside.DECEASED_REPORTED:
        return Waits.SECOND_OFFICER
    return _NEXT.get(search.state, Waits.NOTHING)
