"""Cases by HTTP: opened, listed, read, changed and erased."""

import re

import pytest

from rfl.api.schemas.records import CaseAnswer
from rfl.domain.access import Role
from tests.api.support import RIGHTS, Desk, done, entries, make_request, refused
from tests.support import BRANCH


@pytest.mark.parametrize("path", ["/v1/requests", "/v1/cases"])
def test_a_tracing_request_opens_a_case(desk: Desk, path: str) -> None:
    answer = desk.officer.post(path, make_request())
    made = done(answer, 201)
    assert re.fullmatch(r"cas_[0-9a-z]{26}", made["id"])
    assert made == {"id": made["id"], "version": 1}
    assert answer.headers["location"] == f"/v1/cases/{made['id']}"
    assert answer.headers["etag"] == '"1"'


def test_a_case_is_read_as_it_was_told(desk: Desk) -> None:
    told = make_request(
        separation={
            "cause": "migration",
            "when": {"text": "spring 1394", "calendar": "solar_hijri"},
            "narrative": "At night, by boat.\nWe were many.",
        },
        contact={"phones": ["+389 70 000 001"], "address": {"country": "MK", "town": "Skopje"}},
        methods=["visit", "phone"],
        consents=[{"uses": ["search"], "form": "signed", "given_on": "2026-02-28"}],
        notice={"version": "3", "language": "fa", "given_on": "2026-02-28"},
    )
    case = desk.officer.open_case(**told)
    answer = desk.officer.get(f"/v1/cases/{case}")
    read = done(answer)
    assert (read["id"], read["state"], read["branch"]) == (case, "open", BRANCH)
    assert read["created_at"] == "2026-03-01T09:00:00Z"
    kept = read["request"]
    assert kept["separation"]["narrative"] == told["separation"]["narrative"]
    assert kept["separation"]["when"]["earliest"] == "2015-03-21"
    assert kept["sought"][0]["person"]["birth"]["edtf"] == "1961~"
    assert kept["consents"][0]["person"] == kept["enquirer"]["id"]
    assert answer.headers["etag"] == '"1"'
    CaseAnswer.model_validate_json(answer.content, strict=False)


def test_what_was_read_can_be_changed_and_sent_back(desk: Desk) -> None:
    aged = {"age": {"low": 35, "high": 45, "on": "2024-05-01"}}
    enquirer = {"names": [{"text": "Ali"}], "birth": aged}
    case = desk.officer.open_case(
        enquirer=enquirer,
        consents=[{"uses": ["search"], "form": "signed", "given_on": "2026-02-28"}],
    )
    request = done(desk.officer.get(f"/v1/cases/{case}/request"))
    request["message"] = "We are well."
    request["sought"].append({"relation": "sister", "person": {"names": [{"text": "Zahra"}]}})
    answer = desk.officer.put(f"/v1/cases/{case}/request", request, headers={"If-Match": '"1"'})
    assert done(answer) == {"id": case, "version": 2}
    assert answer.headers["etag"] == '"2"'
    after = done(desk.officer.get(f"/v1/cases/{case}/request"))
    assert after["message"] == "We are well."
    assert after["enquirer"] == request["enquirer"]
    assert [one["person"]["names"][0]["text"] for one in after["sought"]] == [
        "Maryam Hosseini",
        "Zahra",
    ]


def test_the_node_gives_ids_and_nobody_chooses_one(desk: Desk) -> None:
    chosen = "per_00000000000000000000000000"
    mine = {"id": chosen, "names": [{"text": "Ali"}]}
    answer = desk.officer.post("/v1/requests", make_request(enquirer=mine))
    refused(answer, 422, "enquirer.id", "is given by the node")
    assert chosen not in answer.text


def test_a_change_names_persons_by_their_ids(desk: Desk) -> None:
    case = desk.officer.open_case()
    path, stamp = f"/v1/cases/{case}/request", {"If-Match": '"1"'}
    request = done(desk.officer.get(path))
    without = {**request, "enquirer": {**request["enquirer"], "id": None}}
    refused(desk.officer.put(path, without, headers=stamp), 422, "enquirer.id", "is required")
    other = make_request()
    other["enquirer"]["id"] = request["enquirer"]["id"]
    refused(desk.officer.put(path, other, headers=stamp), 422, "sought", "must keep the ids")


def test_a_case_can_come_from_an_intake(desk: Desk) -> None:
    intake = done(desk.officer.post("/v1/intakes"), 201)["id"]
    assert intake.startswith("int_")
    done(desk.officer.post("/v1/cases", make_request(intake=intake)), 201)
    answer = desk.officer.post("/v1/cases", make_request(intake="int_nothing"))
    refused(answer, 422, "intake", "must be an id that starts with int_")


def test_a_list_of_cases_opens_no_name_and_comes_in_pages(desk: Desk) -> None:
    opened = {desk.officer.open_case() for _ in range(5)}
    first = done(desk.officer.get("/v1/cases?limit=3"))
    assert set(first["items"][0]) == {
        "id",
        "policy",
        "state",
        "branch",
        "officer",
        "created_at",
        "due_at",
        "review_at",
        "version",
    }
    second = done(desk.officer.get(f"/v1/cases?limit=3&cursor={first['next']}"))
    assert second["next"] is None
    assert {one["id"] for one in first["items"] + second["items"]} == opened
    assert all(not entry["groups"] for entry in entries(desk.rt, "case.list"))


def test_an_erased_case_is_gone(desk: Desk) -> None:
    case = desk.officer.open_case()
    path, supervisor = f"/v1/cases/{case}", desk.supervisor()
    refused(desk.officer.post(f"{path}/erasure", {"reason": "data_subject_request"}), 403, None, "")
    answer = supervisor.post(f"{path}/erasure", {"reason": "because"})
    refused(answer, 422, "reason", "must be one of")
    answer = supervisor.post(f"{path}/erasure", {"reason": "data_subject_request"})
    assert (answer.status_code, answer.content) == (204, b"")
    refused(desk.officer.get(path), 410, None, "was erased")
    refused(desk.officer.get(f"{path}/matches"), 410, None, "was erased")
    refused(supervisor.post(f"{path}/erasure", {"reason": "retention_ended"}), 410, None, "")


def test_the_log_of_a_case_says_who_read_it(desk: Desk) -> None:
    case = desk.officer.open_case()
    desk.officer.get(f"/v1/cases/{case}")
    asked = desk.officer.get(f"/v1/cases/{case}")
    keeper = desk.caller(Role.DATA_PROTECTION_OFFICER, RIGHTS)
    items = done(keeper.get(f"/v1/cases/{case}/log"))["items"]
    assert [one["action"] for one in items] == ["case.open", "case.read", "case.read", "log.read"]
    assert items[2]["request"] == asked.headers["rfl-request-id"]
    assert items[2]["actor"] == desk.officer.account
    assert case not in str(items)
    again = done(keeper.get(f"/v1/log/{items[0]['objects'][0]}"))["items"]
    assert [one["id"] for one in again[:4]] == [one["id"] for one in items]
