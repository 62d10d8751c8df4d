"""Two cases of one family that are worked as one: a link from one to the other, never a mixture.

Each keeps its persons, searches, notes, messages, transmissions, consents and answers, under its
own keys. So nothing is widened by merging, and undoing it takes nothing apart.
"""

from dataclasses import dataclass
from datetime import datetime

from rfl.domain.ids import PersonId
from rfl.domain.masked import Masked

Pairs = tuple[tuple[PersonId, PersonId], ...]


@dataclass(frozen=True, slots=True)
class Clear:
    """What stood in clear of a case when it was merged: undoing puts it back."""

    state: str
    officer: str | None
    due_at: int | None
    review_at: int | None


@dataclass(frozen=True, slots=True, repr=False)
class Merge(Masked):
    """That a case is worked with another. `persons`: (sought here, the same person there).

    A second enquirer keeps an own answer date and is told for themself (P-04); `same_enquirer` is
    told in the surviving case.
    """

    into: str
    same_enquirer: bool
    persons: Pairs
    by: str
    at: datetime
    before: Clear

    def says(self, into: str, persons: Pairs, *, same_enquirer: bool) -> bool:
        """True if exactly this was asked for before."""
        said = (self.into, self.same_enquirer, frozenset(self.persons))
        return said == (into, same_enquirer, frozenset(persons))

    def hides(self, enquirer: PersonId) -> frozenset[str]:
        """Return the persons of the merged case whom the matcher finds in the surviving one."""
        sought = {here for here, _there in self.persons}
        return frozenset(sought | {enquirer} if self.same_enquirer else sought)
