"""Statements from a real log: after a check of identity, about one person, each an entry."""

from dataclasses import replace

import pytest

from rfl.audit import statement
from rfl.background import settle
from rfl.domain.access import Role
from rfl.domain.ids import new_id
from rfl.domain.purpose import Purpose
from rfl.errors import Forbidden, InvalidInput
from rfl.flows.admit import add_account
from rfl.flows.decide import list_matches
from rfl.flows.enrol import add_registration, read_registration
from rfl.flows.erase import erase_registration
from rfl.flows.register import open_case
from rfl.flows.runtime import OFFICE_CALL, Runtime
from rfl.flows.search import search
from rfl.flows.state_for_subject import Statement, state_for_subject
from tests.flows.test_log_questions import bodies
from tests.support import (
    DPO,
    OFFICER,
    SUPERVISOR,
    make_call,
    make_person,
    make_registration,
    make_request,
)


def stated(
    rt: Runtime, record: str, person: str | None = None, *, checked: bool = True
) -> Statement:
    return state_for_subject(rt, DPO, record, person, identity_checked=checked)


def test_a_registered_person_is_told_of_every_use(rt: Runtime) -> None:
    mine = add_registration(rt, OFFICER, make_registration())
    case = open_case(rt, OFFICER, request := make_request(), None).id
    settle(rt)
    read_registration(rt, OFFICER, mine)
    assert search(rt, OFFICER, case, request.sought[0].person)
    assert list_matches(rt, OFFICER, case)
    with pytest.raises(Forbidden):
        read_registration(rt, make_call(branch="elsewhere"), mine)
    found = stated(rt, mine)
    assert [use.what for use in found.uses] == [
        "Your data was entered",
        "Your data was read",
        "You were shown among others in a search",
        "You were shown among others in a search",
        "Access to your data was refused",
    ]
    assert found.text.count("\n") == 5
    own = bodies(rt)[-1]
    assert (own.action, own.reason, own.count) == ("log.state", "identity_checked", 1)


def test_a_family_whose_case_has_a_proposal_reads_what_another_family_reads(rt: Runtime) -> None:
    with_match = open_case(rt, OFFICER, request := make_request(), None).id
    add_registration(rt, OFFICER, make_registration())
    settle(rt)
    assert list_matches(rt, OFFICER, with_match)
    without = open_case(rt, OFFICER, other := make_request(), None).id
    search(rt, OFFICER, without, make_person("Nobody Known"))
    first = stated(rt, with_match, request.enquirer.id)
    second = stated(rt, without, other.enquirer.id)
    assert [use.what for use in first.uses] == [use.what for use in second.uses]


def test_p14_unchecked_the_sentence_is_the_same_whether_anything_is_held(rt: Runtime) -> None:
    mine = add_registration(rt, OFFICER, make_registration())
    answers = [stated(rt, record, checked=False) for record in (mine, new_id("reg"), "nonsense")]
    assert {(one.sentence, one.text) for one in answers} == {
        (statement.UNCHECKED, statement.UNCHECKED + "\n")
    }
    assert [(one.objects, one.count) for one in bodies(rt)[-3:]] == [((), 0)] * 3
    assert bodies(rt)[-1].reason == "identity_not_checked"


def test_after_an_erasure_nothing_can_be_tied_to_the_person(rt: Runtime) -> None:
    mine = add_registration(rt, OFFICER, make_registration())
    erase_registration(rt, SUPERVISOR, mine, "data_subject_request")
    for record in (mine, new_id("reg")):
        assert stated(rt, record).text == statement.NOTHING + "\n"


def test_in_a_case_the_person_must_be_named(rt: Runtime) -> None:
    case = open_case(rt, OFFICER, make_request(), None).id
    with pytest.raises(InvalidInput) as refused:
        stated(rt, case)
    assert refused.value.field == "person"


def test_only_the_data_protection_officer_makes_statements_and_for_that_purpose(
    rt: Runtime,
) -> None:
    mine = add_registration(rt, OFFICER, make_registration())
    calls = [OFFICER, make_call(Role.AUDITOR, Purpose.AUDIT), replace(DPO, purpose=Purpose.AUDIT)]
    for call in calls:
        with pytest.raises(Forbidden):
            state_for_subject(rt, call, mine, None, identity_checked=True)


def test_names_are_told_and_opened_only_where_the_policy_says_so(rt: Runtime) -> None:
    account = add_account(rt, OFFICE_CALL, Role.TRACING_OFFICER, "gevgelija", "Elena Petrova")
    officer = replace(OFFICER, actor=replace(OFFICER.actor, id=account.account))
    mine = add_registration(rt, officer, make_registration())
    [by_role] = stated(rt, mine).uses
    assert by_role.by == "a tracing officer of the branch gevgelija"
    assert bodies(rt)[-1].count == 1
    rt.rules = replace(rt.rules, statement_names=True)
    by_name = stated(rt, mine).uses[0]
    assert by_name.by == "Elena Petrova, a tracing officer of the branch gevgelija"
    assert bodies(rt)[-1].count == 2
