"""Places under the names that families give them: old, foreign, in any script, in free text."""

from typing import Any

import pytest

from rfl.domain.person import Person, Place
from rfl.matching.evidence import Contribution
from rfl.matching.gazetteer import gazetteer, key_of
from rfl.matching.places import compare_places
from rfl.matching.terms import prepare
from tests.matching.people import make_person as made


def make_person(**fields: Any) -> Person:
    return Person(id=made().id, **fields)


def compared(left: Place | None, right: Place | None) -> Contribution:
    one, other = (prepare(make_person(birth_place=place)).places for place in (left, right))
    found = compare_places(one, other)
    assert found == compare_places(other, one)
    return found


ONE_TOWN = [
    ("Leningrad", "Санкт-Петербург"),
    ("Чарджоу", "Türkmenabat"),
    ("Krasnovodsk", "Türkmenbaşy"),
    ("Фрунзе", "Bishkek"),
    ("Титоград", "Podgorica"),
    ("هرات", "Herat"),
    ("Херат", "Hérat"),
    ("Üsküp", "Скопје"),
    ("Shkup", "Skopje"),
    ("حلب", "Aleppo"),
    ("Халеб", "Halab"),
    ("መቀሌ", "Mekelle"),
    ("Rangoon", "ရန်ကုန်"),
    ("Saigon", "Ho Chi Minh City"),
    ("كوباني", "Kobane"),
    ("Muqdisho", "Mogadishu"),
]


@pytest.mark.parametrize(("left", "right"), ONE_TOWN)
def test_a_town_is_known_by_its_old_and_foreign_names(left: str, right: str) -> None:
    assert compared(Place(town=left), Place(town=right)).code == "places.town_agrees"


WRITTEN = [
    ("Herat, Afghanistan", Place(country="AF", town="هرات")),
    ("حلب، سوريا", Place(country="SY", town="Aleppo")),
    ("Авганистан, Херат", Place(country="AF", town="Herat")),
    ("old town - Aleppo (Syria)", Place(town="حلب")),
]


@pytest.mark.parametrize(("text", "place"), WRITTEN)
def test_the_town_is_found_in_free_text(text: str, place: Place) -> None:
    assert compared(Place(text=text), place).code == "places.town_agrees"


LEVELS = [
    (Place(province="Helmand", country="AF"), Place(town="Lashkar Gah"), "province_agrees"),
    (Place(province="هرات", country="AF"), Place(town="Herat"), "province_agrees"),
    (Place(province="Idlib", country="SY"), Place(town="خان شيخون"), "province_agrees"),
    (Place(town="Skopje"), Place(country="MK"), "country_agrees"),
    (Place(text="Afghanistan"), Place(country="AF", town="Kabul"), "country_agrees"),
    (Place(text="أفغانستان"), Place(text="Авганистан"), "country_agrees"),
    (Place(country="SY"), Place(country="TR"), "neighbour_countries"),
    (Place(country="SY"), Place(country="ER"), "countries_differ"),
    (Place(town="Dūmā", country="SY"), Place(town="Damascus", country="SY"), "towns_near"),
    (Place(town="Qaryat Zaytun"), Place(town="قرية زيتون"), "town_agrees"),
    (Place(town="Qaryat Zaytun"), Place(town="Wad Sharifey"), "towns_differ"),
    (Place(town="Herat"), None, "unknown"),
]


@pytest.mark.parametrize(("left", "right", "level"), LEVELS)
def test_each_level_has_its_finding(left: Place, right: Place | None, level: str) -> None:
    assert compared(left, right).code == f"places.{level}"


def test_the_nearer_the_more_it_weighs() -> None:
    here = Place(town="Idlib", country="SY")
    others = [
        here,
        Place(town="Maarrat Misrin", country="SY"),
        Place(town="Raqqa", country="SY"),
        Place(country="TR"),
        Place(country="ER"),
    ]
    weights = [compared(here, other).weight for other in others]
    assert weights == sorted(weights, reverse=True)
    assert weights[0] > 0 > weights[-1]


def test_a_small_town_tells_more_than_a_capital() -> None:
    small, large = (
        compared(one, one).weight for one in (Place(town="Gevgelija"), Place(town="Kabul"))
    )
    assert small > large > 0


def test_a_name_that_several_countries_have_is_told_apart_by_the_country() -> None:
    tripolis = (Place(town="Tripoli", country="LY"), Place(town="Tripoli", country="LB"))
    assert compared(*tripolis).code == "places.countries_differ"
    assert compared(tripolis[0], Place(town="طرابلس")).code == "places.town_agrees"


def test_the_names_kept_by_hand_all_lead_to_a_town_that_is_listed() -> None:
    known = gazetteer()
    assert known.named("Фрунзе") == known.named("Bishkek", "KG")
    assert known.province("Нангархар", "AF") == known.province("Nangarhar")


@pytest.mark.parametrize("name", ["Herāt", "HERAT", "he-rat", "هَرات", "Ｈｅｒａｔ"])
def test_case_marks_and_punctuation_do_not_matter(name: str) -> None:
    assert key_of(name) in (key_of("Herat"), key_of("هرات"))
    assert key_of(key_of(name)) == key_of(name)


def test_the_gazetteer_is_small_in_memory() -> None:
    known = gazetteer()
    assert len(known.towns) > 30_000
    assert known.nbytes < 4_000_000


@pytest.mark.parametrize("text", ["", "?", "، ،", "x" * 400, "ሀ" * 60, "\u202eHerat", "1 2 3"])
def test_any_text_is_a_place_without_failing(text: str) -> None:
    place = Place(country="AF", text=text or None)
    assert compared(place, Place(town="Herat", country="AF")).weight >= 0
