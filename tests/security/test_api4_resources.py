"""API4:2023, unrestricted resource consumption: everything that comes in or goes out has a bound.

How bodies are bounded, nested and compressed is in tests/api/test_bad_input.py, files in
test_bad_lists.py, tries to sign in and the hashing of passwords in tests/signin/test_passwords.py,
budgets raced by fifty requests in tests/flows/test_budgets.py.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from rfl.domain.access import Role
from rfl.domain.budget import DEFAULTS, Limit, What
from rfl.domain.call_rate import CallRate
from tests.api.support import Desk, done, entries, raw_call, refused
from tests.security.attack import CLOSED, OPERATIONS, SCHEMAS
from tests.support import Clock

_BOUND = {
    "string": {"maxLength", "enum", "const", "pattern", "format"},
    "array": {"maxItems"},
    "integer": {"maximum", "enum"},
    "number": {"maximum", "enum"},
}


def _unbounded(schema: Any, at: str, seen: set[str]) -> Iterator[str]:
    if isinstance(schema, list):
        for one in schema:
            yield from _unbounded(one, at, seen)
    if not isinstance(schema, dict):
        return
    bounds = _BOUND.get(str(schema.get("type")))
    if bounds is not None and not bounds & schema.keys():
        yield at
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    if name and name not in seen:
        seen.add(name)
        yield from _unbounded(SCHEMAS[name], name, seen)
    for key, below in schema.items():
        if key != "examples":
            yield from _unbounded(below, f"{at}.{key}", seen)


def test_every_text_list_and_number_that_comes_in_has_a_bound() -> None:
    found: list[str] = []
    for operation in OPERATIONS:
        for one in operation.described.get("parameters", ()):
            found += _unbounded(one["schema"], f"{operation.name} {one['name']}", set())
        for media, content in operation.described.get("requestBody", {}).get("content", {}).items():
            if media == "application/json":
                found += _unbounded(content["schema"], operation.name, set())
    assert found == []


def test_no_route_reads_a_body_that_is_too_large(sqlite_desk: Desk) -> None:
    parts = [b" " * 300_000] * 8
    for operation in OPERATIONS:
        if not operation.bodies():
            continue
        headers = sqlite_desk.officer.headers | operation.headers()
        headers |= {"Content-Type": "application/json"}
        status, taken = raw_call(
            sqlite_desk, operation.method, operation.address(), headers, list(parts)
        )
        assert (status, taken) == (413, 1 if operation.is_open else 4), operation.name


def test_no_page_is_longer_than_its_limit(sqlite_desk: Desk) -> None:
    for operation in CLOSED:
        limits = {one["name"]: one["schema"] for one in operation.described.get("parameters", ())}
        if "limit" in limits:
            most = limits["limit"]["maximum"]
            assert most <= 500, operation.name
            for wrong in (0, -1, most + 1, 10**30, "x"):
                answer = sqlite_desk.officer.get(f"{operation.address()}?limit={wrong}")
                refused(answer, 422, "limit", "must be")


def test_an_account_that_calls_too_often_is_told_to_wait_and_holds_up_no_other(
    sqlite_desk: Desk, clock: Clock
) -> None:
    flooding, other = sqlite_desk.officer, sqlite_desk.supervisor()
    sqlite_desk.rt.office_calls = CallRate(3)
    for _call in range(3):
        done(flooding.get("/v1/me"))
    for _call in range(5):
        answer = flooding.get("/v1/cases")
        refused(answer, 429, None, "Too many calls")
        assert answer.headers["retry-after"] == "30"
    denied = [one for one in entries(sqlite_desk.rt) if one["reason"] == "too-many-calls"]
    assert [one["actor"] for one in denied] == [flooding.account]
    done(other.get("/v1/me"))
    clock.move(seconds=30)
    done(flooding.get("/v1/me"))


def test_past_the_hard_budget_every_reading_is_refused_with_a_time_to_come_again(
    sqlite_desk: Desk,
) -> None:
    officer = sqlite_desk.officer
    cases = [officer.open_case() for _each in range(3)]
    limits = dict(DEFAULTS[Role.TRACING_OFFICER]) | {What.RECORDS_HOUR: Limit(1, 2)}
    budgets = {**DEFAULTS, Role.TRACING_OFFICER: limits}
    sqlite_desk.rt.rules = replace(sqlite_desk.rt.rules, budgets=budgets)
    paths = ["", "/request", "/file"]
    for case, path in zip(cases[:2], paths, strict=False):
        done(officer.get(f"/v1/cases/{case}{path}"))
    for path in paths:
        answer = officer.get(f"/v1/cases/{cases[2]}{path}")
        refused(answer, 429, None, "budget")
        assert answer.headers["retry-after"] == "3600"
