"""The kept tree gives the same roots and proofs as the leaves do, and reads few tiles for it."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfl.audit import merkle, tiles
from rfl.audit.tiles import Place, StoredTree, TreeDamaged

batches = st.lists(st.integers(1, 90), min_size=1, max_size=8)


def make_leaves(count: int) -> list[bytes]:
    return [merkle.leaf_hash(number.to_bytes(4, "big")) for number in range(count)]


def kept(leaves: Sequence[bytes], counts: Sequence[int]) -> dict[Place, bytes]:
    """The tiles after these leaves came in batches of these sizes."""
    store: dict[Place, bytes] = {}
    size = 0
    for count in counts:
        edge = {place: store[place] for place in tiles.edge(size)}
        store |= tiles.grown(edge, size, leaves[size : size + count])
        size += count
    return store


def tree_of(store: Mapping[Place, bytes]) -> StoredTree:
    return StoredTree(lambda places: {one: store[one] for one in places if one in store})


def prove_everything(tree: StoredTree, size: int) -> None:
    for index in range(size):
        tree.root(index + 1)
        tree.inclusion_proof(index, size)


@given(batches)
def test_batches_make_the_same_tree_as_one(counts: list[int]) -> None:
    leaves = make_leaves(sum(counts))
    assert kept(leaves, counts) == kept(leaves, [sum(counts)])


@given(batches, st.data())
def test_roots_and_proofs_of_every_size_are_those_of_the_leaves(
    counts: list[int], data: st.DataObject
) -> None:
    leaves = make_leaves(sum(counts))
    tree = tree_of(kept(leaves, counts))
    size = data.draw(st.integers(1, len(leaves)))
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    assert tree.root(size) == merkle.root(leaves[:size])
    assert tree.inclusion_proof(index, size) == merkle.inclusion_proof(leaves[:size], index)
    assert tree.consistency_proof(old, size) == merkle.consistency_proof(leaves[:size], old)


def test_the_empty_tree_has_the_empty_root() -> None:
    assert tree_of({}).root(0) == merkle.EMPTY
    assert tiles.edge(0) == []


def test_a_proof_among_ten_million_reads_twelve_tiles_at_most() -> None:
    size, asked = 10_000_000, []

    def read(places: Sequence[Place]) -> dict[Place, bytes]:
        asked.append(len(places))
        return dict.fromkeys(places, bytes(tiles.WIDTH * tiles.HASH))

    for index in (0, 4_999_999, 8_388_607, 8_388_608, size - 1):
        StoredTree(read).inclusion_proof(index, size)
        StoredTree(read).consistency_proof(index + 1, size)
    assert max(asked) <= 12
    assert len(asked) == 10


@pytest.mark.parametrize("place", [(0, 0), (0, 2), (1, 0)])
def test_a_missing_or_cut_tile_is_noticed(place: Place) -> None:
    store = kept(make_leaves(40), [40])
    tree = tree_of(store | {place: store[place][:-1]})
    with pytest.raises(TreeDamaged):
        prove_everything(tree, 40)
    del store[place]
    with pytest.raises(TreeDamaged):
        tiles.grown({}, 40, make_leaves(1))
