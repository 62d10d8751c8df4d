"""A record's terms come out of their words as they went in, one by one or many at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfl.domain.ids import new_id
from rfl.domain.person import Sex
from rfl.matching import packed
from rfl.matching.packed import Entry, Unpacked, unpack
from rfl.matching.terms import mark, prepare, terms_of
from rfl.matching.tokens import use_equivalents
from tests.matching.people import make_person


def terms(*names: str) -> bytes:
    return terms_of(prepare(make_person(*names, sex=Sex.FEMALE, birth="1984"))).to_bytes()


def entry(pool: str, *names: str) -> Entry:
    return pool, new_id("per"), terms(*names)


def pack(entries: list[Entry], *, hidden: bool = False) -> bytes:
    return packed.pack(entries, mark(), hidden=hidden)


def stale_among(contents: list[bytes]) -> list[int]:
    return packed.stale_among(contents, mark())


def unpack_many(contents: list[bytes]) -> Unpacked:
    return packed.unpack_many(contents, "r", mark())


CASE = [entry("e", "Ali Hosseini"), entry("s", "Maryam Hosseini", "مریم حسینی"), entry("s")]


def test_the_persons_of_a_record_come_back() -> None:
    assert unpack(pack(CASE)) == CASE


def test_a_hidden_record_names_nobody_and_has_the_same_size() -> None:
    hidden = pack(CASE, hidden=True)
    assert unpack(hidden) == []
    assert len(hidden) == len(pack(CASE))
    assert stale_among([hidden]) == []


@pytest.mark.parametrize("content", [b"", b"\x92\x91\x93\xa1r", b"\x00\x00\x01\x00" * 10])
def test_what_another_version_wrote_is_stale(content: bytes) -> None:
    assert stale_among([content]) == [0]


@given(st.lists(st.sampled_from(["r", "hidden", "case", "sought"]), min_size=1, max_size=12))
def test_registered_persons_are_told_from_other_records(kinds: list[str]) -> None:
    alone = entry("r", "Selam Tesfaye")
    made = {
        "r": pack([alone]),
        "hidden": pack([alone], hidden=True),
        "case": pack(CASE),
        "sought": pack([entry("s", "Selam Tesfaye")]),
    }
    found = unpack_many([made[kind] for kind in kinds])
    assert found.registered.tolist() == [n for n, kind in enumerate(kinds) if kind == "r"]
    assert found.others.tolist() == [n for n, kind in enumerate(kinds) if kind != "r"]
    assert found.block.separate() == [alone[2]] * kinds.count("r")
    assert found.block.is_of(*mark())


def test_a_hidden_record_of_another_version_stays_hidden() -> None:
    assert stale_among([b"\x00\x00\x00\x00" * 10]) == []


def test_what_was_made_with_another_list_of_equivalents_is_stale() -> None:
    content = pack([entry("r", "Selam Tesfaye")])
    use_equivalents(b'[{"name": "selam", "spellings": ["selam", "salam"]}]')
    try:
        assert stale_among([content]) == [0]
        assert stale_among([content, pack([entry("r", "Selam Tesfaye")])]) == [0]
        found = unpack_many([content])
        assert (found.registered.tolist(), found.others.tolist()) == ([], [0])
    finally:
        use_equivalents(b"")
    assert stale_among([content]) == []
