"""Every route is closed unless it is listed here as open; and what is checked in which order."""

from collections.abc import Iterator

from fastapi.routing import APIRoute

from rfl.app import ROUTERS
from rfl.domain.access import Role
from tests.api.support import Desk, done, entries, nothing_stored, raw_call, refused

OPEN = {"/health/live", "/health/ready", "/.well-known/rfl-node"}
OPEN |= {"/v1/sign-in", "/v1/sign-in/invitations"}
SIGNED = "/rfl/v1/"
"""What other societies call: the signature of the call stands for a token."""
WITHOUT_PURPOSE = {"/v1/me"}


def _routes() -> Iterator[tuple[str, str]]:
    for router in ROUTERS:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            yield from ((method, route.path) for method in sorted(route.methods or ()))


CLOSED = sorted(
    (method, path) for method, path in _routes() if path not in OPEN and not path.startswith(SIGNED)
)


def test_every_route_that_opens_data_needs_a_purpose_of_the_closed_list(sqlite_desk: Desk) -> None:
    with nothing_stored(sqlite_desk.rt):
        for method, path in CLOSED:
            for purpose in (None, "curiosity", ""):
                headers = sqlite_desk.officer.headers | {"RFL-Purpose": purpose or ""}
                if purpose is None:
                    del headers["RFL-Purpose"]
                answer = sqlite_desk.client.request(method, path, headers=headers, content=b"{")
                if path in WITHOUT_PURPOSE:
                    done(answer)
                else:
                    refused(answer, 400, "RFL-Purpose", "must name one purpose")
                    assert "curiosity" not in answer.text


def test_missing_purpose_is_entered_and_told_before_anything_is_opened(desk: Desk) -> None:
    case = desk.officer.open_case()
    before = entries(desk.rt)
    answer = desk.officer.get(f"/v1/cases/{case}", headers={"RFL-Purpose": None})
    refused(answer, 400, "RFL-Purpose", "must name one purpose of the closed list")
    *same, refusal = entries(desk.rt)
    assert same == before
    assert (refusal["action"], refusal["reason"], refusal["objects"]) == (
        "call",
        "purpose-missing",
        [],
    )
    assert refusal["actor"] == desk.officer.account
    refused(desk.officer.get(f"/v1/cases/{case}", headers={"RFL-Purpose": "audit"}), 403, None, "")


def test_a_body_is_not_read_before_sign_in(sqlite_desk: Desk) -> None:
    headers = {"content-type": "application/json", "authorization": "Bearer nobody"}
    status, taken = raw_call(sqlite_desk, "POST", "/v1/requests", headers, [b"{}"])
    assert (status, taken) == (401, 0)
    headers = {"content-type": "text/csv"} | sqlite_desk.officer.headers
    status, taken = raw_call(sqlite_desk, "PUT", "/v1/lists/lst_x/rows", headers, [b"name", b"\n"])
    assert (status, taken) == (422, 2)


def test_a_node_without_an_exchange_has_nothing_at_its_addresses(sqlite_desk: Desk) -> None:
    for method, path in (("GET", "status"), ("POST", "inbox"), ("DELETE", "inbox"), ("GET", "x")):
        refused(sqlite_desk.client.request(method, SIGNED + path, content=b"x"), 404, None, "")


def test_a_query_out_of_bounds_is_told_after_sign_in_only(sqlite_desk: Desk) -> None:
    for path in ("/v1/cases?limit=0", "/v1/cases?limit=x", "/v1/cases?name=Maryam"):
        refused(sqlite_desk.client.get(path), 401, None, "valid token")
    officer = sqlite_desk.officer
    refused(officer.get("/v1/cases?limit=0"), 422, "limit", "must be at least 1")
    refused(officer.get("/v1/cases?limit=x"), 422, "limit", "must be a whole number")
    answer = officer.get("/v1/cases?name=Maryam")
    refused(answer, 422, "query", "unknown field")
    assert "Maryam" not in answer.text


def test_a_refusal_is_an_entry_of_its_own(desk: Desk) -> None:
    case = desk.officer.open_case()
    stranger = desk.caller(Role.TRACING_OFFICER, "tracing", "ohrid")
    stranger.get(f"/v1/cases/{case}")
    last = entries(desk.rt)[-1]
    assert (last["decision"], last["reason"], last["action"]) == (
        "denied",
        "forbidden",
        "case.read",
    )
    assert last["objects"] == entries(desk.rt, "case.open")[0]["objects"][:1]
