"""Witness a peer's log: cosign what goes on from what was cosigned before, refuse what does not.

What is cosigned is kept before the answer leaves, in one transaction that holds the peer's row, so
that a witness that is killed in between, or asked twice at once, never cosigns two histories.
"""

from datetime import UTC, datetime, timedelta

from rfl.audit import checkpoint, keychain, notes, witness
from rfl.audit.notes import Note, VerifierKey
from rfl.audit.witness import Agreement, Answer, Offer, Refusal
from rfl.crypto.keyring import WITNESS
from rfl.domain.access import Verb
from rfl.domain.entry import Decision
from rfl.errors import MalformedFile
from rfl.flows.runtime import Call, Runtime
from rfl.storage import alarms, ledger, log_keys, witnesses
from rfl.storage.witnesses import WatchedLog
from rfl.storage.work import Work

SKEW = timedelta(minutes=5)
SILENT = "log-silent"
FORKED = "log-forked"
CLOCK = "clock-back"


def cosign(rt: Runtime, call: Call, message: bytes) -> bytes:
    """Answer a peer's `log.checkpoint` with a `log.cosignature`. A refusal is an answer too."""
    try:
        offer = witness.parse_offer(message)
    except MalformedFile as error:
        rt.refuse(call, Verb.LOG_WITNESS, error)
        return Answer(Refusal.MALFORMED, None).to_bytes()
    with rt.begin(call, Verb.LOG_WITNESS) as work:
        work.require()
        log = _log_of(work, notes.parse_checkpoint(offer.note.text).origin)
        if log is None:
            _enter(work, Refusal.UNKNOWN_LOG)
            return Answer(Refusal.UNKNOWN_LOG, None).to_bytes()
        work.peer = log.peer
        answer = _answered(work, rt, log, offer)
    return answer.to_bytes()


def show_checkpoint(rt: Runtime, call: Call, peer: str, note: Note) -> Agreement:
    """Compare what somebody else was shown of a watched log with what this witness has cosigned.

    Two roots of one size are evidence at once. Of another size, the log has to prove both one
    before anything more of it is cosigned; if it cannot, it falls silent.
    """
    with rt.begin(call, Verb.LOG_WITNESS) as work:
        work.require()
        log = witnesses.watched_log(work, peer)
        held = _note(log.note)
        found = Agreement.SAME
        if held is None or held.text != note.text:
            found = witness.compare(held or note, note, _keys_of(work, log))
        if found is Agreement.FORKED:
            witnesses.keep_evidence(work, peer, FORKED, log.note or b"", note.to_bytes())
            alarms.sound(work, FORKED, peer)
        if found is Agreement.UNPROVED:
            witnesses.keep_claim_on(work, peer, note.to_bytes())
        work.peer = peer
        ledger.append(work, reason=found)
    return found


def _answered(work: Work, rt: Runtime, log: WatchedLog, offer: Offer) -> Answer:
    key, own = notes.parse_key(log.key), checkpoint.witness_key(rt.agent, rt.rules.society)
    held, claim = _note(log.note), _note(log.claim)
    refusal = witness.judge(offer, key, held, claim)
    at = _cosigning_time(work, held, own)
    if refusal is None and at is None:
        refusal = Refusal.CLOCK
        alarms.sound(work, CLOCK)
    if refusal is not None or at is None:
        return _refused(work, log, offer, refusal or Refusal.CLOCK)
    note = offer.note
    if claim is not None and held is not None and _size(held) > _size(claim):
        note = held
    own_lines = tuple(one for one in note.signatures if one.name == key.name)
    line = notes.cosignature(note, own, at, lambda content: rt.agent.sign(WITNESS, content))
    cosigned = Note(note.text, (*own_lines, line))
    witnesses.keep_cosigned(work, log.peer, cosigned.to_bytes())
    alarms.end(work, SILENT, log.peer)
    ledger.append(
        work, reason="cosigned_new_key" if _followed(work, log, key, note) else "cosigned"
    )
    return Answer(None, cosigned)


def _followed(work: Work, log: WatchedLog, key: VerifierKey, note: Note) -> bool:
    """Take the key that a log has announced in place of the one that announced it."""
    said = notes.parse_checkpoint(note.text)
    following = keychain.announced(said)
    if following is None or following == key:
        return False
    witnesses.follow_key(work, log.peer, following.to_text())
    log_keys.follow(work, key.name, key.to_text(), following.to_text(), said.size)
    return True


def _keys_of(work: Work, log: WatchedLog) -> list[VerifierKey]:
    """Return every key of a watched log that this node has known."""
    key = notes.parse_key(log.key)
    return [key, *(notes.parse_key(one.key) for one in log_keys.of_log(work, key.name))]


def _refused(work: Work, log: WatchedLog, offer: Offer, refusal: Refusal) -> Answer:
    if refusal in witness.EVIDENT:
        against = log.claim if refusal is Refusal.INCONSISTENT and log.claim else log.note
        witnesses.keep_evidence(work, log.peer, refusal, against or b"", offer.note.to_bytes())
        alarms.sound(work, FORKED, log.peer)
    _enter(work, refusal)
    shown = log.claim if refusal is Refusal.UNPROVED else log.note
    return Answer(refusal, _note(shown))


def _enter(work: Work, refusal: Refusal) -> None:
    ledger.append(work, decision=Decision.DENIED, reason=refusal)


def _cosigning_time(work: Work, held: Note | None, own: VerifierKey) -> datetime | None:
    """Return the time to sign: never before the last one; None if the clock went far back."""
    last = notes.cosigned_at(held, own) if held is not None else None
    now = work.now.astimezone(UTC)
    if last is None or last <= now:
        return now
    return last if last - now <= SKEW else None


def _log_of(work: Work, origin: str) -> WatchedLog | None:
    for log in witnesses.watched(work):
        if notes.parse_key(log.key).name == origin:
            return witnesses.watched_log(work, log.peer)
    return None


def _note(raw: bytes | None) -> Note | None:
    return None if raw is None else notes.parse_note(raw)


def _size(note: Note) -> int:
    return notes.parse_checkpoint(note.text).size
