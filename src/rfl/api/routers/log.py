"""The auditor's questions. What names a record travels in a body, never in an address."""

from fastapi import APIRouter
from starlette.responses import Response

from rfl.api import views
from rfl.api.answers import answer
from rfl.api.ask import Ask
from rfl.api.documented import needs, problems
from rfl.api.routes import ClosedRoute
from rfl.api.schemas.auditing import (
    DisclosureQuestion,
    Disclosures,
    LogAnswer,
    LogQuestion,
    Statement,
    StatementRequest,
    Subject,
    Trace,
)
from rfl.flows import ask_log, state_for_subject, trace_reading
from rfl.flows import list_disclosures as disclosed
from rfl.flows.ask_log import About
from rfl.flows.cursors import open_place, seal_place

router = APIRouter(
    prefix="/v1/log",
    route_class=ClosedRoute,
    tags=["log"],
    responses=problems("too-large", "unsupported-media-type"),
)


@router.post("/questions", summary="Ask the log", response_model=LogAnswer, openapi_extra=needs())
def ask_question(ask: Ask, body: LogQuestion) -> Response:
    """Ask by actor, record, action, purpose, peer, decision and time; the question is an entry."""
    question, listing = body.to_question(), _listing(body)
    about = About(body.object, body.person)
    after = open_place(ask.rt, ask.call, listing, body.cursor)
    found = ask_log.ask_log(ask.rt, ask.call, question, about, after=after, limit=body.limit)
    following = None if found.end is None else seal_place(ask.rt, ask.call, listing, found.end)
    items = [views.entry(one) for one in found.entries]
    return answer({"items": items, "next": following, "note": found.note})


@router.post(
    "/traces",
    summary="Who opened this person, and to whom was it sent",
    response_model=Trace,
    openapi_extra=needs(),
)
def trace_person(ask: Ask, body: Subject) -> Response:
    """Answer who opened a record, when and why, and to which peers it was sent."""
    return answer(
        views.traced(trace_reading.trace_reading(ask.rt, ask.call, body.object, body.person))
    )


@router.post(
    "/statements",
    summary="A statement for the person concerned",
    response_model=Statement,
    openapi_extra=needs(),
)
def make_statement(ask: Ask, body: StatementRequest) -> Response:
    """State what was done with one person's data, in words, once their identity was checked."""
    checked = body.identity_checked
    return answer(
        state_for_subject.state_for_subject(
            ask.rt, ask.call, body.record, body.person, identity_checked=checked
        )
    )


@router.post(
    "/disclosures",
    summary="What was sent to partners",
    response_model=Disclosures,
    openapi_extra=needs(),
)
def list_disclosures(ask: Ask, body: DisclosureQuestion) -> Response:
    """Count what was sent to each partner, or one; ask the log by its code for the entries."""
    found = disclosed.list_disclosures(
        ask.rt, ask.call, peer=body.peer, since=body.since, until=body.until
    )
    return answer({"items": found})


def _listing(body: LogQuestion) -> str:
    """A cursor goes on with the question that it was answered to, and with no other."""
    return f"log:{body.model_dump_json(exclude={'cursor', 'limit'})}"
