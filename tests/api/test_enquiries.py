"""Enquiries by HTTP: received, triaged, interviewed, made a case or declined."""

from typing import Any

import pytest

from rfl.api.schemas.enquiry import EnquiryAnswer
from rfl.domain.access import Role
from tests.api.support import CASEWORK, Caller, Desk, done, make_request, refused

ENQUIRY = {
    "channel": "visit",
    "caller": "Ali Hosseini",
    "said": "He lost his mother at the border.",
    "is_relative": True,
}


def received(caller: Caller, **changes: Any) -> str:
    return str(done(caller.post("/v1/enquiries", ENQUIRY | changes), 201)["id"])


def turn(caller: Caller, enquiry: str, version: int, state: str, **said: Any) -> Any:
    stamp = {"If-Match": f'"{version}"'}
    return caller.post(f"/v1/enquiries/{enquiry}/turns", {"state": state} | said, headers=stamp)


def eligible(officer: Caller) -> str:
    """An enquiry that may become a case, at version 4."""
    enquiry = received(officer)
    for version, state in enumerate(("triage", "interviewed", "eligible"), start=1):
        done(turn(officer, enquiry, version, state))
    return enquiry


def test_an_enquiry_goes_from_the_door_to_a_case(desk: Desk) -> None:
    officer = desk.officer
    enquiry = received(desk.caller(Role.INTAKE_VOLUNTEER, CASEWORK))
    done(turn(officer, enquiry, 1, "triage"))
    done(turn(officer, enquiry, 2, "interview_scheduled", interview_on="2026-03-04"))
    listed = done(officer.get("/v1/enquiries"))["items"]
    assert [(one["id"], one["due_at"]) for one in listed] == [(enquiry, "2026-03-03T23:00:00Z")]
    done(turn(officer, enquiry, 3, "interviewed", said="He knew the well."))
    done(turn(officer, enquiry, 4, "eligible"))
    looked = {"made_for": enquiry, "request": make_request()}
    assert done(officer.post("/v1/looks", looked)) == {"items": []}
    case = done(officer.post("/v1/cases", make_request(intake=enquiry)), 201)["id"]
    answer = officer.get(f"/v1/enquiries/{enquiry}")
    assert (done(answer)["case"], answer.headers["etag"]) == (case, '"7"')
    EnquiryAnswer.model_validate_json(answer.content, strict=False)
    assert done(officer.get("/v1/enquiries"))["items"] == []


def test_the_same_key_receives_an_enquiry_once(sqlite_desk: Desk) -> None:
    key = {"Idempotency-Key": "of-one-visit"}
    made = [done(sqlite_desk.officer.post("/v1/enquiries", ENQUIRY, headers=key), 201)["id"]] * 2
    assert made[0] == made[1]
    assert len(done(sqlite_desk.officer.get("/v1/enquiries"))["items"]) == 1


def test_enquiries_are_listed_in_pages(sqlite_desk: Desk) -> None:
    made = [received(sqlite_desk.officer) for _ in range(3)]
    first = done(sqlite_desk.officer.get("/v1/enquiries?limit=2"))
    rest = done(sqlite_desk.officer.get(f"/v1/enquiries?limit=2&cursor={first['next']}"))
    listed = [one["id"] for one in first["items"] + rest["items"]]
    assert sorted(listed) == sorted(made)


BAD: list[tuple[str, dict[str, Any], int, str | None, str]] = [
    ("triage", {"reason": "rules"}, 422, "reason", "must be given where"),
    ("interview_scheduled", {}, 409, None, "step"),
    ("eligible", {}, 409, None, "step"),
    ("received", {}, 409, None, "step"),
    ("solved", {}, 422, "state", "must be"),
]


@pytest.mark.parametrize(("state", "said", "status", "field", "rule"), BAD)
def test_a_wrong_turn_is_refused_by_field_and_rule(
    sqlite_desk: Desk, state: str, said: dict[str, Any], status: int, field: str | None, rule: str
) -> None:
    enquiry = received(sqlite_desk.officer)
    if state == "interview_scheduled":
        said = {"interview_on": "2026-03-04"}
    refused(turn(sqlite_desk.officer, enquiry, 1, state, **said), status, field, rule)
    assert done(sqlite_desk.officer.get(f"/v1/enquiries/{enquiry}"))["version"] == 1


def test_p07_an_enquiry_of_a_third_party_is_declined_by_http(sqlite_desk: Desk) -> None:
    officer = sqlite_desk.officer
    enquiry = received(officer, is_relative=False)
    done(turn(officer, enquiry, 1, "triage"))
    done(turn(officer, enquiry, 2, "interviewed"))
    refused(turn(officer, enquiry, 3, "eligible"), 422, "is_relative", "third party")
    done(turn(officer, enquiry, 3, "declined", reason="third_party"))
    refused(turn(officer, enquiry, 4, "triage"), 409, None, "step")


def test_a_volunteer_reads_no_enquiry(sqlite_desk: Desk) -> None:
    enquiry = received(sqlite_desk.officer)
    for other in (
        sqlite_desk.caller(Role.INTAKE_VOLUNTEER, CASEWORK),
        sqlite_desk.administrator(),
    ):
        assert other.get(f"/v1/enquiries/{enquiry}").status_code == 403
