"""The same call twice, versions, and cursors."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from rfl.domain.access import Role
from tests.api.support import (
    CASEWORK,
    Desk,
    done,
    entries,
    make_registration,
    make_request,
    make_terms,
    nothing_stored,
    refused,
    rows_in,
)

KEY = {"Idempotency-Key": "0123456789abcdef"}
CREATING = [
    ("/v1/intakes", None),
    ("/v1/requests", make_request()),
    ("/v1/registrations", make_registration()),
    ("/v1/lists", make_terms()),
]


@pytest.mark.parametrize(("path", "body"), CREATING, ids=[path for path, _body in CREATING])
def test_the_same_call_twice_makes_one_record(desk: Desk, path: str, body: object) -> None:
    first = desk.officer.post(path, body, headers=KEY)
    before = rows_in(desk.rt)
    second = desk.officer.post(path, body, headers=KEY)
    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert first.status_code == 201
    assert second.headers.get("location") == first.headers.get("location")
    assert rows_in(desk.rt) == before


def test_reused_idempotency_key_with_another_body_is_refused(desk: Desk) -> None:
    done(desk.officer.post("/v1/requests", make_request(), headers=KEY), 201)
    with nothing_stored(desk.rt):
        answer = desk.officer.post("/v1/requests", make_request(message="Hello"), headers=KEY)
        problem = refused(answer, 422, "Idempotency-Key", "used with another body")
        assert problem["code"] == "idempotency-mismatch"
        assert "Hello" not in answer.text
        refused(desk.officer.post("/v1/intakes", headers=KEY), 422, "Idempotency-Key", "")


def test_an_idempotency_key_is_the_callers_own_and_runs_out(desk: Desk) -> None:
    first = done(desk.officer.post("/v1/intakes", headers=KEY), 201)["id"]
    other = desk.caller(Role.TRACING_OFFICER, CASEWORK)
    assert done(other.post("/v1/intakes", headers=KEY), 201)["id"] != first
    desk.rt.clock.move(hours=25)  # type: ignore[attr-defined]
    assert done(desk.officer.post("/v1/intakes", headers=KEY), 201)["id"] != first


@pytest.mark.parametrize("key", ["short", "x" * 201, "with space in it"])
def test_an_idempotency_key_has_a_form(sqlite_desk: Desk, key: str) -> None:
    answer = sqlite_desk.officer.post("/v1/intakes", headers={"Idempotency-Key": key})
    refused(answer, 422, "Idempotency-Key", "8 to 200 visible ASCII characters")
    assert key not in answer.text


def test_stale_etag_changes_nothing(desk: Desk) -> None:
    path = f"/v1/cases/{desk.officer.open_case()}/request"
    request = done(desk.officer.get(path))
    done(desk.officer.put(path, request, headers={"If-Match": '"1"'}))
    for stamp in ('"1"', '"3"', 'W/"2"', "2", '"two"'):
        answer = desk.officer.put(path, request | {"message": "x"}, headers={"If-Match": stamp})
        assert refused(answer, 412, None, "has changed since")["code"] == "stale-version"
    assert done(desk.officer.get(path))["message"] is None
    assert entries(desk.rt, "case.change")[-1]["reason"] == "stale-version"


@pytest.mark.parametrize("stamp", [None, "*"])
def test_a_change_without_a_version_is_refused(sqlite_desk: Desk, stamp: str | None) -> None:
    path = f"/v1/cases/{sqlite_desk.officer.open_case()}/request"
    request = done(sqlite_desk.officer.get(path))
    answer = sqlite_desk.officer.put(path, request, headers={"If-Match": stamp})
    assert refused(answer, 428, "If-Match", "must carry the ETag")["code"] == "version-required"


def test_of_two_changes_of_one_version_one_wins(desk: Desk) -> None:
    path = f"/v1/cases/{desk.officer.open_case()}/request"
    request = done(desk.officer.get(path))

    def put(number: int) -> int:
        body = request | {"message": f"Message {number}"}
        return desk.officer.put(path, body, headers={"If-Match": '"1"'}).status_code

    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(put, range(4)))
    assert statuses == [200, 412, 412, 412]
    assert desk.officer.get(path).headers["etag"] == '"2"'


def test_one_idempotency_key_at_once_makes_one_record(sqlite_desk: Desk) -> None:
    def post(_number: int) -> str:
        answer = sqlite_desk.officer.post("/v1/requests", make_request(), headers=KEY)
        return str(done(answer, 201)["id"])

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(post, range(4)))) == 1


def test_a_cursor_is_sealed_for_its_list_and_its_holder(sqlite_desk: Desk) -> None:
    officer = sqlite_desk.officer
    case = officer.open_case()
    officer.open_case()
    cursor = done(officer.get("/v1/cases?limit=1"))["next"]
    assert case not in cursor
    for stranger, path in (
        (officer, f"/v1/registrations?cursor={cursor}"),
        (sqlite_desk.supervisor(), f"/v1/cases?cursor={cursor}"),
        (officer, f"/v1/cases?cursor={cursor[:-2]}AA"),
        (officer, "/v1/cases?cursor=AAAA"),
        (officer, "/v1/cases?cursor=%C3%A9"),
    ):
        answer = stranger.get(path)
        refused(answer, 422, "cursor", "must be the one that the page before answered")
        assert cursor[:-2] not in answer.text
