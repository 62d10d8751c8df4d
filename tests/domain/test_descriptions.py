"""Descriptions, requests and registrations that cannot contradict themselves."""

import sys
import unicodedata
from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfl.domain import groups
from rfl.domain.consent import Consent, ConsentForm, Use, require_timely
from rfl.domain.identifiers import comparable
from rfl.domain.ids import PersonId, check_id, new_id
from rfl.domain.person import Identifier, IdentifierKind, Kin, Name, Person, Place, Relation
from rfl.domain.purpose import LegalBasis
from rfl.domain.registration import Registration, Reliability, Source, SourceKind, Status
from rfl.domain.request import Contact, Sought, TracingRequest
from rfl.domain.text import is_visible
from rfl.errors import InvalidInput, within
from tests.support import make_person, make_registration, make_request

CONTROL_ONLY = ["", " ", "\u200f\u200e", "\u202e", "\x00", "\u200b\u200c\u200d", "\ufeff", "\t\n"]
BAD_NAMES = [*CONTROL_ONLY, "A\x00li", "Ali\u0007", "x" * 401, "\ud800"]


@pytest.mark.parametrize("text", BAD_NAMES)
def test_a_name_must_show_something_and_hide_nothing(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Name(text)
    assert refused.value.field == "text"
    assert text.strip() == "" or text not in str(refused.value)


@pytest.mark.parametrize(
    "text", ["Ng", "علي", "می‌خواهم", "O’Brien", "ትግስት", "김", "Мујо (Мухамед)", "王"]
)
def test_names_of_every_script_are_kept_as_given(text: str) -> None:
    assert Name(text).text == text


def test_every_character_is_judged_by_its_category_alone() -> None:
    """Printable text takes a short way, which must lead where the long one does."""
    for char in map(chr, range(sys.maxunicode + 1)):
        sound = unicodedata.category(char)[0] in "LNMPS"
        assert is_visible(char) is sound
        assert (char.isprintable() and bool(char.strip())) <= sound


@pytest.mark.parametrize("country", ["", "xx", "Sy", "SYR", "S1", "ДД"])
def test_a_country_is_two_capital_letters(country: str) -> None:
    with pytest.raises(InvalidInput):
        Place(country=country)


def test_a_place_names_at_least_one_level() -> None:
    with pytest.raises(InvalidInput):
        Place()


def test_kin_have_at_least_one_name() -> None:
    with pytest.raises(InvalidInput):
        Kin(Relation.MOTHER, ())


def test_more_items_than_a_person_has_are_refused() -> None:
    with pytest.raises(InvalidInput, match="at most 50"):
        make_person(*["A name"] * 51)


def test_a_request_has_at_least_one_sought_person_with_a_name() -> None:
    request = make_request()
    with pytest.raises(InvalidInput):
        replace(request, sought=())
    nobody = Person(PersonId(new_id("per")))
    with pytest.raises(InvalidInput):
        replace(request, sought=(Sought(nobody, Relation.SON),))


def test_nobody_is_sought_by_themselves_or_twice() -> None:
    request = make_request()
    with pytest.raises(InvalidInput, match="distinct"):
        replace(request, sought=(Sought(request.enquirer, Relation.SON),))
    with pytest.raises(InvalidInput, match="distinct"):
        replace(request, sought=request.sought * 2)


def consent(**fields_: Any) -> Consent:
    given_: dict[str, Any] = {
        "person": PersonId(new_id("per")),
        "uses": frozenset({Use.SEARCH}),
        "form": ConsentForm.SIGNED,
        "given_on": date(2026, 1, 1),
    }
    return Consent(**given_ | fields_)


BAD_CONSENTS: list[dict[str, Any]] = [
    {"uses": frozenset()},
    {"uses": frozenset({Use.SHARE})},
    {"holds_until": date(2025, 12, 31)},
    {"withdrawn_on": date(2025, 12, 31)},
]


@pytest.mark.parametrize("wrong", BAD_CONSENTS)
def test_a_consent_that_contradicts_itself_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        consent(**wrong)


NOW = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"given_on": date(2026, 3, 2)}, "consents[0].given_on"),
        ({"holds_until": date(2026, 2, 28)}, "consents[0].holds_until"),
    ],
)
def test_a_new_consent_lies_neither_in_the_future_nor_in_the_past(
    wrong: dict[str, Any], field: str
) -> None:
    given_ = (consent(**wrong),)
    with pytest.raises(InvalidInput) as refused:
        require_timely(given_, NOW)
    assert refused.value.field == field
    require_timely(given_, NOW, given_)  # what is kept already may have run out


def test_nobody_consents_for_another() -> None:
    with pytest.raises(InvalidInput, match="nobody consents for another"):
        replace(make_request(), consents=(consent(),))


