"""When a case's time of keeping is over, and what comes then (P-24).

An open case is counted from its opening, a closed one from its closing, or from what its enquirer
was told after that; after a review both are counted from that. What stays inside moves nothing.
"""

from datetime import datetime, timedelta

from rfl.domain.casefile import CaseFile, Kind
from rfl.domain.policy import DataClass, Keeping, Rules
from rfl.domain.states import CaseState

_BEGINS = {
    DataClass.OPEN_CASE: frozenset({Kind.REOPENED, Kind.REVIEW_DUE}),
    DataClass.CLOSED_CASE: frozenset({Kind.CLOSED, Kind.HANDED_OVER, Kind.TOLD, Kind.REVIEW_DUE}),
}


def kept_as(file: CaseFile) -> DataClass:
    """Return the class of data that a case is of."""
    closed = file.state is CaseState.CLOSED
    return DataClass.CLOSED_CASE if closed else DataClass.OPEN_CASE


def ends(file: CaseFile, opened_at: datetime, rules: Rules) -> tuple[datetime, Keeping] | None:
    """Return when a case's time of keeping is over and by which rule; None: never by these rules.

    A case in the archive stays there. A duplicate ends with the case that it is worked in.
    """
    kind = kept_as(file)
    keeping = rules.keeping.get(kind)
    if keeping is None or file.archive is not None or file.rests_in_another:
        return None
    moments = [event.at for event in file.events if event.kind in _BEGINS[kind]]
    return max(moments, default=opened_at) + timedelta(days=keeping.days), keeping
