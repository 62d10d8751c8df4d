"""Sign what the log is at this moment, and never anything that contradicts what was signed."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rfl.audit import keychain, notes, sequencer
from rfl.audit.notes import Checkpoint, Kind, Note, Signature, VerifierKey
from rfl.audit.tiles import TreeDamaged
from rfl.crypto.agent import KeyAgent
from rfl.crypto.keyring import LOG, WITNESS
from rfl.errors import SealBroken
from rfl.storage import log_keys, tree, witnesses
from rfl.storage.tree import KeptCheckpoint
from rfl.storage.work import Work


def origin(society: str) -> str:
    """Return the name of a society's log and of the key that signs its checkpoints."""
    return f"rfl/{society}"


def log_key(agent: KeyAgent, society: str, version: int = 1) -> VerifierKey:
    """Return one version of the public key of this node's log."""
    return VerifierKey(origin(society), Kind.NOTE, agent.public_key(LOG, version))


def own_keys(work: Work, society: str) -> list[VerifierKey]:
    """Return the keys that this node's log has announced, the first one first.

    Their places are their versions. A version that was made and never announced is not among them:
    nothing may be signed with it.
    """
    kept = log_keys.of_log(work, origin(society))
    return [notes.parse_key(one.key) for one in kept] or [log_key(work.agent, society)]


def is_ours(work: Work, society: str, note: Note) -> bool:
    """Tell whether the key that was in force at its size has signed this checkpoint."""
    size = notes.parse_checkpoint(note.text).size
    kept = log_keys.of_log(work, origin(society))
    ends = [one.since for one in kept[1:]]
    keys = own_keys(work, society)
    return any(
        keychain.is_signed(note, key)
        for number, key in enumerate(keys)
        if (number == 0 or kept[number].since <= size)
        and (number == len(keys) - 1 or size <= ends[number])
    )


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
    latest = _unbroken(work, society, size, published)
    if latest is not None and latest.size == size and (latest.padded or not padded):
        return notes.parse_note(latest.note)
    version = len(own_keys(work, society))
    said = Checkpoint(origin(society), size, sequencer.stored(work).root(size))
    return _kept(work, society, said, (version,), padded=padded)


def make_of_all(work: Work, society: str, *, published: Note | None) -> Note | None:
    """Give waiting entries their places, a batch at a time; once none waits, sign as `make` does.

    None: more may wait, which is for the next transaction.
    """
    if sequencer.sequence(work) == sequencer.BATCH:
        return None
    return make(work, society, published=published)


@contextmanager
def sealed() -> Iterator[None]:
    """Raise SealBroken where the tree turns out not to be the one that was signed."""
    try:
        yield
    except TreeDamaged as cause:
        raise SealBroken("The access log's tree is not the one that was signed.") from cause


def announce(work: Work, society: str, published: Note | None = None) -> Note:
    """Sign a checkpoint that names the log's next key, with the key that ends and with that one.

    The log must have grown since the last checkpoint, so that no other was signed at this size.
    Raises as `make` does.
    """
    tree.lock(work)
    size = sequencer.pad(work)
    _unbroken(work, society, size, published)
    keys = own_keys(work, society)
    following = log_key(work.agent, society, len(keys) + 1)
    said = Checkpoint(origin(society), size, sequencer.stored(work).root(size))
    named = keychain.announcement(said, following)
    note = _kept(work, society, named, (len(keys), len(keys) + 1), padded=True)
    log_keys.follow(work, origin(society), keys[-1].to_text(), following.to_text(), size)
    return note


def _unbroken(work: Work, society: str, size: int, published: Note | None) -> KeptCheckpoint | None:
    """Return the newest checkpoint; raise if the tree does not go on from it, or from one seen."""
    latest = tree.latest_checkpoint(work)
    if latest is not None and not begins_with(work, notes.parse_note(latest.note), size):
        raise TreeDamaged
    seen = [notes.parse_note(held) for held in witnesses.held_against_us(work)]
    seen += [published] if published is not None else []
    if not all(is_ours(work, society, one) and begins_with(work, one, size) for one in seen):
        raise LogBehind
    return latest


def _kept(
    work: Work, society: str, said: Checkpoint, versions: Sequence[int], *, padded: bool
) -> Note:
    """Sign with these versions of the log's key, and keep the note."""
    text = said.to_text()
    note = Note(text)
    for version in versions:
        key, signature = _signature(work, society, text, version)
        note = note.with_signature(Signature(key.name, key.id, signature))
    tree.keep_checkpoint(work, KeptCheckpoint(said.size, padded, work.micros, note.to_bytes()))
    return note


def _signature(work: Work, society: str, text: str, version: int) -> tuple[VerifierKey, bytes]:
    key = log_key(work.agent, society, version)
    return key, work.agent.sign(LOG, text.encode("utf-8"), version)


def begins_with(work: Work, earlier: Note, size: int) -> bool:
    """Tell whether the tree of `size` leaves begins with what this checkpoint says."""
    said = notes.parse_checkpoint(earlier.text)
    return said.size <= size and sequencer.stored(work).root(said.size) == said.root
