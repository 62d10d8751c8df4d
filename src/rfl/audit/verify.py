"""Check an exported log with nothing but the file: no node, no network, no key of ours.

Of everything that is wrong the verdict names the fault with the lowest leaf. The file alone shows
that it is whole and signed by the key that it brings; whoever holds a checkpoint from elsewhere
(a witness, the log host, an earlier export) also learns whether it is the log that others saw.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import BinaryIO

from rfl.audit import merkle, notes
from rfl.audit.notes import Checkpoint, Kind, Note, VerifierKey
from rfl.errors import MalformedFile

FORMAT = b"rfl-log-1\n"
LONGEST_LINE = 1 << 20
MOST_LINES = 1 << 14


class Fault(StrEnum):
    """What is wrong, from the most to the least certain."""

    MALFORMED = "malformed"
    CHANGED = "changed"
    MISSING = "missing"
    INSERTED = "inserted"
    REORDERED = "reordered"
    TRUNCATED = "truncated"
    UNSIGNED = "unsigned"
    CONTRADICTED = "contradicted"
    FORKED = "forked"
    OTHER_LOG = "other-log"


_CERTAINTY = {fault: number for number, fault in enumerate(Fault)}


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault. `first` is the first bad leaf; where only a range is known, `last` ends it."""

    fault: Fault
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a file is: how many leaves, whose, witnessed by whom and when; and what is wrong."""

    origin: str
    key: str
    size: int
    checkpoints: int
    witnessed: dict[str, datetime]
    finding: Finding | None


@dataclass(frozen=True, slots=True)
class _Claim:
    """A root that somebody has signed; `given` by the reader, not by the file."""

    size: int
    root: bytes
    given: bool


@dataclass(slots=True)
class _Head:
    origin: str = ""
    keys: list[VerifierKey] = field(default_factory=list)
    raw_checkpoints: list[bytes] = field(default_factory=list)


@dataclass(slots=True)
class _Check:
    """What has been read so far."""

    findings: list[Finding] = field(default_factory=list)
    claims: list[_Claim] = field(default_factory=list)
    frontier: merkle.Frontier = field(default_factory=merkle.Frontier)
    agreed: int = 0
    list_is_broken: bool = False

    def add(self, fault: Fault, first: int, last: int | None = None) -> None:
        self.findings.append(Finding(fault, first, first if last is None else last))

    def worst(self) -> Finding | None:
        """Return the finding with the lowest leaf; of two, the more certain one."""
        order = sorted(self.findings, key=lambda one: (one.first, _CERTAINTY[one.fault]))
        return order[0] if order else None


def verify(
    source: BinaryIO, *, given: Sequence[Note] = (), key: VerifierKey | None = None
) -> Verdict:
    """Check the file, against checkpoints and a key from elsewhere if there are any.

    Raises MalformedFile only if the file is no exported log at all.
    """
    head, first_block = _read_head(source)
    own = _log_key(head)
    check = _Check()
    if key is not None and key != own:
        check.add(Fault.OTHER_LOG, 0)
    signed = _take_claims(check, head, own)
    _take_given(check, given, own)
    _check_leaves(check, _blocks(source, first_block))
    witnessed = {
        one.name: at
        for note in signed
        for one in head.keys
        if (at := notes.cosigned_at(note, one)) is not None
    }
    size = check.frontier.size
    return Verdict(head.origin, own.to_text(), size, len(signed), witnessed, check.worst())


def _read_head(source: BinaryIO) -> tuple[_Head, bytes]:
    if source.readline(LONGEST_LINE) != FORMAT:
        raise MalformedFile("The file is not an exported log.")
    head = _Head()
    while line := source.readline(LONGEST_LINE):
        word, _, rest = line.rstrip(b"\n").partition(b" ")
        if word == b"leaves":
            break
        if word == b"checkpoint":
            head.raw_checkpoints.append(rest)
        elif word == b"key":
            head.keys.append(notes.parse_key(rest.decode("utf-8", "replace")))
        elif word == b"origin":
            head.origin = head.origin or rest.decode("utf-8", "replace")
    return head, line


def _log_key(head: _Head) -> VerifierKey:
    for key in head.keys:
        if key.kind is Kind.NOTE and key.name == head.origin:
            return key
    raise MalformedFile("The exported log does not bring its log's key.")


def _take_claims(check: _Check, head: _Head, key: VerifierKey) -> list[Note]:
    """Take the roots that the file's checkpoints sign; return the notes that are good."""
    good: list[Note] = []
    for raw in head.raw_checkpoints:
        below = max((claim.size for claim in check.claims), default=0)
        try:
            note = notes.parse_note(base64.b64decode(raw, validate=True))
            said = notes.parse_checkpoint(note.text)
        except (MalformedFile, binascii.Error):
            check.add(Fault.UNSIGNED, below)
            continue
        if said.origin != head.origin or not notes.signed_by(note, key):
            check.add(Fault.UNSIGNED, below, max(below, said.size - 1))
            continue
        check.claims.append(_claim(said, given=False))
        good.append(note)
    return good


