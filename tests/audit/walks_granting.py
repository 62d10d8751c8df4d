"""The walk over ways to sign in: what links, makes, invites and removes."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from rfl.domain.access import Role, Scope
from rfl.domain.purpose import Purpose
from rfl.flows import begin_session, grant, invite
from rfl.flows.runtime import OFFICE_CALL, Call, Runtime
from tests.api.support import OFFICE, Caller, Desk
from tests.office import make_account
from tests.signin.proofs import PASSWORD, proof
from tests.signin.provider import make_issuer

CHOSEN = "eleven storks on one chimney"


def grant_steps(rt: Runtime) -> Iterator[tuple[str, Callable[[], object]]]:
    """Every flow that gives or takes a way to sign in."""
    rt.issuer = make_issuer()
    call = Call(make_account(rt).actor, Purpose.ADMINISTRATION)
    account, narrow = call.actor.id, Scope(reads_only=True)
    yield "grant.link_account", lambda: grant.link_account(rt, OFFICE_CALL, account, "ana")
    kept: dict[str, str] = {}

    def make_own() -> None:
        kept["token"] = grant.add_own_token(rt, call, narrow, 1).id

    yield "grant.add_own_token", make_own
    yield "grant.list_own_tokens", lambda: grant.list_own_tokens(rt, call)
    yield "grant.end_own_token", lambda: grant.end_own_token(rt, call, kept["token"])
    yield "grant.add_token", lambda: grant.add_token(rt, OFFICE_CALL, account, narrow, 1)
    yield from _signing_in(rt)
    yield "grant.remove_account", lambda: grant.remove_account(rt, OFFICE_CALL, account)


def _signing_in(rt: Runtime) -> Iterator[tuple[str, Callable[[], object]]]:
    """An invitation, its acceptance, a sign-in with a password, a sign-out."""
    kept: dict[str, Any] = {}
    call = Call(make_account(rt).actor, Purpose.ADMINISTRATION)

    def keep(name: str, made: object) -> None:
        kept[name] = made

    yield "invite.invite", lambda: keep("in", invite.invite(rt, OFFICE_CALL, call.actor.id))
    yield (
        "invite.accept_invitation",
        lambda: keep(
            "secret",
            invite.accept_invitation(rt, kept["in"].invitation, "elena", PASSWORD).secret,
        ),
    )
    yield (
        "begin_session.begin_session",
        lambda: keep("session", begin_session.begin_session(rt, proof(rt, kept["secret"]))),
    )
    rt.clock.move(seconds=30)  # type: ignore[attr-defined]
    yield (
        "begin_session.change_password",
        lambda: begin_session.change_password(
            rt, _in_session(call, kept["session"]), proof(rt, kept["secret"]), CHOSEN
        ),
    )
    yield (
        "begin_session.end_session",
        lambda: begin_session.end_session(rt, _in_session(call, kept["session"])),
    )


def _in_session(call: Call, session: begin_session.Session) -> Call:
    return replace(call, actor=replace(call.actor, session=session.token_id))


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
    kept: dict[str, Any] = {}

    def take(name: str, answer: Any) -> Any:
        kept[name] = answer.json()
        return answer

    yield (
        "POST",
        "/v1/tokens",
        lambda: take("own", officer.post("/v1/tokens", {"reads_only": True})),
    )
    yield "GET", "/v1/tokens", lambda: officer.get("/v1/tokens")
    yield (
        "POST",
        "/v1/tokens/{token_id}/end",
        lambda: officer.post(f"/v1/tokens/{kept['own']['token_id']}/end"),
    )

    yield (
        "POST",
        "/v1/accounts/{account_id}/invitation",
        lambda: take("in", administrator.post(f"{path}/invitation")),
    )
    given = {"name": "elena", "password": PASSWORD}
    yield (
        "POST",
        "/v1/sign-in/invitations",
        lambda: take(
            "secret",
            desk.client.post(
                "/v1/sign-in/invitations",
                json=given | {"invitation": kept["in"]["invitation"]},
            ),
        ),
    )
    yield (
        "POST",
        "/v1/sign-in",
        lambda: take(
            "session",
            desk.client.post(
                "/v1/sign-in",
                json=given | {"code": proof(desk.rt, kept["secret"]["secret"]).code},
            ),
        ),
    )
    desk.rt.clock.move(seconds=30)  # type: ignore[attr-defined]

    def signed_in() -> Caller:
        return Caller(desk.client, kept["session"]["token"], OFFICE, officer.account)

    yield (
        "PUT",
        "/v1/password",
        lambda: signed_in().put(
            "/v1/password",
            given | {"code": proof(desk.rt, kept["secret"]["secret"]).code, "chosen": CHOSEN},
        ),
    )
    yield (
        "POST",
        "/v1/sign-out",
        lambda: signed_in().post("/v1/sign-out"),
    )
    yield (
        "POST",
        "/v1/accounts/{account_id}/removal",
        lambda: administrator.post(f"{path}/removal"),
    )
