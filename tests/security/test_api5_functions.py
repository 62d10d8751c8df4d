"""API5:2023, broken function level authorization: every route, as every role, against the table.

`ASKED` is written by hand, apart from the code: what each operation is for. Who may is then the
table of `domain/permissions.py`. A new operation fails here until somebody has said what it is.
"""

import pytest

from rfl.domain.access import Role, Verb
from rfl.domain.permissions import ALLOWED
from rfl.domain.purpose import Purpose
from tests.api.support import Caller, Desk, entries, refused
from tests.security.attack import CLOSED, Operation
from tests.support import BRANCH

ASKED: dict[Verb, str] = {
    Verb.ACCOUNT_ADD: "add_account",
    Verb.ACCOUNT_INVITE: "invite_holder",
    Verb.ACCOUNT_LINK: "link_account",
    Verb.ACCOUNT_REMOVE: "remove_account",
    Verb.ACCOUNT_VET: "vet_account",
    Verb.ALARM_READ: "list_alarms read_condition",
    Verb.ALARM_SEE: "see_alarm",
    Verb.APPROVAL_ASK: "ask_approval",
    Verb.APPROVAL_GIVE: "give_approval",
    Verb.APPROVAL_READ: "list_approvals read_approval",
    Verb.CASE_ASSIGN: "assign_case pass_on_searches reassign_cases",
    Verb.CASE_CHANGE: "change_request withdraw_consent",
    Verb.CASE_ERASE: "erase_case",
    Verb.CASE_FILE: "list_attached list_transmissions open_attached read_case_file"
    " read_case_timeline read_transmission",
    Verb.CASE_LIST: "list_cases list_queue list_waiting",
    Verb.CASE_MERGE: "merge_case unmerge_case",
    Verb.CASE_OPEN: "open_case open_case_from_request",
    Verb.CASE_READ: "read_case read_request",
    Verb.CASE_WORK: "accept_case add_note attach close_case hear_child judge_again judge_credible"
    " lead_search record_talk remove_attached reopen_case screen_enquirer suspend_case"
    " take_up_case",
    Verb.DISCLOSURE_ASK: "ask_disclosure give_disclosure",
    Verb.DISCLOSURE_DECIDE: "decide_disclosure",
    Verb.DISCLOSURE_READ: "list_disclosures_to_authorities read_disclosure",
    Verb.ENQUIRY_LIST: "list_enquiries",
    Verb.ENQUIRY_READ: "read_enquiry",
    Verb.ENQUIRY_RECEIVE: "receive_enquiry",
    Verb.ENQUIRY_WORK: "move_enquiry settle_family",
    Verb.FAMILY_NAMES: "put_family_names",
    Verb.FINDING_READ: "list_searches read_case_search read_search_timeline",
    Verb.FINDING_WORK: "change_team take_step",
    Verb.GLASS_BREAK: "break_the_glass end_glass",
    Verb.GLASS_READ: "list_glass read_glass",
    Verb.GLASS_REVIEW: "review_glass",
    Verb.INTAKE_OPEN: "open_intake",
    Verb.LIST_IMPORT: "open_list take_rows",
    Verb.LIST_READ: "list_lists read_list",
    Verb.LIST_TAKE_BACK: "take_back_list",
    Verb.LOG_FINDING_DECIDE: "judge_finding",
    Verb.LOG_FINDING_READ: "list_findings read_finding",
    Verb.LOG_READ: "ask_question list_disclosures list_recipients read_log read_log_of",
    Verb.LOG_RESOLVE: "read_case_log read_registration_log trace_person",
    Verb.LOG_REVIEW: "review_log",
    Verb.LOG_SEND: "send",
    Verb.LOG_STATE: "make_statement",
    Verb.MATCH_DECIDE: "decide_match",
    Verb.MATCH_READ: "clear_notice list_duplicates list_matches list_notices read_match",
    Verb.MESSAGE_CARRY: "collect_reply deliver_message fail_message read_delivery",
    Verb.MESSAGE_COLLECT: "add_call collect_message take_message",
    Verb.MESSAGE_READ: "list_calls list_messages list_owed read_call read_message",
    Verb.MESSAGE_WORK: "check_message hand_over_reply rewrite_message seal_message"
    " transmit_message",
    Verb.RECALL_READ: "list_recalls",
    Verb.RECEIVED_READ: "list_handovers list_received read_handover read_received",
    Verb.RECEIVED_WORK: "accept_offer accept_received decline_offer refuse_received",
    Verb.REGISTRATION_ADD: "add_registration",
    Verb.REGISTRATION_CHANGE: "change_registration",
    Verb.REGISTRATION_ERASE: "erase_registration",
    Verb.REGISTRATION_LIST: "list_registrations",
    Verb.REGISTRATION_READ: "read_registration",
    Verb.SEARCH: "look_for_family search_person",
    Verb.SIGN_OUT: "sign_out",
    Verb.TASK_READ: "list_due_tasks read_task",
    Verb.TASK_WORK: "add_task do_task",
    Verb.TOKEN_ADD: "add_token",
    Verb.TOKEN_REVOKE: "revoke_token",
    Verb.TOKEN_LIST: "list_own_tokens",
    Verb.TOKEN_END: "end_own_token",
    Verb.PASSWORD_CHANGE: "change_password",
    Verb.TRANSMIT: "ask_back enter_attestation make_dossier move_transmission offer_case"
    " queue_transmission remind_by_hand remind_partner take_back withdraw_offer",
    Verb.WITNESS_READ: "read_witnesses",
}
VERB = {name: verb for verb, names in ASKED.items() for name in names.split()}
ACCOUNTS = [role for role in Role if role not in (Role.SERVICE, Role.PEER)]
# Everybody may ask who they are.
FOR_EVERYBODY = {"read_me"}
# The example asks a second officer for an erasure: only who may erase asks for that.
ASKED_TOO = {"ask_approval": Verb.CASE_ERASE}
# Its example is nobody's password here, which is refused too.
PROVEN_ANEW = {"change_password"}
PURPOSES = list(Purpose)


