"""Scoring from memory says what scoring an opened record says."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rfl.domain.dates import parse_date
from rfl.domain.ids import PersonId
from rfl.domain.person import (
    Kin,
    Name,
    NamePart,
    PartKind,
    Person,
    Place,
    Relation,
    Sex,
    Stay,
)
from rfl.matching.index import TermIndex
from rfl.matching.prepared import Prepared, from_sketch, prepare, sketch_of
from rfl.matching.scoring import score, score_many, weigh_many
from rfl.matching.terms import MAX_TERMS, Terms, search_terms
from tests.matching.people import make_kin, make_person

ID = PersonId("per_00000000000000000000000001")
NAMES = st.sampled_from(
    ["Selam Tesfaye", "سلام تسفاي", "Goran Ristov", "Ана Ристова", "Yusuf", "A."]
)
BIRTHS = st.sampled_from(
    [None, "1984", "1984-05", "1984-05-02", "1984~", "1980/1990", "1984-01-01"]
)
PLACES = st.sampled_from([None, Place(country="ET", town="Mekelle"), Place(text="Skopje, MK")])
KIN = st.sampled_from([(), (Relation.FATHER,), (Relation.MOTHER, Relation.SON)])


@st.composite
def people(draw: st.DrawFn) -> Person:
    names = draw(st.lists(NAMES, min_size=1, max_size=2))
    birth = draw(BIRTHS)
    return Person(
        id=ID,
        names=tuple(Name(text) for text in names),
        sex=draw(st.sampled_from(list(Sex))),
        birth=parse_date(birth) if birth else None,
        birth_place=draw(PLACES),
        nationalities=draw(st.sampled_from([(), ("ET",), ("MK", "ET")])),
        kin=tuple(Kin(relation, (Name(draw(NAMES)),)) for relation in draw(KIN)),
    )


@settings(max_examples=60, deadline=None)
@given(people(), people())
def test_a_sketch_scores_like_the_description_with_the_same_reasons(
    sought: Person, other: Person
) -> None:
    opened = score(prepare(sought), prepare(other))
    assert score(from_sketch(sketch_of(sought)), from_sketch(sketch_of(other))) == opened


@settings(max_examples=40, deadline=None)
@given(people(), st.lists(people(), max_size=6))
def test_totals_without_reasons_are_those_with_reasons(
    sought: Person, others: list[Person]
) -> None:
    query, candidates = prepare(sought), [prepare(one) for one in others]
    totals = [one.total for one in score_many(query, candidates)]
    assert weigh_many(query, candidates) == pytest.approx(totals)


def test_a_journey_stays_out_of_a_sketch() -> None:
    travelled = Person(id=ID, names=(Name("Selam Tesfaye"),), journey=(Stay(Place(town="Kufra")),))
    assert b"Kufra" not in sketch_of(travelled)
    assert b"Kufra" not in search_terms(travelled)


def test_typed_parts_are_in_a_sketch_as_they_are_in_a_description() -> None:
    parts = (NamePart("Selam", PartKind.OWN), NamePart("Tesfaye", PartKind.FATHER))
    person = Person(id=ID, names=(Name("Selam Tesfaye", parts=parts),))
    father = make_person("Selam", kin=(make_kin(Relation.FATHER, "Tesfaye"),))
    direct = score(prepare(father), prepare(person))
    assert score(prepare(father), from_sketch(sketch_of(person))) == direct


def test_the_longest_description_is_kept_whole() -> None:
    long = "አ" * 399
    place = Place(country="ET", province="አ" * 1_000, town="አ" * 1_000, text="አ" * 1_000)
    person = Person(
        id=ID,
        names=tuple(Name(f"{number}{long}") for number in range(9)),
        birth_place=place,
        last_address=place,
        kin=tuple(Kin(Relation.SON, (Name(f"{number % 10}{long}"),)) for number in range(30)),
    )
    kept = Terms.from_bytes(search_terms(person))
    assert kept.sketch == sketch_of(person)
    assert len(kept.hashes) <= 4 * MAX_TERMS


def sketches_of(index: TermIndex, query: Prepared) -> dict[str, bytes]:
    return {one.key: one.sketch for one in index.candidates(query, 2_000)}


def test_each_candidate_brings_its_own_sketch_through_additions_and_removals() -> None:
    index = TermIndex()
    made = {
        "per_" + f"{number:06d}".ljust(26, "0"): make_person("Selam Tesfaye" + "x" * (number % 9))
        for number in range(1_500)
    }
    everyone = list(made.items())
    query = prepare(make_person("Selam Tesfaye"))
    for start in range(0, 1_500, 500):
        some = everyone[start : start + 500]
        index.add_many([key for key, _one in some], [search_terms(one) for _key, one in some])
    for key in list(made)[::3]:
        index.remove(key)
        del made[key]
    assert sketches_of(index, query) == {key: sketch_of(one) for key, one in made.items()}
