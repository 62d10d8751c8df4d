"""The two sides of a case: who opens which file, and that no other flow can (P-35, P-37)."""

import ast
from pathlib import Path

import pytest
import sqlalchemy as sa

import rfl.flows
from rfl.domain.access import Role
from rfl.domain.answer import Item
from rfl.domain.care import FoundChild
from rfl.domain.entry import Entry, from_bytes
from rfl.domain.ids import new_id
from rfl.errors import Conflict, Forbidden, InvalidInput, StaleVersion
from rfl.flows.admit import add_account, sign_in, vet_account
from rfl.flows.assign import assign_case
from rfl.flows.erase import erase_case
from rfl.flows.join_search import join_search, leave_search
from rfl.flows.note import note
from rfl.flows.read_file import read_file
from rfl.flows.read_search import read_search
from rfl.flows.register import open_case
from rfl.flows.runtime import OFFICE_CALL, Runtime
from rfl.flows.seek import judge_child, write_line
from rfl.storage.casefiles import casefiles
from rfl.storage.journals import journals
from rfl.storage.ledger import ledger, search_key
from tests.casework import DAY
from tests.office import make_account, open_desk
from tests.support import DPO, SUPERVISOR, Clock, make_call, make_request

FLOWS = Path(rfl.flows.__file__).parent
SEARCHING_SIDE = {
    *(
        "ask_who",
        "consult",
        "disclose",  # what was found, by the team alone
        "hold_back",
        "join_search",
        "pass_on_searches",
        "read_search",
        "read_search_timeline",
        "report_death",
        "reunite",
        "seek",
    ),
    "tell",  # by the clock, through `told`
}


def test_p35_no_flow_of_the_enquirers_side_can_open_a_journal() -> None:
    importing = {
        file.stem
        for file in FLOWS.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom)
        and ("journals" in str(node.module) or "journals" in {one.name for one in node.names})
    }
    assert importing == SEARCHING_SIDE


def test_p35_the_intake_branch_reads_what_was_told_and_no_journal(rt: Runtime) -> None:
    desk = open_desk(rt).judged().accepted().located().answered()
    colleague = make_account(rt)
    assert read_file(rt, colleague, desk.case).file == desk.file
    for reader in (colleague, desk.officer, desk.supervisor, DPO):
        with pytest.raises(Forbidden):
            read_search(rt, reader, desk.case)


def test_p37_who_handles_the_enquirer_searches_only_if_a_second_officer_adds_them(
    rt: Runtime,
) -> None:
    desk = open_desk(rt)
    with pytest.raises(Forbidden):
        join_search(rt, desk.officer, desk.case, desk.officer.actor.id)
    join_search(rt, desk.searcher, desk.case, desk.officer.actor.id)
    assert read_search(rt, desk.officer, desk.case)


def test_p37_a_member_of_the_team_who_is_given_the_enquirer_leaves_the_search(rt: Runtime) -> None:
    desk = open_desk(rt)
    assign_case(rt, desk.supervisor, desk.case, desk.version, desk.searcher.actor.id)
    with pytest.raises(Forbidden):
        read_search(rt, desk.searcher, desk.case)
    assert read_search(rt, desk.second, desk.case)


def test_who_left_the_team_reads_nothing_any_more(rt: Runtime) -> None:
    desk = open_desk(rt)
    leave_search(rt, desk.supervisor, desk.case, desk.second.actor.id)
    with pytest.raises(Forbidden):
        read_search(rt, desk.second, desk.case)
    with pytest.raises(Conflict):
        leave_search(rt, desk.supervisor, desk.case, desk.second.actor.id)


def test_only_a_live_officers_account_joins_or_is_given_a_case(rt: Runtime) -> None:
    desk = open_desk(rt)
    auditor = make_account(rt, Role.AUDITOR)
    for account in (new_id("acc"), auditor.actor.id):
        with pytest.raises(InvalidInput):
            join_search(rt, desk.supervisor, desk.case, account)
        with pytest.raises(InvalidInput):
            assign_case(rt, desk.supervisor, desk.case, desk.version, account)
    elsewhere = make_account(rt, branch="elsewhere")
    with pytest.raises(InvalidInput):
        assign_case(rt, desk.supervisor, desk.case, desk.version, elsewhere.actor.id)
    join_search(rt, desk.supervisor, desk.case, elsewhere.actor.id)
    assert read_search(rt, elsewhere, desk.case)


