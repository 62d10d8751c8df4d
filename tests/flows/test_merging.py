"""Two cases of one family are worked as one; undoing it leaves both as they were."""

import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from rfl.background import settle
from rfl.domain.access import Role
from rfl.domain.answer import Item
from rfl.domain.casefile import Ending, Kind
from rfl.domain.consent import Use
from rfl.domain.ids import new_id
from rfl.domain.merge import Pairs
from rfl.domain.person import Identifier, IdentifierKind, Sex
from rfl.domain.request import Level
from rfl.domain.states import Outside, TransmissionState
from rfl.errors import Conflict, Forbidden, InvalidInput, NotFound, StaleVersion
from rfl.flows import tell
from rfl.flows.assign import assign_case
from rfl.flows.close import close_case
from rfl.flows.decide import list_matches
from rfl.flows.enrol import add_registration
from rfl.flows.erase import erase_case
from rfl.flows.merge import merge_cases, unmerge_cases
from rfl.flows.note import note
from rfl.flows.plan_task import add_task, read_task
from rfl.flows.queue import Queue, list_queue
from rfl.flows.read_file import read_file
from rfl.flows.read_search import read_search
from rfl.flows.register import open_case
from rfl.flows.review import change_case, read_case
from rfl.flows.runtime import Call, Runtime
from rfl.flows.search import search
from rfl.flows.seek import write_line
from rfl.flows.suspend import suspend_case
from rfl.flows.transmit import queue_transmission, read_transmission, transmissions_of
from rfl.flows.withdraw import withdraw_consent
from rfl.storage.identifiers import identifiers
from tests.casework import DAY
from tests.exchange.by_hand import know
from tests.flows.test_beside import RING, TO_SOUTH, make_shared
from tests.office import Desk, make_account, open_desk
from tests.support import (
    SUPERVISOR,
    Clock,
    make_call,
    make_person,
    make_registration,
    make_request,
    make_runtime,
)


def pairs(one: Desk, into: Desk) -> Pairs:
    """Everybody sought in the one case is the person at the same place in the other."""
    here, there = one.request.sought, into.request.sought
    return tuple((a.person.id, b.person.id) for a, b in zip(here, there, strict=True))


def merged(one: Desk, into: Desk, *, same: bool = True, by: Call | None = None) -> int:
    call, at = by or one.officer, (one.case, one.version)
    return merge_cases(one.rt, call, at, into.case, pairs(one, into), same_enquirer=same)


def parted(one: Desk, by: Call | None = None) -> int:
    call = by or one.supervisor
    version = read_file(one.rt, call, one.case).row.version
    return unmerge_cases(one.rt, call, one.case, version)


def two(rt: Runtime) -> tuple[Desk, Desk]:
    """A case that survives, accepted, and another of the same family."""
    know(rt)
    into = open_desk(rt, make_shared()).judged().accepted()
    return open_desk(rt, make_shared()), into


MERGING = {Kind.MERGED, Kind.UNMERGED, Kind.TOOK_IN, Kind.GAVE_BACK}


def readable(desk: Desk) -> dict[str, Any]:
    """Everything of a case that anybody may read, but for versions and the lines of merging."""
    rt, supervisor = desk.rt, desk.supervisor
    view = read_file(rt, supervisor, desk.case)
    search_view = read_search(rt, desk.searcher, desk.case)
    events = [one for one in view.file.events if one.kind not in MERGING]
    proposals = list_matches(rt, desk.searcher, desk.case)
    return {
        "clear": asdict(replace(view.row, version=0)),
        "file": asdict(replace(view.file, events=tuple(events))),
        "journal": asdict(search_view.journal),
        "request": asdict(search_view.request),
        "forecast": [(asdict(a), asdict(b)) for a, b in search_view.forecast],
        "queue": desk.case in {row.id for row in list_queue(rt, supervisor, *BRANCH).rows},
        "mine": desk.case in {row.id for row in list_queue(rt, desk.officer, *MINE).rows},
        "transmissions": transmissions_of(rt, supervisor, desk.case),
        "proposals": sorted((one.other.record, one.evidence.probability) for one in proposals),
    }


