"""Have this node's log witnessed by peers: offer checkpoints, take cosignatures, note silence.

The messages are bytes. A `Carrier` takes them to a peer: the exchange does, and tests and commands
carry them by hand. An answer may come at once or days later.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from rfl.audit import checkpoint, notes, sequencer, witness
from rfl.audit.notes import Note
from rfl.audit.tiles import TreeDamaged
from rfl.audit.witness import Answer, Offer, Refusal
from rfl.domain.access import Verb
from rfl.domain.entry import Decision
from rfl.errors import Conflict, MalformedFile
from rfl.flows.runtime import OFFICE_CALL, Call, Runtime
from rfl.storage import alarms, ledger, log_keys, tree, witnesses
from rfl.storage.witnesses import LogWitness
from rfl.storage.work import Work, micros

SILENCE = timedelta(minutes=30)
SKEW = timedelta(minutes=5)
SILENT_LOG, SILENT_WITNESS = "log-silent", "witness-silent"
BEHIND, REFUSED, LYING = "log-behind", "log-refused", "witness-lying"


class Carrier(Protocol):
    """Takes a message to a peer, and brings its answer if there is one at once."""

    def carry(self, peer: str, message: bytes) -> bytes | None:
        """Return the peer's answer, None if it comes later; raise OSError if it is not there."""


@dataclass(frozen=True, slots=True)
class Witnessed:
    """What came of an answer: `refusal` is None once the log was cosigned up to `size`."""

    size: int
    refusal: str | None


def offer_checkpoint(rt: Runtime, call: Call, peer: str) -> bytes:
    """Return the message `log.checkpoint` for a witness: the newest checkpoint that is padded.

    It proves what that witness has cosigned last, or the checkpoint that it asked about. Raises
    Conflict before the first checkpoint for peers, and where the log is behind its witness.
    """
    with rt.begin(call, Verb.LOG_WITNESS) as work:
        work.require()
        work.peer = peer
        row = witnesses.our_witness(work, peer)
        ledger.append(work, reason="offered")
        return _offer(work, rt.rules.society, row).to_bytes()


def take_cosignature(rt: Runtime, call: Call, peer: str, message: bytes) -> Witnessed:
    """Keep a witness's cosignature, or what its refusal tells about this log."""
    with rt.begin(call, Verb.LOG_WITNESS) as work:
        work.require()
        row = witnesses.our_witness(work, peer)
        taken = _taken(work, rt, row, message)
        decision = Decision.ALLOWED if taken.refusal is None else Decision.DENIED
        reason = taken.refusal or "witnessed"
        work.peer = peer
        ledger.append(work, decision=decision, reason=reason)
    return taken


def offer_to_all(rt: Runtime, carrier: Carrier) -> int:
    """Offer the newest checkpoint to every witness; return how many have cosigned it at once.

    A witness whose answer was lost, or that asks for another proof, is offered once more.
    """
    done = 0
    for peer in _peers(rt):
        for _turn in range(3):
            try:
                answer = carrier.carry(peer, offer_checkpoint(rt, OFFICE_CALL, peer))
            except (OSError, Conflict):
                break
            if answer is None:
                break
            taken = take_cosignature(rt, OFFICE_CALL, peer, answer)
            if taken.refusal is None and _is_newest(rt, taken.size):
                done += 1
                break
            if taken.refusal not in (None, Refusal.CONFLICT, Refusal.UNPROVED):
                break
    return done


def note_silence(rt: Runtime) -> int:
    """Raise an alarm, once, for every peer unheard for 30 minutes; return how many are silent."""
    with rt.ask(OFFICE_CALL, Verb.LOG_WITNESS) as work:
        silent = list(_silent(work))
    if silent:
        with rt.begin(OFFICE_CALL, Verb.LOG_WITNESS) as work:
            for code, peer in _silent(work):
                alarms.sound(work, code, peer, once=True)
    return len(silent)


def _offer(work: Work, society: str, row: LogWitness) -> Offer:
    old, kept = row.size, tree.padded_checkpoint(work)
    if row.claim is not None:
        claim = notes.parse_note(row.claim)
        claimed = _size(claim)
        if claimed >= old:
            return _proved(work, old, claim)
        old, kept = claimed, tree.padded_checkpoint(work, row.size)
    elif (size := _announced_to(work, society, row)) is not None:
        kept = tree.padded_checkpoint(work, size)
    if kept is None or kept.size < old:
        raise Conflict("There is no checkpoint that this witness could cosign.")
    return _proved(work, old, notes.parse_note(kept.note))


