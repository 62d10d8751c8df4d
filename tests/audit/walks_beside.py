"""The walk of test_completeness through what stands beside a case: flows and routes, real input."""

from collections.abc import Callable, Iterator
from typing import Any

from rfl.domain.access import Role
from rfl.domain.approval import Approves, Exact
from rfl.domain.consent import Use
from rfl.domain.message import NotDelivered, Objection
from rfl.domain.purpose import Purpose
from rfl.domain.states import TransmissionState
from rfl.flows import (
    approve,
    attach_file,
    break_glass,
    carry_message,
    plan_task,
    record_call,
    send_message,
    tell_messages,
    tidy,
    transmit,
    withdraw,
)
from rfl.flows.runtime import Call, Runtime
from tests.api.support import Caller, Desk
from tests.api.test_messages import MESSAGE
from tests.flows.test_beside import RING, TO_SOUTH, accepted, opened
from tests.flows.test_messages import CARRIER, DAYS, LETTER, SPOKEN
from tests.office import make_account
from tests.support import OFFICER, SUPERVISOR, make_call

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
    yield from _glass(rt, kept)
    yield from _messages(rt, kept)
    yield from _work(rt, kept)
    yield from _attached(rt, kept)


def _glass(rt: Runtime, kept: dict[str, str]) -> Steps:
    officer = make_account(rt)
    dpo = Call(make_account(rt, Role.DATA_PROTECTION_OFFICER).actor, Purpose.SUPERVISION)

    def begin() -> None:
        kept["glass"] = break_glass.break_the_glass(rt, officer, "In writing")

    def review() -> None:
        break_glass.review_glass(rt, dpo, (kept["glass"], 2), "In order", justified=True)

    yield "break_glass.break_the_glass", begin
    yield "break_glass.list_glass", lambda: break_glass.list_glass(rt, dpo, (-1, ""), 5)
    yield "break_glass.read_glass", lambda: break_glass.read_glass(rt, dpo, kept["glass"])
    yield "break_glass.end_glass", lambda: break_glass.end_glass(rt, officer, kept["glass"], 1)
    yield "break_glass.review_glass", review


def _messages(rt: Runtime, kept: dict[str, str]) -> Steps:
    def collect() -> None:
        kept["message"] = send_message.collect_message(rt, OFFICER, LETTER)

    def speak() -> None:
        kept["call"] = record_call.record_call(rt, OFFICER, SPOKEN)

    def of(flow: Callable[..., Any], *more: Any) -> Callable[[], Any]:
        return lambda: flow(rt, OFFICER, kept["message"], *more)

    def way(flow: Callable[..., Any], *more: Any) -> Callable[[], Any]:
        return lambda: flow(rt, CARRIER, kept["message"], *more)

    def send_another() -> None:
        collect()
        send_message.check_message(rt, OFFICER, kept["message"], 1, None)
        send_message.transmit_message(rt, OFFICER, kept["message"], 2)
        carry_message.fail_message(rt, CARRIER, kept["message"], 1, NotDelivered.MOVED)

    def wait() -> None:
        rt.clock.move(days=DAYS)  # type: ignore[attr-defined]
        assert tell_messages.tell_messages(rt)
        rt.clock.move(days=-DAYS)  # type: ignore[attr-defined]

    def keep_no_more() -> None:
        rt.clock.move(days=800)  # type: ignore[attr-defined]
        assert tidy.end_keeping(rt)
        rt.clock.move(days=-800)  # type: ignore[attr-defined]

    yield "send_message.collect_message", collect
    yield "send_message.read_message", of(send_message.read_message)
    yield "send_message.list_messages", lambda: send_message.list_messages(rt, OFFICER, (-1, ""), 5)
    yield "send_message.check_message", of(send_message.check_message, 1, Objection.MONEY)
    yield "send_message.rewrite_message", of(send_message.rewrite_message, 2, "We are well.")
    yield "send_message.check_message", of(send_message.check_message, 3, None)
    yield "send_message.transmit_message", of(send_message.transmit_message, 4)
    yield "carry_message.read_delivery", way(carry_message.read_delivery)
    handed = (rt.today(), False)
    yield "carry_message.deliver_message", way(carry_message.deliver_message, 1, handed)
    yield "carry_message.collect_reply", way(carry_message.collect_reply, 2, ("Well.", None))
    yield "send_message.hand_over_reply", of(send_message.hand_over_reply, 6)
    yield "carry_message.fail_message", send_another
    yield "tell_messages.tell_messages", wait
    yield "tidy.end_keeping", keep_no_more
    yield "record_call.record_call", speak
    yield "record_call.read_call", lambda: record_call.read_call(rt, OFFICER, kept["call"])
    spoken_for = opened(rt)
    record_call.record_call(rt, OFFICER, SPOKEN, spoken_for)
    yield "record_call.calls_of", lambda: record_call.calls_of(rt, OFFICER, spoken_for)


