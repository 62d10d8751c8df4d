"""Who watches whose log: appoint a peer, dismiss it, begin anew, and see who was heard when.

Until the exchange brings a peer's keys itself, people type the keys that they were given.
"""

from dataclasses import dataclass
from typing import Any

from rfl.audit import checkpoint, notes
from rfl.audit.notes import Kind, VerifierKey
from rfl.domain.access import Verb
from rfl.domain.entry import written_time
from rfl.errors import Conflict, InvalidInput, MalformedFile, NotFound
from rfl.flows.runtime import Call, Runtime
from rfl.storage import alarms, ledger, log_keys, tree, witnesses
from rfl.storage.witnesses import Evidence, LogWitness, WatchedLog
from rfl.storage.work import Work, from_micros

_CODES = ("log-silent", "witness-silent", "log-behind", "log-refused", "witness-lying")


@dataclass(frozen=True, slots=True)
class Watch:
    """One page: this log's keys and newest checkpoint, its witnesses, the logs it watches."""

    log_key: str
    witness_key: str
    size: int
    signed_at: int | None
    witnesses: list[LogWitness]
    watched: list[WatchedLog]
    evidence: list[Evidence]

    def as_json(self) -> dict[str, Any]:
        """Return the page as plain values, times as RFC 3339."""
        return {
            "log_key": self.log_key,
            "witness_key": self.witness_key,
            "size": self.size,
            "signed_at": None if self.signed_at is None else _written(self.signed_at),
            "witnesses": [
                {
                    "peer": one.peer,
                    "size": one.size,
                    "cosigned_at": _written(one.at) if one.size else None,
                    "state": "contradicted" if one.held else "asks" if one.claim else "agrees",
                }
                for one in self.witnesses
            ],
            "watched": [
                {
                    "peer": one.peer,
                    "size": _size(one.note),
                    "cosigned_at": _written(one.at) if one.note else None,
                    "state": "to be proved" if one.claim else "agrees",
                }
                for one in self.watched
            ],
            "evidence": [
                {
                    "id": one.id,
                    "peer": one.peer,
                    "code": one.code,
                    "at": _written(one.at),
                    "held": one.held.decode("utf-8"),
                    "offered": one.offered.decode("utf-8"),
                }
                for one in self.evidence
            ],
        }


def appoint(rt: Runtime, call: Call, peer: str, key: str) -> str:
    """Add a peer: the key of a log makes it watched, that of a witness has it watch this log.

    Returns `watched` or `witness`. Raises InvalidInput for a key that is none, and Conflict for a
    peer that has such a key already, or whose log is this one.
    """
    _check_peer(peer)
    try:
        parsed = notes.parse_key(key)
    except MalformedFile as cause:
        raise InvalidInput("key", "must be a verifier key, name+id+key") from cause
    with rt.begin(call, Verb.WITNESS_CHANGE) as work:
        work.require()
        if parsed in _own_keys(work, rt):
            raise Conflict("A node does not witness itself.")
        watches = parsed.kind is Kind.NOTE
        _check_new(work, peer, parsed.name, watches=watches)
        (witnesses.watch if watches else witnesses.invite)(work, peer, parsed.to_text())
        work.peer = peer
        ledger.append(work, reason="watched" if watches else "witness")
    return "watched" if watches else "witness"


def dismiss(rt: Runtime, call: Call, peer: str) -> None:
    """Forget a peer on both sides, or raise NotFound. What is evidence stays."""
    with rt.begin(call, Verb.WITNESS_CHANGE) as work:
        work.require()
        for one in witnesses.ours(work):
            if one.peer == peer:
                log_keys.keep_witness(work, notes.parse_key(one.key).name, one.key)
        if not witnesses.remove(work, peer):
            raise NotFound
        _end_alarms(work, peer)
        work.peer = peer
        ledger.append(work, reason="dismissed")


def begin_anew(rt: Runtime, call: Call, peer: str) -> None:
    """Forget what was cosigned between this node and a peer, once people know why it broke.

    For after a restored database: the log goes on signing, a witness takes the log as new.
    """
    with rt.begin(call, Verb.WITNESS_CHANGE) as work:
        work.require()
        if not witnesses.restart(work, peer):
            raise NotFound
        _end_alarms(work, peer)
        alarms.end(work, "log-behind")
        work.peer = peer
        ledger.append(work, reason="anew")


def view_watch(rt: Runtime, call: Call) -> Watch:
    """Return who has witnessed this log and when last, and whom it witnesses."""
    with rt.begin(call, Verb.WITNESS_READ) as work:
        work.require()
        ledger.append(work)
        latest = tree.latest_checkpoint(work)
        return Watch(
            log_key=checkpoint.own_keys(work, rt.rules.society)[-1].to_text(),
            witness_key=checkpoint.witness_key(rt.agent, rt.rules.society).to_text(),
            size=0 if latest is None else latest.size,
            signed_at=None if latest is None else latest.at,
            witnesses=witnesses.ours(work),
            watched=witnesses.watched(work),
            evidence=witnesses.evidence(work),
        )


def _written(at: int) -> str:
    return written_time(from_micros(at))


def _size(note: bytes | None) -> int:
    return 0 if note is None else notes.parse_checkpoint(notes.parse_note(note).text).size


def _own_keys(work: Work, rt: Runtime) -> list[VerifierKey]:
    society = rt.rules.society
    return [*checkpoint.own_keys(work, society), checkpoint.witness_key(rt.agent, society)]


def _check_new(work: Work, peer: str, name: str, *, watches: bool) -> None:
    there: list[WatchedLog] | list[LogWitness]
    there = witnesses.watched(work) if watches else witnesses.ours(work)
    if any(one.peer == peer or notes.parse_key(one.key).name == name for one in there):
        raise Conflict("This peer, or this key's name, is there already: remove it first.")


def _check_peer(peer: str) -> None:
    if not 2 <= len(peer) <= 40 or not peer.replace("-", "").isalnum() or not peer.islower():
        raise InvalidInput("peer", "must be a society's code: small letters, digits and hyphens")


def _end_alarms(work: Work, peer: str) -> None:
    for code in _CODES:
        alarms.end(work, code, peer)
