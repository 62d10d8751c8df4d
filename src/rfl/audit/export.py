"""Write the log, or a part of it, into one file that can be checked without the node.

The file is lines. Its head: `rfl-log-1`; `origin NAME`; `key KEY` and `witness KEY` (C2SP
verifier keys, the log's first one before those that it announced since); `checkpoint BASE64`
(signed notes with their cosignatures, the smallest first); `stamp SIZE BASE64` (RFC 3161
answers). Then blocks of up to 256 leaves: a line `leaves FIRST COUNT BASE64` with their hashes,
and a line for each leaf's content. A line `-` stands where a content is not there. Since the
hashes stand apart from the contents, and the last checkpoint has signed the hashes, a changed
content can be named exactly. No proof is carried: from all leaves every one can be made. A part
of the log carries them (`audit.proofs`). The last line, `end SHA256`, is of all before it.
"""

import base64
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

from rfl.audit import logfile, notes, sequencer
from rfl.audit.logfile import ABSENT, SealedSink
from rfl.audit.notes import Kind, Note, VerifierKey
from rfl.audit.proofs import Proof
from rfl.audit.tiles import HASH, WIDTH, TreeDamaged
from rfl.storage import ledger, log_keys, stamps, tree
from rfl.storage import witnesses as witness_rows
from rfl.storage.tree import KeptCheckpoint
from rfl.storage.work import Work

BLOCK = 256


def write(work: Work, file: BinaryIO, keys: Sequence[VerifierKey]) -> int:
    """Write the log up to its newest checkpoint; return how many leaves there are.

    `keys` are the log's own, the first one first.
    """
    sink, kept = SealedSink(file), list(tree.all_checkpoints(work))
    witnesses = witness_keys(work)
    _write_head(sink, (*keys, *witnesses), logfile.WHOLE)
    for checkpoint in kept:
        note = _with_witnesses(work, checkpoint, witnesses).to_bytes()
        sink.write(b"checkpoint " + base64.b64encode(note) + b"\n")
    for stamped, answer in stamps.all_stamps(work):
        sink.write(b"stamp %d %s\n" % (stamped, base64.b64encode(answer)))
    size = kept[-1].size if kept else 0
    for begin in range(0, size, BLOCK):
        end = min(begin + BLOCK, size)
        hashes = base64.b64encode(_hashes(work, begin, end))
        sink.write(b"leaves %d %d %s\n" % (begin, end - begin, hashes))
        sink.write(b"".join(content + b"\n" for content in contents(work, begin, end)))
    sink.end()
    return size


def write_part(
    work: Work, file: BinaryIO, keys: Sequence[VerifierKey], leaves: Iterable[int]
) -> int:
    """Write these leaves with their proofs to the newest checkpoint; return how many were there.

    What has expired has nothing to show and is left out. A `range` is written as the head's last
    line if that is how they were chosen. Of earlier checkpoints those that announced a key are
    there.
    """
    newest = tree.latest_checkpoint(work)
    if newest is None:
        raise TreeDamaged
    witnesses = witness_keys(work)
    note = _with_witnesses(work, newest, witnesses)
    sink, stored = SealedSink(file), sequencer.stored(work)
    _write_head(sink, (*keys, *witnesses), logfile.PART)
    for size in log_keys.announced_at(work, keys[0].name):
        if (kept := tree.padded_checkpoint(work, size)) is not None:
            announced = _with_witnesses(work, kept, witnesses).to_bytes()
            sink.write(b"checkpoint " + base64.b64encode(announced) + b"\n")
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
    sink.end()
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
    """Return the keys of all that have been asked to witness this log, dismissed ones too."""
    known = log_keys.of_witnesses(work) + [one.key for one in witness_rows.ours(work)]
    return [notes.parse_key(key) for key in dict.fromkeys(known)]


def _write_head(sink: SealedSink, keys: Sequence[VerifierKey], form: bytes) -> None:
    sink.write(form + f"\norigin {keys[0].name}\n".encode())
    for key in keys:
        word = "witness" if key.kind is Kind.COSIGNATURE else "key"
        sink.write(f"{word} {key.to_text()}\n".encode())


def _with_witnesses(
    work: Work, checkpoint: KeptCheckpoint, witnesses: Sequence[VerifierKey]
) -> Note:
    """Return the note with its witnesses' lines under it, as far as their keys are known."""
    lines = tree.cosignatures_of(work, checkpoint.size)
    note = notes.parse_note(checkpoint.note + b"".join(lines))
    known = {(key.name, key.id) for key in witnesses}
    own = notes.parse_note(checkpoint.note).signatures
    kept = (one for one in note.signatures if one in own or (one.name, one.id) in known)
    return Note(note.text, tuple(kept))


def _hashes(work: Work, begin: int, end: int) -> bytes:
    places = [(0, number) for number in range(begin // WIDTH, -(-end // WIDTH))]
    tiles = tree.tiles_at(work, places)
    hashes = b"".join(tiles.get(place, b"") for place in places)[: (end - begin) * HASH]
    if len(hashes) != (end - begin) * HASH:
        raise TreeDamaged
    return hashes
