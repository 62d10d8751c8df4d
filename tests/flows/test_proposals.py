"""Whoever may be one person is proposed once, and people decide."""

import threading
import time
from dataclasses import replace

import pytest

from rfl.background import Background, settle
from rfl.domain.groups import Group
from rfl.domain.match import Evidence, MatchKind, MatchState, Step
from rfl.domain.person import Identifier, IdentifierKind, Person, Sex
from rfl.domain.request import Level
from rfl.errors import Conflict, Erased, Forbidden, InvalidInput, NotFound, StaleVersion
from rfl.flows.decide import decide_match, list_matches, read_match
from rfl.flows.enrol import add_registration, change_registration, read_registration
from rfl.flows.erase import erase_case, erase_registration
from rfl.flows.follow import catch_up, load_pools
from rfl.flows.hash_again import hash_again
from rfl.flows.propose import KEPT
from rfl.flows.register import open_case, open_intake
from rfl.flows.review import change_case, read_case
from rfl.flows.runtime import Runtime
from rfl.flows.search import SHOWN, search
from rfl.matching.pools import Pool, Pools
from rfl.matching.terms import TERMS_VERSION
from rfl.storage.vault import record_keys
from tests.support import (
    OFFICER,
    SUPERVISOR,
    make_call,
    make_person,
    make_registration,
    make_request,
)

EVIDENCE = Evidence(MatchKind.REGISTRATION, 0.5, 0.0, (), "1", "1")
MOTHER = ("Maryam Hosseini", "Maryam Hosseyni")


def mother(*names: str) -> Person:
    return make_person(*(names or MOTHER), sex=Sex.FEMALE, birth="1961-05-09")


def son(*names: str) -> Person:
    return make_person(*(names or ("Ali Hosseini",)), sex=Sex.MALE, birth="1990-04-12")


SCRIPTS = [
    ("Maryam Hosseini", "مریم حسینی"),
    ("مريم حسيني", "Маријам Хусеини"),
    ("Марија Петровска", "Marija Petrovska"),
    ("Dragan Jovanović", "Драган Јовановић"),
    ("Abd al-Rahman Khalil", "عبدالرحمن خليل"),
]


@pytest.mark.parametrize(("sought", "registered"), SCRIPTS)
def test_a_sought_person_is_proposed_across_scripts(
    sqlite_rt: Runtime, sought: str, registered: str
) -> None:
    opened = open_case(sqlite_rt, OFFICER, make_request(son(), mother(sought)), None)
    made = add_registration(sqlite_rt, OFFICER, make_registration(mother(registered)))
    settle(sqlite_rt)
    [view] = list_matches(sqlite_rt, OFFICER, opened.id)
    assert (view.row.right_record, view.evidence.kind) == (made, MatchKind.REGISTRATION)
    assert view.other.names[0].text == registered


def test_the_order_of_arrival_does_not_matter(rt: Runtime) -> None:
    made = add_registration(rt, OFFICER, make_registration(mother("مريم حسيني")))
    settle(rt)
    opened = open_case(rt, OFFICER, make_request(son(), mother()), None)
    settle(rt)
    assert [view.row.right_record for view in list_matches(rt, OFFICER, opened.id)] == [made]


def test_two_families_that_search_for_each_other_are_proposed(rt: Runtime) -> None:
    here = open_case(rt, OFFICER, make_request(son(), mother()), None)
    there = open_case(rt, OFFICER, make_request(mother("مریم حسینی"), son("علی حسینی")), None)
    settle(rt)
    views = list_matches(rt, OFFICER, here.id)
    assert {view.evidence.kind for view in views} == {MatchKind.BOTH_SEARCHING}
    assert len(views) == 2
    assert {view.row.id for view in list_matches(rt, OFFICER, there.id)} == {
        view.row.id for view in views
    }


def test_namesakes_on_a_list_do_not_crowd_out_a_family_that_searches_too(
    sqlite_rt: Runtime,
) -> None:
    rt = sqlite_rt
    theirs = make_request(make_person("مریم حسینی", sex=Sex.FEMALE), make_person("علی حسینی"))
    there = open_case(rt, OFFICER, theirs, None)
    for number in range(KEPT + 2):
        add_registration(rt, OFFICER, make_registration(mother(), record_id=f"n/{number}"))
    here = open_case(rt, OFFICER, make_request(son(), mother()), None)
    settle(rt)
    views = list_matches(rt, OFFICER, here.id)
    both = [view for view in views if view.evidence.kind is MatchKind.BOTH_SEARCHING]
    assert {view.row.left_record for view in both} == {here.id, there.id}
    assert len(views) - len(both) == KEPT


