"""Callers of the API, and what tests ask of answers and of the database."""

import json
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import anyio
import sqlalchemy as sa
from httpx2 import Response
from starlette.testclient import TestClient

from rfl.app import AppOptions, create_app
from rfl.domain.access import Role
from rfl.flows.admit import add_account
from rfl.flows.runtime import OFFICE_CALL, Runtime
from tests.support import BRANCH

CASEWORK, RIGHTS, AUDIT, OFFICE = "tracing", "data_subject_request", "audit", "administration"
LOGGED = {"ledger", "ledger_objects", "ledger_waiting", "tree_tiles", "tree_order"}
LOGGED |= {"checkpoints", "cosignatures", "alarms", "key_uses", "log_shares", "tries"}

REQUEST: dict[str, Any] = {
    "enquirer": {
        "names": [{"text": "Ali Hosseini"}],
        "sex": "male",
        "birth": {"text": "1990-04-12"},
    },
    "sought": [
        {
            "relation": "mother",
            "person": {
                "names": [{"text": "Maryam Hosseini"}],
                "sex": "female",
                "birth": {"text": "about 1961"},
            },
        }
    ],
    "legal_basis": "public_interest",
}
REGISTRATION: dict[str, Any] = {
    "person": {"names": [{"text": "مريم حسيني"}], "sex": "female", "birth": {"text": "1961"}},
    "source": {"kind": "camp", "owner": "Vinojug transit camp", "record_id": "V-0041"},
    "status": "registered",
    "legal_basis": "vital_interest",
}
TERMS: dict[str, Any] = {
    "owner": "Vinojug transit camp",
    "kind": "camp",
    "reliability": "stated",
    "sharing": "within_network",
    "legal_basis": "vital_interest",
}


def make_request(**changes: Any) -> dict[str, Any]:
    """A tracing request as a body; fields that are set to None are left out."""
    return _changed(REQUEST, changes)


def make_registration(**changes: Any) -> dict[str, Any]:
    """A registration as a body."""
    return _changed(REGISTRATION, changes)


def make_terms(**changes: Any) -> dict[str, Any]:
    """The terms of a list as a body."""
    return _changed(TERMS, changes)


def with_name(text: Any) -> dict[str, Any]:
    """A tracing request whose sought person has this name."""
    body = make_request()
    body["sought"][0]["person"]["names"] = [{"text": text}]
    return body


def with_birth(birth: Any) -> dict[str, Any]:
    """A tracing request whose enquirer was born then."""
    body = make_request()
    body["enquirer"]["birth"] = birth
    return body


class Caller:
    """An account that calls the API for one purpose."""

    def __init__(self, client: TestClient, token: str, purpose: str, account: str) -> None:
        self.client = client
        self.account = account
        self.headers = {"Authorization": f"Bearer {token}", "RFL-Purpose": purpose}

    def get(self, path: str, **options: Any) -> Response:
        """GET, with the caller's headers under those given."""
        return self._call("GET", path, options)

    def post(self, path: str, body: Any = None, **options: Any) -> Response:
        """POST a body as JSON."""
        return self._call("POST", path, {"json": body} | options)

    def put(self, path: str, body: Any = None, **options: Any) -> Response:
        """PUT a body as JSON."""
        return self._call("PUT", path, {"json": body} | options)

    def delete(self, path: str, **options: Any) -> Response:
        """DELETE."""
        return self._call("DELETE", path, options)

    def send(self, list_id: str, content: bytes, media_type: str, **options: Any) -> Response:
        """PUT a file as the rows of a list."""
        headers = {"Content-Type": media_type}
        options |= {"content": content, "headers": headers}
        return self._call("PUT", f"/v1/lists/{list_id}/rows", options)

    def open_case(self, **changes: Any) -> str:
        """Open a case and return its id."""
        return str(done(self.post("/v1/requests", make_request(**changes)), 201)["id"])

    def add_registration(self, **changes: Any) -> str:
        """Add a registration and return its id."""
        return str(done(self.post("/v1/registrations", make_registration(**changes)), 201)["id"])

    def open_list(self, **changes: Any) -> str:
        """Enter a list and return its id."""
        return str(done(self.post("/v1/lists", make_terms(**changes)), 201)["id"])

    def _call(self, method: str, path: str, options: dict[str, Any]) -> Response:
        headers = {**self.headers, **options.pop("headers", {})}
        given = {name: value for name, value in headers.items() if value is not None}
        return self.client.request(method, path, headers=given, **options)


