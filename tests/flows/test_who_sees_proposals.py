"""Who may see what the matcher proposes: the branch until a search begins, then its team alone."""

import pytest

from rfl.background import settle
from rfl.domain.access import Role
from rfl.domain.journal import Lead
from rfl.domain.match import MatchState
from rfl.domain.person import Sex
from rfl.domain.states import Inside
from rfl.errors import Conflict, Forbidden, InvalidInput, NotFound
from rfl.flows.assign import assign_case
from rfl.flows.decide import decide_match, list_matches, read_match
from rfl.flows.enrol import add_registration
from rfl.flows.join_search import leave_search
from rfl.flows.register import open_case
from rfl.flows.runtime import Call, Runtime
from rfl.flows.seek import open_lead
from tests.office import Desk, make_account, make_complete, open_desk
from tests.support import make_person, make_registration, make_request, noticed


def sought_and_registered(rt: Runtime) -> tuple[Desk, str]:
    """A case that is searched, and the one proposal of it."""
    desk = open_desk(rt, make_request(make_person("Ali Hosseini"), make_person("Maryam Hosseini")))
    add_registration(rt, make_account(rt), make_registration(make_person("Maryam Hosseini")))
    settle(rt)
    [view] = list_matches(rt, desk.searcher, desk.case)
    return desk, view.row.id


def outside(desk: Desk) -> list[Call]:
    """Everybody of the branch who is not of the team."""
    return [desk.officer, desk.supervisor, make_account(desk.rt)]


def test_p01_proposals_of_a_case_that_is_searched_are_its_teams_alone(rt: Runtime) -> None:
    desk, proposal = sought_and_registered(rt)
    for reader in outside(desk):
        with pytest.raises(Forbidden):
            list_matches(rt, reader, desk.case)
        with pytest.raises(NotFound):
            read_match(rt, reader, proposal)
        with pytest.raises(NotFound):
            decide_match(rt, reader, proposal, 1, MatchState.CONFIRMED, "The same brothers")
        assert noticed(rt, reader) == []
    assert [one.match_id for one in noticed(rt, desk.searcher)] == [proposal]
    decide_match(rt, desk.searcher, proposal, 1, MatchState.CONFIRMED, "The same brothers")
    assert read_match(rt, desk.second, proposal).decided.state is MatchState.CONFIRMED


def test_p01_a_member_from_another_branch_sees_the_proposals(rt: Runtime) -> None:
    desk, proposal = sought_and_registered(rt)
    from_elsewhere = make_account(rt, branch="elsewhere")
    with pytest.raises(Forbidden):
        list_matches(rt, from_elsewhere, desk.case)
    desk.joined(from_elsewhere)
    assert [view.row.id for view in list_matches(rt, from_elsewhere, desk.case)] == [proposal]


def test_p35_before_a_search_begins_the_branch_sees_what_is_proposed(rt: Runtime) -> None:
    officer, colleague = make_account(rt), make_account(rt)
    request = make_request(make_person("Ali Hosseini"), make_person("Maryam Hosseini"))
    case = open_case(rt, officer, request, None).id
    add_registration(rt, officer, make_registration(make_person("Maryam Hosseini")))
    settle(rt)
    [view] = list_matches(rt, colleague, case)
    assert read_match(rt, colleague, view.row.id).row == view.row
    with pytest.raises(Forbidden):
        list_matches(rt, make_account(rt, branch="elsewhere"), case)
    assert noticed(rt, colleague)


def test_p01_a_team_that_everybody_left_does_not_open_its_proposals_again(rt: Runtime) -> None:
    desk, proposal = sought_and_registered(rt)
    for member in (desk.searcher, desk.second):
        leave_search(rt, desk.supervisor, desk.case, member.actor.id)
    for reader in (*outside(desk), desk.searcher):
        with pytest.raises(NotFound):
            read_match(rt, reader, proposal)


def test_p37_a_member_who_is_given_the_enquirer_sees_no_proposal_any_more(rt: Runtime) -> None:
    desk, _proposal = sought_and_registered(rt)
    assign_case(rt, desk.supervisor, desk.case, desk.version, desk.searcher.actor.id)
    with pytest.raises(Forbidden):
        list_matches(rt, desk.searcher, desk.case)
    assert list_matches(rt, desk.second, desk.case)


def test_p01_where_both_search_one_search_that_has_begun_closes_the_pair(rt: Runtime) -> None:
    pair = ({"sex": Sex.MALE, "birth": "1990-04-12"}, {"sex": Sex.FEMALE, "birth": "1961"})
    ali, maryam = make_person("Ali Hosseini", **pair[0]), make_person("Maryam Hosseini", **pair[1])
    desk = open_desk(rt, make_request(ali, maryam))
    ali, maryam = make_person("Ali Hosseini", **pair[0]), make_person("Maryam Hosseini", **pair[1])
    there = make_account(rt, branch="elsewhere")
    other = open_case(rt, there, make_complete(make_request(maryam, ali)), None).id
    settle(rt)
    assert list_matches(rt, desk.searcher, desk.case)
    assert list_matches(rt, there, other) == []
    searching = make_account(rt, branch="elsewhere")
    supervisor = make_account(rt, Role.SUPERVISOR, "elsewhere")
    Desk(rt, there, supervisor, searching, searching, other).joined(searching)
    assert list_matches(rt, searching, other)


def test_p10_the_likeliest_proposal_moves_no_search_before_a_person_decides_with_a_reason(
    sqlite_rt: Runtime,
) -> None:
    rt = sqlite_rt
    desk, proposal = sought_and_registered(rt)
    for state, reason, wrong in (
        (MatchState.CONFIRMED, "", InvalidInput),
        (MatchState.PROPOSED, "As it was", Conflict),
    ):
        with pytest.raises(wrong):
            decide_match(rt, desk.searcher, proposal, 1, state, reason)
    lead = Lead(rt.clock(), desk.searcher.actor.id, proposal, "The list of a camp")
    with pytest.raises(InvalidInput, match="confirmed"):
        open_lead(rt, desk.searcher, desk.case, desk.journal.version, (desk.person, lead))
    assert desk.search.state is Inside.SEARCHING
    decide_match(rt, desk.searcher, proposal, 1, MatchState.CONFIRMED, "The same woman")
    assert desk.search.state is Inside.SEARCHING, "a confirmed match is no lead yet"
    open_lead(rt, desk.searcher, desk.case, desk.journal.version, (desk.person, lead))
    assert desk.search.state is Inside.LEAD
