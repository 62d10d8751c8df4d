"""The index finds whoever was added and not removed, in every part of it."""

import random
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rfl.domain.ids import new_id
from rfl.domain.person import Relation, Sex
from rfl.errors import InvalidInput
from rfl.matching import index as index_module
from rfl.matching import segment as segment_module
from rfl.matching.block import Block
from rfl.matching.index import TermIndex
from rfl.matching.keys import pack_key, pack_keys, unpack_keys
from rfl.matching.query import query_of
from rfl.matching.terms import Prepared, StaleTerms, prepare, terms_of
from tests.matching.people import make_kin, make_person

FIRST = ["Ahmad", "Selam", "Miroslav", "Zorica", "Bayram", "Hodan", "Yusuf", "Ana", "Goran"]
LAST = ["Karimi", "Tesfaye", "Trajkovski", "Atayev", "Warsame", "Guled", "Ristova", "Noori"]


def prepared(name: str, *, birth: str | None = None, sex: Sex = Sex.UNKNOWN) -> Prepared:
    return prepare(make_person(name, birth=birth, sex=sex))


def sealed(name: str, *, birth: str | None = None, sex: Sex = Sex.UNKNOWN) -> bytes:
    return terms_of(prepared(name, birth=birth, sex=sex)).to_bytes()


def key(number: int) -> str:
    """An id whose number is spread over its letters, so that ids are in no order."""
    return "per_" + f"{number * 7919 % 100_003:06d}".ljust(26, "0")


def found(index: TermIndex, name: str, limit: int = 1_000) -> set[str]:
    return {hit for hit, _ in index.search(prepared(name), limit)}


def test_a_person_is_found_by_another_spelling() -> None:
    index = TermIndex()
    index.add(key(1), sealed("Мирослав Трајковски"))
    assert found(index, "Trajkovski Miroslav") == {key(1)}


def test_a_removed_person_is_not_found_again() -> None:
    index = TermIndex()
    index.add(key(1), sealed("Selam Tesfaye"))
    assert index.remove(key(1))
    assert found(index, "Selam Tesfaye") == set()
    assert not index.remove(key(1))


def test_a_replaced_person_is_found_by_the_new_name_alone() -> None:
    index = TermIndex()
    index.add_many([key(i) for i in range(600)], [sealed("Selam Tesfaye")] * 600)
    index.add(key(7), sealed("Goran Ristov"))
    assert key(7) not in found(index, "Selam Tesfaye")
    assert found(index, "Goran Ristov") == {key(7)}
    assert len(index) == 600


def test_the_better_name_and_birth_come_first() -> None:
    index = TermIndex()
    index.add(key(1), sealed("Selam Tesfaye", birth="1950"))
    index.add(key(2), sealed("Selam Tesfaye", birth="1984"))
    index.add(key(3), sealed("Hodan Tesfaye", birth="1950"))
    query = prepared("Selam Tesfaye", birth="1984")
    assert [hit for hit, _ in index.search(query, 3)] == [key(2), key(1), key(3)]


def test_another_sex_ranks_lower_but_is_found() -> None:
    index = TermIndex()
    index.add(key(1), sealed("Selam Tesfaye", sex=Sex.MALE))
    index.add(key(2), sealed("Selam Tesfaye", sex=Sex.FEMALE))
    query = prepared("Selam Tesfaye", sex=Sex.FEMALE)
    assert [hit for hit, _ in index.search(query, 3)] == [key(2), key(1)]


def test_relatives_names_bring_a_person_up() -> None:
    index = TermIndex()
    plain = make_person("Ahmad Noori")
    with_father = make_person("Ahmad Noori", kin=(make_kin(Relation.FATHER, "Ghulam"),))
    index.add(key(1), terms_of(prepare(plain)).to_bytes())
    index.add(key(2), terms_of(prepare(with_father)).to_bytes())
    assert [hit for hit, _ in index.search(prepare(with_father), 2)] == [key(2), key(1)]


