"""The searching side of a case: its team reads and works it, at one address.

The log of requests names addresses. So every step has the same one, whatever was found (P-03).
"""

from collections.abc import Callable
from typing import Annotated, Any, cast

from fastapi import APIRouter, Body
from starlette.responses import Response

from rfl.api import views
from rfl.api.answers import answer, changed
from rfl.api.ask import Ask
from rfl.api.documented import IF_MATCH, needs, problems
from rfl.api.routes import ClosedRoute
from rfl.api.schemas import searching, teamwork
from rfl.api.schemas.journal import JournalAnswer
from rfl.api.schemas.office import Made
from rfl.flows import (
    ask_who,
    consult,
    hold_back,
    join_search,
    read_search,
    report_death,
    reunite,
    seek,
)
from rfl.flows.runtime import Call, Runtime

_At = tuple[Runtime, Call, str, int]
_TAKEN = problems("conflict", "too-large", "unsupported-media-type")

router = APIRouter(
    prefix="/v1/cases/{case_id}/search",
    route_class=ClosedRoute,
    tags=["searching"],
    responses=problems("not-found", "erased"),
)


@router.get(
    "",
    summary="Read the searching side of a case",
    response_model=JournalAnswer,
    openapi_extra=needs(),
)
def read_case_search(ask: Ask, case_id: str) -> Response:
    """Open the journal, and what of it is told outside and when. Only the team may."""
    view = read_search.read_search(ask.rt, ask.call, case_id)
    return answer(views.journal(view), version=view.journal.version)


@router.post(
    "",
    summary="Take a step of the search",
    response_model=Made,
    responses=problems(
        "conflict", "stale-version", "version-required", "too-large", "unsupported-media-type"
    ),
    openapi_extra=needs(IF_MATCH),
)
def take_step(ask: Ask, case_id: str, body: Annotated[searching.Step, Body()]) -> Response:
    """Keep an action, a lead, an answer, a death: one address, so that none shows which."""
    at = (ask.rt, ask.call, case_id, ask.version)
    return changed(case_id, _STEPS[type(body)](at, cast("Any", body)))


@router.post(
    "/team",
    summary="Say who searches",
    response_model=Made,
    responses=_TAKEN,
    openapi_extra=needs(),
)
def change_team(ask: Ask, case_id: str, body: searching.Member) -> Response:
    """Add an officer to the team, or take one from it. A supervisor or a member does this."""
    change = join_search.join_search if body.joins else join_search.leave_search
    return changed(case_id, change(ask.rt, ask.call, case_id, body.officer))


def _note(at: _At, body: searching.NoteStep) -> int:
    return seek.write_line(*at, body.said)


def _task(at: _At, body: teamwork.TaskStep) -> int:
    return seek.plan_step(*at, body.due_on, body.what)


def _done(at: _At, body: teamwork.DoneStep) -> int:
    return seek.do_step(*at, body.task)


def _action(at: _At, body: searching.ActionStep) -> int:
    return seek.add_action(*at, body.to_domain(at[1].actor.id))


def _lead(at: _At, body: searching.LeadStep) -> int:
    rt, call, _case, _version = at
    return seek.open_lead(*at, (body.person, body.to_domain(call.actor.id, rt.clock())))


def _move(at: _At, body: searching.MoveStep) -> int:
    return seek.move(*at, (body.person, body.state, body.said))


def _screening(at: _At, body: searching.ScreeningStep) -> int:
    rt, call, _case, _version = at
    policy = rt.rules.policy.on(rt.today()).code
    return seek.screen_search(*at, body.to_domain(call.actor.id, rt.today(), policy))


def _child(at: _At, body: searching.ChildStep) -> int:
    return seek.judge_child(*at, (body.person, body.to_domain(at[1].actor.id)))


def _answer(at: _At, body: searching.AnswerStep) -> int:
    return consult.record_answer(*at, body.to_domain(at[1].actor.id))


def _death(at: _At, body: searching.DeathStep) -> int:
    rt, call, _case, _version = at
    report = (body.person, body.to_domain(call.actor.id, rt.today()))
    return report_death.report_death(*at, report)


def _reunion(at: _At, body: searching.ReunionStep) -> int:
    return reunite.reunite(*at, (body.person, tuple(body.agreements)))


def _authorities(at: _At, body: teamwork.AuthoritiesStep) -> int:
    return consult.record_stance(*at, body.person, body.said())


def _detrimental(at: _At, body: teamwork.DetrimentalStep) -> int:
    return hold_back.mark_detrimental(*at, body.person, body.said)


def _person(at: _At, body: searching.PersonStep) -> int:
    return _ABOUT[body.step](*at, body.person)


_ABOUT: dict[str, Callable[[Runtime, Call, str, int, str], int]] = {
    "verify": seek.verify_lead,
    "agree": consult.agree_with_representative,
    "withdraw": consult.withdraw_answer,
    "confirm_death": report_death.confirm_death,
    "ask_who": ask_who.ask_who,
    "not_detrimental": hold_back.lift_mark,
}
_STEPS: dict[type, Callable[[_At, Any], int]] = {
    searching.NoteStep: _note,
    teamwork.TaskStep: _task,
    teamwork.DoneStep: _done,
    searching.ActionStep: _action,
    searching.LeadStep: _lead,
    searching.PersonStep: _person,
    searching.MoveStep: _move,
    searching.ScreeningStep: _screening,
    searching.ChildStep: _child,
    searching.AnswerStep: _answer,
    searching.DeathStep: _death,
    searching.ReunionStep: _reunion,
    teamwork.AuthoritiesStep: _authorities,
    teamwork.DetrimentalStep: _detrimental,
}
