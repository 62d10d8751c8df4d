"""What withdrawal, erasure and recall do here: they overtake case traffic and hold at once.

Whatever came under the reference is destroyed, and what comes later under it is refused. The answer
is one attestation with a constant body, a day later, whether or not anything was held; what this
node collected itself is never touched (guide: protocol, Who may say what).
"""

from dataclasses import replace
from typing import Final

from rfl.domain.received import Received
from rfl.domain.states import TransmissionState
from rfl.exchange.authority import Part, require_part
from rfl.exchange.bodies import (
    ConsentChange,
    ErasureAttestation,
    ErasureRequest,
    PeerRecall,
    Whose,
    read,
)
from rfl.exchange.case_letters import own_request, reference
from rfl.exchange.letter import Letter, LetterType
from rfl.exchange.network import ATTEST_SECONDS
from rfl.exchange.reasons import Reason, Refused
from rfl.exchange.reception import Effect
from rfl.storage import (
    case_attachments,
    casefiles,
    cases,
    handovers,
    ledger,
    lifecycle,
    recalls,
    received,
    transmissions,
    vault,
)
from rfl.storage.cases import OutsideState
from rfl.storage.told import keep_told
from rfl.storage.work import Work, from_micros

ATTEST_AFTER: Final = ATTEST_SECONDS * 1_000_000
REMEMBER: Final = 400 * 86_400 * 1_000_000
"""How long a reference that was recalled stays refused: longer than any letter may wait."""


def end_copy(work: Work, peer: str, ref: str, state: TransmissionState) -> None:
    """Destroy what came from a society under its reference, and owe it an attestation.

    What is left is the reference, by which a letter that was under way is refused. What was passed
    on is recalled with the case, and the attestation waits for those that it was passed on to. The
    log names the case that it had become, and why that is gone.
    """
    named = received.named(work, peer, ref) or handovers.named(work, peer, ref)
    _end_offer(work, peer, ref)
    found = received.of_peer(work, peer, ref)
    passed_on: list[tuple[str, str]] = []
    gone: tuple[str, ...] = ()
    if found is not None:
        row, _before = found
        if row.case_id is not None:
            passed_on = transmissions.sent_to_nodes(work, [row.case_id])
            passed_on += transmissions.handed(work, [row.case_id])
            gone = _destroyed(work, row.case_id)
        received.remove(work, row.id)
    ledger.append(work, objects=gone, count=len(gone), reason=state)
    until = work.micros + REMEMBER
    left = Received(peer, ref, None, from_micros(until).date(), state, moved_at=work.now)
    received.bury(work, replace(left, passed_on=tuple(passed_on)), until, named or (0, work.micros))
    recalls.owe(work, peer, ref, work.micros + ATTEST_AFTER)


def _destroyed(work: Work, case_id: str) -> tuple[str, ...]:
    """Destroy a case; return its log ids, none if it was erased here before."""
    case, sealed = cases.load(work, case_id)
    if case.state is OutsideState.ERASED:
        return ()
    log_ids = vault.log_ids(work, sealed)
    case_attachments.forsake_case(work, case_id)
    lifecycle.destroy(work, [case_id])
    cases.erase(work, case_id)
    return log_ids


def _end_offer(work: Work, peer: str, ref: str) -> None:
    """Destroy the copy of a case that was offered. What was given is the sender's no more."""
    found = handovers.of_peer(work, peer, ref, coming=True)
    if found is not None and found[1].is_taken:
        raise Refused(Reason.NOT_YOURS)
    if found is not None:
        handovers.remove(work, found[0].id)


def _change_consent(work: Work, peer: str, letter: Letter) -> None:
    said = read(letter.data, ConsentChange)
    if said.whose is Whose.ENQUIRER:
        end_copy(work, peer, reference(letter), TransmissionState.RECALLED)
        return
    row, _sent = own_request(work, peer, letter)
    case_id = row.case_id or ""
    case, _sealed = cases.load(work, case_id)
    file = casefiles.load(work, case_id)
    after = file.withdrawn(said.person or "", said.on, items_stay=False)
    if after.outcomes != file.outcomes:
        keep_told(work, case, after)
    recalls.owe(work, peer, reference(letter), work.micros + ATTEST_AFTER)


def _erase(work: Work, peer: str, letter: Letter) -> None:
    read(letter.data, ErasureRequest)
    end_copy(work, peer, reference(letter), TransmissionState.RECALLED)


def _recall_all(work: Work, peer: str, letter: Letter) -> None:
    read(letter.data, PeerRecall)
    offers = [handovers.SHELF.opened(work, one)[1].ref for one in handovers.coming_from(work, peer)]
    for ref in (*received.refs_of(work, peer), *offers):
        end_copy(work, peer, ref, TransmissionState.RECALLED)


def _attested(work: Work, peer: str, letter: Letter) -> None:
    """A society attests what it was asked to destroy, and unasked what it declined or let end."""
    read(letter.data, ErasureAttestation)
    ref = reference(letter)
    if not recalls.attested(work, peer, ref):
        told = transmissions.of_peer(work, peer, ref) is not None
        require_part(letter.type, (Part.TOLD,) if told else ())


EFFECTS: Final[dict[LetterType, Effect]] = {
    LetterType.CONSENT_CHANGE: _change_consent,
    LetterType.ERASURE_REQUEST: _erase,
    LetterType.ERASURE_ATTESTATION: _attested,
    LetterType.PEER_RECALL: _recall_all,
}