def test_excluded_people_leave_their_place_to_others() -> None:
    index = TermIndex()
    for number in range(4):
        index.add(key(number), sealed("Selam Tesfaye"))
    hits = index.search(prepared("Selam Tesfaye"), 3, exclude={key(0)})
    assert {hit for hit, _ in hits} == {key(1), key(2), key(3)}


def test_a_search_without_a_name_or_a_limit_finds_nobody() -> None:
    index = TermIndex()
    index.add(key(1), sealed("Selam Tesfaye"))
    assert index.search(prepared("🙂"), 5) == []
    assert index.search(prepared("Selam Tesfaye"), 0) == []
    assert TermIndex().search(prepared("Selam Tesfaye"), 5) == []


def test_people_without_a_term_are_kept_and_counted() -> None:
    index = TermIndex()
    index.add_many([key(i) for i in range(600)], [sealed("🙂")] * 600)
    assert len(index) == 600
    assert found(index, "Selam Tesfaye") == set()


def test_stale_terms_are_refused_and_change_nothing() -> None:
    index = TermIndex()
    with pytest.raises(StaleTerms):
        index.add_many([key(1), key(2)], [sealed("Selam Tesfaye"), b"\0" * 8])
    assert len(index) == 0


@pytest.mark.parametrize(
    "bad", ["", "per_", "per_" + "!" * 26, "x" * 30, "per_" + "é" * 26, "per_" + "1_" * 13]
)
def test_what_is_no_id_is_refused(bad: str) -> None:
    with pytest.raises(InvalidInput):
        TermIndex().add(bad, sealed("Selam Tesfaye"))
    with pytest.raises(InvalidInput):
        TermIndex().remove(bad)


@pytest.mark.parametrize("prefix", ["per", "reg"])
def test_an_id_comes_back_from_its_packed_form(prefix: str) -> None:
    made = [new_id(prefix) for _ in range(200)]
    assert unpack_keys(pack_keys(made)) == made
    assert [pack_keys(made).at(row) for row in range(200)] == [pack_key(one) for one in made]


class Plain:
    """The slow truth: everyone kept, and found if any term is shared."""

    def __init__(self) -> None:
        self.people: dict[str, str] = {}

    def found(self, name: str) -> set[str]:
        wanted: set[str] = set()
        for known, theirs in self.people.items():
            one = TermIndex()
            one.add(known, sealed(theirs))
            wanted |= found(one, name)
        return wanted


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "add", "many", "remove", "settle"]),
        st.integers(0, 11),
        st.sampled_from(FIRST),
        st.sampled_from(LAST),
    ),
    max_size=14,
)


@settings(max_examples=25, deadline=None)
@given(STEPS)
def test_after_any_changes_the_index_agrees_with_the_slow_truth(
    steps: list[tuple[str, int, str, str]],
) -> None:
    index, plain = TermIndex(), Plain()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index_module, "PENDING_LIMIT", 3)
        patch.setattr(segment_module, "_MERGED", 40)
        for what, number, first, last in steps:
            names = {key(number + i): f"{first} {last}" for i in range(1 + 4 * (what == "many"))}
            if what == "settle":
                index.settle()
            elif what == "remove":
                assert index.remove(key(number)) == (
                    plain.people.pop(key(number), None) is not None
                )
            else:
                index.add_many(list(names), [sealed(name) for name in names.values()])
                plain.people |= names
        assert len(index) == len(plain.people)
        assert {one in index for one in plain.people} <= {True}
        assert found(index, "Ahmad Karimi") == plain.found("Ahmad Karimi")


def test_ranks_do_not_depend_on_how_people_were_added() -> None:
    chance = random.Random(4)
    names = [f"{chance.choice(FIRST)} {chance.choice(LAST)}" for _ in range(1_500)]
    terms = [sealed(name) for name in names]
    keys = [key(number) for number in range(len(names))]
    at_once, one_by_one = TermIndex(), TermIndex()
    at_once.add_many(keys, terms)
    for one, content in zip(keys, terms, strict=True):
        one_by_one.add(one, content)
    query = prepared("Zorica Trajkovski")
    assert one_by_one.search(query, 50) == at_once.search(query, 50)