BRANCH = (Queue.BRANCH, ((-1, ""), 100))
MINE = (Queue.MINE, ((-1, ""), 100))

STEPS: dict[str, Callable[[Desk], object]] = {
    "noted": lambda desk: note(desk.rt, desk.officer, desk.case, desk.version, "She rang."),
    "judged": lambda desk: desk.judged(),
    "rests": lambda desk: suspend_case(
        desk.rt, desk.officer, desk.case, desk.version, desk.today.replace(year=2031), "Archive"
    ),
    "lead": lambda desk: desk.lead(),
    "refused": lambda desk: desk.located().answered(),
    "answered": lambda desk: desk.located().answered(Item.PHONE),
    "task": lambda desk: add_task(desk.rt, desk.officer, desk.case, RING),
    "closed": lambda desk: close_case(
        desk.rt, desk.officer, desk.case, desk.version, Ending.WITHDRAWN
    ),
}


@contextmanager
def fresh_node(template: Path) -> Iterator[Runtime]:
    """A node for one example alone: what other cases are proposed would differ otherwise."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "rfl.db").write_bytes(template.read_bytes())
        rt = make_runtime(f"sqlite:///{folder / 'rfl.db'}", folder, Clock())
        add_registration(rt, make_call(), make_registration())
        yield rt
        rt.database.dispose()


@given(
    steps=st.lists(st.sampled_from(sorted(STEPS)), unique=True, max_size=4),
    same=st.booleans(),
)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_merging_and_undoing_is_the_identity_on_everything_that_can_be_read(
    sqlite_template: Path, steps: list[str], same: bool
) -> None:
    with fresh_node(sqlite_template) as rt:
        one, into = two(rt)
        for step in steps:
            with suppress(Conflict, InvalidInput):
                STEPS[step](one)
        assume(not (same and one.outcome.told.outcome is not Outside.SEARCHING))
        settle(rt)
        before = readable(one), readable(into)
        merged(one, into, same=same)
        settle(rt)
        parted(one)
        settle(rt)
        assert readable(one) == before[0]
        assert readable(into) == before[1]


def test_the_merged_case_points_to_the_one_that_survives_and_both_keep_everything(
    rt: Runtime,
) -> None:
    one, into = two(rt)
    task = add_task(rt, one.officer, one.case, RING)
    merged(one, into)
    assert into.file.merged == (one.case,)
    kept = one.file.merge
    assert kept is not None
    assert (kept.into, kept.by) == (into.case, one.officer.actor.id)
    assert read_case(rt, one.officer, one.case).request == one.request
    assert read_task(rt, one.officer, task).task == RING
    said = one.file.events[-1].kind, into.file.events[-1].kind
    assert said == (Kind.MERGED, Kind.TOOK_IN)
    in_queue = [row.id for row in list_queue(rt, into.officer, *BRANCH).rows]
    assert in_queue == [into.case]


def test_the_same_merge_twice_is_one_and_undoing_twice_too(rt: Runtime) -> None:
    one, into = two(rt)
    said = pairs(one, into)
    first = merge_cases(rt, one.officer, (one.case, 1), into.case, said, same_enquirer=True)
    again = merge_cases(rt, one.officer, (one.case, 1), into.case, said, same_enquirer=True)
    assert (again, len(into.file.merged), into.file.events[-2].kind) == (
        first,
        1,
        Kind.ACCEPTED,
    )
    with pytest.raises(StaleVersion):
        merge_cases(rt, one.officer, (one.case, 1), into.case, said, same_enquirer=False)
    with pytest.raises(StaleVersion):
        unmerge_cases(rt, one.officer, one.case, 1)
    following = unmerge_cases(rt, one.officer, one.case, first)
    assert unmerge_cases(rt, one.officer, one.case, first) == following
    with pytest.raises(Conflict):
        unmerge_cases(rt, into.officer, into.case, into.version)


def test_a_duplicate_is_worked_in_the_case_that_survives(rt: Runtime) -> None:
    one, into = two(rt)
    one.judged().accepted()
    merged(one, into)
    version, journal = one.version, one.journal.version
    with pytest.raises(Conflict, match="survives"):
        note(rt, one.officer, one.case, version, "She rang.")
    with pytest.raises(Conflict, match="survives"):
        write_line(rt, one.searcher, one.case, journal, "Asked at the gate")
    with pytest.raises(Conflict, match="survives"):
        queue_transmission(rt, one.officer, one.case, TO_SOUTH)
    with pytest.raises(Conflict, match="survives"):
        change_case(rt, one.officer, one.case, version, one.request)
    assert (one.version, one.journal.version) == (version, journal)


REFUSED: list[tuple[str, Any, Any]] = [
    ("itself", lambda one, into: (one, one), InvalidInput),
    ("no persons", lambda one, into: (one, into, ()), InvalidInput),
    (
        "a person of neither",
        lambda one, into: (one, into, ((one.person, new_id("per")),)),
        InvalidInput,
    ),
    (
        "the enquirer as a sought person",
        lambda one, into: (one, into, ((one.person, into.request.enquirer.id),)),
        InvalidInput,
    ),
]


@pytest.mark.parametrize(("_name", "wrong", "error"), REFUSED, ids=[one[0] for one in REFUSED])
def test_a_merge_that_names_the_wrong_persons_or_cases_is_refused(
    sqlite_rt: Runtime, _name: str, wrong: Any, error: type[Exception]
) -> None:
    one, into = two(sqlite_rt)
    first, second, *said = wrong(one, into)
    who = said[0] if said else pairs(one, into)
    at = (first.case, first.version)
    with pytest.raises(error):
        merge_cases(sqlite_rt, one.officer, at, second.case, who, same_enquirer=True)
    assert (one.file.merge, into.file.merged, one.version) == (None, (), 1)


def test_chains_closed_cases_other_branches_and_unknown_cases_are_refused(rt: Runtime) -> None:
    one, into = two(rt)
    third = open_desk(rt, make_shared()).judged().accepted()
    merged(one, into)
    for case, other in ((into, third), (third, one)):
        with pytest.raises(Conflict, match="merged already"):
            merged(case, other)
    close_case(rt, third.officer, third.case, third.version, Ending.WITHDRAWN)
    with pytest.raises(Conflict, match="closed"):
        merged(open_desk(rt, make_shared()), third)
    for stranger in (make_call(branch="elsewhere"), make_call(Role.INTAKE_VOLUNTEER)):
        with pytest.raises(Forbidden):
            merged(open_desk(rt, make_shared()), into, by=stranger)
    at, said = (third.case, third.version), pairs(third, into)
    with pytest.raises(NotFound):
        merge_cases(rt, third.officer, at, new_id("cas"), said, same_enquirer=True)


def test_p32_cases_of_different_levels_are_not_merged(rt: Runtime) -> None:
    hidden = open_desk(rt, make_request(level=Level.NAMED_PERSONS_ONLY))
    plain = open_case(rt, hidden.officer, make_request(), None).id
    request = read_case(rt, hidden.officer, plain).request
    said = ((hidden.person, request.sought[0].person.id),)
    with pytest.raises(Conflict, match="levels"):
        merge_cases(rt, hidden.officer, (hidden.case, 1), plain, said, same_enquirer=True)
    with pytest.raises(Forbidden):
        merged(hidden, open_desk(rt), by=make_account(rt))


def test_p03_the_answer_that_was_promised_first_is_given(rt: Runtime, clock: Clock) -> None:
    first = open_desk(rt, make_shared()).judged().accepted()
    clock.move(days=30)
    later = open_desk(rt, make_shared()).judged().accepted()
    with pytest.raises(Conflict, match="due first"):
        merged(first, later)
    merged(later, first)
    clock.move(days=200)
    assert tell.tell_due(rt) == 1
    ended = Outside.ENDED_WITHOUT_INFORMATION
    assert first.outcome.told.outcome is ended
    assert later.outcome.told.outcome is Outside.SEARCHING
    parted(later)
    assert tell.tell_due(rt) == 1
    assert later.outcome.told.outcome is ended


def test_what_was_told_and_not_talked_over_is_not_lost_in_a_merge(rt: Runtime) -> None:
    into, one = two(rt)[1], open_desk(rt, make_shared())
    one.judged().accepted().located().answered(Item.PHONE)
    with pytest.raises(Conflict, match="told to the family"):
        merged(one, into)


def test_p04_a_second_enquirer_is_told_for_themself_and_inherits_no_answer(
    rt: Runtime, clock: Clock
) -> None:
    into = open_desk(rt).judged().accepted().located().answered(Item.PHONE)
    clock.move(days=10)
    sister = make_request(make_person("Reza Hosseini"), make_person("Maryam Hosseini"))
    one = open_desk(rt, sister).judged().accepted()
    merged(one, into, same=False)
    assert one.outcome.told.outcome is Outside.SEARCHING
    one.located().answered(Item.ALIVE_AND_WELL)
    assert one.outcome.told.items == {Item.ALIVE_AND_WELL}
    assert into.outcome.told.items == {Item.PHONE}
    parted(one)
    assert one.outcome.told.items == {Item.ALIVE_AND_WELL}


def test_p37_who_handles_either_enquirer_is_kept_out_of_both_searches(rt: Runtime) -> None:
    one, into = two(rt)
    # The officer of each case searches in the other one.
    one.joined(into.officer)
    into.joined(one.officer)
    assert read_search(rt, into.officer, one.case)
    merged(one, into, by=one.supervisor)
    with pytest.raises(Forbidden):
        read_search(rt, into.officer, one.case)
    # Who handled the merged case's enquirer does so no more, and may go on searching.
    assert read_case(rt, one.supervisor, one.case)
    assert read_file(rt, one.supervisor, one.case).row.officer == into.officer.actor.id
    assert read_search(rt, one.officer, into.case)
    parted(one)
    assert read_search(rt, into.officer, one.case)


def test_p35_merging_opens_no_journal_and_joins_nobody_to_a_team(rt: Runtime) -> None:
    one, into = two(rt)
    teams = one.journal.team, into.journal.team
    merged(one, into)
    assert (one.journal.team, into.journal.team) == teams
    for desk, other in ((one, into), (into, one)):
        with pytest.raises(Forbidden):
            read_search(rt, desk.officer, other.case)
        with pytest.raises(Forbidden):
            read_search(rt, desk.searcher, other.case)


def test_consent_is_never_widened_by_a_merge_and_a_withdrawal_reaches_the_duplicate(
    rt: Runtime,
) -> None:
    know(rt)
    one = open_desk(rt, make_shared()).judged().accepted()
    sent = queue_transmission(rt, one.officer, one.case, TO_SOUTH)
    into = open_desk(rt, make_request(methods=one.request.methods)).judged().accepted()
    merged(one, into)
    with pytest.raises(Conflict, match="not agreed"):
        queue_transmission(rt, into.officer, into.case, TO_SOUTH)
    assert into.request.consents == ()
    withdraw_consent(rt, into.officer, into.case, into.version, frozenset({Use.SHARE}))
    assert one.request.consents[0].withdrawn_on == DAY
    state = read_transmission(rt, into.officer, sent).transmission.state
    assert state is TransmissionState.RECALLED
    parted(one)
    assert one.request.consents[0].withdrawn_on == DAY


def test_a_merged_family_counts_once_in_the_matcher_and_undoing_brings_it_back(
    rt: Runtime,
) -> None:
    phone = (Identifier(IdentifierKind.PHONE, "+38970123456"),)
    request = make_request(
        None, make_person("Maryam Hosseini", sex=Sex.FEMALE, birth="1961", identifiers=phone)
    )
    one, into = (open_desk(rt, request_of(request)) for _ in range(2))
    add_registration(rt, one.officer, make_registration())
    settle(rt)
    assert found(one) == found(into) == 1
    merged(one, into)
    settle(rt)
    assert (found(one), found(into)) == (0, 1)
    made = add_registration(rt, one.officer, make_registration(make_person("Maryam Hosseini")))
    settle(rt)
    assert (found(one), found(into)) == (0, 2)
    assert holders(rt) == {into.case}
    shown = {hit.record for hit in search(rt, one.officer, into.case, make_person("Ali Hosseini"))}
    assert one.case not in shown
    parted(one)
    settle(rt)
    assert (found(one), found(into), holders(rt)) == (2, 2, {one.case, into.case})
    assert made


def request_of(request: Any) -> Any:
    """The same description again, as another visit would bring it: with ids of its own."""
    sought = tuple(
        replace(one, person=replace(one.person, id=new_id("per"))) for one in request.sought
    )
    return replace(request, enquirer=replace(request.enquirer, id=new_id("per")), sought=sought)


def found(desk: Desk) -> int:
    """How many registrations are proposed for a case."""
    views = list_matches(desk.rt, desk.searcher, desk.case)
    return sum(view.other.record.startswith("reg_") for view in views)


def holders(rt: Runtime) -> set[str]:
    with rt.database.read() as connection:
        return {row.record_id for row in connection.execute(identifiers.select())}


def test_a_second_enquirer_can_still_be_found_by_who_searches_for_them(rt: Runtime) -> None:
    into = open_desk(rt, make_request()).judged().accepted()
    brother = make_person("Reza Karimi", sex=Sex.MALE, birth="1988")
    one = open_desk(rt, make_request(brother, make_person("Maryam Hosseini")))
    merged(one, into, same=False)
    settle(rt)
    hits = search(rt, one.officer, into.case, make_person("Reza Karimi", birth="1988"))
    assert one.case in {hit.record for hit in hits}
    hits = search(rt, one.officer, into.case, make_person("Maryam Hosseini"))
    assert one.case not in {hit.record for hit in hits}


def test_a_new_officer_of_the_family_gets_all_of_it(rt: Runtime) -> None:
    one, into = two(rt)
    merged(one, into)
    other = make_account(rt)
    assign_case(rt, into.supervisor, into.case, into.version, other.actor.id)
    assert read_file(rt, other, one.case).row.officer == other.actor.id
    parted(one)
    assert read_file(rt, other, one.case).row.officer == one.officer.actor.id


@pytest.mark.parametrize("which", ["duplicate", "survivor"])
def test_an_erasure_of_one_takes_the_two_apart_first(rt: Runtime, which: str) -> None:
    one, into = two(rt)
    merged(one, into)
    gone, left = (one, into) if which == "duplicate" else (into, one)
    erase_case(rt, SUPERVISOR, gone.case, "data_subject_request")
    file = read_file(rt, left.supervisor, left.case)
    assert (file.file.merge, file.file.merged) == (None, ())
    assert file.row.state == "open"
    assert file.row.officer == left.officer.actor.id


def test_of_two_who_merge_at_once_in_both_directions_one_wins(rt: Runtime) -> None:
    one, into = two(rt)
    one.judged().accepted()
    said, back = pairs(one, into), pairs(into, one)
    outcomes: list[str] = []

    def merge(first: Desk, second: Desk, who: Pairs, version: int) -> None:
        at = (first.case, version)
        try:
            merge_cases(rt, first.officer, at, second.case, who, same_enquirer=True)
            outcomes.append("merged")
        except (Conflict, StaleVersion):
            outcomes.append("refused")

    threads = [
        threading.Thread(target=merge, args=(one, into, said, one.version)),
        threading.Thread(target=merge, args=(into, one, back, into.version)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["merged", "refused"]
    assert [bool(desk.file.merge) for desk in (one, into)].count(True) == 1
