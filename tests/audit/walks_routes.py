"""Routes of case files and of the log for test_completeness, each with real input."""

from collections.abc import Callable, Iterator
from typing import Any

from rfl.background import settle
from rfl.domain.access import Role
from tests.api.support import CASEWORK, OFFICE, RIGHTS, Desk, done, make_request
from tests.api.test_casefiles import COMPLETE, CREDIBLE, HEARD, SCREENED, childs_case, step
from tests.api.test_enquiries import eligible

SOURCE = {"kind": "camp", "owner": "Vinojug transit camp", "record_id": "V-0042"}
Calls = Iterator[tuple[str, str, Callable[[], Any]]]


def casework_calls(desk: Desk) -> Calls:
    """The enquirer's side of a case from its judging to its reopening."""
    officer, supervisor = desk.officer, desk.caller(Role.SUPERVISOR, CASEWORK)
    case, other = officer.open_case(**COMPLETE), desk.caller(Role.TRACING_OFFICER, CASEWORK)
    resting = {"review_on": "2027-01-15", "reason": "The archive is closed."}
    again = {"reason": "Her daughter asks."}
    steps: list[tuple[str, str, Any]] = [
        ("PUT", "credibility", CREDIBLE),
        ("PUT", "screening", SCREENED),
        ("POST", "acceptance", {"country": "AF"}),
        ("PUT", "screening", SCREENED),
        ("POST", "judgement", None),
        ("POST", "notes", {"said": "She moved."}),
        ("POST", "suspension", resting),
        ("DELETE", "suspension", None),
        ("POST", "closing", {"ending": "withdrawn"}),
        ("POST", "reopening", again),
    ]
    yield "GET", "/v1/cases/{case_id}/file", lambda: officer.get(f"/v1/cases/{case}/file")
    for method, name, body in steps:
        yield method, f"/v1/cases/{{case_id}}/{name}", _step(officer, method, case, name, body)
    child = childs_case(desk)
    yield "PUT", "/v1/cases/{case_id}/child", _step(officer, "PUT", child, "child", HEARD)
    given = {"officer": other.account}
    assignment = _step(supervisor, "POST", case, "assignment", given)
    yield "POST", "/v1/cases/{case_id}/assignment", assignment
    yield from _calls_about_families(desk)


def _calls_about_families(desk: Desk) -> Calls:
    """Two cases of one family, and an enquiry that joins it."""
    officer = desk.officer
    one, into = officer.open_case(**COMPLETE), officer.open_case(**COMPLETE)
    settle(desk.rt)
    looked = {"made_for": eligible(officer), "request": make_request()}
    persons = [
        done(officer.get(f"/v1/cases/{case}/file"))["outcomes"][0]["person"] for case in (one, into)
    ]
    said = {"into": into, "same_enquirer": True}
    said |= {"persons": [dict(zip(("sought", "same_as"), persons, strict=True))]}
    searcher = desk.caller(Role.TRACING_OFFICER, CASEWORK)
    team = {"officer": searcher.account, "joins": True}
    done(desk.caller(Role.SUPERVISOR, CASEWORK).post(f"/v1/cases/{into}/search/team", team))
    path = f"/v1/enquiries/{looked['made_for']}/family"
    history = "/v1/cases/{case_id}/timeline"
    inside = "/v1/cases/{case_id}/search/timeline"

    yield "POST", "/v1/looks", lambda: officer.post("/v1/looks", looked)
    yield (
        "POST",
        "/v1/enquiries/{enquiry_id}/family",
        lambda: officer.post(path, {"case": into}, headers={"If-Match": '"5"'}),
    )
    yield "POST", "/v1/cases/{case_id}/merge", _step(officer, "POST", one, "merge", said)
    yield "GET", history, lambda: officer.get(f"/v1/cases/{into}/timeline")
    yield "GET", inside, lambda: searcher.get(f"/v1/cases/{into}/search/timeline")
    yield "DELETE", "/v1/cases/{case_id}/merge", _step(officer, "DELETE", one, "merge", None)


def log_calls(desk: Desk, kept: dict[str, str]) -> Calls:
    """The auditor's questions, reviews and exports."""
    auditor, registration = desk.auditor(), desk.officer.add_registration(source=SOURCE)
    dpo = desk.caller(Role.DATA_PROTECTION_OFFICER, RIGHTS)
    about = {"object": registration}
    stated = {"record": registration, "identity_checked": True}
    export = {"form": "csv", "recipient": "auditor-1", "until": "2099-03-31"}

    yield "POST", "/v1/log/questions", lambda: dpo.post("/v1/log/questions", about)
    yield "POST", "/v1/log/traces", lambda: dpo.post("/v1/log/traces", about)
    yield "POST", "/v1/log/statements", lambda: dpo.post("/v1/log/statements", stated)
    yield "POST", "/v1/log/disclosures", lambda: auditor.post("/v1/log/disclosures", {})
    yield "POST", "/v1/log-exports", lambda: auditor.post("/v1/log-exports", export)
    yield "GET", "/v1/log-exports", lambda: auditor.get("/v1/log-exports")
    yield from _calls_about_findings(desk, kept)


def _calls_about_findings(desk: Desk, kept: dict[str, str]) -> Calls:
    reader = desk.caller(Role.TRACING_OFFICER, OFFICE)
    auditor = desk.auditor()
    names = {"names": ["Hosseini"]}

    def review() -> Any:
        for _ in range(5):
            path = f"/v1/cases/{desk.officer.open_case()}"
            reader.get(path, headers={"RFL-Purpose": CASEWORK})
        desk.rt.clock.move(days=1)  # type: ignore[attr-defined]
        return auditor.post("/v1/log/reviews", {"family_names": True})

    def findings() -> Any:
        answer = auditor.get("/v1/log/findings")
        kept["finding"] = answer.json()["items"][0]["id"]
        return answer

    def judge() -> Any:
        body = {"state": "explained", "reason": "Holiday cover."}
        path = f"/v1/log/findings/{kept['finding']}/decisions"
        return auditor.post(path, body, headers={"If-Match": '"1"'})

    yield "PUT", "/v1/me/family-names", lambda: reader.put("/v1/me/family-names", names)
    yield "POST", "/v1/log/reviews", review
    yield "GET", "/v1/log/findings", findings
    path = "/v1/log/findings/{finding_id}"
    yield "GET", path, lambda: auditor.get(f"/v1/log/findings/{kept['finding']}")
    yield "POST", f"{path}/decisions", judge


def matching_calls(desk: Desk, kept: dict[str, str]) -> Calls:
    """What a branch is told of proposals, and those of a registration."""
    officer = desk.officer
    path = "/v1/registrations/{registration_id}/matches"
    yield "GET", path, lambda: officer.get(f"/v1/registrations/{kept['reg']}/matches")
    yield "GET", "/v1/notices", lambda: officer.get("/v1/notices")
    path = "/v1/notices/{match_id}"
    yield "DELETE", path, lambda: officer.delete(f"/v1/notices/{kept['match']}")


def _step(caller: Any, method: str, case: str, name: str, body: Any) -> Callable[[], Any]:
    return lambda: step(caller, method, case, name, body)
