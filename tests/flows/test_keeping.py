"""How long cases are kept: archive, removal, review, and what holds them back (P-24)."""

from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa

from rfl.background import settle
from rfl.domain.access import Role
from rfl.domain.casefile import Ending, Kind
from rfl.domain.match import MatchState
from rfl.domain.person import Identifier, IdentifierKind, Person, Sex
from rfl.domain.policy import AfterKeeping, DataClass, Keeping, Profile, Rules, Version
from rfl.domain.purpose import Purpose
from rfl.domain.request import Level
from rfl.domain.task import TaskKind
from rfl.errors import Conflict, Erased, Forbidden, NotFound
from rfl.flows.account_for import entries_about
from rfl.flows.assign import assign_case
from rfl.flows.close import close_case, reopen_case
from rfl.flows.decide import decide_match, list_matches
from rfl.flows.enrol import add_registration
from rfl.flows.follow import catch_up, load_pools
from rfl.flows.keep_cases import end_cases, keep_cases, reckon_cases
from rfl.flows.merge import merge_cases, unmerge_cases
from rfl.flows.note import note
from rfl.flows.plan_task import Due, TaskView, do_task, due_tasks, read_task
from rfl.flows.read_file import read_file
from rfl.flows.register import open_case
from rfl.flows.review import change_case, read_case
from rfl.flows.runtime import Call, Runtime
from rfl.flows.send_message import collect_message
from rfl.flows.tell import tell_due
from rfl.matching.pools import Pools
from rfl.storage.cases import cases
from rfl.storage.identifiers import identifiers
from rfl.storage.vault import record_keys
from tests.flows.test_messages import LETTER
from tests.office import Desk, make_account, open_desk
from tests.support import DPO, Clock, make_person, make_registration, make_request

YEAR = 365
PHONE = Identifier(IdentifierKind.PHONE, "+38970123456")
ARCHIVE, REMOVE, REVIEW = AfterKeeping.ARCHIVE, AfterKeeping.REMOVE, AfterKeeping.REVIEW


def kept(
    rt: Runtime, then: AfterKeeping, days: int = YEAR, *, code: str = "kept-1", **countries: Rules
) -> None:
    """Let the policy keep closed cases so many days."""
    keeping = {DataClass.CLOSED_CASE: Keeping(days, then)}
    version = Version(code, date(2026, 1, 1), None, Rules(keeping=keeping), countries)
    rt.rules = replace(rt.rules, policy=Profile("test", (version,)))


def mother() -> Person:
    return make_person("Maryam Hosseini", sex=Sex.FEMALE, birth="1961-05-09", identifiers=(PHONE,))


def closed(rt: Runtime) -> Desk:
    """A case of a searched mother, with a proposal, that was never accepted and is closed."""
    desk = open_desk(rt, make_request(None, mother()))
    add_registration(rt, desk.officer, make_registration())
    settle(rt)
    close_case(rt, desk.officer, desk.case, desk.version, Ending.ANSWERED)
    return desk


def in_the_pools(rt: Runtime, case: str) -> bool:
    """Whether a process that starts now finds anybody of the case."""
    rt.pools = Pools()
    load_pools(rt)
    return rt.pools.may_meet(case)


def hashes(rt: Runtime, case: str) -> int:
    mine = sa.select(sa.func.count()).where(identifiers.c.record_id == case)
    with rt.database.read() as connection:
        return connection.scalar(mine) or 0


def keys(rt: Runtime) -> set[str]:
    with rt.database.read() as connection:
        return set(connection.scalars(sa.select(record_keys.c.record_id)))


def kept_until(rt: Runtime, case: str) -> int | None:
    with rt.database.read() as connection:
        return connection.scalar(sa.select(cases.c.kept_until).where(cases.c.id == case))


def open_tasks(desk: Desk, call: Call | None = None) -> list[TaskView]:
    rows = due_tasks(desk.rt, call or desk.officer, Due(date(2060, 1, 1)), ((-1, ""), 50))
    return [read_task(desk.rt, desk.officer, row.id) for row in rows if row.case_id == desk.case]


