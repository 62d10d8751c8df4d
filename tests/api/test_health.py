"""Health, with the background running."""

import time

from starlette.testclient import TestClient

from rfl.app import AppOptions, create_app
from rfl.flows.runtime import Runtime
from tests.api.support import Desk, done, open_desk


def test_a_node_is_ready_when_its_pools_are_loaded(rt: Runtime) -> None:
    app = create_app(rt, AppOptions())
    cold = TestClient(app)
    assert cold.get("/health/live").json() == {"status": "live"}
    answer = cold.get("/health/ready")
    assert (answer.status_code, answer.json()) == (503, {"status": "loading"})
    with TestClient(app) as client:
        assert _soon_ready(client)


def test_a_running_node_proposes_within_a_second_of_the_commit(sqlite_rt: Runtime) -> None:
    with open_desk(sqlite_rt, matcher=True) as desk:
        assert _soon_ready(desk.client)
        desk.officer.add_registration()
        case = desk.officer.open_case()
        time.sleep(1.0)
        assert len(done(desk.officer.get(f"/v1/cases/{case}/matches"))["items"]) == 1


def test_a_node_whose_database_is_gone_is_not_ready(sqlite_desk: Desk) -> None:
    assert done(sqlite_desk.client.get("/health/ready")) == {"status": "ready"}
    sqlite_desk.rt.database.dispose()
    sqlite_desk.rt.database.path.rename(sqlite_desk.rt.database.path.with_suffix(".away"))
    for suffix in ("-wal", "-shm"):
        path = sqlite_desk.rt.database.path
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    answer = sqlite_desk.client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (503, {"status": "no_database"})


def _soon_ready(client: TestClient) -> bool:
    for _ in range(100):
        if client.get("/health/ready").status_code == 200:
            return True
        time.sleep(0.05)
    return False
