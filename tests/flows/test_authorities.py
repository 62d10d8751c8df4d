"""What an authority is told: by permission or under an order, decided by two, given once (P-09)."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from rfl.audit import statement
from rfl.domain.access import Role
from rfl.domain.answer import Given, Item
from rfl.domain.authority import About, Agency, Asked, Facts, Ground, Order
from rfl.domain.consent import Consent, ConsentForm, Detail, Exclusion, Use
from rfl.domain.ids import PersonId, new_id
from rfl.domain.purpose import Purpose
from rfl.domain.request import Contact, Method
from rfl.errors import Conflict, Erased, Forbidden, InvalidInput, NotFound, StaleVersion
from rfl.flows import consult, disclose, enrol, erase, list_disclosures
from rfl.flows.disclose import Decision
from rfl.flows.register import open_case
from rfl.flows.review import change_case, read_case
from rfl.flows.runtime import Call, Runtime
from rfl.flows.state_for_subject import state_for_subject
from rfl.flows.withdraw import withdraw_consent
from rfl.storage.people import split_registration
from tests.api.support import entries
from tests.casework import DAY
from tests.office import Desk, make_account, open_desk
from tests.support import SUPERVISOR, Clock, make_person, make_registration, make_request

OFFICE, POLICE = "migration-office", "police-north"
YES, NO = Decision(True, "It is exactly what was asked."), Decision(False, "It names too much.")
ORDER = Order("K-41/26", "Criminal Procedure Act, section 142", DAY)
LAWFUL = replace(YES, agency=Agency(told_on=DAY))
NAMED = frozenset({Detail.NAME, Detail.BIRTH})


def permits(person: PersonId, *items: Detail, **changes: Any) -> Consent:
    agreed = Consent(
        person=person,
        uses=frozenset({Use.AUTHORITY}),
        form=ConsentForm.SIGNED,
        given_on=DAY,
        recipients=(OFFICE,),
        items=frozenset(items or NAMED),
    )
    return replace(agreed, **changes)


def opened(rt: Runtime, call: Call, *consents: Any, **changes: Any) -> tuple[str, PersonId]:
    """A case whose enquirer permits what is asked, with a phone that nobody asks for."""
    contact = Contact(phones=("+389 70 000 001",))
    request = make_request(contact=contact, **changes)
    agreed = consents or (permits(request.enquirer.id),)
    case = open_case(rt, call, replace(request, consents=agreed), None).id
    return case, request.enquirer.id


def asked_of(record: str, person: PersonId, **changes: Any) -> Asked:
    return replace(Asked(record, About.ENQUIRER, person, OFFICE, NAMED), **changes)


def agreed(rt: Runtime, asks: Call, decides: Call, asked: Asked, decision: Decision = YES) -> str:
    """A request that a second officer agreed to."""
    made = disclose.ask_disclosure(rt, asks, asked, "He asked us for it.")
    disclose.decide_disclosure(rt, decides, made, 1, decision)
    return made


def dpo_of(rt: Runtime) -> Call:
    made = make_account(rt, Role.DATA_PROTECTION_OFFICER)
    return replace(made, purpose=Purpose.DATA_SUBJECT_REQUEST)


def test_p09_by_permission_a_second_officer_agrees_and_exactly_the_items_are_given_once(
    rt: Runtime,
) -> None:
    officer, second, stranger = (make_account(rt) for _ in range(3))
    case, enquirer = opened(rt, officer)
    made = disclose.ask_disclosure(rt, officer, asked_of(case, enquirer), "He asked us for it.")
    assert [row.id for row in disclose.list_disclosures(rt, second, (-1, ""), 9)] == [made]
    with pytest.raises(Forbidden, match="second officer"):
        disclose.give_disclosure(rt, officer, made, 1)
    with pytest.raises(Forbidden, match="their own"):
        disclose.decide_disclosure(rt, officer, made, 1, YES)
    disclose.decide_disclosure(rt, second, made, 1, YES)
    with pytest.raises(StaleVersion):
        disclose.decide_disclosure(rt, stranger, made, 1, NO)
    with pytest.raises(Forbidden, match="exactly this request"):
        disclose.give_disclosure(rt, stranger, made, 2)
    handed = disclose.give_disclosure(rt, officer, made, 2)
    assert (handed.authority, handed.on) == (OFFICE, rt.today())
    who = read_case(rt, officer, case).request.enquirer
    assert handed.facts == Facts(names=who.names, sex=who.sex, birth=who.birth)
    with pytest.raises(Forbidden):
        disclose.give_disclosure(rt, officer, made, 3)
    assert disclose.list_disclosures(rt, second, (-1, ""), 9) == []
    kept = disclose.read_disclosure(rt, second, made).disclosure
    assert (kept.approval.approver, kept.approval.requester) == (second.actor.id, officer.actor.id)


def test_p09_a_disclosure_is_in_the_log_where_disclosures_are_looked_for(
    sqlite_rt: Runtime,
) -> None:
    rt, officer, second = sqlite_rt, make_account(sqlite_rt), make_account(sqlite_rt)
    case, enquirer = opened(rt, officer)
    made = agreed(rt, officer, second, asked_of(case, enquirer))
    auditor = replace(make_account(rt, Role.AUDITOR), purpose=Purpose.AUDIT)
    assert list_disclosures.list_disclosures(rt, auditor) == []
    disclose.give_disclosure(rt, officer, made, 2)
    [sent] = list_disclosures.list_disclosures(rt, auditor)
    assert (sent.peer, sent.entries, sent.records) == (f"authority/{OFFICE}", 1, 1)
    [entry] = [one for one in entries(rt) if one["peer"]]
    assert (entry["actor"], entry["reason"]) == (officer.actor.id, "permission")
    assert len(entry["objects"]) == 2, "the case, and the person in it"


@pytest.mark.parametrize(
    ("changes", "allowed"),
    [
        ({}, True),
        ({"recipients": (POLICE,)}, False),
        ({"items": frozenset({Detail.NAME})}, False),
        ({"items": frozenset(Detail)}, True),
        ({"holds_until": DAY}, True),
        ({"withdrawn_on": DAY}, False),
    ],
)
def test_p09_a_permission_reaches_this_authority_these_items_and_its_time(
    sqlite_rt: Runtime, changes: dict[str, Any], allowed: bool
) -> None:
    officer, person = make_account(sqlite_rt), make_person()
    request = make_request(person, consents=(permits(person.id, **changes),))
    case = open_case(sqlite_rt, officer, request, None).id
    asked = asked_of(case, person.id)
    if allowed:
        assert disclose.ask_disclosure(sqlite_rt, officer, asked, "He asked.").startswith("dsc_")
        return
    with pytest.raises(Forbidden, match="permitted"):
        disclose.ask_disclosure(sqlite_rt, officer, asked, "He asked.")
    assert disclose.list_disclosures(sqlite_rt, officer, (-1, ""), 9) == []


def test_p09_what_is_taken_back_or_excluded_meanwhile_is_not_given(sqlite_rt: Runtime) -> None:
    rt, officer, second = sqlite_rt, make_account(sqlite_rt), make_account(sqlite_rt)
    case, enquirer = opened(rt, officer)
    made = agreed(rt, officer, second, asked_of(case, enquirer))
    withdraw_consent(rt, officer, case, 1, frozenset({Use.AUTHORITY}))
    with pytest.raises(Forbidden, match="permitted"):
        disclose.give_disclosure(rt, officer, made, 2)
    other, person = opened(rt, officer)
    asked = agreed(rt, officer, second, asked_of(other, person))
    view = read_case(rt, officer, other)
    changed = replace(view.request, excluded=(Exclusion(DAY, (OFFICE,)),))
    change_case(rt, officer, other, view.row.version, changed)
    with pytest.raises(Forbidden, match="excluded"):
        disclose.give_disclosure(rt, officer, asked, 2)


@pytest.mark.parametrize(
    ("exclusion", "excludes"),
    [
        (Exclusion(DAY), True),
        (Exclusion(DAY, (OFFICE,)), True),
        (Exclusion(DAY, (POLICE,)), False),
        (Exclusion(DAY, withdrawn_on=DAY), False),
        (Exclusion(DAY, (OFFICE, POLICE), withdrawn_on=date(2099, 1, 1)), True),
    ],
)
def test_p09_an_exclusion_goes_before_permission_and_is_shown_where_an_order_compels(
    sqlite_rt: Runtime, exclusion: Exclusion, excludes: bool
) -> None:
    rt, officer = sqlite_rt, make_account(sqlite_rt)
    case, enquirer = opened(rt, officer, excluded=(exclusion,))
    asked = asked_of(case, enquirer)
    if excludes:
        with pytest.raises(Forbidden, match="excluded"):
            disclose.ask_disclosure(rt, officer, asked, "He asked.")
    made = agreed(rt, officer, dpo_of(rt), replace(asked, order=ORDER), LAWFUL)
    disclose.give_disclosure(rt, officer, made, 2)
    assert disclose.read_disclosure(rt, officer, made).disclosure.against is excludes


def test_p09_an_order_is_decided_by_the_data_protection_officer_who_says_what_the_agency_knows(
    rt: Runtime,
) -> None:
    officer, second, dpo = make_account(rt), make_account(rt, Role.SUPERVISOR), dpo_of(rt)
    case, enquirer = opened(rt, officer, excluded=(Exclusion(DAY),))
    only = frozenset({Detail.BIRTH})
    asked = asked_of(case, enquirer, authority=POLICE, items=only, order=ORDER)
    made = disclose.ask_disclosure(rt, officer, asked, "The court orders it.")
    with pytest.raises(Forbidden):
        disclose.decide_disclosure(rt, second, made, 1, LAWFUL)
    for wrong in (YES, replace(YES, agency=Agency(told_on=rt.today() + timedelta(days=1)))):
        with pytest.raises(InvalidInput, match="agency"):
            disclose.decide_disclosure(rt, dpo, made, 1, wrong)
    view = disclose.read_disclosure(rt, dpo, made)
    assert (view.disclosure.asked, view.disclosure.asked.ground) == (asked, Ground.ORDER)
    silent = replace(YES, agency=Agency(forbidden_by="Section 9: nobody may be told."))
    disclose.decide_disclosure(rt, dpo, made, 1, silent)
    with pytest.raises(Forbidden):
        disclose.give_disclosure(rt, dpo, made, 2)
    given = disclose.give_disclosure(rt, officer, made, 2)
    assert given.facts == Facts(birth=read_case(rt, officer, case).request.enquirer.birth)
    kept = disclose.read_disclosure(rt, dpo, made).disclosure
    assert kept.decided is not None
    assert (kept.decided.by, kept.decided.agency) == (dpo.actor.id, silent.agency)
    assert [one["reason"] for one in entries(rt) if one["peer"]] == ["order"]


def test_p09_a_permission_says_nothing_of_the_agency_and_a_refusal_ends_the_request(
    sqlite_rt: Runtime,
) -> None:
    rt, officer, second = sqlite_rt, make_account(sqlite_rt), make_account(sqlite_rt)
    case, enquirer = opened(rt, officer)
    made = disclose.ask_disclosure(rt, officer, asked_of(case, enquirer), "He asked.")
    with pytest.raises(InvalidInput, match="agency"):
        disclose.decide_disclosure(rt, second, made, 1, LAWFUL)
    disclose.decide_disclosure(rt, second, made, 1, NO)
    for again in (YES, NO):
        with pytest.raises(Conflict, match="decided before"):
            disclose.decide_disclosure(rt, second, made, 2, again)
    kept = disclose.read_disclosure(rt, officer, made).disclosure.decided
    assert kept is not None
    assert (kept.by, kept.reason) == (second.actor.id, NO.reason)
    with pytest.raises(Forbidden):
        disclose.give_disclosure(rt, officer, made, 2)


def test_p09_an_agreement_ends_after_three_days(sqlite_rt: Runtime, clock: Clock) -> None:
    officer, second = make_account(sqlite_rt), make_account(sqlite_rt)
    case, enquirer = opened(sqlite_rt, officer)
    made = agreed(sqlite_rt, officer, second, asked_of(case, enquirer))
    clock.move(hours=72)
    with pytest.raises(Forbidden):
        disclose.give_disclosure(sqlite_rt, officer, made, 2)


def uses(rt: Runtime, case: str, person: str) -> tuple[statement.Use, ...]:
    """What a person of a case is told of the uses of their data."""
    dpo = dpo_of(rt)
    return state_for_subject(rt, dpo, case, person, identity_checked=True).uses


def found(rt: Runtime) -> Desk:
    desk = open_desk(rt).judged().accepted().located()
    items = (Item.PHONE, Item.ADDRESS)
    return desk.answered(*items, given=Given(phone="+381 60 000 001", address="12 Mill Street"))


def test_p09_of_a_found_person_the_team_alone_tells_what_this_person_permits(rt: Runtime) -> None:
    desk = found(rt)
    asked = asked_of(desk.case, desk.person, about=About.SOUGHT)
    asked = replace(asked, items=frozenset({Detail.NAME, Detail.PHONE}))
    words = ((permits(desk.person, Detail.NAME, Detail.PHONE),), ())
    with pytest.raises(Forbidden, match="permitted"):
        disclose.ask_disclosure(rt, desk.searcher, asked, "She asked.")
    at = (desk.case, desk.journal.version, desk.person)
    consult.record_stance(rt, desk.searcher, *at, words)
    with pytest.raises(Forbidden):
        disclose.ask_disclosure(rt, desk.officer, asked, "She asked.")
    made = disclose.ask_disclosure(rt, desk.searcher, asked, "She asked.")
    for outsider in (desk.officer, desk.supervisor, dpo_of(rt)):
        with pytest.raises(Forbidden):
            disclose.read_disclosure(rt, outsider, made)
        with pytest.raises(Forbidden):
            disclose.decide_disclosure(rt, outsider, made, 1, YES)
    disclose.decide_disclosure(rt, desk.second, made, 1, YES)
    facts = disclose.give_disclosure(rt, desk.searcher, made, 2).facts
    assert (facts.phones, facts.address) == (("+381 60 000 001",), None)
    [line] = [use for use in uses(rt, desk.case, desk.person) if use.sent_to]
    assert (line.sent_to, line.data) == (
        f"authority/{OFFICE}",
        ("names, family, birth and places",),
    )
    assert not [use for use in uses(rt, desk.case, desk.request.enquirer.id) if use.sent_to]
    at = (desk.case, desk.journal.version, desk.person)
    consult.record_stance(rt, desk.searcher, *at, (words[0], (Exclusion(DAY),)))
    with pytest.raises(Forbidden, match="excluded"):
        disclose.ask_disclosure(rt, desk.searcher, asked, "She asked.")


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (lambda desk: ((permits(desk.person, given_on=date(2099, 1, 1)),), ()), "given_on"),
        (lambda desk: ((replace(permits(desk.person), uses=frozenset({Use.SHARE})),), ()), "cons"),
        (lambda desk: ((permits(PersonId(new_id("per"))),), ()), "person"),
    ],
)
def test_p09_a_found_person_speaks_for_themself_and_of_authorities_alone(
    sqlite_rt: Runtime, words: Any, field: str
) -> None:
    desk = found(sqlite_rt)
    at = (desk.case, desk.journal.version, desk.person)
    with pytest.raises(InvalidInput, match=field):
        consult.record_stance(sqlite_rt, desk.searcher, *at, words(desk))
    lost = open_desk(sqlite_rt)
    at = (lost.case, lost.journal.version, lost.person)
    with pytest.raises(Conflict, match="not met"):
        consult.record_stance(sqlite_rt, lost.searcher, *at, ((), (Exclusion(DAY),)))


def test_p09_a_registered_person_permits_and_excludes_and_a_later_list_changes_neither(
    sqlite_rt: Runtime,
) -> None:
    rt, officer, second = sqlite_rt, make_account(sqlite_rt), make_account(sqlite_rt)
    plain = make_registration()
    said = replace(plain, consents=(permits(plain.person.id),))
    assert replace(plain, remarks="New").in_place_of(said).consents == said.consents
    record = enrol.add_registration(rt, officer, said)
    asked = asked_of(record, said.person.id, about=About.REGISTERED)
    made = agreed(rt, officer, second, asked)
    handed = disclose.give_disclosure(rt, officer, made, 2)
    assert handed.facts.names == said.person.names
    enrol.change_registration(rt, officer, record, 1, replace(said, excluded=(Exclusion(DAY),)))
    with pytest.raises(Forbidden, match="excluded"):
        disclose.ask_disclosure(rt, officer, asked, "Again.")
    erase.erase_registration(rt, SUPERVISOR, record, "entered_in_error")
    with pytest.raises(NotFound):
        disclose.read_disclosure(rt, officer, made)


def test_a_registration_that_says_nothing_of_authorities_has_the_bytes_that_it_always_had() -> None:
    """A row of a list without an id is known by them, so that an erased one does not come back."""
    stored = b"".join(split_registration(make_registration()).values())
    for word in (b"consents", b"excluded", b"detrimental"):
        assert word not in stored


def test_p09_nobody_asks_for_another_person_than_the_side_holds(sqlite_rt: Runtime) -> None:
    rt, officer = sqlite_rt, make_account(sqlite_rt)
    case, enquirer = opened(rt, officer)
    stranger = PersonId(new_id("per"))
    for wrong in (
        asked_of(case, stranger),
        asked_of(case, enquirer, about=About.REGISTERED),
        asked_of(new_id("reg"), enquirer),
    ):
        with pytest.raises(InvalidInput):
            disclose.ask_disclosure(rt, officer, wrong, "He asked.")
    elsewhere = make_account(rt, branch="elsewhere")
    with pytest.raises(Forbidden):
        disclose.ask_disclosure(rt, elsewhere, asked_of(case, enquirer), "He asked.")
    made = disclose.ask_disclosure(rt, officer, asked_of(case, enquirer), "He asked.")
    erase.erase_case(rt, SUPERVISOR, case, "entered_in_error")
    with pytest.raises((NotFound, Erased)):
        disclose.read_disclosure(rt, officer, made)


def test_p09_a_word_about_authorities_that_contradicts_itself_is_refused() -> None:
    person = make_person()
    for wrong, field in (
        (lambda: permits(person.id, uses=frozenset({Use.AUTHORITY, Use.SHARE})), "uses"),
        (lambda: permits(person.id, recipients=()), "recipients"),
        (lambda: permits(person.id, recipients=("The Police",)), "recipients"),
        (lambda: Exclusion(DAY, ("Police!",)), "authorities"),
        (lambda: Exclusion(DAY, withdrawn_on=DAY - timedelta(days=1)), "withdrawn_on"),
        (lambda: Agency(), "agency"),
        (lambda: Agency(DAY, "Section 9"), "agency"),
        (lambda: asked_of("cas_x", person.id, items=frozenset()), "items"),
        (
            lambda: make_request(
                person, methods=frozenset({Method.AUTHORITIES}), excluded=(Exclusion(DAY),)
            ),
            "methods",
        ),
        (
            lambda: make_registration(
                person, consents=(permits(person.id, uses=frozenset({Use.CONTACT})),)
            ),
            "uses",
        ),
    ):
        with pytest.raises(InvalidInput, match=field):
            wrong()
