"""A look for a case of the same family stands before another case: shown, said, logged."""

from dataclasses import replace

import pytest

from rfl.background import settle
from rfl.domain.access import Role
from rfl.domain.casefile import Kind
from rfl.domain.person import Identifier, IdentifierKind, Kin, Name, Relation, Sex
from rfl.domain.request import Level, TracingRequest
from rfl.domain.states import PreCase
from rfl.errors import Conflict, Forbidden, InvalidInput, NotFound
from rfl.flows.enrol import add_registration
from rfl.flows.look import SHOWN, join_case, look_for_family, open_another
from rfl.flows.merge import merge_cases
from rfl.flows.read_file import read_file
from rfl.flows.receive_enquiry import receive_enquiry
from rfl.flows.register import open_case, open_intake
from rfl.flows.review import read_case
from rfl.flows.runtime import Runtime
from rfl.flows.work_enquiry import Move, move_enquiry, read_enquiry
from rfl.storage.searches import searches
from tests.api.support import entries
from tests.flows.test_enquiries import CAME
from tests.office import open_desk
from tests.support import OFFICER, make_call, make_person, make_registration, make_request

WAY = (PreCase.TRIAGE, PreCase.INTERVIEWED, PreCase.ELIGIBLE)
PHONE = (Identifier(IdentifierKind.PHONE, "+38970123456"),)


def eligible(rt: Runtime) -> str:
    enquiry = receive_enquiry(rt, OFFICER, CAME)
    for version, state in enumerate(WAY, 1):
        move_enquiry(rt, OFFICER, enquiry, version, Move(state))
    return enquiry


def opened(rt: Runtime, request: TracingRequest | None = None) -> str:
    case = open_case(rt, OFFICER, request or make_request(), None).id
    settle(rt)
    return case


def shown(rt: Runtime, request: TracingRequest | None = None) -> list[str]:
    intake = open_intake(rt, OFFICER).id
    found = look_for_family(rt, OFFICER, intake, request or make_request())
    return [one.record for one in found]


FAMILY = {
    "the same enquirer": make_request(
        make_person("علي حسيني", sex=Sex.MALE, birth="1990-04-12"), make_person("Nobody Else")
    ),
    "the same sought person, by a second enquirer": make_request(
        make_person("Reza Karimi"), make_person("Maryam Hosseini", sex=Sex.FEMALE, birth="1961")
    ),
    "both sides searching": make_request(
        make_person("Maryam Hosseini", sex=Sex.FEMALE, birth="1961"),
        make_person("Ali Hosseini", sex=Sex.MALE, birth="1990-04-12"),
    ),
    "a relative who is named": make_request(
        make_person("Sara Karimi"),
        make_person(
            "Zahra Noor", kin=(Kin(Relation.MOTHER, (Name("Maryam Hosseini"),)),), birth="1999"
        ),
    ),
    "the same phone under another name": make_request(
        make_person("Somebody Else", identifiers=PHONE), make_person("Nobody Else")
    ),
}


@pytest.mark.parametrize("family", FAMILY.values(), ids=FAMILY)
def test_a_case_of_the_same_family_is_shown(sqlite_rt: Runtime, family: TracingRequest) -> None:
    son = make_person("Ali Hosseini", sex=Sex.MALE, birth="1990-04-12", identifiers=PHONE)
    case = opened(sqlite_rt, make_request(son))
    opened(sqlite_rt, make_request(make_person("Goran Ilievski"), make_person("Vesna Ilievska")))
    assert shown(sqlite_rt, family)[0] == case


def test_at_most_ten_cases_are_shown_each_once_and_no_registration(sqlite_rt: Runtime) -> None:
    from_many = {opened(sqlite_rt) for _ in range(SHOWN + 3)}
    found = shown(sqlite_rt)
    assert len(found) == len(set(found)) == SHOWN
    assert set(found) <= from_many


def test_a_stranger_shows_nothing(sqlite_rt: Runtime) -> None:
    opened(sqlite_rt)
    assert shown(sqlite_rt, make_request(make_person("Ivo Ban"), make_person("Petra Ban"))) == []


def test_p32_a_case_for_named_persons_only_is_never_shown(sqlite_rt: Runtime) -> None:
    son = make_person("Ali Hosseini", sex=Sex.MALE, birth="1990-04-12", identifiers=PHONE)
    opened(sqlite_rt, make_request(son, level=Level.NAMED_PERSONS_ONLY))
    assert shown(sqlite_rt, make_request(replace(son, id=make_person().id))) == []


def test_p01_what_a_search_found_changes_nothing_in_a_look(sqlite_rt: Runtime) -> None:
    desk = open_desk(sqlite_rt).judged().accepted()
    settle(sqlite_rt)
    intake = open_intake(sqlite_rt, OFFICER).id
    before = look_for_family(sqlite_rt, OFFICER, intake, make_request())
    desk.located().answered()
    settle(sqlite_rt)
    after = look_for_family(sqlite_rt, OFFICER, intake, make_request())
    assert [(one.record, one.score) for one in after] == [(one.record, one.score) for one in before]