def test_a_consent_covers_its_uses_days_and_recipients_only() -> None:
    given_ = consent(
        uses=frozenset({Use.SHARE}), recipients=("south",), holds_until=date(2026, 6, 30)
    )
    assert given_.covers(Use.SHARE, date(2026, 6, 30), "south")
    assert not given_.covers(Use.SHARE, date(2026, 7, 1), "south")
    assert not given_.covers(Use.SHARE, date(2025, 12, 31), "south")
    assert not given_.covers(Use.SHARE, date(2026, 2, 1), "east")
    assert not given_.covers(Use.PUBLISH, date(2026, 2, 1))
    withdrawn = replace(given_, withdrawn_on=date(2026, 3, 1))
    assert withdrawn.covers(Use.SHARE, date(2026, 2, 28), "south")
    assert not withdrawn.covers(Use.SHARE, date(2026, 3, 1), "south")


def source(**fields_: Any) -> Source:
    return Source(**{"kind": SourceKind.CAMP, "owner": "A camp"} | fields_)


def test_a_source_does_not_claim_what_it_cannot_know() -> None:
    with pytest.raises(InvalidInput):
        source(kind=SourceKind.SELF, reliability=Reliability.IDENTITY_CHECKED)
    with pytest.raises(InvalidInput):
        source(stated_on=date(2026, 2, 1), expires_on=date(2026, 1, 1))
    with pytest.raises(InvalidInput):
        make_registration(status=Status.SELF_REPORTED_ALIVE)


def test_remains_alone_may_have_no_name() -> None:
    nobody = Person(PersonId(new_id("per")))
    with pytest.raises(InvalidInput, match="at least one name"):
        make_registration(nobody)
    assert Registration(
        nobody,
        source(kind=SourceKind.REMAINS),
        Status.REPORTED_DEAD_UNCONFIRMED,
        LegalBasis.PUBLIC_INTEREST,
    )


def test_an_adult_is_not_registered_as_an_unaccompanied_child() -> None:
    adult, child = make_person("Ali", birth="1990"), make_person("Ali", birth="2012")
    assert make_registration(child, status=Status.UNACCOMPANIED_CHILD)
    with pytest.raises(InvalidInput) as refused:
        make_registration(adult, status=Status.UNACCOMPANIED_CHILD)
    assert refused.value.field == "status"


def test_no_list_can_make_a_death_more_than_reported() -> None:
    assert [one.value for one in Status if "dead" in one.value] == ["reported_dead_unconfirmed"]


MASKED = [
    make_person("Zahra"),
    make_request(make_person("Zahra")),
    make_registration(make_person("Zahra")),
    Contact(phones=("Zahra",)),
    consent(),
]


@pytest.mark.parametrize("thing", MASKED, ids=lambda thing: type(thing).__name__)
def test_descriptions_do_not_show_themselves(thing: object) -> None:
    for shown in (repr(thing), str(thing), f"{thing}", f"{[thing]}"):
        assert "Zahra" not in shown
        assert "per_" not in shown


def test_every_field_is_in_exactly_one_group() -> None:
    tables = (
        (Person, groups.PERSON, {"id"}),
        (TracingRequest, groups.REQUEST, set()),
        (Registration, groups.REGISTRATION, set()),
    )
    for kind, table, unsealed in tables:
        assert {field.name for field in fields(kind)} - unsealed == set(table), kind


@given(st.sampled_from(["cas", "reg", "per", "log"]))
def test_ids_have_their_form_and_do_not_repeat(prefix: str) -> None:
    drawn = {new_id(prefix) for _ in range(50)}
    assert len(drawn) == 50
    assert all(check_id(one, prefix) == one for one in drawn)


@pytest.mark.parametrize(
    "text", ["", "cas_", "reg_" + "0" * 26, "cas_" + "0" * 25, "cas_" + "u" * 26, "cas_" + "0" * 27]
)
def test_what_is_no_id_of_this_type_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        check_id(text, "cas")


PHONES = [
    ("+389 70 123 456", None, "+38970123456"),
    ("00389 70/123-456", None, "+38970123456"),
    ("070 123 456", "MK", "+38970123456"),
    ("070 123 456", None, None),
    ("٠٠٣٨٩٧٠١٢٣٤٥٦", None, "+38970123456"),
    ("not a phone", "MK", None),
]


@pytest.mark.parametrize(("written", "region", "form"), PHONES)
def test_phones_are_compared_in_one_form(
    written: str, region: str | None, form: str | None
) -> None:
    assert comparable(Identifier(IdentifierKind.PHONE, written), region) == form


def test_documents_are_compared_with_their_issuer() -> None:
    one = Identifier(IdentifierKind.UNHCR, "123-45C678", "Skopje")
    same = Identifier(IdentifierKind.UNHCR, "12345c678", "skopje ")
    other = replace(one, issuer="Athens")
    assert comparable(one, None) == comparable(same, None)
    assert comparable(one, None) != comparable(other, None)


def test_a_field_is_named_with_its_whole_path() -> None:
    with pytest.raises(InvalidInput) as refused, within("sought[0]"), within("person"):
        Name("")
    assert refused.value.field == "sought[0].person.text"


@given(st.text(max_size=20))
def test_a_name_is_taken_or_refused_and_never_fails_otherwise(text: str) -> None:
    try:
        taken = Name(text).text == text
    except InvalidInput:
        taken = False
    if taken:
        assert is_visible(text)
