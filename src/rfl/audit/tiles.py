"""The tree as it is kept: tiles of 16 hashes, of every fourth level (decision 0009).

Tile (k, i) holds the roots of the complete subtrees of 16^k leaves with the numbers 16i to
16i+15, side by side, as far as they are complete. Tiles only ever grow at their end, so what
proved a tree once proves it for ever. A proof in a tree of 10,000,000 leaves reads 12 tiles.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from rfl.audit import merkle

HEIGHT = 4
WIDTH = 1 << HEIGHT
HASH = merkle.HASH

Place = tuple[int, int]
"""Level of the tile and its number in that level."""

Reader = Callable[[Sequence[Place]], Mapping[Place, bytes]]
"""Gives the tiles at these places; a tile that is not there is left out."""


class TreeDamaged(Exception):
    """The kept tree is not the one that was signed, or a tile that it needs is not there."""


@dataclass(frozen=True, slots=True)
class StoredTree:
    """Roots and proofs of every size that the tree has had; reads each tile it needs once."""

    read: Reader

    def root(self, size: int) -> bytes:
        """Return the root of the first `size` leaves."""
        return self._roots([(0, size)])[0]

    def inclusion_proof(self, index: int, size: int) -> list[bytes]:
        """Return the proof that leaf `index` is among the first `size` (RFC 9162, 2.1.3.1)."""
        return self._roots(merkle.inclusion_ranges(index, size))

    def consistency_proof(self, old: int, size: int) -> list[bytes]:
        """Return the proof that `old` leaves begin `size` leaves (RFC 9162, 2.1.4.1)."""
        return self._roots(merkle.consistency_ranges(old, size))

    def _roots(self, ranges: Sequence[merkle.Range]) -> list[bytes]:
        parts = [part for start, end in ranges for part in merkle.complete_parts(start, end)]
        tiles = self.read(sorted({_place(*part) for part in parts}))

        def node(level: int, index: int) -> bytes:
            return _node(tiles, level, index)

        return [merkle.range_root(start, end, node) for start, end in ranges]


def edge(size: int) -> list[Place]:
    """Return the places of the tiles that are not full in a tree of `size` leaves."""
    places: list[Place] = []
    level = 0
    while size:
        if size % WIDTH:
            places.append((level, size // WIDTH))
        size //= WIDTH
        level += 1
    return places


def grown(tiles: Mapping[Place, bytes], size: int, leaves: Iterable[bytes]) -> dict[Place, bytes]:
    """Return all tiles that change when leaves join a tree whose edge is in `tiles`."""
    changed: dict[Place, bytes] = {}
    level, hashes = 0, b"".join(leaves)
    while hashes:
        first, kept = divmod(size, WIDTH)
        content = _begun(tiles, (level, first), kept) + hashes
        full = []
        for start in range(0, len(content), WIDTH * HASH):
            tile = content[start : start + WIDTH * HASH]
            changed[level, first] = tile
            first += 1
            if len(tile) == WIDTH * HASH:
                full.append(merkle.root(hashes_in(tile)))
        level, size, hashes = level + 1, size // WIDTH, b"".join(full)
    return changed


def hashes_in(tile: bytes) -> list[bytes]:
    """Return the hashes of a tile, one by one."""
    return [tile[start : start + HASH] for start in range(0, len(tile), HASH)]


def _place(level: int, index: int) -> Place:
    """Return the tile that holds what the root of a complete subtree is made of."""
    return level // HEIGHT, index << level % HEIGHT >> HEIGHT


def _node(tiles: Mapping[Place, bytes], level: int, index: int) -> bytes:
    count = 1 << level % HEIGHT
    start = (index * count % WIDTH) * HASH
    hashes = tiles.get(_place(level, index), b"")[start : start + count * HASH]
    if len(hashes) != count * HASH:
        raise TreeDamaged
    return merkle.root(hashes_in(hashes))


def _begun(tiles: Mapping[Place, bytes], place: Place, kept: int) -> bytes:
    tile = tiles.get(place, b"") if kept else b""
    if len(tile) != kept * HASH:
        raise TreeDamaged
    return tile
