"""Red Cross Messages by HTTP."""

from typing import Any

import pytest

from rfl.api.schemas.messages import CallAnswer, CallAnswers, DeliveryAnswer, MessageAnswer
from rfl.domain.access import Role
from rfl.flows.tell_messages import tell_messages
from tests.api.support import CASEWORK, Caller, Desk, done, make_request, refused
from tests.support import Clock

MESSAGE: dict[str, Any] = {
    "writer": {"names": [{"text": "Али Хосеини"}, {"text": "علي حسيني"}]},
    "addressee": {"names": [{"text": "Maryam Hosseini"}], "places": [{"text": "كابل"}]},
    "relation": "mother",
    "news": "We are well.",
    "language": "fa",
}


def step(caller: Caller, message: str, name: str, body: Any = None) -> Any:
    """Do one step on the version that the caller's side has now."""
    side = "/delivery" if name.startswith("delivery") else ""
    version = done(caller.get(f"/v1/messages/{message}{side}"))["version"]
    headers = {"If-Match": f'"{version}"'}
    return caller.post(f"/v1/messages/{message}/{name}", body, headers=headers)


def sent(desk: Desk) -> str:
    message = str(done(desk.officer.post("/v1/messages", MESSAGE), 201)["id"])
    done(step(desk.officer, message, "checks", {}))
    done(step(desk.officer, message, "transmission", {"country": "AF"}))
    return message


def test_a_message_goes_and_its_reply_comes_back(desk: Desk) -> None:
    carrier, message = desk.caller(Role.TRACING_OFFICER, CASEWORK), sent(desk)
    refused(desk.officer.get(f"/v1/messages/{message}/delivery"), 403, None, "P-38")
    done(step(carrier, message, "delivery", {"on": "2026-03-01", "may_tell": False}))
    assert done(desk.officer.get(f"/v1/messages/{message}"))["delivered_on"] is None
    done(step(carrier, message, "delivery/reply", {"reply": "All are well."}))
    answer = desk.officer.get(f"/v1/messages/{message}")
    assert (done(answer)["state"], done(answer)["reply"]) == ("reply_collected", "All are well.")
    MessageAnswer.model_validate_json(answer.content, strict=False)
    way = carrier.get(f"/v1/messages/{message}/delivery")
    DeliveryAnswer.model_validate_json(way.content, strict=False)
    done(step(desk.officer, message, "handing-over"))
    assert done(desk.officer.get("/v1/messages"))["items"] == []


def test_one_that_could_not_be_delivered_becomes_a_case(sqlite_desk: Desk, clock: Clock) -> None:
    carrier, message = sqlite_desk.caller(Role.TRACING_OFFICER, CASEWORK), sent(sqlite_desk)
    done(step(carrier, message, "delivery/failure", {"reason": "refused"}))
    clock.move(days=89)
    officer = sqlite_desk.caller(Role.TRACING_OFFICER, CASEWORK)
    assert done(officer.get(f"/v1/messages/{message}"))["offers_request"] is False
    clock.move(days=-89)
    clock.now = clock.now.replace(month=6, day=29)
    tell_messages(sqlite_desk.rt)
    officer = sqlite_desk.caller(Role.TRACING_OFFICER, CASEWORK)
    answer = officer.get(f"/v1/messages/{message}")
    assert (done(answer)["state"], done(answer)["offers_request"]) == (
        "could_not_be_delivered",
        True,
    )
    assert "refused" not in answer.text
    case = done(officer.post("/v1/cases", make_request(intake=message)), 201)["id"]
    assert done(officer.get(f"/v1/messages/{message}"))["case_id"] == case


BAD: list[tuple[dict[str, Any], str]] = [
    ({"writer": {"names": []}}, "writer.names"),
    ({"news": ""}, "news"),
    ({"news": "x" * 4_001}, "news"),
    ({"relation": "friend of a friend"}, "relation"),
    ({"case_id": "cas_1"}, "case_id"),
]


@pytest.mark.parametrize(("change", "field"), BAD, ids=[field for _change, field in BAD])
def test_a_bad_letter_is_refused_by_field(
    sqlite_desk: Desk, change: dict[str, Any], field: str
) -> None:
    refused(sqlite_desk.officer.post("/v1/messages", MESSAGE | change), 422, field, "must")


def test_of_a_call_the_fact_is_kept(sqlite_desk: Desk) -> None:
    spoken = {"on": "2026-03-01", "way": "video", "both_agreed": True}
    made = done(sqlite_desk.officer.post("/v1/calls", spoken), 201)["id"]
    answer = sqlite_desk.officer.get(f"/v1/calls/{made}")
    assert done(answer)["way"] == "video"
    CallAnswer.model_validate_json(answer.content, strict=False)
    case = sqlite_desk.officer.open_case()
    made = done(sqlite_desk.officer.post("/v1/calls", spoken | {"case_id": case}), 201)["id"]
    listed = sqlite_desk.officer.get(f"/v1/cases/{case}/calls")
    assert [(one["id"], one["way"]) for one in done(listed)["items"]] == [(made, "video")]
    CallAnswers.model_validate_json(listed.content, strict=False)
    one_sided = spoken | {"both_agreed": False}
    refused(sqlite_desk.officer.post("/v1/calls", one_sided), 422, "both_agreed", "both agree")
    prison = spoken | {"detainee": True}
    refused(sqlite_desk.officer.post("/v1/calls", prison), 422, "through_icrc", "detainee")
