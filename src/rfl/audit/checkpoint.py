"""Sign what the log is at this moment, and never anything that contradicts what was signed."""

from rfl.audit import notes, sequencer
from rfl.audit.notes import Checkpoint, Kind, Note, VerifierKey
from rfl.audit.tiles import TreeDamaged
from rfl.crypto.agent import KeyAgent
from rfl.crypto.keyring import LOG, WITNESS
from rfl.storage import tree, witnesses
from rfl.storage.tree import KeptCheckpoint
from rfl.storage.work import Work


def origin(society: str) -> str:
    """Return the name of a society's log and of the key that signs its checkpoints."""
    return f"rfl/{society}"


def log_key(agent: KeyAgent, society: str) -> VerifierKey:
    """Return the public key that this node's checkpoints verify with."""
    return VerifierKey(origin(society), Kind.NOTE, agent.public_key(LOG))


def witness_key(agent: KeyAgent, society: str) -> VerifierKey:
    """Return the public key with which this node cosigns the logs of peers."""
    return VerifierKey(origin(society), Kind.COSIGNATURE, agent.public_key(WITNESS))


class LogBehind(TreeDamaged):
    """The log host or a witness has seen a longer or another log: this database was restored, or
    changed."""


def make(work: Work, society: str, *, padded: bool = False, published: Note | None = None) -> Note:
    """Sign and keep a checkpoint of the tree's present size, or return the one there is.

    Raises TreeDamaged if the tree no longer has the root that was signed last (c2sp.org
    tlog-checkpoint: a log signs no checkpoint that is inconsistent with an earlier one), and
    LogBehind if it does not begin with the checkpoint that was `published` on the log host, or
    with one that a witness has held against it.
    """
    tree.lock(work)
    size = sequencer.pad(work) if padded else tree.size(work)
    latest = tree.latest_checkpoint(work)
    if latest is not None and not begins_with(work, notes.parse_note(latest.note), size):
        raise TreeDamaged
    key = log_key(work.agent, society)
    seen = [notes.parse_note(held) for held in witnesses.held_against_us(work)]
    seen += [published] if published is not None else []
    if not all(notes.signed_by(one, key) and begins_with(work, one, size) for one in seen):
        raise LogBehind
    if latest is not None and latest.size == size and (latest.padded or not padded):
        return notes.parse_note(latest.note)
    text = Checkpoint(key.name, size, sequencer.stored(work).root(size)).to_text()
    note = notes.signed(text, key, lambda content: work.agent.sign(LOG, content))
    tree.keep_checkpoint(work, KeptCheckpoint(size, padded, work.micros, note.to_bytes()))
    return note


def begins_with(work: Work, earlier: Note, size: int) -> bool:
    """Tell whether the tree of `size` leaves begins with what this checkpoint says."""
    said = notes.parse_checkpoint(earlier.text)
    return said.size <= size and sequencer.stored(work).root(said.size) == said.root