def _announced_to(work: Work, society: str, row: LogWitness) -> int | None:
    """Return the size at which a key was announced that this witness does not know yet, or None.

    It is offered before any other: what the new key signs, the witness would refuse.
    """
    announced = log_keys.of_log(work, checkpoint.origin(society))[1:]
    unknown = [one for one in announced if (one.since > row.size if row.size else one.at > row.at)]
    return unknown[0].since if unknown else None


def _proved(work: Work, old: int, note: Note) -> Offer:
    proof = sequencer.stored(work).consistency_proof(old, _size(note))
    return Offer(old, tuple(proof), note)


def _taken(work: Work, rt: Runtime, row: LogWitness, message: bytes) -> Witnessed:
    try:
        answer = witness.parse_answer(message)
    except MalformedFile:
        return _doubted(work, row, LYING, Refusal.MALFORMED)
    note = answer.note
    if note is not None and not checkpoint.is_ours(work, rt.rules.society, note):
        return _doubted(work, row, LYING, Refusal.BAD_SIGNATURE)
    if note is not None and not _is_in_our_tree(work, note):
        witnesses.keep_held(work, row.peer, note.to_bytes())
        return _doubted(work, row, BEHIND, answer.refusal or Refusal.FORKED)
    if note is not None and answer.refusal is not Refusal.UNPROVED:
        at = notes.cosigned_at(note, notes.parse_key(row.key))
        if at is None or not _is_possible(work, note, at):
            return _doubted(work, row, LYING, Refusal.BAD_SIGNATURE)
        _keep(work, row, note, at)
    return _told(work, row, answer)


def _told(work: Work, row: LogWitness, answer: Answer) -> Witnessed:
    size = 0 if answer.note is None else _size(answer.note)
    if answer.refusal is None:
        alarms.end(work, SILENT_WITNESS, row.peer)
        return Witnessed(size, None)
    if answer.refusal is Refusal.UNPROVED and answer.note is not None:
        witnesses.keep_claim_by(work, row.peer, answer.note.to_bytes())
    elif answer.refusal is Refusal.CONFLICT:
        if answer.note is None:  # the witness has begun anew
            witnesses.keep_witnessed(work, row.peer, 0, row.at)
    else:
        alarms.sound(work, REFUSED, row.peer)
    return Witnessed(size, answer.refusal)


def _keep(work: Work, row: LogWitness, note: Note, at: datetime) -> None:
    """Keep the witness's line under the checkpoint, and how far it has come."""
    key = notes.parse_key(row.key)
    size = _size(note)
    line = next(one for one in note.signatures if (one.name, one.id) == (key.name, key.id))
    if tree.padded_checkpoint(work, size) is not None:
        tree.keep_cosignature(work, size, key.name, micros(at), line.to_text().encode())
    witnesses.keep_witnessed(work, row.peer, size, max(micros(at), row.at))


def _doubted(work: Work, row: LogWitness, code: str, refusal: Refusal) -> Witnessed:
    alarms.sound(work, code, row.peer)
    return Witnessed(0, refusal)


def _is_in_our_tree(work: Work, note: Note) -> bool:
    try:
        return checkpoint.begins_with(work, note, tree.size(work))
    except TreeDamaged:
        return False


def _is_possible(work: Work, note: Note, at: datetime) -> bool:
    """A cosignature is of a moment between the checkpoint's signing and now."""
    kept = tree.padded_checkpoint(work, _size(note))
    signed = micros(at) if kept is None else kept.at
    return signed - micros(at) <= _MICROS_OF_SKEW and at <= work.now.astimezone(UTC) + SKEW


_MICROS_OF_SKEW = SKEW // timedelta(microseconds=1)


def _silent(work: Work) -> Iterable[tuple[str, str]]:
    long_ago = work.micros - SILENCE // timedelta(microseconds=1)
    yield from ((SILENT_LOG, one.peer) for one in witnesses.watched(work) if one.at < long_ago)
    yield from ((SILENT_WITNESS, one.peer) for one in witnesses.ours(work) if one.at < long_ago)


def _peers(rt: Runtime) -> list[str]:
    with rt.look(OFFICE_CALL, Verb.LOG_WITNESS) as work:
        return [one.peer for one in witnesses.ours(work)]


def _is_newest(rt: Runtime, size: int) -> bool:
    with rt.look(OFFICE_CALL, Verb.LOG_WITNESS) as work:
        newest = tree.padded_checkpoint(work)
    return newest is None or newest.size == size


def _size(note: Note) -> int:
    return notes.parse_checkpoint(note.text).size
