"""Take back everything that one society was sent, at once, as when data is in danger there."""

from rfl.domain.access import Verb
from rfl.domain.purpose import Purpose
from rfl.exchange.bodies import PeerRecall, written
from rfl.exchange.handed import take_back
from rfl.exchange.handover_letters import end_offer
from rfl.exchange.letter import Letter, LetterType
from rfl.exchange.post import post
from rfl.flows.runtime import OFFICE_CALL, Call, Runtime, network_of
from rfl.storage import (
    casefiles,
    cases,
    handovers,
    ledger,
    lifecycle,
    messages,
    recalls,
    transmissions,
    vault,
)
from rfl.storage.recalls import Why
from rfl.storage.work import Work


def recall_all(rt: Runtime, call: Call, peer: str) -> int:
    """Ask a society to destroy all that came from this one; return how many references it had.

    One letter says so and waits for no tick. Each reference is then recalled by a letter of its
    own as well, so that each is attested, also what that society has let go of. To do it again
    says it again, and goes on with what was interrupted. Raises Conflict unless it is trusted.
    """
    everything = Letter(
        type=LetterType.PEER_RECALL, purpose=Purpose.ADMINISTRATION, data=written(PeerRecall())
    )
    with rt.begin(call, Verb.PEER_CHANGE) as work:
        work.require()
        work.peer = peer
        post(work, network_of(rt), peer, everything, urgent=True)
        sent = transmissions.to_peer(work, peer)
        pairs = [(peer, ref) for ref in sent]
        recalls.add(work, pairs, Why.WITHDRAWN, branches=transmissions.branches(work, sent))
        letters = messages.at(work, peer)
        lifecycle.recall_messages(work, letters, Why.WITHDRAWN)
        offers = handovers.offered_to(work, peer)
        count = len(sent) + len(letters) + len(offers)
        ledger.append(work, count=count, reason=everything.type)
    _end(rt, sent, offers)
    return count


def _end(rt: Runtime, sent: list[str], offers: list[str]) -> None:
    """End what is under way, each request and each offer in a transaction of its own."""
    for transmission_id in sent:
        with rt.begin(OFFICE_CALL, Verb.RETAIN) as work:
            work.require()
            _over(work, transmission_id)
    for handover_id in offers:
        with rt.begin(OFFICE_CALL, Verb.RETAIN) as work:
            work.require()
            end_offer(work, *handovers.SHELF.opened(work, handover_id))


def _over(work: Work, transmission_id: str) -> None:
    row, _content = transmissions.locked(work, transmission_id)
    _case, sealed = cases.load(work, row.case_id or "")
    log_id = vault.log_ids(work, sealed)[0]
    reason = LetterType.PEER_RECALL
    ledger.append(work, objects=[log_id], groups=casefiles.GROUPS, count=1, reason=reason)
    take_back(work, transmission_id)
