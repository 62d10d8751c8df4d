"""Four eyes: one exact request, agreed to by another, once, in time."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from rfl.background import settle
from rfl.crypto.agent import LocalAgent
from rfl.domain.access import Role
from rfl.domain.approval import VALID_FOR, Approves, Exact
from rfl.domain.ids import new_id
from rfl.domain.journal import Lead
from rfl.domain.match import MatchState
from rfl.domain.purpose import Purpose
from rfl.domain.states import Inside
from rfl.errors import Conflict, Erased, Forbidden, InvalidInput, NotFound, StaleVersion
from rfl.flows import know_peers, seek
from rfl.flows.admit import add_account, vet_account
from rfl.flows.approve import ask_approval, give_approval, list_approvals, read_approval
from rfl.flows.decide import decide_match, list_matches
from rfl.flows.enrol import add_registration
from rfl.flows.erase import erase_case, erase_registration
from rfl.flows.register import open_case
from rfl.flows.review import read_case
from rfl.flows.rotate_keys import destroy_old_keys, rotate_keys
from rfl.flows.runtime import OFFICE_CALL, Call, Runtime
from rfl.flows.send_log import Form, Wish, list_shares, send_log
from tests.exchange.network import two_societies
from tests.office import make_account, open_desk
from tests.support import (
    OFFICER,
    Clock,
    make_call,
    make_registration,
    make_request,
)

WHY = "data_subject_request"
ASKS = make_call(Role.DATA_PROTECTION_OFFICER, Purpose.DATA_SUBJECT_REQUEST)
AGREES = make_call(Role.SUPERVISOR, Purpose.DATA_SUBJECT_REQUEST)
ANOTHER = make_call(Role.SUPERVISOR, Purpose.DATA_SUBJECT_REQUEST)


@pytest.fixture
def node(rt: Runtime) -> Runtime:
    rt.rules = replace(rt.rules, four_eyes=frozenset(Approves))
    return rt


def erasure(record: str, reason: str = WHY) -> Exact:
    return Exact(Approves.ERASURE, record, (reason,))


def approved(rt: Runtime, exact: Exact, asks: Call = ASKS, agrees: Call = AGREES) -> Call:
    """The call of whoever asked, with the agreement of a second officer."""
    asked = ask_approval(rt, asks, exact, "She asked in writing.")
    give_approval(rt, agrees, asked, 1)
    return replace(asks, approval=asked)


def opened(rt: Runtime) -> str:
    return open_case(rt, OFFICER, make_request(), None).id


def test_a_case_is_erased_with_a_second_officer_and_never_alone(node: Runtime) -> None:
    case = opened(node)
    with pytest.raises(Forbidden, match="second officer"):
        erase_case(node, ASKS, case, WHY)
    assert read_case(node, OFFICER, case)
    erase_case(node, approved(node, erasure(case)), case, WHY)
    with pytest.raises(Erased):
        read_case(node, OFFICER, case)


def test_a_registration_is_erased_with_a_second_officer(node: Runtime) -> None:
    made = add_registration(node, OFFICER, make_registration())
    with pytest.raises(Forbidden):
        erase_registration(node, ASKS, made, WHY)
    erase_registration(node, approved(node, erasure(made)), made, WHY)


def test_nobody_agrees_to_their_own_request(node: Runtime) -> None:
    case = opened(node)
    asked = ask_approval(node, ASKS, erasure(case), "She asked in writing.")
    with pytest.raises(Forbidden, match="their own"):
        give_approval(node, ASKS, asked, 1)
    assert read_approval(node, AGREES, asked).approval.approver is None
    with pytest.raises(Forbidden):
        erase_case(node, replace(ASKS, approval=asked), case, WHY)


def test_one_second_officer_agrees_once(node: Runtime) -> None:
    asked = ask_approval(node, ASKS, erasure(opened(node)), "She asked in writing.")
    give_approval(node, AGREES, asked, 1)
    with pytest.raises(StaleVersion):
        give_approval(node, AGREES, asked, 1)
    for again in (AGREES, ANOTHER):
        with pytest.raises(Conflict):
            give_approval(node, again, asked, 2)


MISUSES: list[tuple[str, Callable[[str, str], tuple[str, str]]]] = [
    ("another case", lambda _case, other: (other, WHY)),
    ("another reason", lambda case, _other: (case, "consent_withdrawn")),
]


@pytest.mark.parametrize(("_name", "misuse"), MISUSES, ids=[name for name, _use in MISUSES])
def test_an_approval_is_not_good_for_another_request(
    node: Runtime, _name: str, misuse: Callable[[str, str], tuple[str, str]]
) -> None:
    case, other = opened(node), opened(node)
    call = approved(node, erasure(case))
    with pytest.raises(Forbidden, match="exactly this request"):
        erase_case(node, call, *misuse(case, other))
    assert read_case(node, OFFICER, other)
    erase_case(node, call, case, WHY)


def test_an_approval_is_not_good_twice_nor_for_who_did_not_ask(node: Runtime) -> None:
    case, account = opened(node), ("gevgelija", "Elena Petrova")
    call = approved(node, erasure(case))
    with pytest.raises(Forbidden):
        erase_case(node, replace(AGREES, approval=call.approval), case, WHY)
    erase_case(node, call, case, WHY)
    office = make_call(Role.ADMINISTRATOR, Purpose.ADMINISTRATION)
    grant = Exact(Approves.ROLE_GRANT, Role.AUDITOR, account)
    second = make_call(Role.ADMINISTRATOR, Purpose.ADMINISTRATION)
    call = approved(node, grant, office, second)
    add_account(node, call, Role.AUDITOR, *account)
    with pytest.raises(Forbidden):
        add_account(node, call, Role.AUDITOR, *account)


def test_an_approval_ends(node: Runtime, clock: Clock) -> None:
    case = opened(node)
    call, late = approved(node, erasure(case)), ask_approval(node, ASKS, erasure(case), "Again.")
    clock.move(seconds=VALID_FOR.total_seconds())
    with pytest.raises(Forbidden):
        erase_case(node, call, case, WHY)
    with pytest.raises(Conflict):
        give_approval(node, AGREES, late, 1)
    assert read_case(node, OFFICER, case)


def test_a_role_is_granted_by_two_administrators(node: Runtime) -> None:
    office = make_call(Role.ADMINISTRATOR, Purpose.ADMINISTRATION)
    second = make_call(Role.ADMINISTRATOR, Purpose.ADMINISTRATION)
    with pytest.raises(Forbidden):
        add_account(node, office, Role.SUPERVISOR, "gevgelija", "Elena Petrova")
    grant = Exact(Approves.ROLE_GRANT, Role.TRACING_OFFICER, ("gevgelija", "Elena Petrova"))
    call = approved(node, grant, office, second)
    with pytest.raises(Forbidden):
        add_account(node, call, Role.SUPERVISOR, "gevgelija", "Elena Petrova")
    assert add_account(node, call, Role.TRACING_OFFICER, "gevgelija", "Elena Petrova").account


def test_a_vetting_for_work_with_children_needs_two_administrators(node: Runtime) -> None:
    office, second = (make_call(Role.ADMINISTRATOR, Purpose.ADMINISTRATION) for _ in range(2))
    account = add_account(node, OFFICE_CALL, Role.TRACING_OFFICER, "gevgelija", "Ana").account
    until = date(2027, 1, 1)
    with pytest.raises(Forbidden, match="second officer"):
        vet_account(node, office, account, until)
    call = approved(node, Exact(Approves.ROLE_GRANT, account, ("2027-01-01",)), office, second)
    with pytest.raises(Forbidden):
        vet_account(node, call, account, date(2028, 1, 1))
    vet_account(node, call, account, until)


def test_the_log_is_exported_in_bulk_with_a_second_auditor(node: Runtime) -> None:
    auditor, second = (make_call(Role.AUDITOR, Purpose.AUDIT) for _ in range(2))
    wish = Wish(Form.CSV, "auditor-1", date(2027, 1, 1))
    with pytest.raises(Forbidden, match="second officer"):
        send_log(node, auditor, wish)
    assert list_shares(node, auditor) == []
    call = approved(node, wish.exact, auditor, second)
    for other in (replace(wish, recipient="auditor-2"), replace(wish, begin=1)):
        with pytest.raises(Forbidden, match="exactly this request"):
            send_log(node, call, other)
    assert list(send_log(node, call, wish).lines)
    with pytest.raises(Forbidden):
        send_log(node, call, wish)
    assert len(list_shares(node, auditor)) == 1


def administrators(rt: Runtime, count: int) -> list[Call]:
    """Calls of administrators who are really there."""
    made = [make_account(rt, Role.ADMINISTRATOR) for _ in range(count)]
    return [replace(call, purpose=Purpose.ADMINISTRATION) for call in made]


def test_old_keys_are_destroyed_by_command_once_two_administrators_agreed(
    sqlite_rt: Runtime,
) -> None:
    rt = sqlite_rt
    rt.rules = replace(rt.rules, four_eyes=frozenset(Approves))
    administrators(rt, 1)
    rotate_keys(rt, OFFICE_CALL)
    destroy_old_keys(rt, OFFICE_CALL)  # nobody could agree yet
    rotate_keys(rt, OFFICE_CALL)
    asks, agrees = administrators(rt, 1)[0], administrators(rt, 1)[0]
    with pytest.raises(Forbidden, match="second officer"):
        destroy_old_keys(rt, OFFICE_CALL)
    agent = rt.agent
    assert isinstance(agent, LocalAgent)
    exact = Exact(Approves.KEY_DESTRUCTION, "keys", (str(agent.version()),))
    call = replace(OFFICE_CALL, approval=approved(rt, exact, asks, agrees).approval)
    destroy_old_keys(rt, call)
    rotate_keys(rt, OFFICE_CALL)
    with pytest.raises(Forbidden):
        destroy_old_keys(rt, call)


def test_a_society_is_trusted_by_command_once_two_administrators_agreed(
    sqlite_template: Path, tmp_path: Path, clock: Clock
) -> None:
    urls = []
    for name in ("north", "south"):
        path = tmp_path / f"{name}.db"
        path.write_bytes(sqlite_template.read_bytes())
        urls.append(f"sqlite:///{path}")
    with two_societies((urls[0], urls[1]), tmp_path, clock) as (north, _south):
        rt = north.rt
        rt.rules = replace(rt.rules, four_eyes=frozenset(Approves))
        asks, agrees = administrators(rt, 2)
        peer = know_peers.list_peers(rt, OFFICE_CALL)[0]
        code, digits = peer.row.code, peer.fingerprint
        with pytest.raises(Forbidden, match="second officer"):
            know_peers.trust_peer(rt, OFFICE_CALL, code, digits)
        plain = "".join(letter for letter in digits if letter.isdecimal())
        agreed = approved(rt, Exact(Approves.PEER_TRUST, code, (plain,)), asks, agrees)
        know_peers.trust_peer(rt, replace(OFFICE_CALL, approval=agreed.approval), code, digits)


def test_only_who_may_do_it_asks_reads_or_agrees(node: Runtime) -> None:
    office = make_call(Role.ADMINISTRATOR, Purpose.ADMINISTRATION)
    case = opened(node)
    for call in (OFFICER, office):
        with pytest.raises(Forbidden):
            ask_approval(node, call, erasure(case), "She asked in writing.")
    asked = ask_approval(node, ASKS, erasure(case), "She asked in writing.")
    for call in (OFFICER, office, replace(AGREES, actor=replace(AGREES.actor, branch="ohrid"))):
        with pytest.raises(Forbidden):
            read_approval(node, call, asked)
        with pytest.raises(Forbidden):
            give_approval(node, call, asked, 1)
    with pytest.raises(InvalidInput):
        ask_approval(node, ASKS, Exact(Approves.ERASURE, "msg_" + "0" * 26), "She asked.")
    with pytest.raises(NotFound):
        read_approval(node, ASKS, "apr_" + "0" * 26)


def test_the_second_officer_sees_exactly_what_is_asked_and_the_list_what_waits(
    node: Runtime,
) -> None:
    case = opened(node)
    call = approved(node, erasure(case))
    assert call.approval is not None
    assert read_approval(node, AGREES, call.approval).approval.exact == erasure(case)
    assert [row.id for row in list_approvals(node, AGREES, (-1, ""), 9)] == [call.approval]
    erase_case(node, call, case, WHY)
    assert list_approvals(node, AGREES, (-1, ""), 9) == []
    view = read_approval(node, AGREES, call.approval)
    assert (view.row.open, view.approval.used_at) == (False, node.clock())


def test_a_match_that_leads_to_disclosure_is_verified_by_a_second_officer(rt: Runtime) -> None:
    desk = open_desk(rt).judged().accepted()
    add_registration(rt, OFFICER, make_registration())
    settle(rt)
    found = list_matches(rt, desk.searcher, desk.case)[0].row
    lead = Lead(rt.clock(), desk.searcher.actor.id, found.id, "A proposal of the matcher")
    decide_match(rt, desk.searcher, found.id, found.version, MatchState.CONFIRMED, "The scar.")
    seek.open_lead(rt, desk.searcher, desk.case, desk.journal.version, (desk.person, lead))
    version = desk.journal.version
    with pytest.raises(Forbidden, match="second officer"):
        seek.verify_lead(rt, desk.searcher, desk.case, version, desk.person)
    seek.verify_lead(rt, desk.second, desk.case, version, desk.person)
    assert desk.search.state is Inside.LOCATED


def test_a_lead_comes_from_a_confirmed_match_of_this_case_and_person_alone(rt: Runtime) -> None:
    desk, other = open_desk(rt).judged().accepted(), open_desk(rt)
    add_registration(rt, OFFICER, make_registration())
    settle(rt)
    proposed = list_matches(rt, desk.searcher, desk.case)[0].row
    theirs = next(
        one.row
        for one in list_matches(rt, other.searcher, other.case)
        if desk.case not in (one.row.left_record, one.row.right_record)
    )
    confirmed = MatchState.CONFIRMED
    decide_match(rt, other.searcher, theirs.id, theirs.version, confirmed, "The scar.")
    before = desk.journal
    for match in (proposed.id, theirs.id, new_id("mat"), "mat_1"):
        lead = Lead(rt.clock(), desk.searcher.actor.id, match, "A proposal of the matcher")
        with pytest.raises(InvalidInput):
            seek.open_lead(rt, desk.searcher, desk.case, before.version, (desk.person, lead))
    assert desk.journal == before
