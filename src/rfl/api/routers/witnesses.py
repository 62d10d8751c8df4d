"""Who watches whose log; alarms; and how the node is. Nothing of a case is in any of it."""

from fastapi import APIRouter
from starlette.responses import Response

from rfl.api.answers import answer, nothing
from rfl.api.ask import Ask
from rfl.api.documented import needs, problems
from rfl.api.routes import ClosedRoute
from rfl.api.schemas.watching import Alarms, Condition, Watch
from rfl.flows import alert, appoint, check_health

router = APIRouter(
    prefix="/v1", route_class=ClosedRoute, tags=["watching"], responses=problems("not-found")
)


@router.get(
    "/log/witnesses",
    summary="Who has witnessed the log, and when last",
    response_model=Watch,
    openapi_extra=needs(),
)
def read_witnesses(ask: Ask) -> Response:
    """Show the log's keys, its witnesses, the logs it witnesses, and evidence against any."""
    return answer(appoint.view_watch(ask.rt, ask.call).as_json())


@router.get("/alarms", summary="What is wrong", response_model=Alarms, openapi_extra=needs())
def list_alarms(ask: Ask) -> Response:
    """List alarms, the latest first."""
    return answer({"items": [alert.as_json(one) for one in alert.list_alarms(ask.rt, ask.call)]})


@router.post(
    "/alarms/{alarm_id}/seen",
    status_code=204,
    summary="Say that you have looked at an alarm",
    openapi_extra=needs(),
)
def see_alarm(ask: Ask, alarm_id: str) -> Response:
    """Keep who has seen an open alarm. It opens again if the same goes wrong again."""
    alert.see_alarm(ask.rt, ask.call, alarm_id)
    return nothing()


@router.get("/health", summary="How the node is", response_model=Condition, openapi_extra=needs())
def read_condition(ask: Ask) -> Response:
    """Tell those who watch over the node what `/health/ready` does not tell everybody."""
    return answer(check_health.condition(ask.rt, ask.call))
