"""Sign in with a built-in account. By the bodies of open routes people prove themselves."""

from fastapi import APIRouter
from starlette.responses import Response

from rfl.api.answers import answer, moment, nothing
from rfl.api.ask import Ask
from rfl.api.documented import APPROVAL, needs, problems
from rfl.api.routes import ClosedRoute, OpenRoute
from rfl.api.schemas.signing_in import (
    AcceptedInvitation,
    ChangedPassword,
    Enrolment,
    Invitation,
    PasswordProof,
    SignedIn,
)
from rfl.flows import begin_session, invite

_BODY = problems("too-large", "unsupported-media-type")

open_router = APIRouter(
    prefix="/v1/sign-in",
    route_class=OpenRoute,
    tags=["signing in"],
    responses=_BODY,
)
router = APIRouter(
    prefix="/v1", route_class=ClosedRoute, tags=["office"], responses=problems("not-found")
)


@open_router.post(
    "",
    summary="Sign in with a password",
    response_model=SignedIn,
    responses=problems("too-many-attempts"),
)
def sign_in(ask: Ask, body: PasswordProof) -> Response:
    """Return a token that ends after a day's work. Nothing tells whether the account exists.

    After ten tries within a quarter of an hour a name is closed to devices that have not signed in
    with it before.
    """
    proof = begin_session.Proof(body.name, body.password, body.code, body.device)
    made = begin_session.begin_session(ask.rt, proof)
    shown = {"token_id": made.token_id, "token": made.token, "device": made.device}
    return answer(shown | {"ends_at": moment(made.ends_at)})


@open_router.post(
    "/invitations",
    summary="Accept an invitation",
    response_model=Enrolment,
    responses=problems("conflict"),
)
def accept_invitation(ask: Ask, body: AcceptedInvitation) -> Response:
    """Choose name and password, and receive the secret of the one-time codes, once.

    Every token that the account had ends.
    """
    made = invite.accept_invitation(ask.rt, body.invitation, body.name, body.password)
    shown = {"account": made.account, "secret": made.secret}
    return answer(shown | {"address": made.address, "device": made.device})


@router.post(
    "/accounts/{account_id}/invitation",
    status_code=201,
    summary="Invite the holder of an account",
    response_model=Invitation,
    openapi_extra=needs(APPROVAL),
)
def invite_holder(ask: Ask, account_id: str) -> Response:
    """Make an invitation to choose name and password, for three days, in the place of any other.

    It also replaces a forgotten password or a lost telephone. Two people agree to it.
    """
    made = invite.invite(ask.rt, ask.call, account_id)
    return answer({"invitation": made.invitation, "ends_at": moment(made.ends_at)}, 201)


@router.put(
    "/password",
    status_code=204,
    summary="Choose another password",
    responses=problems("conflict", "too-many-attempts", "too-large", "unsupported-media-type"),
    openapi_extra=needs(),
)
def change_password(ask: Ask, body: ChangedPassword) -> Response:
    """Choose another password, with the name, the password and a code of this half minute.

    Every other token of the account ends, sign-ins on other devices among them.
    """
    proof = begin_session.Proof(body.name, body.password, body.code, body.device)
    begin_session.change_password(ask.rt, ask.call, proof, body.chosen)
    return nothing()


@router.post("/sign-out", status_code=204, summary="Sign out", openapi_extra=needs())
def sign_out(ask: Ask) -> Response:
    """End the token that this call came with, and those made with it."""
    begin_session.end_session(ask.rt, ask.call)
    return nothing()
