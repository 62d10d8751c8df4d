"""Give waiting entries their places in the tree, in batches; fill up; prove.

One call is part of one transaction. `storage.tree.lock` lets one transaction at a time grow the
tree; an entry waits from its own commit until the commit that gives it a place, so that a crash
between the two loses nothing and repeats nothing, and a late commit is only a later leaf.
"""

from collections.abc import Sequence

from rfl.audit import merkle, tiles
from rfl.audit.tiles import StoredTree
from rfl.storage import ledger, tree
from rfl.storage.work import Work

BATCH = 1024
PAD_TO = 1024


def sequence(work: Work, limit: int = BATCH) -> int:
    """Give up to `limit` waiting entries the next places; return how many got one."""
    tree.lock(work)
    leaves = ledger.take_waiting(work, limit)
    place(work, leaves)
    return len(leaves)


def pad(work: Work) -> int:
    """Add filler up to the next multiple of PAD_TO; return the tree's size.

    A peer that is given exact sizes could read from them how much a request has set going.
    """
    tree.lock(work)
    size = tree.size(work)
    end = -(-size // PAD_TO) * PAD_TO
    place(work, [(tree.FILLER, merkle.leaf_hash(filler(index))) for index in range(size, end)])
    return end


def filler(index: int) -> bytes:
    """Return the content of a filler leaf. Anyone can make it, so nothing can hide as filler."""
    return b'{"v":1,"filler":%d}' % index


def stored(work: Work) -> StoredTree:
    """Return the tree as it is kept, for roots and proofs of any size up to now."""
    return StoredTree(lambda places: tree.tiles_at(work, places))


def place(work: Work, leaves: Sequence[tuple[int, bytes]]) -> None:
    """Give rows of entries and their leaf hashes the next places; the caller holds the lock."""
    if not leaves:
        return
    size = tree.size(work)
    edge = tree.tiles_at(work, tiles.edge(size))
    tree.put_tiles(work, tiles.grown(edge, size, [leaf for _seq, leaf in leaves]))
    tree.put_order(work, size, [seq for seq, _leaf in leaves])
