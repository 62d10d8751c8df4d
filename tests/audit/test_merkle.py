"""The tree gives the roots and proofs of the reference implementation of RFC 6962."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfl.audit import merkle
from rfl.audit.merkle import consistency_proof, includes, inclusion_proof, is_prefix, leaf_hash

# Leaves, roots and proofs of certificate-transparency's merkle_tree_test.cc.
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
HASHES = [leaf_hash(leaf) for leaf in LEAVES]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION = [
    (0, 1, []),
    (
        0,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        1,
        5,
        [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]
CONSISTENCY = [
    (1, 1, []),
    (
        1,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        [
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]

sizes = st.integers(1, 260)


def make_leaves(count: int) -> list[bytes]:
    return [leaf_hash(number.to_bytes(4, "big")) for number in range(count)]


def naive_root(leaves: list[bytes]) -> bytes:
    """MTH as section 2.1.1 writes it."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    middle = 1
    while middle * 2 < len(leaves):
        middle *= 2
    left, right = naive_root(leaves[:middle]), naive_root(leaves[middle:])
    return hashlib.sha256(b"\x01" + left + right).digest()


@pytest.mark.parametrize("size", range(9))
def test_roots_are_the_published_ones(size: int) -> None:
    assert merkle.root(HASHES[:size]).hex() == ROOTS[size]
    assert naive_root(HASHES[:size]).hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size", "proof"), INCLUSION)
def test_inclusion_proofs_are_the_published_ones(index: int, size: int, proof: list[str]) -> None:
    made = inclusion_proof(HASHES[:size], index)
    assert [part.hex() for part in made] == proof
    assert includes(HASHES[index], index, size, made, bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(("old", "size", "proof"), CONSISTENCY)
def test_consistency_proofs_are_the_published_ones(old: int, size: int, proof: list[str]) -> None:
    made = consistency_proof(HASHES[:size], old)
    assert [part.hex() for part in made] == proof
    assert is_prefix(old, bytes.fromhex(ROOTS[old]), size, bytes.fromhex(ROOTS[size]), made)


@given(sizes)
def test_the_root_is_that_of_the_recursive_definition(size: int) -> None:
    leaves = make_leaves(size)
    frontier = merkle.Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    assert merkle.root(leaves) == naive_root(leaves) == frontier.root()
    assert frontier.size == size


@given(sizes, st.data())
def test_every_leaf_can_be_proved(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaves = make_leaves(size)
    proof, top = inclusion_proof(leaves, index), merkle.root(leaves)
    assert includes(leaves[index], index, size, proof, top)
    for number in range(len(proof)):
        changed = [*proof]
        changed[number] = merkle.EMPTY
        assert not includes(leaves[index], index, size, changed, top)
    assert not includes(merkle.EMPTY, index, size, proof, top)
    assert not includes(leaves[index], index, size, [*proof, merkle.EMPTY], top)
    assert not includes(leaves[index], index, size, proof[:-1], top) or not proof


@given(sizes, st.data())
def test_every_beginning_can_be_proved(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(0, size))
    leaves = make_leaves(size)
    proof = consistency_proof(leaves, old)
    before, top = naive_root(leaves[:old]), merkle.root(leaves)
    assert is_prefix(old, before, size, top, proof)
    assert not is_prefix(old, leaf_hash(b"other"), size, top, proof)
    for number in range(len(proof)):
        changed = [*proof]
        changed[number] = merkle.EMPTY
        assert not is_prefix(old, before, size, top, changed)
    assert not is_prefix(old, before, size, top, [*proof, merkle.EMPTY])
    if 0 < old < size:
        assert not is_prefix(old, before, size, leaf_hash(b"other"), proof)
        assert not is_prefix(old, before, size, top, proof[:-1])


@pytest.mark.parametrize(("index", "size"), [(-1, 1), (1, 1), (0, 0), (9, 8)])
def test_a_leaf_outside_the_tree_is_not_proved(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="in the tree"):
        merkle.inclusion_ranges(index, size)
    assert not includes(HASHES[0], index, size, [], HASHES[0])


@pytest.mark.parametrize(("old", "size"), [(2, 1), (-1, 3)])
def test_a_log_that_shrank_is_not_consistent(old: int, size: int) -> None:
    with pytest.raises(ValueError, match="larger"):
        merkle.consistency_ranges(old, size)
    assert not is_prefix(old, HASHES[0], size, HASHES[0], [])
