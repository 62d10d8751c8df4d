"""What a witness checks before it cosigns a peer's log, and the two messages between them.

`log.checkpoint` is the request of c2sp.org/tlog-witness: `old SIZE`, the lines of the consistency
proof from that size, an empty line, the checkpoint as a signed note. `log.cosignature` is that
note with the witness's line (c2sp.org/tlog-cosignature); or, if it refuses, `refused CODE`, an
empty line, and the note that the log has to be one with, if there is one. Nothing here knows
storage: what a witness remembers is given to it.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from rfl.audit import keychain, merkle, notes
from rfl.audit.notes import Checkpoint, Note, VerifierKey
from rfl.errors import MalformedFile

MOST_PROOF = 63
MOST_BYTES = notes.MOST_BYTES + 4096
_REFUSED = b"refused "


class Refusal(StrEnum):
    """Why a witness does not cosign."""

    MALFORMED = "malformed"
    UNKNOWN_LOG = "unknown-log"
    BAD_SIGNATURE = "bad-signature"
    CONFLICT = "conflict"
    SHRUNK = "shrunk"
    FORKED = "forked"
    INCONSISTENT = "inconsistent"
    UNPROVED = "unproved"
    CLOCK = "clock"


EVIDENT = frozenset({Refusal.SHRUNK, Refusal.FORKED, Refusal.INCONSISTENT})
"""Refusals after which both notes are kept as evidence, and an alarm is raised."""


class Agreement(StrEnum):
    """What two checkpoints of one log say together."""

    SAME = "same"
    CONSISTENT = "consistent"
    FORKED = "forked"
    UNPROVED = "unproved"
    OTHER_LOG = "other-log"


@dataclass(frozen=True, slots=True)
class Offer:
    """A checkpoint with the proof that it goes on from the first `old` leaves."""

    old: int
    proof: tuple[bytes, ...]
    note: Note

    def to_bytes(self) -> bytes:
        """Return the message `log.checkpoint`."""
        lines = [f"old {self.old}", *(base64.b64encode(one).decode("ascii") for one in self.proof)]
        return "".join(f"{line}\n" for line in lines).encode("ascii") + b"\n" + self.note.to_bytes()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a witness says: the note with its line, or why not and the note that it holds."""

    refusal: Refusal | None
    note: Note | None

    def to_bytes(self) -> bytes:
        """Return the message `log.cosignature`."""
        note = b"" if self.note is None else self.note.to_bytes()
        if self.refusal is None:
            return note
        return _REFUSED + self.refusal.encode("ascii") + b"\n\n" + note


def parse_offer(raw: bytes) -> Offer:
    """Return what `log.checkpoint` says, or raise MalformedFile."""
    head, found, note = raw[:MOST_BYTES].partition(b"\n\n")
    first, *lines = head.split(b"\n")
    word, _, old = first.partition(b" ")
    if not found or word != b"old" or len(old) > 20 or not old.isdigit() or len(lines) > MOST_PROOF:
        raise MalformedFile("An offer is an old size, a proof, an empty line and a checkpoint.")
    if str(int(old)).encode() != old:
        raise MalformedFile("The old size is a decimal number.")
    return Offer(int(old), tuple(_hash(line) for line in lines), _checkpoint(note))


def parse_answer(raw: bytes) -> Answer:
    """Return what `log.cosignature` says, or raise MalformedFile."""
    if not raw.startswith(_REFUSED):
        return Answer(None, _checkpoint(raw))
    head, _, note = raw.partition(b"\n\n")
    try:
        refusal = Refusal(head.removeprefix(_REFUSED).decode("ascii"))
    except ValueError as cause:
        raise MalformedFile("A witness refuses with a known code.") from cause
    return Answer(refusal, _checkpoint(note) if note else None)


def judge(
    offer: Offer, key: VerifierKey, held: Note | None, claim: Note | None = None
) -> Refusal | None:
    """Return why not to cosign, or None if the checkpoint goes on from what was cosigned last.

    `held` is what this witness has cosigned last. While there is a `claim`, a checkpoint of the
    same log that somebody else was shown, only the proof that both are of one log is taken.
    """
    said = notes.parse_checkpoint(offer.note.text)
    if said.origin != key.name:
        return Refusal.UNKNOWN_LOG
    if not keychain.is_signed(offer.note, key):
        return Refusal.BAD_SIGNATURE
    before = _said(held, key)
    if claim is not None:
        return _judge_claim(offer, before, notes.parse_checkpoint(claim.text))
    if (said.size, said.root) == (before.size, before.root):
        return None
    if said.size < before.size:
        return Refusal.SHRUNK
    if said.size == before.size:
        return Refusal.FORKED
    if offer.old != before.size:
        return Refusal.CONFLICT
    return None if _is_prefix(before, said, offer.proof) else Refusal.INCONSISTENT


def compare(
    one: Note,
    other: Note,
    keys: Sequence[VerifierKey],
    proof: Sequence[bytes] | None = None,
) -> Agreement:
    """Say whether two checkpoints can be of one log, whose keys these are or have been.

    Two roots of one size, both signed, prove by themselves that the log was forked. Of different
    sizes they are `UNPROVED` until the log has given a proof that holds.
    """
    small, big = sorted(
        (notes.parse_checkpoint(note.text) for note in (one, other)), key=lambda said: said.size
    )
    for note in (one, other):
        if not any(keychain.is_signed(note, key) for key in keys):
            return Agreement.OTHER_LOG
    if small.size == big.size:
        return Agreement.SAME if small.root == big.root else Agreement.FORKED
    proved = proof is not None and _is_prefix(small, big, proof)
    return Agreement.CONSISTENT if proved else Agreement.UNPROVED


def _judge_claim(offer: Offer, before: Checkpoint, claim: Checkpoint) -> Refusal | None:
    small, big = sorted((before, claim), key=lambda said: said.size)
    said = notes.parse_checkpoint(offer.note.text)
    if (said.size, said.root) != (big.size, big.root) or offer.old != small.size:
        return Refusal.UNPROVED
    return None if _is_prefix(small, big, offer.proof) else Refusal.INCONSISTENT


def _said(held: Note | None, key: VerifierKey) -> Checkpoint:
    if held is None:
        return Checkpoint(key.name, 0, merkle.EMPTY)
    return notes.parse_checkpoint(held.text)


def _is_prefix(small: Checkpoint, big: Checkpoint, proof: Sequence[bytes]) -> bool:
    return merkle.is_prefix(small.size, small.root, big.size, big.root, proof)


def _checkpoint(raw: bytes) -> Note:
    note = notes.parse_note(raw)
    notes.parse_checkpoint(note.text)
    return note


def _hash(line: bytes) -> bytes:
    try:
        raw = base64.b64decode(line, validate=True)
    except binascii.Error as cause:
        raise MalformedFile("A proof is hashes in base64, a line each.") from cause
    if len(raw) != merkle.HASH or base64.b64encode(raw) != line:
        raise MalformedFile("A proof is hashes in base64, a line each.")
    return raw