def _take_given(check: _Check, given: Iterable[Note], key: VerifierKey) -> None:
    for note in given:
        said = notes.parse_checkpoint(note.text)
        if said.origin != key.name or not notes.signed_by(note, key):
            check.add(Fault.OTHER_LOG, 0)
        else:
            check.claims.append(_claim(said, given=True))


def _claim(said: Checkpoint, *, given: bool) -> _Claim:
    return _Claim(said.size, said.root, given)


def _blocks(source: BinaryIO, line: bytes) -> Iterator[tuple[bytes, list[bytes], bool]]:
    """Yield each block's own line, the lines after it, and whether the file ends there."""
    while line:
        lines: list[bytes] = []
        while (following := source.readline(LONGEST_LINE)) and following[:7] != b"leaves ":
            if len(lines) < MOST_LINES:
                lines.append(following.removesuffix(b"\n"))
        yield line, lines, not following
        line = following


def _check_leaves(check: _Check, blocks: Iterable[tuple[bytes, list[bytes], bool]]) -> None:
    signed_up_to = max((one.size for one in check.claims), default=0)
    # The next one is the last; of two of one size, the one that the reader gave is.
    claims = sorted(check.claims, key=lambda one: (-one.size, one.given))
    _compare_roots(check, claims)
    for line, lines, ends in blocks:
        begin = check.frontier.size
        hashes = _hashes(check, line)
        _compare(check, begin, hashes, lines, ends=ends)
        for leaf in hashes:
            check.frontier.append(leaf)
            if claims and check.frontier.size == claims[-1].size:
                _compare_roots(check, claims)
    size = check.frontier.size
    for claim in claims:
        check.add(Fault.TRUNCATED, size, claim.size - 1)
    if size > signed_up_to:
        check.add(Fault.UNSIGNED, signed_up_to, size - 1)


def _hashes(check: _Check, line: bytes) -> list[bytes]:
    """Return the hashes that a block's line lists; what is no such line is noted."""
    size = check.frontier.size
    try:
        _, first, count, encoded = line.split()
        raw = base64.b64decode(encoded, validate=True)
        begin, expected = int(first), int(count)
    except (ValueError, binascii.Error):
        _note_hole(check, Fault.MALFORMED, size)
        return []
    if len(raw) != expected * 32:
        _note_hole(check, Fault.MALFORMED, size)
    if begin != size:
        _note_hole(check, Fault.MISSING if begin > size else Fault.MALFORMED, min(begin, size))
    return [raw[start : start + 32] for start in range(0, len(raw) - 31, 32)]


def _note_hole(check: _Check, fault: Fault, first: int) -> None:
    """Note the first fault of the list itself; from there on its roots say nothing."""
    if not check.list_is_broken:
        check.add(fault, first)
    check.list_is_broken = True


def _compare(
    check: _Check, begin: int, hashes: list[bytes], lines: list[bytes], *, ends: bool
) -> None:
    """Note the first line of a block that is not the leaf whose hash stands there."""
    sha256 = hashlib.sha256
    found = [sha256(b"\x00" + line).digest() for line in lines]
    if found == hashes:
        return
    pairs = zip(found, hashes, strict=False)
    same = next((number for number, (one, two) in enumerate(pairs) if one != two), None)
    at = min(len(found), len(hashes)) if same is None else same
    if at == len(found):
        fault = Fault.TRUNCATED if ends else Fault.MISSING
    elif at == len(hashes):
        fault = Fault.INSERTED
    else:
        fault = _displaced(found[at:], hashes[at:], absent=lines[at] == b"-")
    check.add(fault, begin + at)


def _displaced(found: list[bytes], hashes: list[bytes], *, absent: bool) -> Fault:
    """Say what happened where the first of `found` is not the first of `hashes`."""
    comes_later, came_early = hashes[0] in found, found[0] in hashes
    if comes_later:
        return Fault.REORDERED if came_early else Fault.INSERTED
    return Fault.MISSING if came_early or absent else Fault.CHANGED


def _compare_roots(check: _Check, claims: list[_Claim]) -> None:
    """Compare with every root that was signed for the present size, and strike them off."""
    size = check.frontier.size
    while claims and claims[-1].size == size:
        claim = claims.pop()
        if check.list_is_broken:
            continue
        if claim.root != check.frontier.root():
            fault = Fault.FORKED if claim.given else Fault.CONTRADICTED
            check.add(fault, min(check.agreed, max(size - 1, 0)), max(size - 1, 0))
        elif not any(one.fault in _OF_ROOTS for one in check.findings):
            check.agreed = size


_OF_ROOTS = (Fault.FORKED, Fault.CONTRADICTED)