@pytest.mark.parametrize("born", ["1990", None])
@pytest.mark.parametrize("limit", [1, 3, 20])
def test_the_few_likeliest_are_the_first_of_all(limit: int, born: str | None) -> None:
    chance = random.Random(limit)
    index = TermIndex()
    for number in range(600):
        name = f"{chance.choice(FIRST)} {chance.choice(LAST)}"
        sex, birth = (
            chance.choice([*Sex]),
            chance.choice(["1985", "1990", "1991", "1990/2000", "1940/1999", None]),
        )
        index.add(key(number), sealed(name, birth=birth, sex=sex))
    for number in range(0, 600, 3):
        index.remove(key(number))
    for name in ("Zorica Trajkovski", "Zorica", "Miroslav Zorica Guled"):
        query = prepared(name, birth=born, sex=Sex.FEMALE)
        assert index.search(query, limit) == index.search(query, 1_000)[:limit]


def test_a_person_takes_less_than_600_bytes() -> None:
    index = TermIndex()
    people = [f"{first}{i} {last}" for i in range(20) for first in FIRST for last in LAST]
    index.add_many([key(i) for i in range(len(people))], [sealed(name) for name in people])
    assert index.nbytes / len(index) < 600


def test_searches_go_on_while_people_are_added_and_removed() -> None:
    index = TermIndex()
    index.add(key(0), sealed("Selam Tesfaye"))
    query, failures = prepared("Selam Tesfaye"), []
    content = sealed("Selam Ristova")

    def search() -> None:
        for _ in range(60):
            hits = [hit for hit, _ in index.search(query, 5)]
            if hits[:1] != [key(0)]:
                failures.append(hits)

    readers = [Thread(target=search) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(1, 1_200):
        index.add(key(number), content)
        if number % 3 == 0:
            index.remove(key(number - 1))
    for reader in readers:
        reader.join()
    assert failures == []


def test_many_at_once_are_found_as_if_added_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_module, "PENDING_LIMIT", 3)
    names = [f"{first} {last}" for first in FIRST for last in LAST]
    keys = [key(number) for number in range(len(names))]
    terms = [sealed(name) for name in names]
    in_parts, one_by_one = TermIndex(), TermIndex()
    for start in range(0, len(names), 5):
        part = slice(start, start + 5)
        in_parts.add_block(keys[part], Block.of(terms[part]))
    for one, content in zip(keys, terms, strict=True):
        one_by_one.add(one, content)
    query = prepared("Zorica Trajkovski")
    assert len(in_parts) == len(names)
    best = one_by_one.search(query, 20)
    assert in_parts.search(query, 20) == best
    some = query_of(query).terms
    counted = one_by_one.counts(some).tolist()
    assert [in_parts.counts(some).tolist() for _again in range(2)] == [counted] * 2
    assert (in_parts.settle(), in_parts.settle()) == (True, False)
    assert (in_parts.search(query, 20), in_parts.counts(some).tolist()) == (best, counted)
    in_parts.add(key(len(names)), sealed("Zorica Trajkovski"))
    assert (in_parts.counts(some) > counted).any()
    with pytest.raises(StaleTerms):
        in_parts.add_block(keys[:4], Block.of([b"\0" * 8] * 4))


def test_terms_that_everyone_has_are_looked_up_and_not_followed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    index = TermIndex()
    people = {key(number): f"Mohammad {LAST[number % 8]}" for number in range(80)}
    people[key(99)] = "Mohammad Zia Trajkovski"
    index.add_many(list(people), [sealed(name) for name in people.values()])
    query = prepared("Mohammad Zia Trajkovski")
    everyone = index.search(query, 1_000)
    monkeypatch.setattr(index_module, "MOST_FOLLOWED", 40)
    followed = index.search(query, 1_000)
    assert len(followed) < len(everyone) == 81
    assert followed[0][0] == everyone[0][0] == key(99)
    ranks = dict(everyone)
    assert all(rank == pytest.approx(ranks[one]) for one, rank in followed)
