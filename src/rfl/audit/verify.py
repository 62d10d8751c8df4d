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
from typing import BinaryIO

from cryptography.x509 import Certificate

from rfl.audit import merkle, notes, proofs, timestamps
from rfl.audit.absences import Absences
from rfl.audit.logfile import LONGEST_LINE, PART, Head, read_head
from rfl.audit.notes import Checkpoint, Note, VerifierKey
from rfl.audit.verdict import Fault, Finding, Verdict, worst
from rfl.errors import MalformedFile

MOST_LINES = 1 << 14
ABSENT = b"-"


@dataclass(frozen=True, slots=True)
class _Claim:
    """A root that somebody has signed; `given` by the reader, not by the file."""

    size: int
    root: bytes
    given: bool


@dataclass(slots=True)
class _Check:
    """What has been read so far."""

    findings: list[Finding] = field(default_factory=list)
    claims: list[_Claim] = field(default_factory=list)
    frontier: merkle.Frontier = field(default_factory=merkle.Frontier)
    absences: Absences = field(default_factory=Absences)
    agreed: int = 0
    list_is_broken: bool = False

    def add(self, fault: Fault, first: int, last: int | None = None) -> None:
        self.findings.append(Finding(fault, first, first if last is None else last))


def verify(
    source: BinaryIO,
    *,
    given: Sequence[Note] = (),
    key: VerifierKey | None = None,
    roots: Sequence[Certificate] = (),
) -> Verdict:
    """Check a log or a part of one, against checkpoints and a key from elsewhere if there are any.

    `roots` are certificates that time stamps must lead to; without them none is looked at.
    Raises MalformedFile only if the file is no exported log at all.
    """
    head, first_line = read_head(source)
    if head.form == PART:
        return proofs.verify(head, source, first_line, given=given, key=key)
    own = head.log_key
    check = _Check()
    if key is not None and key != own:
        check.add(Fault.OTHER_LOG, 0)
    signed = _take_claims(check, head, own)
    _take_given(check, given, own)
    stamped, unstamped = timestamps.check(head.raw_stamps, signed, roots)
    check.findings += unstamped
    _check_leaves(check, _blocks(source, first_line))
    return Verdict(
        origin=head.origin,
        key=own.to_text(),
        size=check.frontier.size,
        checkpoints=len(signed),
        witnessed=head.witnessed(signed),
        finding=worst(check.findings),
        expiries=tuple(check.absences.expiries),
        stamped=stamped,
    )


def _take_claims(check: _Check, head: Head, key: VerifierKey) -> list[Note]:
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
    if (uncovered := check.absences.uncovered()) is not None:
        check.add(Fault.MISSING, *uncovered)
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
    if found != hashes:
        _note_absent(check, begin, found, hashes, lines)
    if check.absences.may_end:
        _see_expiries(check, begin, found, hashes, lines)
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
        fault = _displaced(found[at:], hashes[at:], absent=lines[at] == ABSENT)
    check.add(fault, begin + at)


def _note_absent(
    check: _Check, begin: int, found: list[bytes], hashes: list[bytes], lines: list[bytes]
) -> None:
    """Note lines that say that a content is not there, and take the listed hash in its place."""
    for number in range(min(len(lines), len(hashes))):
        if lines[number] == ABSENT:
            check.absences.note(begin + number)
            found[number] = hashes[number]


def _see_expiries(
    check: _Check, begin: int, found: list[bytes], hashes: list[bytes], lines: list[bytes]
) -> None:
    for number, (one, two) in enumerate(zip(found, hashes, strict=False)):
        if one == two:
            check.absences.see(begin + number, lines[number])


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
