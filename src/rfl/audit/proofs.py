"""A part of the log: chosen entries, each with the proof that it is in the signed tree.

The file is lines. Its head is that of a whole log (`audit.logfile`), beginning `rfl-log-part-1`,
with `range FIRST END` where all leaves of a range were chosen. Then a line `entry BASE64` for each:
a proof as c2sp.org/tlog-proof writes it, whose extra data is the entry. Each can be taken out and
checked by any program that knows that format; the checkpoint has its cosignatures under it.
"""

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rfl.audit import keychain, merkle, notes
from rfl.audit.keychain import Claim
from rfl.audit.logfile import Head, SealedSource, decoded
from rfl.audit.notes import Kind, Note, VerifierKey
from rfl.audit.verdict import Fault, Finding, Verdict, worst
from rfl.errors import MalformedFile

FORMAT = "c2sp.org/tlog-proof@v1"
MOST_HASHES = 63


@dataclass(frozen=True, slots=True)
class Proof:
    """That `content` is leaf `index` of the tree that the checkpoint signs."""

    content: bytes
    index: int
    hashes: tuple[bytes, ...]
    checkpoint: Note

    def to_bytes(self) -> bytes:
        """Return the proof as c2sp.org/tlog-proof writes it."""
        lines = [FORMAT, f"extra {_text(self.content)}", f"index {self.index}"]
        lines += [_text(one) for one in self.hashes]
        return "".join(f"{line}\n" for line in (*lines, "")).encode() + self.checkpoint.to_bytes()


def parse(raw: bytes) -> Proof:
    """Return the proof, or raise MalformedFile."""
    head, found, checkpoint = raw.partition(b"\n\n")
    lines = head.decode("utf-8", "replace").split("\n")
    if not found or lines[0] != FORMAT or len(lines) < 3 or len(lines) > MOST_HASHES + 3:
        raise MalformedFile("This is no proof of a log's entry.")
    extra, index = lines[1].removeprefix("extra "), lines[2].removeprefix("index ")
    if extra == lines[1] or not index.isascii() or not index.isdecimal() or len(index) > 18:
        raise MalformedFile("A proof has its entry and its index.")
    hashes = tuple(decoded(one.encode()) for one in lines[3:])
    return Proof(decoded(extra.encode()), int(index), hashes, notes.parse_note(checkpoint))


@dataclass(slots=True)
class _Part:
    """What has been read so far. Nearly all proofs have one checkpoint: it is checked once."""

    key: VerifierKey
    witnesses: list[VerifierKey]
    given: dict[int, bytes]
    findings: list[Finding] = field(default_factory=list)
    signed: dict[Note, Claim | None] = field(default_factory=dict)
    shown: list[int] = field(default_factory=list)

    def add(self, fault: Fault, leaf: int) -> None:
        self.findings.append(Finding(fault, leaf, leaf))

    def checkpoint(self, note: Note) -> Claim | None:
        """Return what the note says if the log's newest key has signed it, else None."""
        if note not in self.signed:
            good = keychain.claims_of([note], (), self.key, self.witnesses).good
            self.signed[note] = good[0] if good else None
        return self.signed[note]


def verify(
    head: Head,
    source: SealedSource,
    line: bytes,
    *,
    given: Sequence[Note] = (),
    keys: Sequence[VerifierKey] = (),
) -> Verdict:
    """Check every proof of a part of a log.

    It shows that these entries are in the log, not that there are no others; of a range that the
    file names, that none of it is left out.
    """
    witnesses = [*head.witnesses, *(one for one in keys if one.kind is Kind.COSIGNATURE)]
    said = keychain.claims_of(head.checkpoints(), given, head.log_key, witnesses)
    known = {one.size: one.root for one in said.good if one.given}
    part = _Part(said.chain[-1], witnesses, known, said.findings)
    part.findings += keychain.check_keys(said, head.own_keys, keys)
    for raw in _entries(source, line):
        _check(part, raw)
    _check_range(part, head.range)
    if not source.is_intact:
        part.add(Fault.DAMAGED, max(part.shown, default=0) + 1)
    signed = [note for note, claim in part.signed.items() if claim is not None]
    return Verdict(
        origin=head.origin,
        key=part.key.to_text(),
        size=max((one.size for one in part.signed.values() if one is not None), default=0),
        checkpoints=len(signed),
        witnessed=head.witnessed(signed),
        finding=worst(part.findings),
        shown=tuple(part.shown),
        earlier_keys=tuple(one.to_text() for one in said.chain[:-1]),
    )


def _entries(source: SealedSource, line: bytes) -> Iterator[bytes]:
    while line:
        yield line.rstrip(b"\n")
        line = source.readline()


def _check(part: _Part, raw: bytes) -> None:
    following = part.shown[-1] + 1 if part.shown else 0
    try:
        proof = parse(decoded(raw.removeprefix(b"entry ")))
    except MalformedFile:
        part.add(Fault.MALFORMED, following)
        return
    if part.shown and proof.index < following:
        part.add(Fault.REORDERED, proof.index)
    part.shown.append(proof.index)
    said = part.checkpoint(proof.checkpoint)
    if said is None:
        part.add(Fault.UNSIGNED, proof.index)
        return
    leaf = merkle.leaf_hash(proof.content)
    if not merkle.includes(leaf, proof.index, said.size, proof.hashes, said.root):
        part.add(Fault.CHANGED, proof.index)
    elif part.given.get(said.size, said.root) != said.root:
        part.add(Fault.FORKED, proof.index)


def _check_range(part: _Part, wanted: tuple[int, int] | None) -> None:
    """Name the first leaf that a stated range lacks, and the first that lies outside it."""
    if wanted is None:
        return
    there = set(part.shown)
    lacking = next((leaf for leaf in range(*wanted) if leaf not in there), None)
    if lacking is not None:
        part.add(Fault.MISSING, lacking)
    outside = [leaf for leaf in part.shown if not wanted[0] <= leaf < wanted[1]]
    if outside:
        part.add(Fault.INSERTED, min(outside))


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")
