"""How many persons a society may name in a day: in requests, in changes of them, in offers."""

from typing import Final

from rfl.domain.dossier import Dossier
from rfl.domain.received import Received
from rfl.exchange.reasons import Reason, Refused
from rfl.storage import budgets, handovers, peers, received
from rfl.storage.work import Work

_DAY: Final = 86_400 * 1_000_000


def require_budget(work: Work, peer: str, persons: int) -> None:
    """A society names so many sought persons a day and no more, so that none is a way to all.

    Requests, offers of cases and who is new in a change count, whatever became of them.
    """
    since = work.micros - _DAY
    asked = received.persons_since(work, peer, since) + handovers.persons_since(work, peer, since)
    if asked + budgets.named(work, peer) + persons > peers.load(work, peer).daily_limit:
        raise Refused(Reason.BUDGET_SPENT)


def require_budget_of_change(work: Work, peer: str, before: Received, dossier: Dossier) -> None:
    """Persons who are new in a request that came before count on the day of the change."""
    new = 0 if before.dossier is None else dossier.named_since(before.dossier)
    if new:
        require_budget(work, peer, new)
        budgets.count_named(work, peer, new, work.micros + _DAY)
