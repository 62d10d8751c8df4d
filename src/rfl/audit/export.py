"""Write the whole log into one file that can be checked without the node.

The file is lines. Its head: `rfl-log-1`; `origin NAME`; `key KEY` (C2SP verifier keys);
`checkpoint BASE64` (signed notes with their cosignatures, the smallest first). Then blocks of up
to 256 leaves: a line `leaves FIRST COUNT BASE64` with their hashes, and a line for each leaf's
content. A line `-` stands where a content is not there. Since the hashes stand apart from the
contents, and the last checkpoint has signed the hashes, a changed content can be named exactly.
No proof is carried: from all leaves every one can be made.
"""

import base64
from collections.abc import Iterator
from typing import BinaryIO

from rfl.audit import notes, sequencer
from rfl.audit.notes import VerifierKey
from rfl.audit.tiles import HASH, WIDTH, TreeDamaged
from rfl.storage import ledger, tree
from rfl.storage.tree import KeptCheckpoint
from rfl.storage.work import Work

FORMAT = b"rfl-log-1"
BLOCK = 256
ABSENT = b"-"


def write(work: Work, sink: BinaryIO, key: VerifierKey) -> int:
    """Write the log up to its newest checkpoint; return how many leaves there are."""
    kept = list(tree.all_checkpoints(work))
    sink.write(FORMAT + b"\n")
    sink.write(f"origin {key.name}\nkey {key.to_text()}\n".encode())
    for checkpoint in kept:
        sink.write(b"checkpoint " + base64.b64encode(_with_witnesses(work, checkpoint)) + b"\n")
    size = kept[-1].size if kept else 0
    for begin in range(0, size, BLOCK):
        end = min(begin + BLOCK, size)
        hashes = base64.b64encode(_hashes(work, begin, end))
        sink.write(b"leaves %d %d %s\n" % (begin, end - begin, hashes))
        sink.writelines(content + b"\n" for content in _contents(work, begin, end))
    return size


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


def _contents(work: Work, begin: int, end: int) -> Iterator[bytes]:
    seqs = tree.order(work, begin, end)
    bodies = ledger.bodies(work, [seq for seq in seqs if seq != tree.FILLER])
    for index, seq in enumerate(seqs, begin):
        body = sequencer.filler(index) if seq == tree.FILLER else bodies.get(seq, ABSENT)
        # No entry has a line break, so one that has is false, and stays so without it.
        yield body.replace(b"\n", b" ")