def test_a_process_that_does_not_match_searches_among_everybody(rt: Runtime) -> None:
    early = add_registration(rt, OFFICER, make_registration(mother()))
    served = replace(rt, pools=Pools())
    background = Background(served, matching=False, following=True)
    background.start()
    try:
        assert background.ready.wait(10)
        case = open_case(rt, OFFICER, make_request(son(), mother()), None).id
        late = add_registration(rt, OFFICER, make_registration(mother(), record_id="camp/late"))
        intake = open_intake(rt, OFFICER).id
        for _ in range(100):
            found = {hit.record for hit in search(served, OFFICER, intake, mother())}
            if late in found:
                break
            time.sleep(0.1)
    finally:
        background.stop()
    assert found == {early, late, case}
    assert list_matches(rt, OFFICER, case) == []  # it proposed nothing


def test_two_requests_opened_at_the_same_moment_do_not_miss_each_other(rt: Runtime) -> None:
    requests = [make_request(son(), mother()), make_request(mother(), son())]
    background = Background(rt)
    background.start()
    try:
        assert background.ready.wait(10)
        opened: list[str] = []
        threads = [
            threading.Thread(
                target=lambda request=request: opened.append(
                    open_case(rt, OFFICER, request, None).id
                )
            )
            for request in requests
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        deadline = threading.Event()
        for _ in range(100):
            if len(list_matches(rt, OFFICER, opened[0])) == 2:
                break
            deadline.wait(0.1)
    finally:
        background.stop()
    assert len(list_matches(rt, OFFICER, opened[0])) == 2


def test_a_shared_phone_number_is_compared_whatever_the_names(rt: Runtime) -> None:
    phone = (Identifier(IdentifierKind.PHONE, "+389 70 123 456"),)
    sought = replace(mother("Bibi Gul"), identifiers=phone)
    opened = open_case(rt, OFFICER, make_request(son(), sought), None)
    same = (Identifier(IdentifierKind.PHONE, "0038970123456"),)
    registered = replace(mother("Bibi Gol Ahmadi"), identifiers=same)
    made = add_registration(rt, OFFICER, make_registration(registered))
    settle(rt)
    [view] = list_matches(rt, OFFICER, opened.id)
    assert view.row.right_record == made
    assert any(one.field == "identifiers" for one in view.evidence.contributions)


def test_p18_a_kind_that_is_no_longer_allowed_leaves_no_hash_and_a_new_one_is_found(
    rt: Runtime,
) -> None:
    phone = (Identifier(IdentifierKind.PHONE, "+389 70 123 456"),)
    sought, hidden = (replace(mother("Bibi Gul"), identifiers=phone) for _ in range(2))
    here = open_case(rt, OFFICER, make_request(son(), sought), None).id
    narrow = make_request(son(), hidden, level=Level.NAMED_PERSONS_ONLY)
    open_case(rt, OFFICER, narrow, None)
    listed = make_registration(replace(mother("Bibi Gol Ahmadi"), identifiers=phone))
    there = add_registration(rt, OFFICER, listed)
    before = rt.rules
    for kinds, found in ((IdentifierKind.EMAIL, set()), (IdentifierKind.PHONE, {here, there})):
        rt.rules = replace(before, identifier_kinds=frozenset({kinds}))
        assert hash_again(rt) == 3
        with rt.database.read() as connection:
            rows = connection.exec_driver_sql("SELECT record_id FROM identifiers").all()
        assert {row[0] for row in rows} == found


def test_state_issued_numbers_are_not_kept_or_compared(rt: Runtime) -> None:
    passport = (Identifier(IdentifierKind.PASSPORT, "A1234567"),)
    open_case(rt, OFFICER, make_request(replace(son(), identifiers=passport)), None)
    with rt.database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM identifiers").scalar() == 0


def test_matching_again_proposes_nothing_twice(rt: Runtime) -> None:
    opened = open_case(rt, OFFICER, make_request(son(), mother()), None)
    made = add_registration(rt, OFFICER, make_registration(mother()))
    settle(rt)
    registration = read_registration(rt, OFFICER, made).registration
    change_registration(rt, OFFICER, made, 1, replace(registration, remarks="again"))
    settle(rt)
    assert len(list_matches(rt, OFFICER, opened.id)) == 1


def test_a_rejected_pair_stays_rejected(rt: Runtime) -> None:
    opened = open_case(rt, OFFICER, make_request(son(), mother()), None)
    add_registration(rt, OFFICER, make_registration(mother()))
    settle(rt)
    [view] = list_matches(rt, OFFICER, opened.id)
    decide_match(rt, OFFICER, view.row.id, 1, MatchState.REJECTED, "Another village.")
    request = read_case(rt, OFFICER, opened.id).request
    change_case(rt, OFFICER, opened.id, 1, replace(request, message="new"))
    settle(rt)
    [again] = list_matches(rt, OFFICER, opened.id)
    assert again.decided.state is MatchState.REJECTED
    assert not again.row.open


def test_p10_a_decision_names_the_officer_and_the_reason_and_can_be_undone(rt: Runtime) -> None:
    opened = open_case(rt, OFFICER, make_request(son(), mother()), None)
    add_registration(rt, OFFICER, make_registration(mother()))
    settle(rt)
    [view] = list_matches(rt, OFFICER, opened.id)
    assert decide_match(rt, OFFICER, view.row.id, 1, MatchState.CONFIRMED, "Photo and scar.") == 2
    decide_match(rt, OFFICER, view.row.id, 2, MatchState.UNDONE, "Wrong photo.")
    steps = read_match(rt, OFFICER, view.row.id).decided.steps
    assert [(step.state, step.by, step.reason) for step in steps] == [
        (MatchState.CONFIRMED, OFFICER.actor.id, "Photo and scar."),
        (MatchState.UNDONE, OFFICER.actor.id, "Wrong photo."),
    ]


def test_a_decision_on_a_stale_version_or_without_reason_is_refused(rt: Runtime) -> None:
    opened = open_case(rt, OFFICER, make_request(son(), mother()), None)
    add_registration(rt, OFFICER, make_registration(mother()))
    settle(rt)
    [view] = list_matches(rt, OFFICER, opened.id)
    with pytest.raises(StaleVersion):
        decide_match(rt, OFFICER, view.row.id, 7, MatchState.CONFIRMED, "Photo.")
    with pytest.raises(InvalidInput):
        decide_match(rt, OFFICER, view.row.id, 1, MatchState.CONFIRMED, " ")
    with pytest.raises(NotFound):
        decide_match(rt, make_call(branch="elsewhere"), view.row.id, 1, MatchState.REJECTED, "No.")
    assert read_match(rt, OFFICER, view.row.id).decided.state is MatchState.PROPOSED


@pytest.mark.parametrize("state", list(MatchState))
def test_only_the_steps_of_the_table_exist(state: MatchState, sqlite_rt: Runtime) -> None:
    from rfl.domain.match import STEPS, Decided  # noqa: PLC0415 (the table itself is read)

    for following in MatchState:
        step = Step(following, "acc_x", sqlite_rt.clock(), "Because.")
        if following in STEPS[state]:
            assert Decided(state).then(step, EVIDENCE).state is following
        else:
            with pytest.raises(Conflict):
                Decided(state).then(step, EVIDENCE)


def test_what_is_at_named_persons_only_is_not_matched_and_has_the_same_size(rt: Runtime) -> None:
    add_registration(rt, OFFICER, make_registration(mother()))
    request = make_request(son(), mother())
    shown = open_case(rt, OFFICER, request, None)
    hidden = open_case(
        rt, OFFICER, make_request(son(), mother(), level=Level.NAMED_PERSONS_ONLY), None
    )
    settle(rt)
    assert len(list_matches(rt, OFFICER, shown.id)) == 1
    assert list_matches(rt, OFFICER, hidden.id) == []
    with rt.database.read() as connection:
        sizes = connection.exec_driver_sql("SELECT length(terms) FROM cases").scalars().all()
    assert len(set(sizes)) == 1


def test_an_erased_record_takes_its_proposals_along(rt: Runtime) -> None:
    opened = open_case(rt, OFFICER, make_request(son(), mother()), None)
    made = add_registration(rt, OFFICER, make_registration(mother()))
    position = load_pools(rt)
    settle(rt)
    assert len(list_matches(rt, OFFICER, opened.id)) == 1
    erase_registration(rt, SUPERVISOR, made, "data_subject_request")
    assert list_matches(rt, OFFICER, opened.id) == []
    catch_up(rt, position)
    assert len(rt.pools.registered) == 0
    erase_case(rt, SUPERVISOR, opened.id, "data_subject_request")
    catch_up(rt, position)
    assert len(rt.pools) == 0


def test_a_second_process_keeps_in_step_by_the_feed(rt: Runtime) -> None:
    other = replace(rt, pools=Pools())
    position = load_pools(other)
    open_case(rt, OFFICER, make_request(son(), mother()), None)
    made = add_registration(rt, OFFICER, make_registration(mother()))
    position = catch_up(other, position)
    assert len(other.pools) == 3
    erase_registration(rt, SUPERVISOR, made, "data_subject_request")
    catch_up(other, position)
    assert len(other.pools) == 2


def test_terms_of_older_rules_are_made_anew_at_the_start(
    rt: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr("rfl.matching.terms.TERMS_VERSION", TERMS_VERSION - 1)
        open_case(rt, OFFICER, make_request(son(), mother()), None)
        add_registration(rt, OFFICER, make_registration(mother()))
    load_pools(rt)
    assert len(rt.pools) == 3
    assert rt.pools.sought.nbytes > 0


def test_a_start_takes_in_everyone_once_in_whatever_order_rows_and_keys_stand(rt: Runtime) -> None:
    for number in range(7):
        add_registration(rt, OFFICER, make_registration(mother(), record_id=f"camp/{number}"))
        open_case(rt, OFFICER, make_request(son(), mother()), None)
    with rt.database.write() as connection:
        rows = connection.execute(record_keys.select().order_by(record_keys.c.record_id)).all()
        connection.execute(record_keys.delete())
        connection.execute(record_keys.insert(), [row._asdict() for row in rows[:-1]])
    unwrapped = rt.agent.unwraps()
    load_pools(rt)
    assert (len(rt.pools.registered), rows[-1].record_id[:4]) == (6, "reg_")
    assert (len(rt.pools.sought), len(rt.pools.enquirers)) == (7, 7)
    assert rt.agent.unwraps() == unwrapped + 6 + 7


def test_a_search_shows_names_and_bands_and_is_one_entry(rt: Runtime) -> None:
    for number in range(12):
        add_registration(rt, OFFICER, make_registration(mother(), record_id=f"camp/{number}"))
    settle(rt)
    intake = open_intake(rt, OFFICER)
    with rt.database.read() as connection:
        before = connection.exec_driver_sql("SELECT count(*) FROM ledger").scalar() or 0
    hits = search(rt, OFFICER, intake.id, mother("Mariam Husseini"))
    with rt.database.read() as connection:
        after = connection.exec_driver_sql("SELECT count(*) FROM ledger").scalar() or 0
    assert len(hits) == SHOWN
    assert {hit.part for hit in hits} == {Pool.REGISTERED}
    assert after == before + 1


def test_a_search_needs_a_living_case_or_an_intake_of_the_branch(rt: Runtime) -> None:
    intake = open_intake(rt, OFFICER)
    opened = open_case(rt, OFFICER, make_request(), None)
    erase_case(rt, SUPERVISOR, opened.id, "data_subject_request")
    with pytest.raises(Forbidden):
        search(rt, make_call(branch="elsewhere"), intake.id, mother())
    with pytest.raises(Erased):
        search(rt, OFFICER, opened.id, mother())
    with pytest.raises(InvalidInput):
        search(rt, OFFICER, "reg_x", mother())


def test_the_matcher_opens_the_identity_group_alone(
    rt: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: set[str] = set()
    real = rt.agent.unwrap
    monkeypatch.setattr(
        type(rt.agent),
        "unwrap",
        lambda self, half, record, wrapped: (opened.add(half), real(half, record, wrapped))[1],
    )
    open_case(rt, OFFICER, make_request(son(), mother()), None)
    add_registration(rt, OFFICER, make_registration(mother()))
    settle(rt)
    assert opened == {"identity"}
    assert Group.IDENTITY
