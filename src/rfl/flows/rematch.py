"""Say that everybody is to be compared anew, and how far that has come.

The comparing itself is `propose.rematch_some`, behind every fresh change.
"""

from rfl.domain.access import Verb
from rfl.flows.runtime import MATCHER_CALL, Runtime
from rfl.matching.versions import rules_version
from rfl.storage import ledger, rematch
from rfl.storage.queries import count_terms
from rfl.storage.rematch import Progress as Progress


def begin_rematch(rt: Runtime, *, again: bool = False) -> Progress | None:
    """Begin to compare everybody anew if the rules have changed, or if it is asked for `again`.

    Return how far it has come; one that is under way by the same rules goes on.
    """
    rules = rules_version()
    with rt.begin(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
        work.require()
        before = rematch.progress(work)
        if again or before is None or before.rules != rules:
            total = count_terms(work)
            rematch.begin(work, rules, total)
            ledger.append(work, count=total, reason="rematch_begun")
        return rematch.progress(work)


def rematch_progress(rt: Runtime) -> Progress | None:
    """Return how far the comparing of everybody anew has come; None before the first start."""
    with rt.look(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
        return rematch.progress(work)
