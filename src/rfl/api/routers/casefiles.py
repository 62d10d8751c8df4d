"""The enquirer's side of a case: read it, judge, accept, note, rest, close, reopen."""

from fastapi import APIRouter
from starlette.responses import Response

from rfl.api import views
from rfl.api.answers import answer, changed
from rfl.api.ask import Ask
from rfl.api.documented import IF_MATCH, needs, problems
from rfl.api.routes import ClosedRoute
from rfl.api.schemas import casefile
from rfl.api.schemas.office import Made
from rfl.api.schemas.person import new_person
from rfl.errors import within
from rfl.flows import accept, accompany, assign, close, judge, note, read_file, suspend, tell

_CHANGES = problems(
    "conflict", "stale-version", "version-required", "too-large", "unsupported-media-type"
)
_TO_CHANGE = needs(IF_MATCH)

router = APIRouter(
    prefix="/v1/cases/{case_id}",
    route_class=ClosedRoute,
    tags=["casework"],
    responses=problems("not-found", "erased"),
)


@router.get(
    "/file",
    summary="Read the enquirer's side of a case",
    response_model=casefile.CaseFile,
    openapi_extra=needs(),
)
def read_case_file(ask: Ask, case_id: str) -> Response:
    """Open what was judged, agreed and told, and the timeline. It holds no finding."""
    view = read_file.read_file(ask.rt, ask.call, case_id)
    return answer(views.casefile(view), version=view.row.version)


@router.put(
    "/credibility",
    summary="Judge identity and relationship",
    response_model=Made,
    responses=_CHANGES,
    openapi_extra=_TO_CHANGE,
)
def judge_credible(ask: Ask, case_id: str, body: casefile.Credibility) -> Response:
    """Keep how identity and relationship became credible; not established is allowed."""
    call, version = ask.call, ask.version
    credibility = body.to_domain(call.actor.id, ask.rt.today())
    return changed(case_id, judge.judge_credible(ask.rt, call, case_id, version, credibility))


@router.put(
    "/child",
    summary="Record how a child that asks was heard",
    response_model=Made,
    responses=_CHANGES,
    openapi_extra=_TO_CHANGE,
)
def hear_child(ask: Ask, case_id: str, body: casefile.AskingChild) -> Response:
    """Keep a child's own wish, who signed, and why both find it safe; its case needs this."""
    call, version = ask.call, ask.version
    child = body.to_domain(call.actor.id, ask.rt.today())
    return changed(case_id, judge.hear_child(ask.rt, call, case_id, version, child))


@router.put(
    "/screening",
    summary="Screen for harm before the search",
    response_model=Made,
    responses=_CHANGES,
    openapi_extra=_TO_CHANGE,
)
def screen_enquirer(ask: Ask, case_id: str, body: casefile.Screening) -> Response:
    """Keep the answers to every question of harm; no step of search goes outside without them."""
    call, version = ask.call, ask.version
    said = judge.Judged(body.answers(), body.goes_on, body.reason)
    return changed(case_id, judge.screen_enquirer(ask.rt, call, case_id, version, said))


@router.post(
    "/judgement",
    summary="Judge a case again after the rules changed",
    response_model=Made,
    responses=_CHANGES,
    openapi_extra=_TO_CHANGE,
)
def judge_again(ask: Ask, case_id: str) -> Response:
    """Hold an accepted case against today's rules; the answer date stays."""
    call, version = ask.call, ask.version
    return changed(case_id, judge.judge_again(ask.rt, call, case_id, version))


@router.post(
    "/acceptance",
    summary="Accept a case: the answer date is fixed",
    response_model=Made,
    responses=_CHANGES,
    openapi_extra=_TO_CHANGE,
)
def accept_case(ask: Ask, case_id: str, body: casefile.Acceptance) -> Response:
    """Begin the search. The day of the answer follows from the rules for this country."""
    call, version = ask.call, ask.version
    return changed(case_id, accept.accept_case(ask.rt, call, case_id, version, body.country))


