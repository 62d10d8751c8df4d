"""Accounts, tokens and the log by HTTP."""

from rfl.domain.access import Role
from tests.api.support import Desk, done, refused

NEW = {"role": "tracing_officer", "branch": "ohrid", "name": "Elena Petrova"}


def test_a_token_is_shown_once_and_works_until_it_is_revoked(desk: Desk) -> None:
    administrator = desk.administrator()
    made = done(administrator.post("/v1/accounts", NEW), 201)
    bearer = {"Authorization": f"Bearer {made['token']}"}
    me = done(desk.client.get("/v1/me", headers=bearer))
    assert me == {
        "account": made["account"],
        "role": "tracing_officer",
        "branch": "ohrid",
        "token_id": made["token_id"],
    }
    revoked = administrator.post(f"/v1/tokens/{made['token_id']}/revocation")
    assert revoked.status_code == 204
    refused(desk.client.get("/v1/me", headers=bearer), 401, None, "valid token")
    again = administrator.post(f"/v1/tokens/{made['token_id']}/revocation")
    refused(again, 404, None, "no such record")


def test_only_an_administrator_makes_accounts(sqlite_desk: Desk) -> None:
    refused(sqlite_desk.officer.post("/v1/accounts", NEW), 403, None, "does not allow")
    service = NEW | {"role": "service"}
    answer = sqlite_desk.administrator().post("/v1/accounts", service)
    refused(answer, 422, "role", "have no account")


def test_an_auditor_reads_the_log_and_nothing_else(desk: Desk) -> None:
    auditor, case = desk.auditor(), desk.officer.open_case()
    items = done(auditor.get("/v1/log?limit=2"))["items"]
    assert [one["action"] for one in items] == ["log.read", "case.open"]
    assert "salt" not in items[0]
    refused(auditor.get(f"/v1/cases/{case}"), 403, None, "does not allow")
    refused(desk.officer.get("/v1/log"), 403, None, "does not allow")


def test_an_expired_token_does_not_sign_in(desk: Desk) -> None:
    caller = desk.caller(Role.TRACING_OFFICER, "tracing")
    desk.rt.clock.move(days=91)  # type: ignore[attr-defined]
    refused(caller.get("/v1/cases"), 401, None, "valid token")
