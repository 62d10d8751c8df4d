"""Sealed values open where they were sealed, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfl.crypto.framing import PAD_TO, joined, padded, unpadded
from rfl.crypto.sealing import DataKey, Spot, open_many, open_sealed, seal, seal_row
from rfl.errors import SealBroken

KEY = DataKey(bytes(range(32)))
SPOT = Spot("cases", "identity", "cas_1", "cas_1")


@given(st.binary(max_size=2_000))
def test_what_is_sealed_opens_again(content: bytes) -> None:
    assert open_sealed(KEY, SPOT, seal(KEY, SPOT, content)) == content


@given(st.lists(st.binary(max_size=300), max_size=6))
def test_the_columns_of_a_row_open_one_by_one_in_their_places(contents: list[bytes]) -> None:
    named = {f"column{number}": content for number, content in enumerate(contents)}
    row = seal_row("cases", "cas_1", [(name, KEY, content) for name, content in named.items()])
    assert row.keys() == named.keys()
    assert len({sealed[1:13] for sealed in row.values()}) == len(row)
    for name, content in named.items():
        assert open_sealed(KEY, Spot("cases", name, "cas_1", "cas_1"), row[name]) == content
        with pytest.raises(SealBroken):
            open_sealed(KEY, Spot("cases", name, "cas_2", "cas_2"), row[name])


def test_many_rows_open_as_each_alone_and_only_in_their_places() -> None:
    records, keys = ["cas_1", "cas_2"], [bytes(32), bytes(range(32))]
    contents = [b"Zahra", b""]
    sealed = [
        seal(DataKey(key), Spot("cases", "terms", record, record), content)
        for key, record, content in zip(keys, records, contents, strict=True)
    ]
    assert open_many("cases", "terms", records, keys, sealed) == contents
    with pytest.raises(SealBroken):
        open_many("cases", "identity", records, keys, sealed)
    with pytest.raises(SealBroken):
        open_many("cases", "terms", records[::-1], keys, sealed)
    with pytest.raises(SealBroken):
        open_many("cases", "terms", records, keys, [sealed[0], sealed[1][:20]])


@pytest.mark.parametrize(
    "spot",
    [
        Spot("registrations", "identity", "cas_1", "cas_1"),
        Spot("cases", "contact", "cas_1", "cas_1"),
        Spot("cases", "identity", "cas_2", "cas_1"),
        Spot("cases", "identity", "cas_1", "cas_2"),
        Spot("case", "sidentity", "cas_1", "cas_1"),
    ],
)
def test_a_value_moved_to_another_place_does_not_open(spot: Spot) -> None:
    with pytest.raises(SealBroken):
        open_sealed(KEY, spot, seal(KEY, SPOT, b"Zahra"))


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_a_changed_byte_anywhere_does_not_open(position: int, change: int) -> None:
    sealed = bytearray(seal(KEY, SPOT, b"Zahra"))
    sealed[position % len(sealed)] ^= change
    with pytest.raises(SealBroken):
        open_sealed(KEY, SPOT, bytes(sealed))


def test_another_key_does_not_open() -> None:
    with pytest.raises(SealBroken):
        open_sealed(DataKey(bytes(32)), SPOT, seal(KEY, SPOT, b"Zahra"))


@given(st.binary(max_size=60))
def test_a_truncated_value_is_refused(sealed: bytes) -> None:
    with pytest.raises(SealBroken):
        open_sealed(KEY, SPOT, sealed)


def test_short_contents_of_different_length_have_one_size() -> None:
    sizes = {len(seal(KEY, SPOT, bytes(length))) for length in range(PAD_TO - 3)}
    assert len(sizes) == 1


@given(st.binary(max_size=1_000))
def test_padding_is_taken_off_again(content: bytes) -> None:
    assert len(padded(content)) % PAD_TO == 0
    assert unpadded(padded(content)) == content


@given(st.lists(st.text(max_size=5), max_size=5), st.lists(st.text(max_size=5), max_size=5))
def test_different_parts_never_join_to_the_same_bytes(one: list[str], two: list[str]) -> None:
    assert (joined(*one) == joined(*two)) == (one == two)


def test_a_key_does_not_show_itself() -> None:
    assert "\\x" not in repr(KEY)
    assert repr(KEY) == "DataKey()"