def test_p24_a_closed_case_is_archived_on_its_day_and_named_persons_alone_open_it(
    rt: Runtime, clock: Clock
) -> None:
    kept(rt, ARCHIVE)
    desk = closed(rt)
    colleague = make_account(rt)
    [proposed] = list_matches(rt, desk.searcher, desk.case)
    assert hashes(rt, desk.case) == 1
    clock.move(days=YEAR, seconds=-1)
    assert keep_cases(rt) == 0
    assert desk.file.archived_on is None
    position = load_pools(rt)
    clock.move(seconds=1)
    assert keep_cases(rt) == 0
    assert desk.file.archived_on == desk.today
    assert desk.file.events[-1].kind is Kind.ARCHIVED
    for other in (colleague, desk.supervisor):
        with pytest.raises(Forbidden):
            read_case(rt, other, desk.case)
        with pytest.raises(Forbidden):
            read_file(rt, other, desk.case)
    assert read_case(rt, desk.officer, desk.case).request.level is Level.NAMED_PERSONS_ONLY
    assert read_case(rt, DPO, desk.case).row.id == desk.case
    # Another process has the case in memory, and follows the feed.
    assert rt.pools.may_meet(desk.case)
    catch_up(rt, position)
    assert not rt.pools.may_meet(desk.case)
    assert not in_the_pools(rt, desk.case)
    assert hashes(rt, desk.case) == 0
    with pytest.raises(NotFound):
        decide_match(rt, desk.searcher, proposed.row.id, 1, MatchState.CONFIRMED, "It is she.")
    whys = [entry.reason for entry in entries_about(rt, DPO, desk.case)]
    assert f"archive_after_{YEAR}_days" in whys
    again = kept_until(rt, desk.case), desk.version
    clock.move(days=10 * YEAR)
    keep_cases(rt)
    assert (kept_until(rt, desk.case), desk.version) == again == (None, again[1])


def test_p24_what_was_decided_about_an_archived_case_shows_its_names_to_nobody_else(
    sqlite_rt: Runtime, clock: Clock
) -> None:
    rt = sqlite_rt
    kept(rt, ARCHIVE)
    son, mother_ = make_person("Ali Hosseini", sex=Sex.MALE, birth="1990-04-12"), mother()
    desk = open_desk(rt, make_request(son, mother_))
    other = make_account(rt)
    hers = open_case(
        rt,
        other,
        make_request(replace(mother_, id=make_person().id), replace(son, id=make_person().id)),
        None,
    ).id
    settle(rt)
    for one in list_matches(rt, desk.searcher, desk.case):
        decide_match(rt, desk.searcher, one.row.id, 1, MatchState.CONFIRMED, "They are.")
    assert list_matches(rt, desk.searcher, hers)
    close_case(rt, desk.officer, desk.case, desk.version, Ending.ANSWERED)
    clock.move(days=YEAR)
    keep_cases(rt)
    assert list_matches(rt, desk.searcher, hers)
    assert list_matches(rt, other, hers) == []


def test_an_archived_case_rests_until_who_may_reopens_it_and_is_then_matched_again(
    rt: Runtime, clock: Clock
) -> None:
    kept(rt, ARCHIVE)
    desk = closed(rt)
    request = desk.request
    clock.move(days=YEAR)
    keep_cases(rt)
    view = read_case(rt, desk.officer, desk.case)
    with pytest.raises(Conflict, match="reopen it first"):
        change_case(rt, desk.officer, desk.case, desk.version, request)
    with pytest.raises(Conflict, match="reopen it first"):
        note(rt, desk.officer, desk.case, desk.version, "Her sister called.")
    with pytest.raises(Forbidden):
        reopen_case(rt, desk.supervisor, desk.case, desk.version, "Her sister asks.")
    reopen_case(rt, desk.officer, desk.case, view.row.version, "Her sister asks.")
    back = read_case(rt, desk.supervisor, desk.case)
    assert back.request == request
    assert desk.file.archived_on is None
    assert hashes(rt, desk.case) == 1
    settle(rt)
    assert [one.sought.person for one in list_matches(rt, desk.searcher, desk.case)] == [
        desk.person
    ]
    clock.move(days=5 * YEAR)
    keep_cases(rt)
    assert desk.file.archived_on is None