def test_merged_cases_are_shown_once(sqlite_rt: Runtime) -> None:
    one, into = opened(sqlite_rt), opened(sqlite_rt)
    requests = [read_case(sqlite_rt, OFFICER, each).request for each in (one, into)]
    pair = (requests[0].sought[0].person.id, requests[1].sought[0].person.id)
    merge_cases(sqlite_rt, OFFICER, (one, 1), into, (pair,), same_enquirer=True)
    settle(sqlite_rt)
    assert shown(sqlite_rt) == [into]


def test_an_enquiry_becomes_a_case_after_the_look_alone(rt: Runtime) -> None:
    case, enquiry = opened(rt), eligible(rt)
    with pytest.raises(Conflict, match="looked for"):
        open_case(rt, OFFICER, make_request(), enquiry)
    assert [one.record for one in look_for_family(rt, OFFICER, enquiry, make_request())] == [case]
    look = read_enquiry(rt, OFFICER, enquiry).enquiry.look
    assert look is not None
    assert (look.shown, look.by) == ((case,), OFFICER.actor.id)
    with pytest.raises(Conflict, match="join one"):
        open_case(rt, OFFICER, make_request(), enquiry)
    open_another(rt, OFFICER, enquiry, 5, "This Ali is from Bamyan.")
    assert open_case(rt, OFFICER, make_request(), enquiry).id != case


def test_an_enquiry_joins_a_case_that_was_shown_and_no_other(rt: Runtime) -> None:
    case, enquiry = opened(rt), eligible(rt)
    other = opened(rt, make_request(make_person("Ivo Ban"), make_person("Petra Ban")))
    with pytest.raises(InvalidInput):
        join_case(rt, OFFICER, enquiry, 4, case)
    look_for_family(rt, OFFICER, enquiry, make_request())
    with pytest.raises(InvalidInput):
        join_case(rt, OFFICER, enquiry, 5, other)
    join_case(rt, OFFICER, enquiry, 5, case)
    view = read_enquiry(rt, OFFICER, enquiry)
    assert (view.enquiry.case, view.row.open) == (case, False)
    assert read_file(rt, OFFICER, case).file.events[-1].kind is Kind.ASKED_AGAIN
    for late in (
        lambda: join_case(rt, OFFICER, enquiry, 6, case),
        lambda: open_another(rt, OFFICER, enquiry, 6, "Late."),
        lambda: look_for_family(rt, OFFICER, enquiry, make_request()),
        lambda: open_case(rt, OFFICER, make_request(), enquiry),
    ):
        with pytest.raises(Conflict):
            late()


def test_who_may_not_open_the_case_does_not_join_it(rt: Runtime) -> None:
    case, enquiry = opened(rt), eligible(rt)
    elsewhere = open_case(rt, make_call(branch="elsewhere"), make_request(), None).id
    settle(rt)
    found = look_for_family(rt, OFFICER, enquiry, make_request())
    assert {one.record for one in found} == {case, elsewhere}
    with pytest.raises(Forbidden):
        join_case(rt, OFFICER, enquiry, 5, elsewhere)
    assert read_enquiry(rt, OFFICER, enquiry).enquiry.case is None


def test_a_look_is_made_for_an_intake_or_an_enquiry_of_ones_own_branch(rt: Runtime) -> None:
    stranger, enquiry = make_call(branch="elsewhere"), eligible(rt)
    received = receive_enquiry(rt, OFFICER, CAME)
    with pytest.raises(Conflict):
        look_for_family(rt, OFFICER, received, make_request())
    for call in (stranger, make_call(Role.INTAKE_VOLUNTEER)):
        with pytest.raises(Forbidden):
            look_for_family(rt, call, enquiry, make_request())
    with pytest.raises(NotFound):
        look_for_family(rt, OFFICER, "int_" + "0" * 26, make_request())
    with pytest.raises(InvalidInput):
        look_for_family(rt, OFFICER, opened(rt), make_request())


def test_a_look_is_one_entry_that_names_whom_it_showed_and_its_words_are_sealed(
    rt: Runtime,
) -> None:
    opened(rt)
    assert len(shown(rt)) == 1
    [said] = entries(rt, "search")
    assert len(said["objects"]) == 2
    with rt.database.read() as connection:
        [kept] = connection.execute(searches.select()).all()
    assert b"Hosseini" not in bytes(kept.terms)


def test_a_registration_is_never_shown_as_a_case(sqlite_rt: Runtime) -> None:
    add_registration(sqlite_rt, OFFICER, make_registration())
    settle(sqlite_rt)
    assert shown(sqlite_rt) == []
