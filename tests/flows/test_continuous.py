"""Proposals follow their evidence, and everybody is compared anew when the rules have changed."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from rfl.background import settle
from rfl.domain.access import Role
from rfl.domain.match import MatchKind, MatchState
from rfl.domain.person import Kin, Name, Person, Relation, Sex
from rfl.domain.request import Level, Sought, TracingRequest
from rfl.errors import Forbidden, InvalidInput, NotFound
from rfl.flows import propose, rematch
from rfl.flows.decide import (
    MatchView,
    decide_match,
    list_duplicates,
    list_matches,
    read_match,
)
from rfl.flows.enrol import add_registration, change_registration, read_registration
from rfl.flows.follow import load_pools
from rfl.flows.notice import clear_notice
from rfl.flows.propose import propose_waiting, rematch_some
from rfl.flows.register import open_case
from rfl.flows.rematch import begin_rematch, rematch_progress
from rfl.flows.review import change_case, read_case
from rfl.flows.runtime import Runtime
from rfl.matching import meeting
from rfl.matching.bands import band
from rfl.matching.meeting import threshold
from rfl.matching.pools import Pools
from rfl.matching.terms import TERMS_VERSION
from rfl.storage.feed import Position
from rfl.storage.rematch import LEASE_MICROS
from tests.support import (
    OFFICER,
    Clock,
    make_call,
    make_person,
    make_registration,
    make_request,
    noticed,
)


def mother(*names: str, **fields: object) -> Person:
    given = {"sex": Sex.FEMALE, "birth": "1961-05-09"} | fields
    return make_person(*(names or ("Maryam Hosseini",)), **given)


def son(*names: str) -> Person:
    return make_person(*(names or ("Ali Hosseini",)), sex=Sex.MALE, birth="1990-04-12")


def change(rt: Runtime, registration: str, **fields: object) -> None:
    view = read_registration(rt, OFFICER, registration)
    person = replace(view.registration.person, **fields)
    told = replace(view.registration, person=person)
    change_registration(rt, OFFICER, registration, view.row.version, told)
    settle(rt)


def anew(rt: Runtime, holder: str = "here") -> int:
    """Compare everybody anew to the end; the number of records done."""
    load_pools(rt)
    total = 0
    while done := rematch_some(rt, holder):
        total += done
    return total


@pytest.fixture
def pair(rt: Runtime) -> tuple[str, str]:
    """A case and a registration that are proposed to each other."""
    registered = add_registration(rt, OFFICER, make_registration(mother()))
    case = open_case(rt, OFFICER, make_request(son(), mother()), None).id
    settle(rt)
    return case, registered


def only(rt: Runtime, case: str) -> MatchView:
    [view] = list_matches(rt, OFFICER, case)
    return view


def test_changed_evidence_changes_the_open_proposal(rt: Runtime, pair: tuple[str, str]) -> None:
    before = only(rt, pair[0])
    change(rt, pair[1], birth=mother(birth="1961").birth)
    after = only(rt, pair[0])
    assert after.row.id == before.row.id
    assert after.row.version == before.row.version + 1
    assert after.evidence.total < before.evidence.total


def test_officers_are_told_of_an_open_proposal_only_when_it_rises_into_a_higher_band(
    sqlite_rt: Runtime,
) -> None:
    rt = sqlite_rt
    registered = add_registration(rt, OFFICER, make_registration(mother(birth=None)))
    case = open_case(rt, OFFICER, make_request(son(), mother()), None).id
    settle(rt)
    told, bands = [], []
    for fields in ({}, {"nationalities": ("AF",)}, {"birth": mother().birth}, {"birth": None}):
        clear_notice(rt, OFFICER, only(rt, case).row.id)
        change(rt, registered, **fields)
        told.append([one.code for one in noticed(rt, OFFICER)])
        bands.append(band(only(rt, case).evidence.probability))
    assert told == [[], [], ["rose"], []]
    assert bands[0] is bands[1] is bands[3] is not bands[2]


def test_a_change_that_says_nothing_new_leaves_the_proposal_as_it_is(
    rt: Runtime, pair: tuple[str, str]
) -> None:
    before = only(rt, pair[0])
    change(rt, pair[1], photos=("p1",))
    assert only(rt, pair[0]).row == before.row


def test_a_proposal_whose_evidence_is_gone_is_withdrawn_with_its_notice(
    rt: Runtime, pair: tuple[str, str]
) -> None:
    change(rt, pair[1], names=(Name("Zorica Kostovska"),), birth=mother(birth="1930").birth)
    assert list_matches(rt, OFFICER, pair[0]) == []
    assert noticed(rt, OFFICER) == []


def test_a_proposal_that_somebody_doubts_stays_whatever_its_evidence(
    rt: Runtime, pair: tuple[str, str]
) -> None:
    view = only(rt, pair[0])
    decide_match(rt, OFFICER, view.row.id, 1, MatchState.UNSURE, "Ask the brother.")
    change(rt, pair[1], names=(Name("Zorica Kostovska"),))
    after = only(rt, pair[0])
    assert after.decided.state is MatchState.UNSURE
    assert after.evidence.total < view.evidence.total


def test_who_becomes_named_persons_only_leaves_the_proposals(
    rt: Runtime, pair: tuple[str, str]
) -> None:
    view = read_registration(rt, OFFICER, pair[1])
    told = replace(view.registration, level=Level.NAMED_PERSONS_ONLY)
    change_registration(rt, OFFICER, pair[1], view.row.version, told)
    settle(rt)
    assert list_matches(rt, OFFICER, pair[0]) == []


def rejected(rt: Runtime, case: str) -> MatchView:
    view = only(rt, case)
    decide_match(rt, OFFICER, view.row.id, view.row.version, MatchState.REJECTED, "Another one.")
    return only(rt, case)


def brother() -> Kin:
    return Kin(Relation.SON, (Name("Ali Hosseini"),))


def test_a_rejected_pair_comes_back_when_new_evidence_makes_it_likelier(
    rt: Runtime, pair: tuple[str, str]
) -> None:
    before = rejected(rt, pair[0])
    assert noticed(rt, OFFICER) == []
    change(rt, pair[1], kin=(brother(),))
    after = only(rt, pair[0])
    assert after.evidence.total > before.evidence.total
    assert after.decided.now(after.evidence) is MatchState.PROPOSED
    assert [one.code for one in noticed(rt, OFFICER)] == ["rose"]
    again = decide_match(rt, OFFICER, after.row.id, after.row.version, MatchState.REJECTED, "No.")
    closed = read_match(rt, OFFICER, after.row.id)
    assert closed.row.version == again
    assert closed.decided.now(closed.evidence) is MatchState.REJECTED
    assert len(closed.decided.steps) == 2


WORSE = [
    {"birth": None},
    {"names": (Name("Maryam Husseini"),)},
    {"photos": ("p1",)},
]


@pytest.mark.parametrize("fields", WORSE)
def test_a_rejected_pair_stays_rejected_while_nothing_speaks_more_for_it(
    rt: Runtime, pair: tuple[str, str], fields: dict[str, object]
) -> None:
    before = rejected(rt, pair[0])
    change(rt, pair[1], **fields)
    after = only(rt, pair[0])
    assert after.decided.now(after.evidence) is MatchState.REJECTED
    assert after.row.version == before.row.version
    assert noticed(rt, OFFICER) == []


def test_a_new_model_does_not_bring_rejected_pairs_back(
    rt: Runtime, pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rejected(rt, pair[0])
    monkeypatch.setattr(meeting, "MODEL_VERSION", 99)
    begin_rematch(rt, again=True)
    assert anew(rt) == 2
    after = only(rt, pair[0])
    assert after.evidence.model == "99"
    assert after.decided.now(after.evidence) is MatchState.REJECTED
    assert noticed(rt, OFFICER) == []


def test_a_branch_is_told_of_what_is_new_and_of_what_rose(
    rt: Runtime, pair: tuple[str, str]
) -> None:
    [told] = noticed(rt, OFFICER)
    assert (told.match_id, told.code) == (only(rt, pair[0]).row.id, "new")
    assert noticed(rt, make_call(branch="ohrid")) == []
    clear_notice(rt, make_call(branch="ohrid"), told.match_id)
    assert noticed(rt, OFFICER) == [told]
    clear_notice(rt, OFFICER, told.match_id)
    assert noticed(rt, OFFICER) == []
    with pytest.raises(Forbidden):
        noticed(rt, make_call(Role.INTAKE_VOLUNTEER))
    with pytest.raises(InvalidInput):
        clear_notice(rt, OFFICER, "mat_x")


def test_two_requests_for_one_person_are_proposed_to_both(rt: Runtime) -> None:
    cases = [
        open_case(rt, OFFICER, make_request(one, mother(name)), None).id
        for one, name in ((son(), "Maryam Hosseini"), (son("Reza Hosseini"), "مریم حسینی"))
    ]
    settle(rt)
    [first], [second] = (list_matches(rt, OFFICER, case) for case in cases)
    assert first.row.id == second.row.id
    assert first.evidence.kind is MatchKind.SAME_SOUGHT


def test_two_registrations_of_one_person_are_shown_where_they_were_made(rt: Runtime) -> None:
    twice = [add_registration(rt, OFFICER, make_registration(mother())) for _ in range(2)]
    settle(rt)
    for registration in twice:
        [view] = list_duplicates(rt, OFFICER, registration)
        assert view.evidence.kind is MatchKind.DUPLICATE
    assert read_match(rt, OFFICER, view.row.id).row == view.row
    stranger = make_call(branch="ohrid")
    with pytest.raises(NotFound):
        read_match(rt, stranger, view.row.id)
    with pytest.raises(Forbidden):
        list_duplicates(rt, stranger, twice[0])


def test_who_registered_a_person_is_not_told_who_searches(rt: Runtime) -> None:
    there = make_call(branch="ohrid")
    registered = add_registration(rt, there, make_registration(mother()))
    case = open_case(rt, OFFICER, make_request(son(), mother()), None).id
    settle(rt)
    view = only(rt, case)
    assert list_duplicates(rt, there, registered) == []
    assert noticed(rt, there) == []
    with pytest.raises(NotFound):
        read_match(rt, there, view.row.id)


def test_the_family_of_the_request_is_evidence(rt: Runtime) -> None:
    sister = Sought(make_person("Zahra Hosseini", sex=Sex.FEMALE), Relation.SISTER)
    request = make_request(son(), mother())
    family = replace(request, sought=(*request.sought, sister))
    children = (brother(), Kin(Relation.DAUGHTER, (Name("زهرا حسینی"),)))
    add_registration(rt, OFFICER, make_registration(mother(kin=children)))
    case = open_case(rt, OFFICER, family, None).id
    settle(rt)
    best = list_matches(rt, OFFICER, case)[0]
    [kin] = [one for one in best.evidence.contributions if one.field == "kin"]
    assert (kin.code, kin.number) == ("kin.children_agree", 2)


SHARES = [(0.0, []), (1.0, ["sample"])]


@pytest.mark.parametrize(("share", "codes"), SHARES)
def test_pairs_from_below_the_threshold_are_drawn_by_chance_and_marked(
    rt: Runtime, share: float, codes: list[str]
) -> None:
    rt.rules = replace(rt.rules, sample_share=share)
    open_case(rt, OFFICER, make_request(son(), mother(birth="1990")), None)
    add_registration(rt, OFFICER, make_registration(mother("Maryam Ahmadi", birth="1930")))
    settle(rt)
    told = noticed(rt, OFFICER)
    assert [one.code for one in told] == codes
    for one in told:
        view = read_match(rt, OFFICER, one.match_id)
        assert view.evidence.sample
        assert view.evidence.probability < threshold(view.evidence.kind)
    settle(rt)
    assert len(noticed(rt, OFFICER)) == len(codes)


def families(rt: Runtime, count: int) -> None:
    """Families and lists that nobody has compared yet."""
    surnames = ("Hosseini", "Karimi", "Noori", "Azizi", "Rahimi")
    for number in range(count):
        name = f"Maryam {surnames[number % 5]}"
        open_case(rt, OFFICER, make_request(son(), mother(name)), None)
        add_registration(rt, OFFICER, make_registration(mother(name), record_id=f"r/{number}"))
    with rt.database.write() as connection:
        connection.exec_driver_sql("UPDATE feed SET matched = TRUE")


def proposals(rt: Runtime) -> set[tuple[str, str]]:
    with rt.database.read() as connection:
        rows = connection.exec_driver_sql("SELECT left_person, right_person FROM matches")
        found = [(row[0], row[1]) for row in rows]
    assert len(set(found)) == len(found)
    return set(found)


def namesakes(rt: Runtime, count: int) -> None:
    """Families and lists in which everybody has the same name."""
    for number in range(count):
        open_case(rt, OFFICER, make_request(son(), mother()), None)
        add_registration(rt, OFFICER, make_registration(mother(), record_id=f"n/{number}"))


@contextmanager
def written(rt: Runtime) -> Iterator[list[int]]:
    """How many proposals each transaction writes, one number for each that writes any."""
    done, now = list[int](), [0]

    def count(*event: Any) -> None:
        now[0] += _PROPOSAL.match(event[2]) is not None

    def end(_connection: object) -> None:
        if now[0]:
            done.append(now[0])
        now[0] = 0

    watched = (("before_cursor_execute", count), ("commit", end))
    for name, heard in watched:
        sa.event.listen(rt.database.engine, name, heard)
    yield done
    for name, heard in watched:
        sa.event.remove(rt.database.engine, name, heard)


_PROPOSAL = re.compile("(INSERT INTO|UPDATE|DELETE FROM) matches")


def test_no_transaction_keeps_more_proposals_than_a_part_however_many_share_a_name(
    rt: Runtime,
) -> None:
    namesakes(rt, 7)
    with written(rt) as parts:
        settle(rt)
    kept = proposals(rt)
    assert len(kept) > 2 * propose.PART
    assert sum(parts) >= len(kept)
    assert max(parts) <= propose.PART
    begin_rematch(rt)
    with rt.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM matches")
    with written(rt) as parts:
        anew(rt)
    assert proposals(rt) == kept
    assert max(parts) <= propose.PART


def test_a_round_that_dies_between_its_parts_is_done_again_and_keeps_each_pair_once(
    rt: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    namesakes(rt, 7)
    real, parts = propose._keep, list[int]()

    def dies_at_the_second(*arguments: Any, **options: Any) -> None:
        if parts:
            raise _Killed
        parts.append(1)
        real(*arguments, **options)

    with monkeypatch.context() as dying:
        dying.setattr(propose, "_keep", dies_at_the_second)
        with pytest.raises(_Killed):
            settle(rt)
    half = proposals(rt)
    assert 0 < len(half) <= propose.PART
    settle(rt)
    assert half < proposals(rt)
    told = [one.match_id for one in noticed(rt, OFFICER)]
    assert len(told) == len(set(told))


@pytest.mark.parametrize("later", [False, True], ids=["from the start", "since a change"])
def test_p32_at_named_persons_only_nobody_comes_back_with_a_new_version_of_the_terms(
    rt: Runtime,
    monkeypatch: pytest.MonkeyPatch,
    later: bool,
) -> None:
    hidden = Level.NAMED_PERSONS_ONLY
    with monkeypatch.context() as before:
        before.setattr("rfl.matching.terms.TERMS_VERSION", TERMS_VERSION - 1)
        level = Level.NORMAL if later else hidden
        case = open_case(rt, OFFICER, make_request(son(), mother(), level=level), None).id
        made = add_registration(rt, OFFICER, make_registration(mother(), level=level))
        open_case(rt, OFFICER, make_request(son(), mother("Zorica Kostovska")), None)
        if later:
            view, one = read_case(rt, OFFICER, case), read_registration(rt, OFFICER, made)
            narrowed = replace(view.request, level=hidden)
            change_case(rt, OFFICER, case, view.row.version, narrowed)
            registration = replace(one.registration, level=hidden)
            change_registration(rt, OFFICER, made, one.row.version, registration)
    rt.pools = Pools()
    load_pools(rt)
    assert (len(rt.pools.enquirers), len(rt.pools.sought), len(rt.pools.registered)) == (1, 1, 0)
    anybody = make_registration(mother(), record_id="z/1")
    add_registration(rt, OFFICER, anybody)
    settle(rt)
    assert list_matches(rt, OFFICER, case) == []


def test_everybody_is_compared_anew_once_the_rules_have_changed(
    rt: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin_rematch(rt)
    families(rt, 12)
    assert anew(rt) == 0
    monkeypatch.setattr(rematch, "rules_version", lambda: "model99")
    begun = begin_rematch(rt)
    assert begun is not None
    assert (begun.rules, begun.done, begun.total) == ("model99", 0, 24)
    assert begin_rematch(rt) == begun
    assert anew(rt) == 24
    ended = rematch_progress(rt)
    assert ended is not None
    assert (ended.done, ended.finished_at is None) == (24, False)
    assert len(proposals(rt)) >= 12


def test_a_node_without_records_has_nothing_to_compare(rt: Runtime) -> None:
    assert rematch_progress(rt) is None
    begun = begin_rematch(rt)
    assert begun is not None
    assert begun.finished_at is not None


def test_it_goes_on_where_it_stopped_and_compares_at_most_one_batch_twice(
    rt: Runtime, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    families(rt, 12)
    begin_rematch(rt)
    load_pools(rt)
    assert rematch_some(rt, "first") == propose.ANEW
    with monkeypatch.context() as dying:
        dying.setattr(propose, "_keep", _dies)
        with pytest.raises(_Killed):
            rematch_some(rt, "first")
    at = rematch_progress(rt)
    assert at is not None
    assert at.done == propose.ANEW
    assert rematch_some(rt, "second") == 0, "the lease of the first still runs"
    clock.move(seconds=LEASE_MICROS / 1e6 + 1)
    assert anew(rt, "second") == 24 - propose.ANEW
    ended = rematch_progress(rt)
    assert ended is not None
    assert ended.done == 24


class _Killed(Exception):
    pass


def _dies(*_arguments: object, **_options: object) -> None:
    raise _Killed


def test_two_processes_share_the_work_and_propose_each_pair_once(rt: Runtime) -> None:
    families(rt, 12)
    begin_rematch(rt)
    load_pools(rt)
    other = replace(rt)
    done = [0, 0]
    while True:
        batch = [rematch_some(rt, "first"), rematch_some(other, "second")]
        if not any(batch):
            break
        done = [a + b for a, b in zip(done, batch, strict=True)]
    assert sum(done) == 24
    assert min(done) > 0
    assert proposals(rt)


def marked(rt: Runtime, record: str, *, matched: bool) -> None:
    with rt.database.write() as connection:
        connection.exec_driver_sql(
            f"UPDATE feed SET matched = {matched} WHERE record_id = '{record}'"  # noqa: S608
        )


def test_a_process_that_has_not_taken_a_record_in_withdraws_none_of_its_proposals(
    rt: Runtime,
) -> None:
    registered = add_registration(rt, OFFICER, make_registration(mother()))
    behind = replace(rt, pools=Pools())
    position = load_pools(behind)
    marked(rt, registered, matched=True)
    case = open_case(rt, OFFICER, make_request(son(), mother()), None).id
    settle(rt)
    marked(rt, registered, matched=False)
    assert propose_waiting(behind, Position(position.xid + 1, position.id)) == 1
    assert only(rt, case).row.open
    begin_rematch(behind, again=True)
    while rematch_some(behind, "behind"):
        pass
    assert only(rt, case).row.open


def test_fresh_changes_go_before_the_comparing_anew(rt: Runtime) -> None:
    families(rt, 2)
    begin_rematch(rt)
    case = open_case(rt, OFFICER, make_request(son(), mother()), None).id
    position = load_pools(rt)
    assert propose_waiting(rt, position) >= 0
    settle(rt)
    progress = rematch_progress(rt)
    assert progress is not None
    assert progress.done == 0
    assert list_matches(rt, OFFICER, case)


def test_a_request_that_changed_is_compared_with_everybody_again(rt: Runtime) -> None:
    add_registration(rt, OFFICER, make_registration(mother("Laila Azizi")))
    case = open_case(rt, OFFICER, make_request(son(), mother("Zorica Kostovska")), None).id
    settle(rt)
    assert list_matches(rt, OFFICER, case) == []
    request: TracingRequest = read_case(rt, OFFICER, case).request
    [sought] = request.sought
    named = replace(sought, person=replace(sought.person, names=(Name("لیلا عزیزی"),)))
    change_case(rt, OFFICER, case, 1, replace(request, sought=(named,)))
    settle(rt)
    assert only(rt, case).evidence.kind is MatchKind.REGISTRATION