def test_a_successor_reopens_an_archived_case_at_its_old_level(
    sqlite_rt: Runtime, clock: Clock
) -> None:
    rt = sqlite_rt
    kept(rt, ARCHIVE)
    desk = closed(rt)
    clock.move(days=YEAR)
    keep_cases(rt)
    daughter = make_person("Sara Hosseini", sex=Sex.FEMALE)
    reopen_case(rt, desk.officer, desk.case, desk.version, "Her daughter asks.", daughter)
    request = read_case(rt, desk.supervisor, desk.case).request
    assert (request.level, request.enquirer.id) == (Level.NORMAL, daughter.id)
    assert in_the_pools(rt, desk.case)


def test_the_data_protection_officer_names_who_opens_an_archived_case_of_one_who_left(
    sqlite_rt: Runtime, clock: Clock
) -> None:
    rt = sqlite_rt
    kept(rt, ARCHIVE)
    desk = closed(rt)
    colleague = make_account(rt)
    dpo = make_account(rt, Role.DATA_PROTECTION_OFFICER)
    dpo = replace(dpo, purpose=Purpose.DATA_SUBJECT_REQUEST)
    with pytest.raises(Forbidden):
        assign_case(rt, dpo, desk.case, desk.version, colleague.actor.id)
    clock.move(days=YEAR)
    keep_cases(rt)
    with pytest.raises(Forbidden):
        assign_case(rt, desk.supervisor, desk.case, desk.version, colleague.actor.id)
    assign_case(rt, dpo, desk.case, desk.version, colleague.actor.id)
    with pytest.raises(Forbidden):
        read_case(rt, desk.officer, desk.case)
    file = read_file(rt, colleague, desk.case)
    assert file.file.archived_on == desk.today
    reopen_case(rt, colleague, desk.case, file.row.version, "Her sister asks.")


def test_p24_a_closed_case_is_removed_for_real_where_the_policy_says_so(
    rt: Runtime, clock: Clock
) -> None:
    kept(rt, REMOVE)
    desk, other = closed(rt), open_desk(rt)
    message = collect_message(rt, desk.officer, LETTER)
    assert {desk.case, other.case, message} <= keys(rt)
    clock.move(days=YEAR)
    assert keep_cases(rt) == 1
    assert desk.case not in keys(rt)
    assert {other.case, message} <= keys(rt)
    with pytest.raises(Erased):
        read_case(rt, desk.officer, desk.case)
    assert not in_the_pools(rt, desk.case)
    assert keep_cases(rt) == 0


def test_p24_a_case_is_reviewed_by_people_when_its_time_is_over_and_again_after_it(
    rt: Runtime, clock: Clock
) -> None:
    kept(rt, REVIEW, 100)
    keeping = dict(rt.rules.policy.versions[0].any.keeping)
    keeping |= {DataClass.OPEN_CASE: Keeping(300)}
    version = replace(rt.rules.policy.versions[0], any=Rules(keeping=keeping))
    rt.rules = replace(rt.rules, policy=Profile("test", (version,)))
    desk = open_desk(rt)
    clock.move(days=299)
    keep_cases(rt)
    assert open_tasks(desk) == []
    clock.move(days=1)
    keep_cases(rt)
    keep_cases(rt)
    [due] = open_tasks(desk)
    assert (due.task.kind, due.task.due_on) == (TaskKind.REVIEW_KEEPING, desk.today)
    do_task(rt, desk.officer, due.row.id, due.row.version, "Her brother still writes.")
    assert open_tasks(desk) == []
    close_case(rt, desk.officer, desk.case, desk.version, Ending.ANSWERED)
    for _time in range(2):  # nobody does the first: there is one all the same
        clock.move(days=100)
        keep_cases(rt)
        [due] = open_tasks(desk)
        assert due.task.due_on == desk.today
    assert [one.kind for one in desk.file.events].count(Kind.REVIEW_DUE) == 3
    assert desk.file.archived_on is None
    reopen_case(rt, desk.officer, desk.case, desk.version, "Her sister asks.")
    assert open_tasks(desk) == []


