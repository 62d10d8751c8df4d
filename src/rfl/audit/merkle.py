"""The hash tree of RFC 6962 section 2.1 and RFC 9162 section 2.1: roots, proofs and their checks.

Everything here works on leaf hashes, never on entries, and knows no storage. A proof is first a
list of ranges of leaves (`inclusion_ranges`, `consistency_ranges`); who can give the hash of a
range can prove, so a stored tree reads only what it needs (`audit.tiles`).
"""

import hashlib
import hmac
from collections.abc import Callable, Sequence

from rfl.domain.entry import HASH as HASH
from rfl.domain.entry import leaf_hash as leaf_hash

EMPTY = hashlib.sha256().digest()

Range = tuple[int, int]
"""Leaves from the first number up to, not including, the second."""


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node, SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes (RFC 9162 section 2.1.1), level by level."""
    if not leaves:
        return EMPTY
    level = list(leaves)
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        level, odd = [node_hash(*pair) for pair in pairs], level[len(level) & ~1 :]
        level += odd
    return level[0]


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """Return the ranges whose roots prove that leaf `index` is in a tree of `size` leaves.

    The order is that of PATH in RFC 9162 section 2.1.3.1: from the leaf's neighbour upwards.
    """
    if not 0 <= index < size:
        raise ValueError("the leaf must lie in the tree")
    ranges: list[Range] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def consistency_ranges(old: int, size: int) -> list[Range]:
    """Return the ranges whose roots prove that a tree of `old` leaves begins one of `size`.

    SUBPROOF of RFC 9162 section 2.1.4.1. Nothing has to be proved about an empty tree or about
    two trees of one size, so the list is empty there.
    """
    if not 0 <= old <= size:
        raise ValueError("the older tree must not be larger")
    ranges: list[Range] = []
    start, end = 0, size
    while old not in (0, end):
        middle = start + _split(end - start)
        if old <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    if start:
        ranges.append((start, end))
    return ranges[::-1]


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the proof that a leaf is in the tree of all these leaves."""
    return [root(leaves[start:end]) for start, end in inclusion_ranges(index, len(leaves))]


def consistency_proof(leaves: Sequence[bytes], old: int) -> list[bytes]:
    """Return the proof that the tree of the first `old` leaves begins the tree of all."""
    return [root(leaves[start:end]) for start, end in consistency_ranges(old, len(leaves))]


def includes(leaf: bytes, index: int, size: int, proof: Sequence[bytes], top: bytes) -> bool:
    """Check an inclusion proof as RFC 9162 section 2.1.3.2 says; True if it holds."""
    if not 0 <= index < size:
        return False
    here, last, reached = index, size - 1, leaf
    for part in proof:
        if last == 0:
            return False
        if here & 1 or here == last:
            reached = node_hash(part, reached)
            here, last = _past_edge(here, last)
        else:
            reached = node_hash(reached, part)
        here, last = here >> 1, last >> 1
    return last == 0 and hmac.compare_digest(reached, top)


def is_prefix(old: int, old_root: bytes, size: int, top: bytes, proof: Sequence[bytes]) -> bool:
    """Check a consistency proof as RFC 9162 section 2.1.4.2 says; True if it holds."""
    if not 0 <= old <= size:
        return False
    if old in (0, size):
        expected = EMPTY if old == 0 else top
        return not proof and hmac.compare_digest(old_root, expected)
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        return False
    here, last = old - 1, size - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    first, second = path[0], path[0]
    for part in path[1:]:
        if last == 0:
            return False
        if here & 1 or here == last:
            first, second = node_hash(part, first), node_hash(part, second)
            here, last = _past_edge(here, last)
        else:
            second = node_hash(second, part)
        here, last = here >> 1, last >> 1
    same = hmac.compare_digest(first, old_root) and hmac.compare_digest(second, top)
    return last == 0 and same


def complete_parts(start: int, end: int) -> list[tuple[int, int]]:
    """Return the complete subtrees (level, index) that make up a range, from left to right.

    Only for the ranges of proofs and for those that begin at 0: there each part is at most half
    as large as the one before, as section 2.1.1 splits them.
    """
    parts: list[tuple[int, int]] = []
    while start < end:
        level = (end - start).bit_length() - 1
        parts.append((level, start >> level))
        start += 1 << level
    return parts


def range_root(start: int, end: int, node: Callable[[int, int], bytes]) -> bytes:
    """Return the root of a range, asking `node(level, index)` for complete subtrees alone."""
    hashes = [node(level, index) for level, index in complete_parts(start, end)]
    if not hashes:
        return EMPTY
    reached = hashes.pop()
    while hashes:
        reached = node_hash(hashes.pop(), reached)
    return reached


class Frontier:
    """A root that grows leaf by leaf in O(log n) memory, for reading a log from its beginning."""

    __slots__ = ("_parts", "size")

    def __init__(self) -> None:
        self.size = 0
        self._parts: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash: each trailing 1 of the old size is a subtree that is now complete."""
        size, parts = self.size, self._parts
        while size & 1:
            leaf = hashlib.sha256(b"\x01" + parts.pop() + leaf).digest()
            size >>= 1
        parts.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """Return the root over all leaves so far."""
        if not self._parts:
            return EMPTY
        reached = self._parts[-1]
        for part in self._parts[-2::-1]:
            reached = node_hash(part, reached)
        return reached


def _split(count: int) -> int:
    """Return the largest power of two smaller than `count`."""
    return 1 << ((count - 1).bit_length() - 1)


def _past_edge(here: int, last: int) -> tuple[int, int]:
    """Go up from a node at the tree's right edge to where it is a right child."""
    while here and not here & 1:
        here, last = here >> 1, last >> 1
    return here, last