def _purposes(role: Role, name: str) -> tuple[list[Purpose], list[Purpose]]:
    """For what the table lets a role ask an operation, and for what not."""
    may = ALLOWED[role].get(VERB[name], frozenset())
    done = ALLOWED[role].get(ASKED_TOO.get(name, VERB[name]), frozenset())
    return sorted(may & done), [one for one in PURPOSES if one not in may]


def _call(caller: Caller, operation: Operation, purpose: Purpose) -> int:
    options = operation.options()
    headers = options.pop("headers", {}) | operation.headers() | {"RFL-Purpose": purpose}
    answer = caller._call(operation.method, operation.address(), options | {"headers": headers})
    if answer.status_code == 403:
        refused(answer, 403, None, "role does not allow")
    return answer.status_code


def test_the_table_of_what_each_operation_is_for_is_complete() -> None:
    assert set(VERB) == {one.name for one in CLOSED} - FOR_EVERYBODY
    assert sum(len(names.split()) for names in ASKED.values()) == len(VERB)


@pytest.mark.parametrize("role", ACCOUNTS)
def test_every_route_asks_the_table_for_this_role(sqlite_desk: Desk, role: Role) -> None:
    caller = sqlite_desk.caller(role, "tracing", BRANCH)
    for number, operation in enumerate(one for one in CLOSED if one.name != "sign_out"):
        if operation.name in FOR_EVERYBODY:
            continue
        may, may_not = _purposes(role, operation.name)
        if may and operation.name not in PROVEN_ANEW:
            status = _call(caller, operation, may[number % len(may)])
            assert status not in (401, 403), (operation.name, status)
        if may_not:
            status = _call(caller, operation, may_not[number % len(may_not)])
            assert status == 403, (operation.name, status)


def test_a_refused_call_names_what_was_asked_for_in_the_log(sqlite_desk: Desk) -> None:
    nobody = sqlite_desk.caller(Role.INTAKE_VOLUNTEER, "tracing")
    for operation in CLOSED[::9]:
        if operation.name in VERB and not ALLOWED[Role.INTAKE_VOLUNTEER].get(VERB[operation.name]):
            _call(nobody, operation, Purpose.TRACING)
            last = entries(sqlite_desk.rt)[-1]
            assert (last["decision"], last["reason"]) == ("denied", "forbidden"), operation.name
            assert last["actor"] == nobody.account
