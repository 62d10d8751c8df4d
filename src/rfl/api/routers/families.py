"""Cases of one family: looked for, worked as one, taken apart again; the history of a case."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from rfl.api.answers import answer, changed
from rfl.api.ask import Ask
from rfl.api.documented import IF_MATCH, LANGUAGE, needs, problems
from rfl.api.pages import Listing
from rfl.api.routes import ClosedRoute
from rfl.api.schemas.family import Family, Looking, Merging, RelatedCases, Timeline
from rfl.api.schemas.office import Made, Page
from rfl.api.views import PARTS
from rfl.domain.timeline import Happened
from rfl.errors import InvalidInput
from rfl.flows import look, merge, read_timeline
from rfl.flows import read_search_timeline as reading
from rfl.flows.explain import explain_score
from rfl.flows.look import Related
from rfl.flows.runtime import Call, Runtime

_CHANGES = problems(
    "conflict", "stale-version", "version-required", "too-large", "unsupported-media-type"
)

router = APIRouter(
    prefix="/v1",
    route_class=ClosedRoute,
    tags=["families"],
    responses=problems("not-found", "erased"),
)
_SHOWN = ("record", "asked", "names")
_LINE = ("at", "by", "kind", "record", "said", "person", "state")


@router.post(
    "/looks",
    summary="Look for a case of the same family",
    response_model=RelatedCases,
    responses=problems("conflict", "too-large", "unsupported-media-type"),
    openapi_extra=needs(LANGUAGE),
)
def look_for_family(ask: Ask, body: Looking) -> Response:
    """Show at most ten cases, by name and band, before another is opened for the same people."""
    request = body.request.created()
    found = look.look_for_family(ask.rt, ask.call, body.made_for, request)
    items = [_related(one, ask.language) for one in found]
    return answer({"items": items}, language=ask.language)


@router.post(
    "/enquiries/{enquiry_id}/family",
    summary="Join a case that was shown, or say that this is another family",
    response_model=Made,
    responses=_CHANGES,
    openapi_extra=needs(IF_MATCH),
)
def settle_family(ask: Ask, enquiry_id: str, body: Family) -> Response:
    """Let the same enquirer's case go on; or open another one after this."""
    call, version = ask.call, ask.version
    if (body.case is None) == (body.reason is None):
        raise InvalidInput("case", "must be given, or a reason in its place")
    if body.case is not None:
        following = look.join_case(ask.rt, call, enquiry_id, version, body.case)
    else:
        following = look.open_another(ask.rt, call, enquiry_id, version, body.reason or "")
    return changed(enquiry_id, following)


@router.post(
    "/cases/{case_id}/merge",
    summary="Work a case within another of the same family",
    response_model=Made,
    responses=_CHANGES,
    openapi_extra=needs(IF_MATCH),
)
def merge_case(ask: Ask, case_id: str, body: Merging) -> Response:
    """Let this case point to the one that survives. Both keep everything, and it can be undone."""
    at = (case_id, ask.version)
    following = merge.merge_cases(
        ask.rt, ask.call, at, body.into, body.pairs(), same_enquirer=body.same_enquirer
    )
    return changed(case_id, following)


@router.delete(
    "/cases/{case_id}/merge",
    summary="Undo a merge",
    response_model=Made,
    responses=problems("conflict", "stale-version", "version-required"),
    openapi_extra=needs(IF_MATCH),
)
def unmerge_case(ask: Ask, case_id: str) -> Response:
    """Take the two cases apart again; each is what it was, with what was done since."""
    return changed(case_id, merge.unmerge_cases(ask.rt, ask.call, case_id, ask.version))


@router.get(
    "/cases/{case_id}/timeline",
    summary="Read the history of a case",
    response_model=Timeline,
    openapi_extra=needs(),
)
def read_case_timeline(ask: Ask, case_id: str, page: Annotated[Page, Query()]) -> Response:
    """List who did what when on the enquirer's side, the oldest first. It holds no finding."""

    def lines(rt: Runtime, call: Call, after: tuple[int, str], limit: int) -> list[Happened]:
        return read_timeline.read_timeline(rt, call, case_id, after, limit)

    return Listing(f"timeline:{case_id}").page(ask, page, lines, _line)


@router.get(
    "/cases/{case_id}/search/timeline",
    summary="Read the history of a search",
    response_model=Timeline,
    openapi_extra=needs(),
)
def read_search_timeline(ask: Ask, case_id: str, page: Annotated[Page, Query()]) -> Response:
    """List what the team did, the oldest first. Only the team may."""

    def lines(rt: Runtime, call: Call, after: tuple[int, str], limit: int) -> list[Happened]:
        return reading.read_search_timeline(rt, call, case_id, after, limit)

    return Listing(f"search-timeline:{case_id}").page(ask, page, lines, _line)


def _related(found: Related, language: str) -> dict[str, object]:
    explained = explain_score(found.score, language)
    shown = {name: getattr(found, name) for name in _SHOWN}
    banded = {"band": explained.band, "band_sentence": explained.band_sentence}
    return shown | banded | {"part": PARTS[found.part]}


def _line(happened: Happened) -> dict[str, object]:
    return {name: getattr(happened, name) for name in _LINE}
