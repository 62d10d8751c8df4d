"""The walk over ways to sign in: what links, makes, invites and removes."""

from collections.abc import Callable, Iterator
from typing import Any

from rfl.domain.access import Role, Scope
from rfl.domain.purpose import Purpose
from rfl.flows import grant
from rfl.flows.runtime import OFFICE_CALL, Call, Runtime
from tests.api.support import OFFICE, Desk
from tests.office import make_account
from tests.signin.provider import make_issuer


def grant_steps(rt: Runtime) -> Iterator[tuple[str, Callable[[], object]]]:
    """Every flow that gives or takes a way to sign in."""
    rt.issuer = make_issuer()
    call = Call(make_account(rt).actor, Purpose.ADMINISTRATION)
    account, narrow = call.actor.id, Scope(reads_only=True)
    yield "grant.link_account", lambda: grant.link_account(rt, OFFICE_CALL, account, "ana")
    yield "grant.add_own_token", lambda: grant.add_own_token(rt, call, narrow, 1)
    yield "grant.add_token", lambda: grant.add_token(rt, OFFICE_CALL, account, narrow, 1)
    yield "grant.remove_account", lambda: grant.remove_account(rt, OFFICE_CALL, account)


def calls_of_granting(desk: Desk) -> Iterator[tuple[str, str, Callable[[], Any]]]:
    """Every route that does."""
    desk.rt.issuer = make_issuer()
    administrator, officer = desk.administrator(), desk.caller(Role.TRACING_OFFICER, OFFICE)
    path = f"/v1/accounts/{officer.account}"
    yield (
        "PUT",
        "/v1/accounts/{account_id}/subject",
        lambda: administrator.put(f"{path}/subject", {"subject": "ana"}),
    )
    yield "POST", "/v1/tokens", lambda: officer.post("/v1/tokens", {"reads_only": True})
    yield (
        "POST",
        "/v1/accounts/{account_id}/removal",
        lambda: administrator.post(f"{path}/removal"),
    )