class Desk:
    """The API of one node, and people to call it."""

    def __init__(self, rt: Runtime, client: TestClient) -> None:
        self.rt = rt
        self.client = client
        self.officer = self.caller(Role.TRACING_OFFICER, CASEWORK)

    def caller(self, role: Role, purpose: str, branch: str = BRANCH) -> Caller:
        """A fresh account that calls for this purpose."""
        made = add_account(self.rt, OFFICE_CALL, role, branch, "Officer on duty")
        return Caller(self.client, made.token, purpose, made.account)

    def supervisor(self) -> Caller:
        """Whoever may erase and take back."""
        return self.caller(Role.SUPERVISOR, RIGHTS)

    def auditor(self) -> Caller:
        """Whoever may read the log."""
        return self.caller(Role.AUDITOR, AUDIT)

    def administrator(self) -> Caller:
        """Whoever may make accounts."""
        return self.caller(Role.ADMINISTRATOR, OFFICE)


@contextmanager
def open_desk(rt: Runtime, **limits: Any) -> Iterator[Desk]:
    """Serve a node without its background, which tests call themselves (`settle`)."""
    options = AppOptions(**{"matcher": False} | limits)
    with TestClient(create_app(rt, options), raise_server_exceptions=False) as client:
        yield Desk(rt, client)


def done(answer: Response, status: int = 200) -> Any:
    """The document of an answer that must have this status."""
    assert answer.status_code == status, answer.text
    return answer.json()


def refused(answer: Response, status: int, field: str | None, rule: str) -> dict[str, Any]:
    """The problem of an answer that must be one, of this status, field and rule."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem: dict[str, Any] = answer.json()
    assert (answer.status_code, problem.get("field")) == (status, field), answer.text
    assert rule in problem["detail"], answer.text
    assert problem["status"] == status
    assert problem["type"] == f"urn:rfl:problem:{problem['code']}"
    return problem


def raw_call(
    desk: Desk, method: str, path: str, headers: dict[str, str], parts: list[bytes]
) -> tuple[int, int]:
    """Call the app without a client in between: the status, and how many parts it asked for."""
    waiting = deque(parts)
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        part = waiting.popleft()
        return {"type": "http.request", "body": part, "more_body": bool(waiting)}

    async def send(message: Any) -> None:
        statuses.extend([message["status"]] if "status" in message else [])

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"",
        "headers": [(key.lower().encode(), value.encode()) for key, value in headers.items()],
    }
    anyio.run(desk.client.app, scope, receive, send)
    return statuses[0], len(parts) - len(waiting)


def rows_in(rt: Runtime) -> dict[str, int]:
    """How many rows each table has, but for the log."""
    with rt.database.read() as connection:
        tables = set(sa.inspect(connection).get_table_names()) - LOGGED
        count = "SELECT count(*) FROM {}"
        return {
            name: int(connection.execute(sa.text(count.format(name))).scalar_one())
            for name in tables
        }


@contextmanager
def nothing_stored(rt: Runtime) -> Iterator[None]:
    """Assert that the block leaves every table but the log as it was."""
    before = rows_in(rt)
    yield
    assert rows_in(rt) == before


def entries(rt: Runtime, action: str | None = None) -> list[dict[str, Any]]:
    """The entries of the log, oldest first."""
    with rt.database.read() as connection:
        bodies = connection.execute(sa.text("SELECT body FROM ledger ORDER BY seq")).scalars()
        found = [json.loads(bytes(body)) for body in bodies]
    return [entry for entry in found if action in (None, entry["action"])]


def _changed(body: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(body)) | changes
    return {name: value for name, value in copy.items() if value is not None}
