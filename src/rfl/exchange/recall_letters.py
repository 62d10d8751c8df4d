"""What withdrawal, erasure and recall do here: they overtake case traffic and hold at once.

Whatever came under the reference is destroyed, and what comes later under it is refused. The answer
is one attestation with a constant body, a day later, whether or not anything was held; what this
node collected itself is never touched (guide: protocol, Who may say what).
"""

from dataclasses import replace
from typing import Final

from rfl.domain.states import TransmissionState
from rfl.domain.transmission import Transmission
from rfl.exchange.authority import Part, require_part
from rfl.exchange.bodies import (
    ConsentChange,
    ErasureAttestation,
    ErasureRequest,
    PeerRecall,
    Whose,
    read,
)
from rfl.exchange.ending import ATTEST_AFTER, end_copy
from rfl.exchange.handover_letters import given_back
from rfl.exchange.letter import Letter, LetterType
from rfl.exchange.named import opened_request, own_request, reference
from rfl.exchange.reception import Effect
from rfl.storage import (
    casefiles,
    cases,
    handovers,
    ledger,
    messages,
    recalls,
    received,
    transmissions,
)
from rfl.storage.shelf import Filed
from rfl.storage.told import keep_told
from rfl.storage.work import Work


def _change_consent(work: Work, peer: str, letter: Letter) -> None:
    said = read(letter.data, ConsentChange)
    if said.whose is Whose.ENQUIRER:
        end_copy(work, peer, reference(letter), TransmissionState.RECALLED)
        return
    if transmissions.of_peer(work, peer, reference(letter)) is not None:
        _let_go(work, peer, letter, said)
    else:
        _require_nothing_between(work, peer, letter)
        ledger.append(work, count=0, reason=letter.type)
    recalls.owe(work, peer, reference(letter), work.micros + ATTEST_AFTER)


def _let_go(work: Work, peer: str, letter: Letter, said: ConsentChange) -> None:
    """Let go of what a found person let this society know, and takes back.

    Control letters overtake: what tells it may come later, and is not told then.
    """
    row, sent = own_request(work, peer, letter)
    after = sent.without(said.person or "", letter.issued)
    transmissions.keep(work, row, after, row.due_at)
    case_id = row.case_id or ""
    case, _sealed = cases.load(work, case_id)
    file = casefiles.load(work, case_id)
    told = file.withdrawn(said.person or "", said.on, items_stay=False)
    if told.outcomes != file.outcomes:
        keep_told(work, case, told)


def _require_nothing_between(work: Work, peer: str, letter: Letter) -> None:
    """Raise Refused where the reference is of a request or an offer in which this peer is another.

    Of what is unknown, of another society's, of what was erased here, and of what this node has
    forgotten with a backup, nothing is held for it: that is obeyed, and the peer cannot tell which.
    """
    ref = reference(letter)
    offers = (handovers.of_peer(work, peer, ref, coming=coming) for coming in (True, False))
    if received.named(work, peer, ref) is not None or any(offers):
        require_part(letter.type, ())


def _erase(work: Work, peer: str, letter: Letter) -> None:
    read(letter.data, ErasureRequest)
    end_copy(work, peer, reference(letter), TransmissionState.RECALLED)


def _recall_all(work: Work, peer: str, letter: Letter) -> None:
    read(letter.data, PeerRecall)
    for refs in (received.refs_of, handovers.refs_of, messages.refs_of):
        for ref in refs(work, peer):
            end_copy(work, peer, ref, TransmissionState.RECALLED)


def _attested(work: Work, peer: str, letter: Letter) -> None:
    """A society attests what it was asked to destroy, and unasked what it declined or let end.

    To a node that was restored it may attest what this one has forgotten that it asked.
    """
    read(letter.data, ErasureAttestation)
    ref = reference(letter)
    if recalls.attested(work, peer, ref):
        return
    sent = transmissions.of_peer(work, peer, ref)
    if sent is not None:
        _over_there(work, *opened_request(work, letter, sent))
    elif not given_back(work, peer, ref):
        told = messages.is_with(work, peer, ref)
        require_part(letter.type, (Part.TOLD,) if told else ())


def _over_there(work: Work, row: Filed, sent: Transmission) -> None:
    """Nothing of a request is left at its society: whatever is said of it is refused there."""
    after = replace(sent, destroyed=True)
    if sent.waits or sent.state is TransmissionState.RETURNED_FOR_INFORMATION:
        after = after.moved(TransmissionState.RECALLED, work.now, work.actor.id)
    transmissions.keep(work, row, after, None)


EFFECTS: Final[dict[LetterType, Effect]] = {
    LetterType.CONSENT_CHANGE: _change_consent,
    LetterType.ERASURE_REQUEST: _erase,
    LetterType.ERASURE_ATTESTATION: _attested,
    LetterType.PEER_RECALL: _recall_all,
}
