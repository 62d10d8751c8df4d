"""The office: who am I, the access log, accounts and tokens."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from rfl.api import views
from rfl.api.answers import answer, moment, nothing
from rfl.api.ask import Ask
from rfl.api.documented import APPROVAL, needs, problems
from rfl.api.routes import ClosedRoute
from rfl.api.schemas.office import (
    AccountMade,
    Handed,
    Latest,
    LinkedSubject,
    LogEntries,
    Me,
    NewAccount,
    NewToken,
    OwnTokens,
    PassedSearches,
    PassingOn,
    Reassignment,
    TokenMade,
    Vetting,
)
from rfl.flows import account_for, admit, grant, reassign
from rfl.flows import pass_on_searches as pass_on

router = APIRouter(
    prefix="/v1", route_class=ClosedRoute, tags=["office"], responses=problems("not-found")
)


@router.get("/me", summary="Whom the token speaks for", response_model=Me)
def read_me(ask: Ask) -> Response:
    """Tell account, role and branch. Nothing is opened, so no purpose is needed."""
    actor = ask.actor
    who = {"account": actor.id, "role": actor.role, "branch": actor.branch}
    return answer(who | {"token_id": actor.session})


@router.get(
    "/log",
    summary="The newest entries of the log",
    response_model=LogEntries,
    openapi_extra=needs(),
)
def read_log(ask: Ask, latest: Annotated[Latest, Query()]) -> Response:
    """List the newest entries, newest first; this reading is the first of them."""
    entries = account_for.latest_entries(ask.rt, ask.call, latest.limit)
    return answer({"items": [views.entry(one) for one in entries]})


@router.get(
    "/log/{log_id}",
    summary="The log about one log id",
    response_model=LogEntries,
    openapi_extra=needs(),
)
def read_log_of(ask: Ask, log_id: str) -> Response:
    """List the entries that name a log id, which works after an erasure too."""
    entries = account_for.entries_about(ask.rt, ask.call, log_id)
    return answer({"items": [views.entry(one) for one in entries]})


@router.post(
    "/accounts",
    status_code=201,
    summary="Make an account",
    response_model=AccountMade,
    openapi_extra=needs(APPROVAL),
)
def add_account(ask: Ask, body: NewAccount) -> Response:
    """Make an account with one token, which is shown this once."""
    made = admit.add_account(ask.rt, ask.call, body.role, body.branch, body.name)
    shown = {"account": made.account, "token_id": made.token_id, "token": made.token}
    return answer(shown, 201)


@router.post(
    "/tokens/{token_id}/revocation",
    status_code=204,
    summary="Revoke a token",
    openapi_extra=needs(),
)
def revoke_token(ask: Ask, token_id: str) -> Response:
    """Revoke a token at once."""
    admit.revoke_token(ask.rt, ask.call, token_id)
    return nothing()


@router.put(
    "/accounts/{account_id}/vetting",
    status_code=204,
    summary="Vet an account for work with children",
    openapi_extra=needs(APPROVAL),
)
def vet_account(ask: Ask, account_id: str, body: Vetting) -> Response:
    """Set the last day of the vetting; after it, children's cases close to this officer."""
    admit.vet_account(ask.rt, ask.call, account_id, body.until)
    return nothing()


@router.put(
    "/accounts/{account_id}/subject",
    status_code=204,
    summary="Link an account to the identity provider",
    responses=problems("conflict"),
    openapi_extra=needs(APPROVAL),
)
def link_account(ask: Ask, account_id: str, body: LinkedSubject) -> Response:
    """Let a subject of the identity provider sign in as this account, in the place of any other.

    Role and branch stay the account's: nothing that an access token says of them is read.
    """
    grant.link_account(ask.rt, ask.call, account_id, body.subject)
    return nothing()


@router.post(
    "/accounts/{account_id}/removal",
    status_code=204,
    summary="Remove an account",
    openapi_extra=needs(),
)
def remove_account(ask: Ask, account_id: str) -> Response:
    """End an account and all its tokens at once. What it has done stays in the log."""
    grant.remove_account(ask.rt, ask.call, account_id)
    return nothing()


@router.post(
    "/tokens",
    status_code=201,
    summary="Make a token of your own",
    response_model=TokenMade,
    openapi_extra=needs(),
)
def add_token(ask: Ask, body: NewToken) -> Response:
    """Make a token for a program of yours, for less than you may, shown this once.

    It is never for more than the token that you call with, and ends with it at the latest.
    """
    made = grant.add_own_token(ask.rt, ask.call, body.to_domain(), body.days)
    shown = {"token_id": made.id, "token": made.token, "ends_at": moment(made.ends_at)}
    return answer(shown, 201)


@router.get(
    "/tokens",
    summary="Your own tokens",
    response_model=OwnTokens,
    openapi_extra=needs(),
)
def list_own_tokens(ask: Ask) -> Response:
    """List the tokens of your account that still work, sign-ins among them, the newest first.

    Sign-ins with the society's identity provider are listed, and ended, there.
    """
    items = [
        {
            "token_id": one.id,
            "made_at": moment(one.made_at),
            "ends_at": moment(one.ends_at),
            "purposes": one.scope.purposes,
            "reads_only": one.scope.reads_only,
            "is_this": one.id == ask.actor.session,
        }
        for one in grant.list_own_tokens(ask.rt, ask.call)
    ]
    return answer({"items": items})


@router.post(
    "/tokens/{token_id}/end",
    status_code=204,
    summary="End a token of your own",
    openapi_extra=needs(),
)
def end_own_token(ask: Ask, token_id: str) -> Response:
    """End a sign-in or another token of yours at once, and what was made with it."""
    grant.end_own_token(ask.rt, ask.call, token_id)
    return nothing()


@router.post(
    "/reassignments",
    summary="Give everything of an officer who leaves to another",
    response_model=Handed,
    openapi_extra=needs(),
)
def reassign_cases(ask: Ask, body: Reassignment) -> Response:
    """Give cases with their tasks, requests and letters, enquiries, letters, approvals asked for.

    Supervisors do this for their branch. What is left is listed with the reason.
    """
    handed = reassign.reassign(ask.rt, ask.call, body.leaving, body.officer)
    return answer({"items": handed})


@router.post(
    "/search-reassignments",
    summary="Pass on the searches of an officer who leaves",
    response_model=PassedSearches,
    openapi_extra=needs(),
)
def pass_on_searches(ask: Ask, body: PassingOn) -> Response:
    """Put another officer in their place in each team; supervisors do this for their branch.

    Who handles the enquirer of a case does not come into its team by this (P-37).
    """
    passed = pass_on.pass_on_searches(ask.rt, ask.call, body.leaving, body.searcher)
    return answer({"items": passed})
