"""The enquirer's side of a case by HTTP: judged, accepted, told, closed."""

from typing import Any

import pytest

from rfl.api.schemas.casefile import CaseFile
from rfl.domain.access import Role
from rfl.flows.tell import tell_due
from tests.api.support import CASEWORK, Caller, Desk, done, make_request, refused
from tests.support import Clock

CREDIBLE = {
    "identity_by": "Residence card",
    "relationship_by": "Family book",
    "question": "What did the family call the well?",
    "answer": "The blind one",
    "relationship": "established",
}
HARMLESS = dict.fromkeys(("family_dispute", "court_dispute", "abuse", "persecution"), "no")
SCREENED = HARMLESS | {"goes_on": True, "reason": "No sign of any danger."}
HEARD = {
    "own_wish": True,
    "signed_by": "Her aunt",
    "officer_on_safety": "She told it freely.",
    "representative_on_safety": "Nobody has harmed her.",
}
COMPLETE = {
    "separation": {"cause": "migration"},
    "notice": {"version": "3", "language": "fa", "given_on": "2026-02-28"},
}


def step(caller: Caller, method: str, case: str, name: str, body: Any = None) -> Any:
    """Do one step on the version that the file has now."""
    version = done(caller.get(f"/v1/cases/{case}/file"))["version"]
    headers = {"If-Match": f'"{version}"'}
    path = f"/v1/cases/{case}/{name}"
    return caller.client.request(method, path, headers=caller.headers | headers, json=body)


def accepted(desk: Desk, **changes: Any) -> str:
    case = desk.officer.open_case(**COMPLETE | changes)
    done(step(desk.officer, "PUT", case, "credibility", CREDIBLE))
    done(step(desk.officer, "PUT", case, "screening", SCREENED))
    done(step(desk.officer, "POST", case, "acceptance", {"country": "AF"}))
    return case


def childs_case(desk: Desk) -> str:
    """A case of a girl who asks, whose officer is vetted."""
    path, until = f"/v1/accounts/{desk.officer.account}/vetting", {"until": "2027-01-01"}
    assert desk.administrator().put(path, until).status_code == 204
    girl = make_request()["enquirer"] | {"birth": {"text": "2013"}}
    return desk.officer.open_case(**COMPLETE, enquirer=girl, child_enquirer=True)


def test_p19_how_a_child_asked_is_put_into_its_file_before_its_case_is_accepted(
    sqlite_desk: Desk,
) -> None:
    officer, case = sqlite_desk.officer, childs_case(sqlite_desk)
    done(step(officer, "PUT", case, "credibility", CREDIBLE))
    refused(step(officer, "POST", case, "acceptance", {}), 422, "child", "recorded")
    done(step(officer, "PUT", case, "child", HEARD))
    done(step(officer, "POST", case, "acceptance", {}))
    file = done(officer.get(f"/v1/cases/{case}/file"))
    assert file["child"] == HEARD | {"taken_by": officer.account, "on": "2026-03-01"}
    assert "child_asked" in [event["kind"] for event in file["events"]]


def test_a_case_is_judged_and_accepted_and_its_answer_date_is_fixed(desk: Desk) -> None:
    case = accepted(desk)
    answer = desk.officer.get(f"/v1/cases/{case}/file")
    file = done(answer)
    assert (file["state"], file["country"], file["policy"]) == ("active", "AF", "neutral-1")
    assert (file["accepted_on"], file["answer_on"]) == ("2026-03-01", "2026-08-28")
    assert [outcome["told"]["outcome"] for outcome in file["outcomes"]] == ["searching"]
    kinds = [event["kind"] for event in file["events"]]
    assert kinds == ["opened", "judged_credible", "screened", "accepted"]
    assert answer.headers["etag"] == f'"{file["version"]}"'
    CaseFile.model_validate_json(answer.content, strict=False)
    listed = done(desk.officer.get("/v1/cases"))["items"]
    assert listed[0]["due_at"] == "2026-08-27T22:00:00Z", "the day begins where the society is"


