"""The walk of test_completeness through handovers of cases: flows and routes."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from rfl.domain.access import Role, Verb
from rfl.domain.consent import Use
from rfl.domain.states import HandoverState
from rfl.flows import hand_over, take_over
from rfl.flows.runtime import OFFICE_CALL
from rfl.storage import handovers, ledger
from tests.api.support import CASEWORK, Desk
from tests.exchange.across import shared_request
from tests.exchange.network import Society
from tests.office import Desk as Office
from tests.office import make_account, open_desk

Steps = Iterator[tuple[str, Callable[[], object]]]
Calls = Iterator[tuple[str, str, Callable[[], Any]]]
START = (0, "")
FIRST = {"If-Match": '"1"'}
USES = frozenset({Use.SHARE, Use.CONTACT})


def ready(here: Society, there: Society) -> Office:
    """A case whose enquirer agrees that the other society takes it over."""
    request = shared_request(here.rt.today(), there.network.code)
    consents = (replace(request.consents[0], uses=USES),)
    return open_desk(here.rt, replace(request, consents=consents))


def handovers_pass(north: Society, south: Society) -> Steps:
    """A case of this society is offered, one of the other comes and is given."""
    rt, desk = north.rt, ready(north, south)
    rt.rules = replace(rt.rules, four_eyes=frozenset())
    south.rt.rules = replace(south.rt.rules, four_eyes=frozenset())
    made: list[str] = []
    peer = south.network.code
    yield (
        "hand_over.offer_case",
        lambda: made.append(hand_over.offer_case(rt, desk.supervisor, desk.case, 1, peer)),
    )
    yield (
        "hand_over.withdraw_offer",
        lambda: hand_over.withdraw_offer(rt, desk.supervisor, made[0], 1),
    )
    for _each in range(2):
        theirs = ready(south, north)
        hand_over.offer_case(south.rt, theirs.supervisor, theirs.case, 1, north.network.code)
    south.deliver()
    call = make_account(rt, branch=north.network.branch)
    yield "hand_over.list_handovers", lambda: hand_over.list_handovers(rt, call, START, 9)
    first, second = hand_over.list_handovers(rt, call, START, 9)
    yield "hand_over.read_handover", lambda: hand_over.read_handover(rt, call, first.id)
    yield "take_over.accept_offer", lambda: take_over.accept_offer(rt, call, first.id, 1)
    yield "take_over.decline_offer", lambda: take_over.decline_offer(rt, call, second.id, 1)
    with rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        row, before = handovers.SHELF.opened(work, first.id)
        handovers.keep(work, row, before.moved(HandoverState.GIVEN, work.now))
        ledger.append(work)
    yield "take_over.open_given", lambda: take_over.open_given(rt)


def calls_of_handovers(desk: Desk, north: Society, south: Society) -> Calls:
    """Routes of handovers, to and from a second society."""
    for society in (north, south):
        society.rt.rules = replace(society.rt.rules, four_eyes=frozenset())
    mine = ready(north, south).case
    officer = desk.caller(Role.TRACING_OFFICER, CASEWORK)
    yield (
        "POST",
        "/v1/cases/{case_id}/handover",
        lambda: officer.post(
            f"/v1/cases/{mine}/handover", {"peer": south.network.code}, headers=FIRST
        ),
    )
    path = "/v1/handovers/{handover_id}"
    made = officer.get("/v1/handovers").json()["items"][0]["id"]
    yield "DELETE", path, lambda: officer.delete(f"/v1/handovers/{made}", headers=FIRST)
    for _each in range(2):
        theirs = ready(south, north)
        hand_over.offer_case(south.rt, theirs.supervisor, theirs.case, 1, north.network.code)
    south.deliver()
    taker = desk.caller(Role.TRACING_OFFICER, CASEWORK, branch=north.network.branch)
    yield "GET", "/v1/handovers", lambda: taker.get("/v1/handovers")
    first, second = (row["id"] for row in taker.get("/v1/handovers").json()["items"])
    yield "GET", path, lambda: taker.get(f"/v1/handovers/{first}")
    for name, handover in (("acceptance", first), ("refusal", second)):
        address = f"/v1/handovers/{handover}/{name}"
        yield (
            "POST",
            f"{path}/{name}",
            lambda address=address: taker.post(address, headers=FIRST),  # type: ignore[misc]
        )
