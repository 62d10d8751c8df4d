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

from rfl.audit import keychain, merkle, proofs, timestamps
from rfl.audit.absences import MARK, Absences, dates_of
from rfl.audit.keychain import Claim
from rfl.audit.logfile import ABSENT, PART, SealedSource, read_head
from rfl.audit.notes import Kind, Note, VerifierKey
from rfl.audit.verdict import Fault, Finding, Verdict, worst

MOST_LINES = 1 << 14


@dataclass(slots=True)
class _Check:
    """What has been read so far."""

    findings: list[Finding] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
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
    keys: Sequence[VerifierKey] = (),
    roots: Sequence[Certificate] = (),
) -> Verdict:
    """Check a log or a part of one, against checkpoints and keys from elsewhere if there are any.

    `keys` are the log's, whichever of them is known, and its witnesses'. `roots` are certificates
    that time stamps must lead to; without them none is looked at. Raises MalformedFile only if
    the file is no exported log at all.
    """
    sealed = SealedSource(source)
    head, first_line = read_head(sealed)
    if head.form == PART:
        return proofs.verify(head, sealed, first_line, given=given, keys=keys)
    witnesses = [*head.witnesses, *(one for one in keys if one.kind is Kind.COSIGNATURE)]
    said = keychain.claims_of(head.checkpoints(), given, head.log_key, witnesses)
    check = _Check(findings=said.findings, claims=said.good)
    check.findings += keychain.check_keys(said, head.own_keys, keys)
    signed = [one.note for one in said.inside]
    stamped, unstamped = timestamps.check(head.raw_stamps, signed, roots)
    check.findings += unstamped
    _check_leaves(check, _blocks(sealed, first_line))
    dated = [(one.size, one.moments) for one in said.good]
    dated += [(size, (int(at.timestamp()),)) for size, at in stamped.items()]
    if (young := check.absences.too_early(dates_of(dated))) is not None:
        check.add(Fault.EARLY, young)
    if not sealed.is_intact:
        check.add(Fault.DAMAGED, check.frontier.size)
    return Verdict(
        origin=head.origin,
        key=said.chain[-1].to_text(),
        size=check.frontier.size,
        checkpoints=len(signed),
        witnessed=head.witnessed(signed),
        finding=worst(check.findings),
        expiries=tuple(check.absences.expiries),
        stamped=stamped,
        earlier_keys=tuple(one.to_text() for one in said.chain[:-1]),
    )


def _blocks(source: SealedSource, line: bytes) -> Iterator[tuple[bytes, list[bytes], bool]]:
    """Yield each block's own line, the lines after it, and whether the file ends there."""
    while line:
        lines: list[bytes] = []
        while (following := source.readline()) and following[:7] != b"leaves ":
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
        raw, begin = base64.b64decode(encoded, validate=True), int(first)
        is_bad = begin < size or len(raw) != 32 * int(count)
    except (ValueError, binascii.Error):
        raw, begin, is_bad = b"", size, True
    if is_bad:
        _note_hole(check, Fault.MALFORMED, size)
    elif begin > size:
        _note_hole(check, Fault.MISSING, size)
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
    if any(MARK in line for line in lines):
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


def _compare_roots(check: _Check, claims: list[Claim]) -> None:
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
