"""Who a token speaks for: by the identity provider, and by narrower tokens of the node."""

import itertools
from dataclasses import replace
from typing import Any

import pytest
from httpx2 import Response

from rfl.api.answers import moment
from rfl.domain.access import WHOLE, Actor, Role, Scope, Verb, require
from rfl.domain.approval import Approves
from rfl.domain.purpose import Purpose
from rfl.domain.verbs import READING
from rfl.errors import Forbidden, IssuerUnavailable, RflError
from rfl.flows.admit import sign_in
from rfl.flows.grant import add_token, link_account, remove_account
from rfl.flows.rules import Rules
from rfl.flows.runtime import OFFICE_CALL, Runtime
from rfl.storage.work import micros
from tests.api.support import CASEWORK, OFFICE, Caller, Desk, done, entries, open_desk, refused
from tests.office import make_account
from tests.signin.provider import make_issuer, make_token

NOBODY = "valid token"


@pytest.fixture
def desk(rt: Runtime) -> Any:
    rt.issuer = make_issuer()
    with open_desk(rt) as opened:
        yield opened


def by_token(desk: Desk, token: str, path: str = "/v1/me") -> Response:
    headers = {"Authorization": f"Bearer {token}", "RFL-Purpose": CASEWORK}
    return desk.client.get(path, headers=headers)


def test_a_subject_signs_in_as_the_account_that_two_have_linked(desk: Desk) -> None:
    officer, administrator = desk.officer, desk.administrator()
    refused(by_token(desk, make_token()), 401, None, NOBODY)
    path = f"/v1/accounts/{officer.account}/subject"
    assert administrator.put(path, {"subject": "ana"}).status_code == 204
    me = done(by_token(desk, make_token()))
    assert (me["account"], me["role"]) == (officer.account, "tracing_officer")
    assert done(by_token(desk, make_token()))["token_id"] == me["token_id"]
    assert done(by_token(desk, make_token(jti="two")))["token_id"] != me["token_id"]
    other = desk.caller(Role.AUDITOR, "audit").account
    answer = administrator.put(f"/v1/accounts/{other}/subject", {"subject": "ana"})
    refused(answer, 409, None, "another account")
    refused(officer.put(path, {"subject": "eve"}), 403, None, "does not allow")


def test_a_role_or_branch_in_a_token_raises_nothing(desk: Desk) -> None:
    link_account(desk.rt, OFFICE_CALL, desk.officer.account, "ana")
    raised = make_token(
        role="administrator", roles=["supervisor"], branch="*", groups=["auditor"], scope="admin"
    )
    me = done(by_token(desk, raised))
    assert (me["role"], me["branch"]) == ("tracing_officer", "gevgelija")
    refused(by_token(desk, raised, "/v1/log"), 403, None, "does not allow")


def test_a_removed_officer_is_refused_at_once_by_every_token(desk: Desk) -> None:
    officer, administrator = desk.officer, desk.administrator()
    link_account(desk.rt, OFFICE_CALL, officer.account, "ana")
    own = officer.post("/v1/tokens", {"days": 7}, headers={"RFL-Purpose": OFFICE})
    tokens = [make_token(), done(own, 201)["token"]]
    assert [by_token(desk, one).status_code for one in tokens] == [200, 200]
    assert administrator.post(f"/v1/accounts/{officer.account}/removal").status_code == 204
    assert [by_token(desk, one).status_code for one in tokens] == [401, 401]
    refused(officer.get("/v1/me"), 401, None, NOBODY)
    again = administrator.post(f"/v1/accounts/{officer.account}/removal")
    refused(again, 404, None, "no such record")
    again = administrator.put(f"/v1/accounts/{officer.account}/subject", {"subject": "ana"})
    refused(again, 404, None, "no such record")


def test_linking_needs_a_second_officer(desk: Desk) -> None:
    desk.rt.rules = _with_four_eyes(desk.rt)
    administrator, second = desk.administrator(), desk.administrator()
    path, account = f"/v1/accounts/{desk.officer.account}/subject", desk.officer.account
    refused(administrator.put(path, {"subject": "ana"}), 403, None, "second officer")
    asked = {"approves": "role_grant", "subject": account, "details": ["ana"], "reason": "New."}
    approval = done(administrator.post("/v1/approvals", asked), 201)["id"]
    done(second.post(f"/v1/approvals/{approval}/approval", headers={"If-Match": '"1"'}))
    given = {"RFL-Approval": approval}
    refused(administrator.put(path, {"subject": "eve"}, headers=given), 403, None, "exactly this")
    assert administrator.put(path, {"subject": "ana"}, headers=given).status_code == 204
    assert done(by_token(desk, make_token()))["account"] == account


def test_a_provider_that_is_away_is_told_as_such_and_node_tokens_go_on(desk: Desk) -> None:
    def away() -> bytes:
        raise ConnectionError

    desk.rt.issuer = make_issuer()
    desk.rt.issuer.fetch = away
    answer = by_token(desk, make_token())
    refused(answer, 503, None, "identity provider")
    assert answer.headers["retry-after"] == "30"
    done(desk.officer.get("/v1/me"))
    with pytest.raises(IssuerUnavailable):
        sign_in(desk.rt, make_token())


