"""Write the log, or a part of it, into one file that can be checked without the node.

The file is lines. Its head: `rfl-log-1`; `origin NAME`; `key KEY` and `witness KEY` (C2SP
verifier keys of the log and of its witnesses); `checkpoint BASE64` (signed notes with their
cosignatures, the smallest first); `stamp SIZE BASE64` (RFC 3161 answers). Then blocks of up to 256
leaves: a line `leaves FIRST COUNT BASE64` with their hashes, and a line for each leaf's content. A
line `-` stands where a content is not there. Since the hashes stand apart from the contents, and
the last checkpoint has signed the hashes, a changed content can be named exactly. No proof is
carried: from all leaves every one can be made. A part of the log carries them (`audit.proofs`).
"""

import base64
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from rfl.audit import logfile, notes, sequencer
from rfl.audit.notes import VerifierKey
from rfl.audit.proofs import Proof
from rfl.audit.tiles import HASH, WIDTH, TreeDamaged
from rfl.storage import ledger, stamps, tree, witnesses
from rfl.storage.tree import KeptCheckpoint
from rfl.storage.work import Work

BLOCK = 256
ABSENT = b"-"


def write(work: Work, sink: BinaryIO, key: VerifierKey) -> int:
    """Write the log up to its newest checkpoint; return how many leaves there are."""
    kept = list(tree.all_checkpoints(work))
    _write_head(work, sink, key, logfile.WHOLE)
    for checkpoint in kept:
        sink.write(b"checkpoint " + base64.b64encode(_with_witnesses(work, checkpoint)) + b"\n")
    for stamped, answer in stamps.all_stamps(work):
        sink.write(b"stamp %d %s\n" % (stamped, base64.b64encode(answer)))
    size = kept[-1].size if kept else 0
    for begin in range(0, size, BLOCK):
        end = min(begin + BLOCK, size)
        hashes = base64.b64encode(_hashes(work, begin, end))
        sink.write(b"leaves %d %d %s\n" % (begin, end - begin, hashes))
        sink.writelines(content + b"\n" for content in contents(work, begin, end))
    return size


def write_part(work: Work, sink: BinaryIO, key: VerifierKey, leaves: Iterable[int]) -> int:
    """Write these leaves with their proofs to the newest checkpoint; return how many were there.

    What has expired has nothing to show and is left out. A `range` is written as the head's last
    line if that is how they were chosen.
    """
    newest = tree.latest_checkpoint(work)
    if newest is None:
        raise TreeDamaged
    note = notes.parse_note(_with_witnesses(work, newest))
    stored = sequencer.stored(work)
    _write_head(work, sink, key, logfile.PART)
    if isinstance(leaves, range):
        sink.write(b"range %d %d\n" % (leaves.start, leaves.stop))
    count = 0
    for leaf in leaves:
        (content,) = contents(work, leaf, leaf + 1)
        if content == ABSENT:
            continue
        hashes = tuple(stored.inclusion_proof(leaf, newest.size))
        proof = Proof(content, leaf, hashes, note)
        sink.write(b"entry " + base64.b64encode(proof.to_bytes()) + b"\n")
        count += 1
    return count


def contents(work: Work, begin: int, end: int) -> Iterator[bytes]:
    """Yield the contents of a few leaves in their order, ABSENT where one is not there."""
    seqs = tree.order(work, begin, end)
    bodies = ledger.bodies(work, [seq for seq in seqs if seq != tree.FILLER])
    for index, seq in enumerate(seqs, begin):
        body = sequencer.filler(index) if seq == tree.FILLER else bodies.get(seq, ABSENT)
        # No entry has a line break, so one that has is false, and stays so without it.
        yield body.replace(b"\n", b" ")


def witness_keys(work: Work) -> list[VerifierKey]:
    """Return the keys of the witnesses that this log has been cosigned by."""
    return [notes.parse_key(one.key) for one in witnesses.ours(work)]


def _write_head(work: Work, sink: BinaryIO, key: VerifierKey, form: bytes) -> None:
    sink.write(form + f"\norigin {key.name}\nkey {key.to_text()}\n".encode())
    for witness in witness_keys(work):
        sink.write(f"witness {witness.to_text()}\n".encode())


def _with_witnesses(work: Work, checkpoint: KeptCheckpoint) -> bytes:
    """Return the note with its witnesses' lines under it."""
    note = checkpoint.note + b"".join(tree.cosignatures_of(work, checkpoint.size))
    return notes.parse_note(note).to_bytes()


def _hashes(work: Work, begin: int, end: int) -> bytes:
    places = [(0, number) for number in range(begin // WIDTH, -(-end // WIDTH))]
    tiles = tree.tiles_at(work, places)
    hashes = b"".join(tiles.get(place, b"") for place in places)[: (end - begin) * HASH]
    if len(hashes) != (end - begin) * HASH:
        raise TreeDamaged
    return hashes