def test_a_case_that_was_reopened_on_the_day_stays(sqlite_rt: Runtime, clock: Clock) -> None:
    rt = sqlite_rt
    kept(rt, REMOVE)
    desk = closed(rt)
    reckon_cases(rt)
    clock.move(days=YEAR)
    reopen_case(rt, desk.officer, desk.case, desk.version, "Her sister asks.")
    assert keep_cases(rt) == 0
    close_case(rt, desk.officer, desk.case, desk.version, Ending.ANSWERED)
    assert keep_cases(rt) == 0
    clock.move(days=YEAR - 1)
    assert keep_cases(rt) == 0
    clock.move(days=1)
    assert keep_cases(rt) == 1


def test_nothing_ends_while_an_answer_or_a_letter_is_under_way(
    sqlite_rt: Runtime, clock: Clock
) -> None:
    rt = sqlite_rt
    kept(rt, REMOVE, 30)
    promised = open_desk(rt).judged().accepted()
    close_case(rt, promised.officer, promised.case, promised.version, Ending.WITHDRAWN)
    writing = open_desk(rt)
    collect_message(rt, writing.officer, LETTER, writing.case)
    close_case(rt, writing.officer, writing.case, writing.version, Ending.WITHDRAWN)
    clock.move(days=31)
    assert keep_cases(rt) == 0
    clock.move(days=1)
    assert keep_cases(rt) == 0
    clock.move(days=150)
    assert tell_due(rt) == 1
    assert keep_cases(rt) == 0  # the family is told first
    clock.move(days=30)
    assert keep_cases(rt) == 1
    assert writing.case in keys(rt)


def test_changed_rules_reckon_every_case_anew_and_a_country_keeps_its_own(
    rt: Runtime, clock: Clock
) -> None:
    kept(rt, REMOVE, 1_000)
    desk, abroad = closed(rt), open_desk(rt).judged().accepted("AF")
    close_case(rt, abroad.officer, abroad.case, abroad.version, Ending.ANSWERED)
    clock.move(days=200)
    tell_due(rt)
    assert reckon_cases(rt) == 2
    assert reckon_cases(rt) == 0
    here = {DataClass.CLOSED_CASE: Keeping(900, ARCHIVE)}
    kept(rt, REMOVE, 100, code="kept-2", AF=Rules(keeping=here))
    assert keep_cases(rt) == 1
    assert desk.case not in keys(rt)
    assert abroad.file.archived_on is None


