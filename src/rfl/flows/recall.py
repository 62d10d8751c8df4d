"""Ask others to destroy what they were sent, attest what they asked, end copies in time.

Withdrawal and erasure write down what is to be recalled in their own transaction; here it becomes
letters, each once. What cannot be written now, to a society that is suspended, waits and is shown.
"""

from typing import Final

from rfl.domain.access import Verb, sees_all
from rfl.domain.purpose import Purpose
from rfl.domain.states import TransmissionState
from rfl.exchange import bodies
from rfl.exchange.bodies import ConsentChange, ErasureAttestation, ErasureRequest, Whose
from rfl.exchange.ending import ATTEST_AFTER, end_copy
from rfl.exchange.handed import call_back
from rfl.exchange.handover_letters import end_offer
from rfl.exchange.letter import Letter, LetterType
from rfl.exchange.owed import post_owed
from rfl.flows.runtime import OFFICE_CALL, Call, Runtime, network_of
from rfl.storage import (
    alarms,
    blobs,
    casefiles,
    cases,
    handovers,
    ledger,
    messages,
    recalls,
    received,
    transmissions,
    vault,
)
from rfl.storage.recalls import Attestation, Why
from rfl.storage.recalls import Recall as Recall
from rfl.storage.work import Work, micros

BATCH: Final = 200
UNTOLD, UNATTESTED = "recall-untold", "attestation-overdue"
PATIENCE: Final = 7 * 86_400 * 1_000_000
"""After so long without an attestation people are told: a day, ticks, and a slow line are over."""

LATER: Final = 3_600 * 1_000_000
"""An attestation that waits for another society's is looked at again so much later."""


def send_recalls(rt: Runtime) -> int:
    """Write every recall and attestation that is due; return how many letters were queued."""
    with rt.ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        unasked = recalls.unasked(work, BATCH)
        due = recalls.due(work, BATCH, work.micros + _hastened(rt))
    return sum(_ask(rt, one) for one in unasked) + sum(_attest(rt, one) for one in due)


def end_copies(rt: Runtime) -> int:
    """Destroy copies whose time of keeping is over, and attest it; return how many.

    Offers to hand a case over end in the same way, on both sides. What a society without a node
    may keep no longer is asked back by people.
    """
    with rt.look(OFFICE_CALL, Verb.RETAIN) as work:
        over, unanswered = received.over(work, BATCH), handovers.over(work, BATCH)
        handed, letters = transmissions.handed_over(work, BATCH), messages.over(work, BATCH)
    for transmission_id in handed:
        with rt.begin(OFFICE_CALL, Verb.RETAIN) as work:
            work.require()
            _end_handed(work, transmission_id)
    for received_id in over:
        with rt.begin(OFFICE_CALL, Verb.RETAIN) as work:
            work.require()
            _row, request = received.SHELF.opened(work, received_id)
            end_copy(work, request.peer, request.ref, TransmissionState.RECALLED)
            blobs.remove_forsaken(work)
    for message_id in letters:
        with rt.begin(OFFICE_CALL, Verb.RETAIN) as work:
            work.require()
            _row, letter = messages.SHELF.opened(work, message_id)
            if letter.post is not None:
                end_copy(work, letter.post.peer, letter.post.ref, TransmissionState.RECALLED)
    for handover_id in unanswered:
        with rt.begin(OFFICE_CALL, Verb.RETAIN) as work:
            work.require()
            row, offer = handovers.SHELF.opened(work, handover_id)
            if offer.coming:
                end_copy(work, offer.peer, offer.ref, TransmissionState.RECALLED)
                blobs.remove_forsaken(work)
            else:
                end_offer(work, row, offer)
    if over or unanswered or letters:
        rt.database.scrub()
    return len(over) + len(unanswered) + len(handed) + len(letters)


def watch_recalls(rt: Runtime) -> None:
    """Tell people of societies that do not attest what they were asked."""
    with rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        work.require()
        late = recalls.overdue(work, work.micros - PATIENCE)
        for peer in late:
            alarms.sound(work, UNATTESTED, peer, once=True)
        ledger.append(work, count=len(late))


def list_recalls(rt: Runtime, call: Call) -> list[Recall]:
    """Return who was asked to destroy what, and who has attested, those that wait first.

    Those of the caller's branch; the data protection officer sees all.
    """
    with rt.begin(call, Verb.RECALL_READ) as work:
        work.require()
        found = recalls.page(work, None if sees_all(call.actor) else call.actor.branch, BATCH)
        ledger.append(work, count=len(found))
    return found


def _end_handed(work: Work, transmission_id: str) -> None:
    """Ask a copy back; what was returned, and was not handed over again, is over with it."""
    row, content = transmissions.locked(work, transmission_id)
    _case, sealed = cases.load(work, row.case_id or "")
    log_id = vault.log_ids(work, sealed)[0]
    ledger.append(work, objects=[log_id], groups=casefiles.GROUPS, count=1, reason=Why.ENDED)
    sent = transmissions.SHELF.document(work, row, content)
    call_back(work, [(sent.peer, row.id)], Why.ENDED)
    if sent.state is TransmissionState.RETURNED_FOR_INFORMATION:
        after = sent.moved(TransmissionState.RECALLED, work.now, work.actor.id)
        transmissions.keep(work, row, after, None)


def _hastened(rt: Runtime) -> int:
    """How much earlier than a day later an exercise attests, which cannot wait for a day."""
    return ATTEST_AFTER - network_of(rt).attest_seconds * 1_000_000


def _ask(rt: Runtime, recall: Recall) -> bool:
    body = ErasureRequest() if recall.why is Why.ERASED else None
    with rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        work.require()
        change = body or ConsentChange(whose=Whose.ENQUIRER, on=work.today)
        kind = LetterType.CONSENT_CHANGE if body is None else LetterType.ERASURE_REQUEST
        letter = Letter(
            type=kind,
            purpose=Purpose.TRACING,
            case_ref=recall.ref,
            data=bodies.written(change),
        )
        if not post_owed(work, network_of(rt), recall.peer, letter, UNTOLD):
            return False
        return recalls.asked(work, recall.id)


def _attest(rt: Runtime, due: Attestation) -> bool:
    with rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        work.require()
        if _waits_for_others(work, due):
            recalls.postpone(work, due.id, work.micros + LATER)
            return False
        letter = Letter(
            type=LetterType.ERASURE_ATTESTATION,
            purpose=Purpose.TRACING,
            case_ref=due.ref,
            data=bodies.written(ErasureAttestation(on=work.today)),
        )
        if not post_owed(work, network_of(rt), due.peer, letter, UNTOLD):
            return False
        return recalls.settle(work, due.id)


def _waits_for_others(work: Work, due: Attestation) -> bool:
    """True while somebody that the request was passed on to has not attested, for some days.

    Then this node attests its own part, and people were told of who is silent. The references are
    a pair that stands sealed, so they are opened for it.
    """
    found = received.of_peer(work, due.peer, due.ref)
    if found is None or not found[1].passed_on or found[1].moved_at is None:
        return False
    is_late = work.micros - micros(found[1].moved_at) >= PATIENCE
    return not is_late and recalls.unattested(work, found[1].passed_on)
