"""Health: the only addresses that are open to everyone."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from rfl.api.answers import answer
from rfl.api.schemas.office import Health
from rfl.flows.check_health import database_answers
from rfl.flows.lock_down import read_lockdown

router = APIRouter(prefix="/health", tags=["health"])


@router.get("/live", summary="Is the process alive", response_model=Health)
def live() -> Response:
    """Answer that the process serves requests."""
    return answer({"status": "live"})


@router.get(
    "/ready",
    summary="Is the node ready for work",
    response_model=Health,
    responses={503: {"model": Health, "description": "Not yet, or not now"}},
)
def ready(request: Request) -> Response:
    """Answer 503 until everybody who may be matched is in memory and the database answers.

    In a lockdown it answers 200 and says so: nothing is opened, and letters still come in.
    """
    node = request.app.state.node
    if not database_answers(node.rt):
        return answer({"status": "no_database"}, 503)
    if read_lockdown(node.rt).in_force:
        return answer({"status": "locked_down"})
    if not node.ready():
        return answer({"status": "loading"}, 503)
    return answer({"status": "ready"})