@router.post(
    "/notes",
    summary="Write a note",
    response_model=Made,
    responses=_CHANGES,
    openapi_extra=_TO_CHANGE,
)
def add_note(ask: Ask, case_id: str, body: casefile.Note) -> Response:
    """Add a note to the timeline."""
    call, version = ask.call, ask.version
    return changed(case_id, note.note(ask.rt, call, case_id, version, body.said))


@router.post(
    "/assignment",
    summary="Give the enquirer to another officer",
    response_model=Made,
    responses=_CHANGES,
    openapi_extra=_TO_CHANGE,
)
def assign_case(ask: Ask, case_id: str, body: casefile.Assignment) -> Response:
    """Make another officer of the branch responsible; supervisors do this."""
    call, version = ask.call, ask.version
    return changed(case_id, assign.assign_case(ask.rt, call, case_id, version, body.officer))


@router.post(
    "/suspension",
    summary="Let a case rest until a day",
    response_model=Made,
    responses=_CHANGES,
    openapi_extra=_TO_CHANGE,
)
def suspend_case(ask: Ask, case_id: str, body: casefile.Suspension) -> Response:
    """Suspend a case with a day of review. Its answer date stays."""
    call, version = ask.call, ask.version
    following = suspend.suspend_case(ask.rt, call, case_id, version, body.review_on, body.reason)
    return changed(case_id, following)


@router.delete(
    "/suspension",
    summary="Take up a suspended case",
    response_model=Made,
    responses=problems("conflict", "stale-version", "version-required"),
    openapi_extra=_TO_CHANGE,
)
def take_up_case(ask: Ask, case_id: str) -> Response:
    """Go on with a case that rested."""
    call, version = ask.call, ask.version
    return changed(case_id, suspend.take_up_case(ask.rt, call, case_id, version))


@router.post(
    "/closing",
    summary="Close a case towards the enquirer",
    response_model=Made,
    responses=_CHANGES,
    openapi_extra=_TO_CHANGE,
)
def close_case(ask: Ask, case_id: str, body: casefile.Closing) -> Response:
    """Close a case; its history and what was told stay."""
    call, version = ask.call, ask.version
    return changed(case_id, close.close_case(ask.rt, call, case_id, version, body.ending))


@router.post(
    "/reopening",
    summary="Reopen a closed case",
    response_model=Made,
    responses=_CHANGES,
    openapi_extra=_TO_CHANGE,
)
def reopen_case(ask: Ask, case_id: str, body: casefile.Reopening) -> Response:
    """Open a case again with its whole history; it is then accepted anew."""
    call, version = ask.call, ask.version
    with within("successor"):
        successor = None if body.successor is None else new_person(body.successor)
    following = close.reopen_case(ask.rt, call, case_id, version, body.reason, successor)
    return changed(case_id, following)


@router.post(
    "/leading",
    summary="Let one sought person accompany another",
    response_model=Made,
    responses=_CHANGES,
    openapi_extra=_TO_CHANGE,
)
def lead_search(ask: Ask, case_id: str, body: casefile.Leading) -> Response:
    """List a person with a lead, where the authorities forbid searching for them."""
    call, version, pair = ask.call, ask.version, (body.accompanying, body.lead)
    return changed(case_id, accompany.lead_search(ask.rt, call, case_id, version, pair))


@router.post(
    "/talks",
    summary="Record the talk in which the family was told",
    response_model=Made,
    responses=_CHANGES,
    openapi_extra=_TO_CHANGE,
)
def record_talk(ask: Ask, case_id: str, body: casefile.NewTalk) -> Response:
    """Keep when and how the family was told; only then the letter of a death prints."""
    call, version = ask.call, ask.version
    talk = body.to_domain(call.actor.id)
    return changed(case_id, tell.record_talk(ask.rt, call, case_id, version, body.person, talk))
