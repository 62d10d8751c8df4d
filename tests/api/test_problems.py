"""Failures as problems: statuses, routing, headers, and what the log says."""

import importlib
import json
import logging
import pkgutil
from collections.abc import Iterator

import pytest

import rfl
from rfl import logs
from rfl.api.problems import STATUSES
from rfl.api.rules import broken_rules, field_path
from rfl.errors import RflError
from rfl.flows.runtime import Runtime
from tests.api.support import Desk, done, make_request, open_desk, refused


def test_every_foreseen_failure_has_a_status() -> None:
    for module in pkgutil.walk_packages(rfl.__path__, "rfl."):
        importlib.import_module(module.name)
    codes = {error.code for error in _below(RflError)} | {RflError.code}
    assert codes - STATUSES.keys() == set()
    assert STATUSES.keys() - codes == {"method-not-allowed"}


def _below(kind: type[RflError]) -> Iterator[type[RflError]]:
    for error in kind.__subclasses__():
        yield error
        yield from _below(error)


def test_an_unknown_address_or_method_is_a_problem(sqlite_desk: Desk) -> None:
    client = sqlite_desk.client
    answer = client.get("/v1/people/Maryam")
    refused(answer, 404, None, "no such address")
    assert "Maryam" not in answer.text
    refused(client.get("/v1/cases/"), 404, None, "no such address")
    answer = client.patch("/v1/cases")
    refused(answer, 405, None, "does not answer to this method")
    assert answer.headers["allow"]


def test_every_answer_carries_its_request_id_and_is_not_kept(sqlite_desk: Desk) -> None:
    answers = [
        sqlite_desk.client.get("/health/live"),
        sqlite_desk.client.get("/v1/nowhere"),
        sqlite_desk.client.get("/v1/me"),
        sqlite_desk.officer.get("/v1/me", headers={"RFL-Request-Id": "mine"}),
    ]
    for answer in answers:
        assert answer.headers["rfl-request-id"].startswith("req_")
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert len({answer.headers["rfl-request-id"] for answer in answers}) == 4
    problem = answers[2].json()
    assert problem["instance"] == f"urn:rfl:request:{answers[2].headers['rfl-request-id']}"


def test_an_unforeseen_failure_tells_nothing(
    sqlite_rt: Runtime, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_arguments: object) -> bool:
        raise RuntimeError("the secret of Maryam Hosseini")

    with open_desk(sqlite_rt) as desk:
        desk.rt.pools = broken  # type: ignore[assignment]
        intake = done(desk.officer.post("/v1/intakes"), 201)["id"]
        body = {"made_for": intake, "person": {"names": [{"text": "Maryam Hosseini"}]}}
        answer = desk.officer.post("/v1/searches", body)
    problem = refused(answer, 500, None, "could not be done")
    assert problem["code"] == "internal"
    assert answer.headers["rfl-request-id"] in problem["instance"]
    lines = [logs.JsonLines().format(record) for record in caplog.records]
    [line] = [json.loads(line) for line in lines if "unforeseen" in line]
    assert line["exception"] == "AttributeError"
    assert "Maryam" not in "".join(lines)


def test_the_log_has_one_line_for_a_request_and_no_path_or_query(
    sqlite_desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "rfl")
    case = sqlite_desk.officer.open_case()
    caplog.clear()
    answer = sqlite_desk.officer.get(f"/v1/cases/{case}?name=Maryam")
    sqlite_desk.client.request("MARYAM", "/v1/Maryam")
    lines = [json.loads(logs.JsonLines().format(one)) for one in caplog.records]
    first, second = [line for line in lines if line["event"] == "request"]
    assert first["route"] == "/v1/cases/{case_id}"
    assert first["request"] == answer.headers["rfl-request-id"]
    assert (first["status"], first["method"]) == (200, "GET")
    assert first["actor"] == sqlite_desk.officer.account
    assert first["ms"] > 0
    assert (second["route"], second["method"], second["status"]) == ("none", "other", 404)
    assert case not in str(lines)
    assert "Maryam" not in str(lines)


def test_several_broken_rules_are_told_at_once(sqlite_desk: Desk) -> None:
    body = make_request(legal_basis="curiosity", child_enquirer="yes", message=7)
    answer = sqlite_desk.officer.post("/v1/requests", body)
    found = {one["field"]: one["rule"] for one in refused(answer, 422, "legal_basis", "")["errors"]}
    assert found["legal_basis"].startswith("must be 'consent', 'vital_interest'")
    assert found["child_enquirer"] == "must be true or false"
    assert found["message"] == "must be text"


@pytest.mark.parametrize(
    ("location", "path"),
    [
        (("body",), "body"),
        (("body", "sought", 0, "person", "names", 1), "sought[0].person.names[1]"),
        (("query", "limit"), "limit"),
    ],
)
def test_a_field_is_named_by_its_path(location: tuple[str | int, ...], path: str) -> None:
    assert field_path(location) == path


def test_no_text_of_the_validator_is_passed_on() -> None:
    error = {"type": "unheard_of", "loc": ("body", "message"), "msg": "Maryam", "ctx": {"x": "Ali"}}
    assert broken_rules([error]) == [("message", "is not of its type")]
