"""Four eyes by HTTP: asked, read, given, used with the header."""

from dataclasses import replace

from rfl.api.schemas.approvals import ApprovalAnswer
from rfl.domain.access import Role
from rfl.domain.approval import Approves
from tests.api.support import RIGHTS, Desk, done, refused

WHY = {"reason": "data_subject_request"}


def test_a_case_is_erased_once_a_second_officer_agreed(desk: Desk) -> None:
    desk.rt.rules = replace(desk.rt.rules, four_eyes=frozenset(Approves))
    case = desk.officer.open_case()
    asks, agrees = desk.supervisor(), desk.caller(Role.DATA_PROTECTION_OFFICER, RIGHTS)
    path = f"/v1/cases/{case}/erasure"
    refused(asks.post(path, WHY), 403, None, "second officer")
    exact = {"approves": "erasure", "subject": case, "details": [WHY["reason"]]}
    made = done(asks.post("/v1/approvals", exact | {"reason": "In writing."}), 201)["id"]
    stamp = {"If-Match": '"1"'}
    refused(asks.post(f"/v1/approvals/{made}/approval", headers=stamp), 403, None, "their own")
    assert done(asks.get("/v1/approvals"))["items"][0]["id"] == made
    answer = agrees.get(f"/v1/approvals/{made}")
    assert done(answer)["exact"] == exact
    ApprovalAnswer.model_validate_json(answer.content, strict=False)
    refused(agrees.post(f"/v1/approvals/{made}/approval"), 428, "If-Match", "If-Match")
    done(agrees.post(f"/v1/approvals/{made}/approval", headers=stamp))
    refused(asks.post(path, WHY, headers={"RFL-Approval": "yes"}), 422, "RFL-Approval", "apr_")
    assert asks.post(path, WHY, headers={"RFL-Approval": made}).status_code == 204
    assert asks.post(path, WHY, headers={"RFL-Approval": made}).status_code == 410


def test_what_is_no_request_of_two_officers_is_refused(sqlite_desk: Desk) -> None:
    supervisor = sqlite_desk.supervisor()
    body = {"approves": "erasure", "subject": "cas_1", "details": [], "reason": "x"}
    for change, field in (
        ({"approves": "anything"}, "approves"),
        ({"approves": "consent_override"}, "approves"),
        ({"subject": "msg_1"}, "subject"),
        ({"details": ["x"] * 6}, "details"),
    ):
        refused(supervisor.post("/v1/approvals", body | change), 422, field, "must")
