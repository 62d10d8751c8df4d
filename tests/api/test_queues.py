"""Queues by HTTP: pages with sealed cursors, filters, each side its own."""

from rfl.domain.access import Role
from tests.api.support import CASEWORK, Desk, done, refused
from tests.api.test_searching import Team


def test_a_queue_is_read_in_pages_and_its_cursor_is_bound_to_it(desk: Desk) -> None:
    opened = [desk.officer.open_case() for _ in range(3)]
    first = done(desk.officer.get("/v1/queues/mine?limit=2"))
    rest = done(desk.officer.get(f"/v1/queues/mine?limit=2&cursor={first['next']}"))
    found = [one["id"] for one in first["items"] + rest["items"]]
    assert sorted(found) == sorted(opened)
    assert rest["next"] is None
    for path in (
        f"/v1/queues/branch?cursor={first['next']}",
        f"/v1/queues/mine?state=open&cursor={first['next']}",
    ):
        refused(desk.officer.get(path), 422, "cursor", "page before")


def test_a_queue_is_narrowed_by_outside_state(sqlite_desk: Desk) -> None:
    case = sqlite_desk.officer.open_case()
    assert done(sqlite_desk.officer.get("/v1/queues/mine?state=open"))["items"][0]["id"] == case
    assert done(sqlite_desk.officer.get("/v1/queues/mine?state=due"))["items"] == []
    refused(sqlite_desk.officer.get("/v1/queues/mine?state=refuses"), 422, "state", "must be")
    refused(sqlite_desk.officer.get("/v1/queues/theirs"), 422, "name", "must be")


def test_a_member_finds_what_waits_for_consultation(desk: Desk) -> None:
    team = Team(desk).located()
    path = "/v1/queues/searching"
    [row] = done(team.first.get(f"{path}?waits=consultation"))["items"]
    assert (row["id"], row["waits"]) == (team.case, ["consultation"])
    assert done(team.first.get(f"{path}?waits=verification"))["items"] == []
    assert done(desk.officer.get(path))["items"] == []


def test_who_opens_no_case_sees_no_queue(sqlite_desk: Desk) -> None:
    for caller in (
        sqlite_desk.caller(Role.INTAKE_VOLUNTEER, CASEWORK),
        sqlite_desk.administrator(),
        sqlite_desk.auditor(),
    ):
        for name in ("mine", "searching"):
            assert caller.get(f"/v1/queues/{name}").status_code == 403