def test_failures_with_access_tokens_are_entries_without_their_words(desk: Desk) -> None:
    for _ in range(3):
        refused(by_token(desk, make_token(sub="nobody", exp=1)), 401, None, NOBODY)
    [failed] = entries(desk.rt, "sign_in")
    assert (failed["decision"], failed["reason"]) == ("denied", "not-signed-in")


# Narrower tokens.


def narrowed(desk: Desk, purpose: str = CASEWORK, **scope: Any) -> Caller:
    made = done(desk.officer.post("/v1/tokens", scope, headers={"RFL-Purpose": OFFICE}), 201)
    return Caller(desk.client, made["token"], purpose, desk.officer.account)


def test_a_token_that_only_reads_changes_no_record(desk: Desk) -> None:
    case = desk.officer.open_case()
    reader = narrowed(desk, reads_only=True)
    done(reader.get(f"/v1/cases/{case}"))
    refused(reader.post("/v1/registrations", None), 415, "Content-Type", "")
    answer = reader.post("/v1/tokens", {}, headers={"RFL-Purpose": OFFICE})
    refused(answer, 403, None, "for less than this")
    assert entries(desk.rt, "token.add")[-1]["reason"] == "forbidden"


def test_a_token_for_one_purpose_is_for_no_other(desk: Desk) -> None:
    case = desk.officer.open_case()
    narrow = narrowed(desk, purposes=["family_contact"])
    refused(narrow.get(f"/v1/cases/{case}"), 403, None, "for less than this")
    done(narrow.get(f"/v1/cases/{case}", headers={"RFL-Purpose": "family_contact"}))


def test_a_token_made_with_another_is_no_wider_and_ends_with_it(desk: Desk) -> None:
    wide = narrowed(desk, OFFICE, purposes=["administration", "tracing"], days=3)
    made = done(wide.post("/v1/tokens", {"days": 30}), 201)
    below = Caller(desk.client, made["token"], CASEWORK, desk.officer.account)
    done(below.get("/v1/cases"))
    refused(below.get("/v1/cases", headers={"RFL-Purpose": "supervision"}), 403, None, "for less")
    root = done(desk.officer.get("/v1/me"))["token_id"]
    ends = micros(desk.rt.clock()) + 90 * 86_400_000_000
    assert made["ends_at"] <= (moment(ends) or "")
    assert desk.administrator().post(f"/v1/tokens/{root}/revocation").status_code == 204
    for caller in (desk.officer, wide, below):
        refused(caller.get("/v1/me"), 401, None, NOBODY)


def test_a_token_made_with_the_providers_lasts_a_day_at_most(desk: Desk) -> None:
    link_account(desk.rt, OFFICE_CALL, desk.officer.account, "ana")
    headers = {"Authorization": f"Bearer {make_token()}", "RFL-Purpose": OFFICE}
    made = done(desk.client.post("/v1/tokens", json={"days": 30}, headers=headers), 201)
    desk.rt.clock.move(hours=23)  # type: ignore[attr-defined]
    done(by_token(desk, made["token"]))
    desk.rt.clock.move(hours=2)  # type: ignore[attr-defined]
    refused(by_token(desk, made["token"]), 401, None, NOBODY)


@pytest.mark.parametrize("days", [0, 91, 401])
def test_a_token_lives_as_long_as_the_settings_allow(desk: Desk, days: int) -> None:
    answer = desk.officer.post("/v1/tokens", {"days": days}, headers={"RFL-Purpose": OFFICE})
    refused(answer, 422, "days", "must be")


def test_no_token_is_made_for_a_removed_account(rt: Runtime) -> None:
    account = make_account(rt).actor.id
    remove_account(rt, OFFICE_CALL, account)
    with pytest.raises(RflError):
        add_token(rt, OFFICE_CALL, account, WHOLE, 1)


SCOPES = [Scope(), Scope(reads_only=True), Scope(frozenset()), Scope(frozenset({Purpose.TRACING}))]


@pytest.mark.parametrize("scope", SCOPES)
def test_a_scope_never_allows_more_than_the_account_may(scope: Scope) -> None:
    for role, verb, purpose in itertools.product(Role, Verb, Purpose):
        if _may(Actor("acc_me", role, "north", scope=scope), verb, purpose):
            assert _may(Actor("acc_me", role, "north"), verb, purpose)
            assert scope.purposes is None or purpose in scope.purposes
            assert not scope.reads_only or verb in READING


@pytest.mark.parametrize(("one", "other"), list(itertools.product(SCOPES, SCOPES)))
def test_a_scope_within_another_is_what_both_allow(one: Scope, other: Scope) -> None:
    both = one.within(other)
    for verb, purpose in itertools.product(Verb, Purpose):
        allowed = one.allows(verb, purpose) and other.allows(verb, purpose)
        assert both.allows(verb, purpose) == allowed


def _may(actor: Actor, verb: Verb, purpose: Purpose) -> bool:
    try:
        require(actor, verb, purpose)
    except Forbidden:
        return False
    return True


def _with_four_eyes(rt: Runtime) -> Rules:
    return replace(rt.rules, four_eyes=frozenset(Approves))