def _work(rt: Runtime, kept: dict[str, str]) -> Steps:
    desk = accepted(rt)

    def plan() -> None:
        kept["task"] = plan_task.add_task(rt, OFFICER, opened(rt), RING)

    def queue() -> None:
        kept["sent"] = transmit.queue_transmission(rt, desk.officer, desk.case, TO_SOUTH)

    recalled = transmit.Move(TransmissionState.RECALLED)
    yield "plan_task.add_task", plan
    yield "plan_task.read_task", lambda: plan_task.read_task(rt, OFFICER, kept["task"])
    soon = plan_task.Due(RING.due_on)
    yield "plan_task.due_tasks", lambda: plan_task.due_tasks(rt, OFFICER, soon, ((-1, ""), 5))
    yield "plan_task.do_task", lambda: plan_task.do_task(rt, OFFICER, kept["task"], 1, None)
    yield "transmit.queue_transmission", queue
    yield (
        "transmit.transmissions_of",
        lambda: transmit.transmissions_of(rt, desk.officer, desk.case),
    )
    waits = transmit.Waits()
    yield (
        "transmit.waiting_transmissions",
        lambda: transmit.waiting_transmissions(rt, desk.officer, waits, ((-1, ""), 5)),
    )
    yield (
        "transmit.read_transmission",
        lambda: transmit.read_transmission(rt, desk.officer, kept["sent"]),
    )
    yield (
        "transmit.move_transmission",
        lambda: transmit.move_transmission(rt, desk.officer, kept["sent"], 1, recalled),
    )
    share = frozenset({Use.SHARE})
    yield (
        "withdraw.withdraw_consent",
        lambda: withdraw.withdraw_consent(rt, desk.officer, desk.case, desk.version, share),
    )


def _attached(rt: Runtime, kept: dict[str, str]) -> Steps:
    case = opened(rt)

    def attach() -> None:
        kept["file"] = attach_file.attach_file(rt, OFFICER, case, "application/pdf", b"%PDF-1.7")

    yield "attach_file.attach_file", attach
    yield "attach_file.list_files", lambda: attach_file.list_files(rt, OFFICER, case)
    yield "attach_file.open_file", lambda: attach_file.open_file(rt, OFFICER, kept["file"])
    yield "attach_file.remove_file", lambda: attach_file.remove_file(rt, OFFICER, kept["file"])


def calls_about_files(desk: Desk) -> Calls:
    """Every route of a case's photos and documents."""
    kept: dict[str, str] = {}
    case = desk.officer.open_case()
    path = f"/v1/cases/{case}/attachments"
    sent = {"content": b"%PDF-1.7", "headers": {"Content-Type": "application/pdf"}}

    def attach() -> Any:
        answer = desk.officer.post(path, **sent)
        kept["file"] = answer.json()["id"]
        return answer

    def one() -> str:
        return f"/v1/attachments/{kept['file']}"

    yield "POST", "/v1/cases/{case_id}/attachments", attach
    yield "GET", "/v1/cases/{case_id}/attachments", lambda: desk.officer.get(path)
    yield "GET", "/v1/attachments/{attachment_id}", lambda: desk.officer.get(one())
    yield "DELETE", "/v1/attachments/{attachment_id}", lambda: desk.officer.delete(one())


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
    yield from _calls_about_glass(desk, kept)
    yield from _calls_about_messages(desk, kept)
    yield from calls_about_work(desk)
    yield from calls_about_files(desk)


def _calls_about_glass(desk: Desk, kept: dict[str, str]) -> Calls:
    officer = desk.caller(Role.TRACING_OFFICER, "tracing")
    dpo = desk.caller(Role.DATA_PROTECTION_OFFICER, "supervision")
    path = "/v1/break-glass/{glass_id}"

    def begin() -> Any:
        answer = officer.post("/v1/break-glass", {"reason": "In writing", "hours": 1})
        kept["glass"] = answer.json()["id"]
        return answer

    def step(by: Caller, name: str, version: int, body: Any = None) -> Any:
        headers = {"If-Match": f'"{version}"'}
        return by.post(f"/v1/break-glass/{kept['glass']}/{name}", body, headers=headers)

    found = {"found": "In order", "justified": True}
    yield "POST", "/v1/break-glass", begin
    yield "GET", "/v1/break-glass", lambda: dpo.get("/v1/break-glass")
    yield "GET", path, lambda: dpo.get(f"/v1/break-glass/{kept['glass']}")
    yield "POST", f"{path}/end", lambda: step(officer, "end", 1)
    yield "POST", f"{path}/review", lambda: step(dpo, "review", 2, found)


