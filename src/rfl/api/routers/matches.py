"""Search, proposals and what officers decide about them."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from rfl.api import views
from rfl.api.answers import answer, changed, nothing
from rfl.api.ask import Ask
from rfl.api.documented import IF_MATCH, LANGUAGE, needs, problems
from rfl.api.pages import Listing
from rfl.api.routes import ClosedRoute
from rfl.api.schemas.casework import (
    Decision,
    Hits,
    Match,
    Matches,
    NoticesPage,
    ProposalNotices,
    Search,
)
from rfl.api.schemas.office import Made
from rfl.api.schemas.person import described
from rfl.flows import decide, notice, search

router = APIRouter(
    prefix="/v1", route_class=ClosedRoute, tags=["matches"], responses=problems("not-found")
)


@router.post(
    "/searches",
    summary="Search for a person",
    response_model=Hits,
    responses=problems("too-large", "unsupported-media-type"),
    openapi_extra=needs(LANGUAGE),
)
def search_person(ask: Ask, body: Search) -> Response:
    """Search for one person, for a case or an intake; at most ten are shown, by name and band."""
    hits = search.search(ask.rt, ask.call, body.made_for, described(body.person))
    items = [views.hit(one, ask.language) for one in hits]
    return answer({"items": items}, language=ask.language)


@router.get(
    "/cases/{case_id}/matches",
    summary="List the proposals of a case",
    response_model=Matches,
    responses=problems("not-found", "erased"),
    openapi_extra=needs(LANGUAGE),
)
def list_matches(ask: Ask, case_id: str) -> Response:
    """List a case's proposals with their reasons, the likeliest first."""
    found = decide.list_matches(ask.rt, ask.call, case_id)
    items = [views.match(one, ask.language) for one in found]
    return answer({"items": items}, language=ask.language)


@router.get(
    "/registrations/{registration_id}/matches",
    summary="List other registrations of perhaps the same person",
    response_model=Matches,
    openapi_extra=needs(LANGUAGE),
)
def list_duplicates(ask: Ask, registration_id: str) -> Response:
    """List registrations that may be of the same person; who searches for them is not shown."""
    found = decide.list_duplicates(ask.rt, ask.call, registration_id)
    items = [views.match(one, ask.language) for one in found]
    return answer({"items": items}, language=ask.language)


@router.get(
    "/notices",
    summary="List the proposals that are new to the branch",
    response_model=ProposalNotices,
    openapi_extra=needs(),
)
def list_notices(ask: Ask, page: Annotated[NoticesPage, Query()]) -> Response:
    """List proposals that are new, or to be judged again since their evidence changed (`rose`).

    The oldest come first. A page may be short, and not the last: `next` says whether there is more.
    """
    listing = Listing(f"notices {page.code}")
    told = notice.list_notices(ask.rt, ask.call, page.code, (listing.begins(ask, page), page.limit))
    last = None if told.after is None else (told.after.at, told.after.match_id)
    return listing.ends(ask, [views.notice(one) for one in told.shown], last)


@router.delete(
    "/notices/{match_id}",
    status_code=204,
    summary="Put a notice away",
    openapi_extra=needs(),
)
def clear_notice(ask: Ask, match_id: str) -> Response:
    """Take a proposal off the branch's list of new ones; the proposal itself stays."""
    notice.clear_notice(ask.rt, ask.call, match_id)
    return nothing()


@router.get(
    "/matches/{match_id}",
    summary="Read a proposal",
    response_model=Match,
    openapi_extra=needs(LANGUAGE),
)
def read_match(ask: Ask, match_id: str) -> Response:
    """Open one proposal with both persons, the reasons and what was decided."""
    view = decide.read_match(ask.rt, ask.call, match_id)
    content = views.match(view, ask.language)
    return answer(content, version=view.row.version, language=ask.language)


@router.post(
    "/matches/{match_id}/decisions",
    summary="Decide about a proposal",
    response_model=Made,
    responses=problems("conflict", "stale-version", "version-required"),
    openapi_extra=needs(IF_MATCH),
)
def decide_match(ask: Ask, match_id: str, body: Decision) -> Response:
    """Confirm, reject, doubt or undo, with the reason. A rejected pair is not proposed again."""
    call, version = ask.call, ask.version
    following = decide.decide_match(ask.rt, call, match_id, version, body.state, body.reason)
    return changed(match_id, following)
