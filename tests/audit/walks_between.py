"""The walk of test_completeness through cases between two societies: flows and routes."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from starlette.testclient import TestClient

from rfl.app import AppOptions, create_app
from rfl.domain.access import Role, Verb
from rfl.domain.states import TransmissionState
from rfl.domain.transmission import WhyReturned
from rfl.flows import (
    answer_request,
    ask_who,
    carry_message,
    notice_keys,
    recall,
    send_message,
    tell_peers,
    tell_writers,
    transmit,
)
from rfl.flows.runtime import OFFICE_CALL, Runtime
from rfl.storage import ledger, recalls, received, transmissions
from rfl.storage.recalls import Why
from tests.api.support import CASEWORK, Desk
from tests.audit.walks_by_hand import calls_by_hand
from tests.audit.walks_handover import calls_of_handovers
from tests.exchange.across import answering, ask_across, assess
from tests.exchange.network import Society, befriend, make_network
from tests.flows.test_messages import LETTER
from tests.office import make_account
from tests.support import DPO, OFFICER

Steps = Iterator[tuple[str, Callable[[], object]]]
Calls = Iterator[tuple[str, str, Callable[[], Any]]]
START = (0, "")
FIRST = {"If-Match": '"1"'}


def one(done: int) -> None:
    """Something was done."""
    assert done


def cases_come(north: Society, south: Society) -> Steps:
    """The other society's request comes to this one, is accepted, answered, and ends."""
    rt = north.rt
    assess(south, north)
    assess(north, south)
    for _each in range(2):
        ask_across(south, north)
    one(south.deliver())
    call = make_account(rt, branch=north.network.branch)
    yield "answer_request.list_received", lambda: answer_request.list_received(rt, call, START, 9)
    first, second = answer_request.list_received(rt, call, START, 9)
    yield "answer_request.read_received", lambda: answer_request.read_received(rt, call, first.id)
    made: list[str] = []
    yield (
        "answer_request.accept_received",
        lambda: made.append(answer_request.accept_received(rt, call, first.id, 1)),
    )
    refused = (TransmissionState.DECLINED, WhyReturned.RULES)
    yield (
        "answer_request.refuse_received",
        lambda: answer_request.refuse_received(rt, call, second.id, 1, refused),
    )
    with rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        received.owe(work, made[0])
        ledger.append(work)
        row = received.SHELF.of_case(work, made[0])[0]
        mark = {"changed": True, "retain_at": work.micros}
        work.connection.execute(
            received.received.update().where(received.received.c.id == row.id).values(**mark)
        )
    yield "tell_peers.tell_peers", lambda: one(tell_peers.tell_peers(rt))
    yield "answer_request.apply_changes", lambda: one(answer_request.apply_changes(rt))
    yield "recall.end_copies", lambda: one(recall.end_copies(rt))
    assess(south, north, at_risk=True)
    ask_across(south, north)
    one(south.deliver())
    desk = answering(north).accept().located()
    at = (desk.searcher, desk.case, desk.journal.version, desk.person)
    yield "ask_who.ask_who", lambda: ask_who.ask_who(rt, *at)


def messages_come(north: Society, south: Society) -> Steps:
    """The other society's letter is carried by this one, which tells what may be told of it."""
    message = send_message.collect_message(south.rt, OFFICER, LETTER)
    send_message.check_message(south.rt, OFFICER, message, 1, None)
    to = send_message.Way(peer=north.network.code)
    send_message.transmit_message(south.rt, OFFICER, message, 2, to)
    one(south.deliver())
    rt, officer = north.rt, make_account(north.rt, branch=north.network.branch)
    [row] = send_message.list_messages(rt, officer, START, 9)
    carry_message.collect_reply(rt, officer, row.id, 1, ("We are well.", None))
    yield "tell_writers.tell_writers", lambda: one(tell_writers.tell_writers(rt))


def cases_go(north: Society, south: Society) -> Steps:
    """This society's request goes to the other one, is reminded, renewed, and recalled."""
    rt = north.rt
    assess(north, south)
    asking = ask_across(north, south)
    officer = asking.desk.officer
    yield (
        "transmit.remind_partner",
        lambda: transmit.remind_partner(rt, officer, asking.ref, 1),
    )
    with rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        transmissions.renewed(work, asking.ref, work.micros)
        branches = {asking.ref: officer.actor.branch}
        recalls.add(work, [(south.network.code, asking.ref)], Why.WITHDRAWN, branches=branches)
    yield "transmit.renew_copies", lambda: one(transmit.renew_copies(rt))
    yield "recall.send_recalls", lambda: one(recall.send_recalls(rt))
    yield "recall.watch_recalls", lambda: recall.watch_recalls(rt)
    yield "recall.list_recalls", lambda: recall.list_recalls(rt, DPO)


def calls_between(desk: Desk, other: Runtime) -> Calls:
    """Routes of requests that come from, and go to, a second society."""
    north, south = _befriended(desk, other)
    for _each in range(2):
        ask_across(south, north)
    one(south.deliver())
    officer = desk.caller(Role.TRACING_OFFICER, CASEWORK, branch=north.network.branch)
    yield "GET", "/v1/received", lambda: officer.get("/v1/received")
    first, second = (row["id"] for row in officer.get("/v1/received").json()["items"])
    path = "/v1/received/{received_id}"
    yield "GET", path, lambda: officer.get(f"/v1/received/{first}")
    yield (
        "POST",
        f"{path}/acceptance",
        lambda: officer.post(f"/v1/received/{first}/acceptance", {}, headers=FIRST),
    )
    refused = {"state": "declined", "reason": "rules"}
    yield (
        "POST",
        f"{path}/refusal",
        lambda: officer.post(f"/v1/received/{second}/refusal", refused, headers=FIRST),
    )
    dpo = desk.caller(Role.DATA_PROTECTION_OFFICER, "data_subject_request")
    yield "GET", "/v1/received/recalls", lambda: dpo.get("/v1/received/recalls")
    asking = ask_across(north, south)
    mine = desk.caller(Role.TRACING_OFFICER, CASEWORK)
    reminder = f"/v1/transmissions/{asking.ref}/reminder"
    yield (
        "POST",
        "/v1/transmissions/{transmission_id}/reminder",
        lambda: mine.post(reminder, headers=FIRST),
    )
    yield from calls_of_handovers(desk, north, south)
    yield from calls_by_hand(desk, north)


def _befriended(desk: Desk, other: Runtime) -> tuple[Society, Society]:
    desk.rt.rules = replace(desk.rt.rules, society="north", network=make_network("north"))
    other.rules = replace(other.rules, society="south", network=make_network("south"))
    pair = []
    for rt in (desk.rt, other):
        notice_keys.notice_keys(rt)
        client = TestClient(create_app(rt, AppOptions(matcher=False)))
        pair.append(Society(rt, client))
    north, south = pair
    befriend(north, south)
    assess(north, south)
    assess(south, north)
    assess(north, south)
    return north, south