def _calls_about_messages(desk: Desk, kept: dict[str, str]) -> Calls:
    officer, carrier = desk.officer, desk.caller(Role.TRACING_OFFICER, "tracing")

    def made(name: str, path: str, body: Any) -> Callable[[], Any]:
        def call() -> Any:
            answer = officer.post(path, body)
            kept[name] = answer.json()["id"]
            return answer

        return call

    def step(by: Caller, name: str, version: int, body: Any, method: str = "post") -> Any:
        path, stamp = f"/v1/messages/{{message_id}}/{name}", {"If-Match": f'"{version}"'}
        call = getattr(by, method)
        real = path.replace("{message_id}", "{}").format
        return (
            method.upper(),
            path,
            lambda: call(real(kept["message"]), body, headers=stamp),
        )

    spoken = {"on": "2026-02-01", "way": "phone", "both_agreed": True}
    yield "POST", "/v1/messages", made("message", "/v1/messages", MESSAGE)
    yield "GET", "/v1/messages", lambda: officer.get("/v1/messages")
    path = "/v1/messages/{message_id}"
    yield "GET", path, lambda: officer.get(f"/v1/messages/{kept['message']}")
    yield step(officer, "news", 1, {"news": "We are well."}, "put")
    yield step(officer, "checks", 2, {})
    yield step(officer, "transmission", 3, {})
    way = f"{path}/delivery"
    yield "GET", way, lambda: carrier.get(f"/v1/messages/{kept['message']}/delivery")
    yield step(carrier, "delivery", 1, {"on": "2026-02-01", "may_tell": False})
    yield step(carrier, "delivery/reply", 2, {"reply": "Well."})
    yield step(officer, "handing-over", 5, None)

    def another() -> Any:
        message = officer.post("/v1/messages", MESSAGE).json()["id"]
        path = f"/v1/messages/{message}"
        officer.post(f"{path}/checks", {}, headers={"If-Match": '"1"'})
        officer.post(f"{path}/transmission", {}, headers={"If-Match": '"2"'})
        failed = {"reason": "not_found"}
        return carrier.post(f"{path}/delivery/failure", failed, headers={"If-Match": '"1"'})

    yield "POST", f"{way}/failure", another
    yield "POST", "/v1/calls", made("call", "/v1/calls", spoken)
    yield "GET", "/v1/calls/{call_id}", lambda: officer.get(f"/v1/calls/{kept['call']}")
    case = officer.open_case()
    officer.post("/v1/calls", spoken | {"case_id": case})
    yield "GET", "/v1/cases/{case_id}/calls", lambda: officer.get(f"/v1/cases/{case}/calls")


def calls_about_work(desk: Desk) -> Calls:
    """Every route of tasks and transmissions."""
    kept: dict[str, str] = {}
    busy = accepted(desk.rt)
    token = desk.caller(Role.TRACING_OFFICER, "tracing")

    def made(name: str, path: str, body: Any) -> Callable[[], Any]:
        def call() -> Any:
            answer = token.post(path, body)
            kept[name] = answer.json()["id"]
            return answer

        return call

    first, case = {"If-Match": '"1"'}, f"/v1/cases/{busy.case}"
    task = {"kind": "call_back", "what": "Ring her", "due_on": "2027-01-15"}
    sent = {"peer": "south", "methods": ["visit"], "due_on": "2027-01-15"}
    yield "POST", "/v1/cases/{case_id}/tasks", made("task", f"{case}/tasks", task)
    yield "GET", "/v1/tasks", lambda: token.get("/v1/tasks?until=2027-01-15")
    yield "GET", "/v1/tasks/{task_id}", lambda: token.get(f"/v1/tasks/{kept['task']}")
    yield (
        "POST",
        "/v1/tasks/{task_id}/done",
        lambda: token.post(f"/v1/tasks/{kept['task']}/done", {"came": "Well"}, headers=first),
    )
    path = "/v1/cases/{case_id}/transmissions"
    yield "POST", path, made("sent", f"{case}/transmissions", sent)
    yield "GET", path, lambda: token.get(f"{case}/transmissions")
    yield "GET", "/v1/transmissions", lambda: token.get("/v1/transmissions?peer=south")
    path = "/v1/transmissions/{transmission_id}"
    yield "GET", path, lambda: token.get(f"/v1/transmissions/{kept['sent']}")
    yield (
        "POST",
        f"{path}/moves",
        lambda: token.post(
            f"/v1/transmissions/{kept['sent']}/moves", {"state": "delivered"}, headers=first
        ),
    )
    yield (
        "POST",
        "/v1/cases/{case_id}/withdrawal",
        lambda: token.post(
            f"{case}/withdrawal", {"uses": ["share"]}, headers={"If-Match": f'"{busy.version}"'}
        ),
    )
