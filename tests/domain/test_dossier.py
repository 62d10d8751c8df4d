"""What of a request leaves, and what a found person is told: never more than was agreed to."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from rfl.domain.care import Established
from rfl.domain.consent import USUAL, Consent, ConsentForm, Detail, Exclusion, Use, reached
from rfl.domain.dates import parse_date
from rfl.domain.dossier import (
    UNNAMED,
    Dossier,
    Measure,
    Reach,
    Statement,
    least,
    may_be_told,
    reach_of,
)
from rfl.domain.person import Identifier, IdentifierKind, Kin, Name, Place, Relation, Sex
from rfl.domain.request import UNKNOWN_SEPARATION, Cause, Contact, Separation, TracingRequest
from rfl.errors import InvalidInput
from tests.casework import DAY
from tests.support import make_person, make_request

SON = make_person("Ali Hosseini", sex=Sex.MALE, birth="1990-04-12", birth_place=Place(town="Kabul"))
FATHER = Kin(Relation.FATHER, (Name("Hassan Hosseini"),))
MOTHER = make_person("Maryam Hosseini", birth="1961", kin=(FATHER,))
LOST = Separation(Cause.MIGRATION, parse_date("2025"), Place(town="Idomeni"), narrative="At night")
STATED = Statement(Established.ESTABLISHED, DAY, DAY)


def make_consent(*uses: Use, **changes: Any) -> Consent:
    recipients = ("south",) if Use.SHARE in uses else ()
    made = Consent(SON.id, frozenset(uses), ConsentForm.SIGNED, DAY, recipients=recipients)
    return replace(made, **changes)


def make_asked(*consents: Consent) -> TracingRequest:
    contact = Contact(phones=("+38970000000",), address=Place(town="Skopje"))
    return make_request(SON, MOTHER, separation=LOST, contact=contact, consents=consents)


def leaves(details: frozenset[Detail]) -> Dossier:
    return least(make_asked(), frozenset(), STATED, DAY, Measure(details=details))


ITEMS: list[tuple[set[Detail], bool, bool, bool]] = [
    (set(USUAL), True, True, True),
    (set(Detail), True, True, True),
    ({Detail.NAME}, True, False, False),
    ({Detail.NAME, Detail.SEPARATION}, True, False, True),
    ({Detail.SEPARATION}, False, False, True),
    ({Detail.BIRTH, Detail.ADDRESS, Detail.PHONE, Detail.STORY}, False, False, False),
    (set(UNNAMED), False, False, False),
]


@pytest.mark.parametrize(("details", "name", "birth", "separation"), ITEMS)
def test_p15_of_the_enquirer_leaves_what_they_agreed_to_and_a_search_needs(
    details: set[Detail],
    name: bool,
    birth: bool,
    separation: bool,
) -> None:
    dossier = leaves(frozenset(details))
    who = dossier.enquirer
    assert (who is not None and who.names == SON.names) == name
    assert (who is not None and (who.birth, who.birth_place) == (SON.birth, SON.birth_place)) == (
        birth
    )
    assert birth or who is None or (who.birth, who.birth_place) == (None, None)
    assert dossier.sought[0].person.kin == (MOTHER.kin if name else ())
    told = replace(LOST, narrative=None)
    assert dossier.separation == (told if separation else UNKNOWN_SEPARATION)
    assert dossier.sought[0].person.names == MOTHER.names, "who is sought is always told"


REACHED: list[tuple[tuple[Consent, ...], set[Detail]]] = [
    ((), set()),
    ((make_consent(Use.SEARCH),), set()),
    ((make_consent(Use.SHARE),), set(USUAL)),
    ((make_consent(Use.SHARE, recipients=("west",)),), set()),
    ((make_consent(Use.SHARE, items=frozenset()),), set()),
    ((make_consent(Use.SHARE, withdrawn_on=DAY),), set()),
    (
        (make_consent(Use.SHARE, given_on=DAY - timedelta(9), holds_until=DAY - timedelta(1)),),
        set(),
    ),
    (
        (
            make_consent(Use.SHARE, items=frozenset({Detail.NAME})),
            make_consent(Use.SHARE, items=frozenset({Detail.PHONE})),
            make_consent(Use.SHARE, items=frozenset({Detail.STORY}), withdrawn_on=DAY),
        ),
        {Detail.NAME, Detail.PHONE},
    ),
]


@pytest.mark.parametrize(("consents", "items"), REACHED)
def test_an_agreement_reaches_its_items_for_its_use_recipient_and_days(
    consents: tuple[Consent, ...], items: set[Detail]
) -> None:
    assert reached(consents, Use.SHARE, DAY, "south") == items


REACHES: list[tuple[set[Detail], Reach | None]] = [
    (set(USUAL), None),
    ({Detail.EMAIL, Detail.PHOTO}, None),
    ({Detail.PHONE}, Reach(phones=("+38970000000",))),
    ({Detail.ADDRESS, Detail.STORY}, Reach(address=Place(town="Skopje"), story="At night")),
]


@pytest.mark.parametrize(("details", "reach"), REACHES)
def test_p15_how_the_enquirer_is_reached_follows_good_news_as_far_as_they_agreed(
    details: set[Detail], reach: Reach | None
) -> None:
    assert leaves(frozenset(details)).reach is None, "never with the request itself"
    assert reach_of(make_asked(), frozenset(details)) == reach


def test_p15_a_found_person_is_told_no_more_of_the_enquirer_than_they_agreed_to() -> None:
    def told(*consents: Consent, on: date = DAY) -> frozenset[Detail]:
        return may_be_told(make_asked(*consents), None, on)

    story = frozenset({Detail.NAME, Detail.STORY})
    assert told() == told(make_consent(Use.SHARE)) == frozenset()
    assert told(make_consent(Use.SEARCH)) == USUAL
    assert told(make_consent(Use.SEARCH, items=story)) == story
    assert told(make_consent(Use.SEARCH, items=story), on=DAY - timedelta(1)) == frozenset()


def test_p15_of_an_enquirer_elsewhere_a_found_person_is_told_what_arrived() -> None:
    arrived = make_request(SON, MOTHER, separation=replace(LOST, narrative=None))
    assert may_be_told(arrived, "south", DAY) == USUAL
    followed = replace(arrived, contact=Contact(phones=("+38970000000",)))
    assert may_be_told(followed, "south", DAY) == USUAL | {Detail.PHONE}
    bare = make_request(make_person("Ali Hosseini"), MOTHER)
    assert may_be_told(bare, "south", DAY) == {Detail.NAME}
    assert may_be_told(replace(arrived, withheld=True), "south", DAY) == UNNAMED


NUMBERS = tuple(Identifier(kind, f"{kind} 41 26") for kind in IdentifierKind)
HEAVY = replace(
    MOTHER,
    identifiers=NUMBERS,
    ethnicity="Hazara",
    religion="Shia",
    languages=("fa",),
    health="She needs insulin.",
    detention="She was held in Zahedan.",
    occupation="Teacher",
    marks="A scar",
    photos=("att_1",),
)


def test_p15_what_is_sensitive_and_what_was_written_freely_stays_home() -> None:
    story = Separation(Cause.MIGRATION, narrative="At night", fears="Her uncle", route="By boat")
    contact = Contact(phones=("+38970000000",), address=Place(town="Skopje"))
    asked = make_request(SON, HEAVY, separation=story, contact=contact, message="Call me.")
    sent = least(
        asked, frozenset(), STATED, DAY, Measure(frozenset(IdentifierKind), frozenset(Detail))
    )
    kept = replace(HEAVY, **dict.fromkeys(("ethnicity", "religion", "health", "detention")))
    kept = replace(kept, languages=(), occupation=None, marks=None, photos=())
    assert sent.sought[0].person == kept
    assert sent.separation == Separation(Cause.MIGRATION)
    assert sent.reach is None


@pytest.mark.parametrize("kinds", [set(), {IdentifierKind.PHONE}, {IdentifierKind.PASSPORT}])
def test_p18_only_identifiers_that_the_policy_names_are_sent(kinds: set[IdentifierKind]) -> None:
    asked = make_request(replace(SON, identifiers=NUMBERS), HEAVY)
    sent = least(asked, frozenset(), STATED, DAY, Measure(frozenset(kinds)))
    assert {one.kind for one in sent.sought[0].person.identifiers} == kinds
    assert sent.enquirer is not None
    assert sent.enquirer.identifiers == ()


def test_p09_and_p36_what_the_enquirer_excludes_and_what_would_harm_go_with_the_request() -> None:
    excluded = (Exclusion(DAY, ("police-north",)),)
    asked = make_request(SON, MOTHER, excluded=excluded, detrimental=True)
    sent = least(asked, frozenset(), STATED, DAY, Measure())
    assert (sent.excluded, sent.detrimental) == (excluded, True)
    unnamed = least(asked, frozenset(), STATED, DAY, Measure(details=UNNAMED))
    assert unnamed.excluded == (), "a code may say which country it is of (P-16)"


@pytest.mark.parametrize("wrong", ["stranger", "itself", "twice", "leads a lead"])
def test_who_accompanies_whom_is_of_the_sought_persons_and_in_one_step(wrong: str) -> None:
    one, two, three = MOTHER, make_person("Reza Hosseini"), make_person("Zahra Hosseini")
    sent = least(make_request(SON, one, two, three), frozenset(), STATED, DAY, Measure())
    assert replace(sent, leads=((one.id, two.id), (three.id, two.id))).leads
    leads = {
        "stranger": ((one.id, SON.id),),
        "itself": ((one.id, one.id),),
        "twice": ((one.id, two.id), (one.id, three.id)),
        "leads a lead": ((one.id, two.id), (two.id, three.id)),
    }[wrong]
    with pytest.raises(InvalidInput, match="leads"):
        replace(sent, leads=leads)
