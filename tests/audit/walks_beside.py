"""The walk of test_completeness through what stands beside a case: flows and routes, real input."""

from collections.abc import Callable, Iterator
from typing import Any

from rfl.domain.access import Role
from rfl.domain.approval import Approves, Exact
from rfl.domain.purpose import Purpose
from rfl.flows import approve
from rfl.flows.runtime import Runtime
from tests.api.support import Desk
from tests.support import SUPERVISOR, make_call

Steps = Iterator[tuple[str, Callable[[], object]]]
Calls = Iterator[tuple[str, str, Callable[[], Any]]]
SECOND = make_call(Role.SUPERVISOR, Purpose.DATA_SUBJECT_REQUEST)
ERASURE = Exact(Approves.ERASURE, "cas_00000000000000000000000000", ("data_subject_request",))


def steps_beside(rt: Runtime) -> Steps:
    """Every flow of records beside a case."""
    kept: dict[str, str] = {}

    def ask() -> None:
        kept["approval"] = approve.ask_approval(rt, SUPERVISOR, ERASURE, "In writing")

    yield "approve.ask_approval", ask
    yield "approve.list_approvals", lambda: approve.list_approvals(rt, SUPERVISOR, (-1, ""), 5)
    yield "approve.read_approval", lambda: approve.read_approval(rt, SECOND, kept["approval"])
    yield "approve.give_approval", lambda: approve.give_approval(rt, SECOND, kept["approval"], 1)


def calls_beside(desk: Desk) -> Calls:
    """Every route of records beside a case."""
    kept: dict[str, str] = {}
    asks, agrees = desk.supervisor(), desk.supervisor()
    body = {"approves": "erasure", "subject": ERASURE.subject, "reason": "In writing"}

    def ask() -> Any:
        answer = asks.post("/v1/approvals", body)
        kept["approval"] = answer.json()["id"]
        return answer

    path = "/v1/approvals/{approval_id}"
    yield "POST", "/v1/approvals", ask
    yield "GET", "/v1/approvals", lambda: asks.get("/v1/approvals")
    yield "GET", path, lambda: agrees.get(f"/v1/approvals/{kept['approval']}")
    yield (
        "POST",
        f"{path}/approval",
        lambda: agrees.post(
            f"/v1/approvals/{kept['approval']}/approval", headers={"If-Match": '"1"'}
        ),
    )