def test_on_the_answer_date_the_case_is_due_and_has_no_information(
    sqlite_desk: Desk, clock: Clock
) -> None:
    case = accepted(sqlite_desk)
    clock.move(days=180)
    tell_due(sqlite_desk.rt)
    file = done(sqlite_desk.caller(Role.TRACING_OFFICER, CASEWORK).get(f"/v1/cases/{case}/file"))
    assert file["outcomes"][0]["told"]["outcome"] == "ended_without_information"
    row = done(sqlite_desk.caller(Role.TRACING_OFFICER, CASEWORK).get("/v1/cases"))["items"][0]
    assert (row["state"], row["due_at"]) == ("due", None)


def test_a_case_rests_is_taken_up_closed_and_reopened(sqlite_desk: Desk) -> None:
    officer, case = sqlite_desk.officer, accepted(sqlite_desk)
    resting = {"review_on": "2027-01-15", "reason": "The archive is closed."}
    done(step(officer, "POST", case, "notes", {"said": "She moved."}))
    done(step(officer, "POST", case, "suspension", resting))
    done(step(officer, "DELETE", case, "suspension"))
    done(step(officer, "POST", case, "closing", {"ending": "withdrawn"}))
    refused(step(officer, "POST", case, "closing", {"ending": "withdrawn"}), 409, None, "step")
    done(step(officer, "POST", case, "reopening", {"reason": "Her daughter asks."}))
    file = done(officer.get(f"/v1/cases/{case}/file"))
    assert (file["state"], file["answer_on"], file["ending"]) == ("reopened", None, None)


def test_supervisors_give_a_case_to_another_officer(sqlite_desk: Desk) -> None:
    case = sqlite_desk.officer.open_case()
    other = sqlite_desk.caller(Role.TRACING_OFFICER, CASEWORK)
    supervisor = sqlite_desk.caller(Role.SUPERVISOR, CASEWORK)
    body = {"officer": other.account}
    refused(step(sqlite_desk.officer, "POST", case, "assignment", body), 403, None, "role")
    done(step(supervisor, "POST", case, "assignment", body))
    assert done(other.get(f"/v1/cases/{case}"))["officer"] == other.account


BAD: list[tuple[str, str, dict[str, Any], str, str]] = [
    ("PUT", "credibility", CREDIBLE | {"question": ""}, "question", "visible character"),
    ("PUT", "credibility", CREDIBLE | {"judged_by": "me"}, "", "unknown field"),
    ("PUT", "child", HEARD | {"own_wish": False}, "own_wish", "must be true"),
    ("PUT", "child", HEARD | {"signed_by": ""}, "signed_by", "visible character"),
    ("PUT", "child", HEARD | {"officer_on_safety": ""}, "officer_on_safety", "visible"),
    ("PUT", "screening", HARMLESS, "goes_on", "is required"),
    ("PUT", "screening", SCREENED | {"abuse": "perhaps"}, "abuse", "must be"),
    ("POST", "acceptance", {}, "notice", "required by the policy"),
    ("POST", "acceptance", {"country": "Greece"}, "country", "form"),
    ("POST", "suspension", {"review_on": "2026-02-01", "reason": "x"}, "review_on", "future"),
    ("POST", "closing", {"ending": "refused"}, "ending", "must be"),
    ("POST", "assignment", {"officer": "acc_x"}, "officer", "must be an id"),
]


@pytest.mark.parametrize(("method", "name", "body", "field", "rule"), BAD)
def test_a_bad_step_is_refused_by_field_and_rule(
    sqlite_desk: Desk, method: str, name: str, body: dict[str, Any], field: str, rule: str
) -> None:
    case = sqlite_desk.officer.open_case()
    supervisor = sqlite_desk.caller(Role.SUPERVISOR, CASEWORK)
    answer = step(supervisor, method, case, name, body)
    refused(answer, 422, field or "body", rule)
    assert done(supervisor.get(f"/v1/cases/{case}/file"))["version"] == 1


def test_p35_what_a_search_found_is_not_part_of_the_case_file() -> None:
    fields = set(CaseFile.model_fields)
    assert not fields & {"journal", "search", "searches", "findings", "answers", "death", "team"}