def test_an_officer_does_not_give_cases_away(rt: Runtime) -> None:
    desk = open_desk(rt)
    with pytest.raises(Forbidden):
        assign_case(rt, desk.officer, desk.case, desk.version, desk.second.actor.id)


def test_of_two_officers_at_once_the_second_reads_again(rt: Runtime) -> None:
    desk = open_desk(rt)
    version = desk.version
    note(rt, desk.officer, desk.case, version, "She rang.")
    with pytest.raises(StaleVersion):
        note(rt, desk.officer, desk.case, version, "She rang twice.")
    inside = desk.journal.version
    write_line(rt, desk.searcher, desk.case, inside, "Asked at the gate")
    with pytest.raises(StaleVersion):
        write_line(rt, desk.second, desk.case, inside, "Asked at the gate")
    assert [event.said for event in desk.file.events][-1] == "She rang."
    assert len(desk.journal.lines) == 1


def test_p34_all_work_of_the_team_is_one_verb_that_names_the_case_alone(rt: Runtime) -> None:
    desk = open_desk(rt).judged().accepted().located().answered()
    from_log = rt_entries(rt, desk.searcher.actor.id)
    assert {entry.action for entry in from_log} == {"finding.read", "finding.work"}
    assert {(len(entry.objects), entry.reason) for entry in from_log} == {(1, None)}


def test_p34_what_leaves_is_an_entry_of_its_own(rt: Runtime) -> None:
    desk = open_desk(rt).judged().accepted().located().answered(Item.ALIVE_AND_WELL)
    told = [entry for entry in rt_entries(rt, desk.searcher.actor.id) if entry.reason == "told"]
    assert len(told) == 1


def test_an_erased_case_leaves_neither_file(rt: Runtime) -> None:
    desk = open_desk(rt).judged()
    erase_case(rt, SUPERVISOR, desk.case, "data_subject_request")
    with rt.database.read() as connection:
        for table in (casefiles, journals):
            assert connection.scalar(sa.select(sa.func.count()).select_from(table)) == 0


def test_p20_cases_of_children_who_ask_close_on_the_day_that_vetting_ends(
    rt: Runtime, clock: Clock
) -> None:
    request = make_request(child_enquirer=True)
    with pytest.raises(Forbidden):
        open_case(rt, make_account(rt), request, None)
    desk = open_desk(rt, request, vetted=True)
    assert desk.file
    for reader in (make_account(rt), make_call()):
        with pytest.raises(Forbidden):
            read_file(rt, reader, desk.case)


def test_p20_an_account_is_vetted_up_to_and_with_a_day(rt: Runtime, clock: Clock) -> None:
    made = add_account(rt, OFFICE_CALL, Role.TRACING_OFFICER, "gevgelija", "An officer")
    assert not sign_in(rt, made.token).vetted
    vet_account(rt, OFFICE_CALL, made.account, DAY)
    assert sign_in(rt, made.token).vetted
    clock.move(days=1)
    assert not sign_in(rt, made.token).vetted


def test_p20_who_is_not_vetted_does_not_consult_a_found_child(rt: Runtime) -> None:
    desk = open_desk(rt).judged().accepted().located()
    child = FoundChild("Her aunt", True, "She wants to write.", desk.searcher.actor.id)
    judge_child(rt, desk.searcher, desk.case, desk.journal.version, (desk.person, child))
    with pytest.raises(Forbidden):
        desk.answered(Item.MESSAGE)


def rt_entries(rt: Runtime, actor: str) -> list[Entry]:
    with rt.database.read() as connection:
        mine = (
            sa.select(ledger.c.body)
            .where(ledger.c.actor == search_key(actor))
            .order_by(ledger.c.seq)
        )
        return [from_bytes(body) for body in connection.scalars(mine)]