def test_a_round_that_was_cut_short_goes_on_where_it_stopped(
    rt: Runtime, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(rt, ARCHIVE)
    desks = [open_desk(rt) for _ in range(3)]
    for desk in desks:
        close_case(rt, desk.officer, desk.case, desk.version, Ending.ANSWERED)
    clock.move(days=YEAR)
    reckon_cases(rt)
    real, done = rt.database.write, []

    def dying(*given: object, **how: object) -> object:
        done.append(given)
        if len(done) == 2:
            raise KeyboardInterrupt
        return real(*given, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(rt.database, "write", dying)
    with pytest.raises(KeyboardInterrupt):
        end_cases(rt)
    monkeypatch.undo()
    archived = [desk.file.archived_on for desk in desks]
    assert sorted(archived, key=bool) == [None, None, rt.today()]
    end_cases(rt)
    assert [desk.file.archived_on for desk in desks] == [rt.today()] * 3


def test_a_clock_that_went_back_takes_nothing_out_of_the_archive_and_does_nothing_twice(
    sqlite_rt: Runtime, clock: Clock
) -> None:
    rt = sqlite_rt
    kept(rt, ARCHIVE)
    desk = closed(rt)
    clock.move(days=YEAR)
    keep_cases(rt)
    version, on = desk.version, desk.file.archived_on
    clock.move(days=-2 * YEAR)
    keep_cases(rt)
    clock.move(days=2 * YEAR)
    keep_cases(rt)
    assert (desk.version, desk.file.archived_on) == (version, on)


@pytest.mark.parametrize("then", [ARCHIVE, REMOVE])
def test_a_duplicate_ends_with_the_case_that_it_rests_in(
    sqlite_rt: Runtime, clock: Clock, then: AfterKeeping
) -> None:
    rt = sqlite_rt
    kept(rt, then)
    into, one = open_desk(rt), open_desk(rt)
    pairs = ((one.person, into.person),)
    at = (one.case, one.version)
    merge_cases(rt, one.officer, at, into.case, pairs, same_enquirer=True)
    clock.move(days=2 * YEAR)
    assert keep_cases(rt) == 0  # the case goes on
    close_case(rt, into.officer, into.case, into.version, Ending.ANSWERED)
    clock.move(days=YEAR)
    keep_cases(rt)
    if then is REMOVE:
        assert not {one.case, into.case} & keys(rt)
        return
    files = [read_file(rt, into.officer, case).file for case in (one.case, into.case)]
    assert [file.archived_on for file in files] == [rt.today()] * 2
    reopen_case(rt, into.officer, into.case, into.version, "Her sister asks.")
    files = [read_file(rt, into.officer, case).file for case in (one.case, into.case)]
    assert [file.archived_on for file in files] == [None] * 2


def test_a_case_stays_while_another_enquirers_case_that_is_worked_with_it_goes_on(
    sqlite_rt: Runtime, clock: Clock
) -> None:
    rt = sqlite_rt
    kept(rt, ARCHIVE)
    into, one = open_desk(rt), open_desk(rt)
    pairs = ((one.person, into.person),)
    at = (one.case, one.version)
    merge_cases(rt, one.officer, at, into.case, pairs, same_enquirer=False)
    close_case(rt, into.officer, into.case, into.version, Ending.ANSWERED)
    clock.move(days=YEAR)
    keep_cases(rt)
    assert into.file.archived_on is None
    version = read_file(rt, into.officer, one.case).row.version
    close_case(rt, into.officer, one.case, version, Ending.ANSWERED)
    clock.move(days=YEAR)
    keep_cases(rt)
    both = [read_file(rt, into.officer, case) for case in (one.case, into.case)]
    assert [view.file.archived_on for view in both] == [rt.today()] * 2
    with pytest.raises(Conflict, match="reopen it first"):
        reopen_case(rt, into.officer, one.case, both[0].row.version, "Her sister asks.")
    reopen_case(rt, into.officer, into.case, both[1].row.version, "Her sister asks.")
    reopen_case(rt, into.officer, one.case, both[0].row.version, "Her sister asks.")


def test_a_duplicate_that_is_parted_from_an_archived_case_stays_archived_and_can_be_reopened(
    sqlite_rt: Runtime, clock: Clock
) -> None:
    rt = sqlite_rt
    kept(rt, ARCHIVE)
    into, one = open_desk(rt), open_desk(rt)
    at = (one.case, one.version)
    merge_cases(rt, one.officer, at, into.case, ((one.person, into.person),), same_enquirer=True)
    close_case(rt, into.officer, into.case, into.version, Ending.ANSWERED)
    clock.move(days=YEAR)
    keep_cases(rt)
    version = read_file(rt, into.officer, one.case).row.version
    version = unmerge_cases(rt, into.officer, one.case, version)
    assert one.file.archived_on == rt.today()
    assert not in_the_pools(rt, one.case)
    reopen_case(rt, one.officer, one.case, version, "Her sister asks.")
    assert in_the_pools(rt, one.case)
