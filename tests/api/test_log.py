"""The auditor's questions by HTTP."""

from typing import Any

import pytest

from rfl.domain.access import Role
from tests.api.support import AUDIT, RIGHTS, Caller, Desk, done, entries, refused


def guardian(desk: Desk, purpose: str = RIGHTS) -> Caller:
    return desk.caller(Role.DATA_PROTECTION_OFFICER, purpose)


def test_questions_are_answered_in_pages_whose_cursor_is_sealed(desk: Desk) -> None:
    auditor = desk.auditor()
    for _ in range(12):
        desk.officer.get("/v1/cases")
    question: dict[str, Any] = {"actor": desk.officer.account, "oldest_first": True, "limit": 10}
    first = done(auditor.post("/v1/log/questions", question))
    assert len(first["items"]) == 10
    second = done(auditor.post("/v1/log/questions", question | {"cursor": first["next"]}))
    assert (len(second["items"]), second["next"]) == (2, None)
    assert {one["action"] for one in first["items"]} == {"case.list"}
    assert "salt" not in first["items"][0]
    another = question | {"cursor": first["next"], "action": "case.read"}
    refused(auditor.post("/v1/log/questions", another), 422, "cursor", "must be the one")
    stranger = desk.auditor().post("/v1/log/questions", question | {"cursor": first["next"]})
    refused(stranger, 422, "cursor", "must be the one")


def test_an_auditor_asks_by_log_ids_and_never_by_a_case(desk: Desk) -> None:
    case, auditor = desk.officer.open_case(), desk.auditor()
    log_id = entries(desk.rt, "case.open")[0]["objects"][0]
    found = done(auditor.post("/v1/log/traces", {"object": log_id}))
    assert [one["action"] for one in found["opened"]] == ["case.open"]
    for path in ("/v1/log/traces", "/v1/log/questions"):
        refused(auditor.post(path, {"object": case}), 403, None, "does not allow")
        done(guardian(desk, AUDIT).post(path, {"object": case}))
    refused(desk.officer.post("/v1/log/questions", {}), 403, None, "does not allow")


def test_a_statement_is_one_sentence_until_the_identity_is_checked(desk: Desk) -> None:
    mine = desk.officer.add_registration()
    asked = {"record": mine, "identity_checked": False}
    unchecked = done(guardian(desk).post("/v1/log/statements", asked))
    assert unchecked["uses"] == []
    nobody = asked | {"record": "reg_00000000000000000000000000"}
    assert done(guardian(desk).post("/v1/log/statements", nobody)) == unchecked
    checked = done(guardian(desk).post("/v1/log/statements", asked | {"identity_checked": True}))
    assert checked["sentence"] is None
    assert checked["uses"][0]["what"] == "Your data was entered"
    assert checked["uses"][0]["at"] == "2026-03-01T10:00:00+01:00"
    assert checked["text"].startswith("2026-03-01 10:00 CET: Your data was entered")


WRONG = [
    ({"since": "yesterday"}, "since", "must be a moment"),
    ({"since": "2026-03-01"}, "since", "must carry a time zone"),
    ({"since": "2026-03-01T00:00:00"}, "since", "must carry a time zone"),
    ({"since": 1}, "since", "must be a moment as RFC 3339"),
    (
        {"since": "2026-03-02T00:00:00Z", "until": "2026-03-01T00:00:00Z"},
        "until",
        "must be later than since",
    ),
    ({"actor": "Zahra Hosseini"}, "actor", "must be small letters"),
    ({"decision": "perhaps"}, "decision", "must be"),
    ({"object": "per_x"}, "object", "must be the id of a case or a registration, or a log id"),
    ({"object": "log_x"}, "object", "must be an id"),
    ({"person": "per_x"}, "object", "is required where a person is named"),
    ({"limit": 9}, "limit", "must be at least 10"),
    ({"cursor": "x"}, "cursor", "must be the one"),
    ({"name": "Zahra"}, "body", "unknown field"),
]


@pytest.mark.parametrize(("question", "field", "rule"), WRONG)
def test_a_wrong_question_is_refused_by_field_and_rule(
    sqlite_desk: Desk, question: dict[str, Any], field: str, rule: str
) -> None:
    answer = guardian(sqlite_desk).post("/v1/log/questions", question)
    refused(answer, 422, field, rule)
    assert "Zahra" not in answer.text


def test_unusual_reading_is_found_judged_and_never_found_again(desk: Desk) -> None:
    auditor, office = desk.auditor(), desk.caller(Role.TRACING_OFFICER, "administration")
    for _ in range(5):
        case = desk.officer.open_case()
        done(desk.caller(Role.SUPERVISOR, "tracing").get(f"/v1/cases/{case}"))
        done(office.get(f"/v1/cases/{case}", headers={"RFL-Purpose": "tracing"}))
    named = office.put("/v1/me/family-names", {"names": ["Petrova"]})
    assert (named.status_code, named.content) == (204, b"")
    desk.rt.clock.move(days=1)  # type: ignore[attr-defined]
    order = {"since": "2026-03-01", "until": "2026-03-01", "family_names": True}
    reviewed = done(auditor.post("/v1/log/reviews", order))
    assert reviewed == {"since": "2026-03-01", "until": "2026-03-01", "found": 1, "new": 1}
    assert done(auditor.post("/v1/log/reviews", {}))["new"] == 0
    [found] = done(auditor.get("/v1/log/findings?state=open&limit=5"))["items"]
    assert (found["code"], found["subject"]) == ("never_assigned", office.account)
    assert found["figures"] == {"cases": 5, "cases_opened": 5}
    path = f"/v1/log/findings/{found['id']}"
    judged = {"state": "explained", "reason": "She stood in for a colleague."}
    refused(auditor.post(f"{path}/decisions", judged), 428, "If-Match", "If-Match")
    done(auditor.post(f"{path}/decisions", judged, headers={"If-Match": '"1"'}))
    answer = auditor.get(path)
    assert answer.headers["etag"] == '"2"'
    assert answer.json()["decisions"][0]["reason"] == judged["reason"]
    assert done(auditor.get("/v1/log/findings?state=open"))["items"] == []
    refused(desk.officer.get("/v1/log/findings"), 403, None, "does not allow")


def test_findings_come_in_pages(desk: Desk) -> None:
    auditor = desk.auditor()
    for _ in range(5):
        case = desk.officer.open_case()
        for reader in range(3):
            while len(_readers) <= reader:
                _readers.append(desk.caller(Role.TRACING_OFFICER, "tracing"))
            done(_readers[reader].get(f"/v1/cases/{case}"))
    _readers.clear()
    desk.rt.clock.move(days=1)  # type: ignore[attr-defined]
    assert done(auditor.post("/v1/log/reviews", {}))["new"] == 3
    first = done(auditor.get("/v1/log/findings?limit=2"))
    rest = done(auditor.get(f"/v1/log/findings?limit=2&cursor={first['next']}"))
    assert len({one["id"] for one in [*first["items"], *rest["items"]]}) == 3
    assert rest["next"] is None


_readers: list[Caller] = []


def test_what_was_sent_is_counted_by_partner(desk: Desk) -> None:
    auditor = desk.auditor()
    assert done(auditor.post("/v1/log/disclosures", {})) == {"items": []}
    wrong = auditor.post("/v1/log/disclosures", {"peer": "Zahra Hosseini"})
    refused(wrong, 422, "peer", "must be small letters")
