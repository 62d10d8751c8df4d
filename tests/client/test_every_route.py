"""The client reaches every route that officers have, and calls none that is not there."""

import inspect
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest

from rfl.client.calls import Client
from rfl.client.group import Group
from rfl.client.problems import ClientProblem
from rfl.domain.purpose import Purpose
from rfl.flows.runtime import Runtime
from tests.api.support import Desk, open_desk

DOCUMENT = Path(__file__).parents[2] / "openapi" / "rfl.json"
# What `AuditClient` is for (tests/client/test_audit_calls.py), and what the node's own people ask.
OTHERS = {"log", "watching"}
# The same by another name; and files that an auditor's own program fetches as a stream.
NOT_NEEDED = {("POST", "/v1/cases"), ("GET", "/health/live")}
NOT_NEEDED |= {("POST", "/v1/log-exports"), ("GET", "/v1/log-exports")}


class Recorder(httpx2.BaseTransport):
    """Carries requests on to the real node, and keeps which they were."""

    def __init__(self, behind: httpx2.BaseTransport) -> None:
        self.behind = behind
        self.seen: list[tuple[str, str]] = []

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.seen.append((request.method, request.url.path))
        return self.behind.handle_request(request)


def routes() -> dict[tuple[str, str], re.Pattern[str]]:
    """Every route of officers and the office, with the form of its addresses."""
    paths = json.loads(DOCUMENT.read_text("utf-8"))["paths"]
    return {
        (method.upper(), path): re.compile(re.sub(r"\{\w+\}", "[^/]+", path))
        for path, methods in paths.items()
        for method, said in methods.items()
        if not OTHERS & set(said["tags"])
    }


def methods_of(client: Client) -> Iterator[tuple[str, Any]]:
    """Every public method of the client and of each group of calls."""
    for name, value in inspect.getmembers(client):
        if name.startswith("_") or name in ("close", "purpose"):
            continue
        if callable(value):
            yield name, value
            continue
        for step, method in inspect.getmembers(value, inspect.ismethod):
            if not step.startswith("_"):
                yield f"{name}.{step}", method


# A value for each kind of argument; ids of no record, so that nothing is found or changed.
BY_NAME: dict[str, Any] = {
    "version": 1,
    "limit": 1,
    "content": b"",
    "joins": True,
    "may_tell": False,
    "details": [],
    "uses": ["share"],
    "purposes": ["tracing"],
    "days": 1,
    "reads_only": True,
    "media_type": "text/csv",
}


# Methods that take any step by its name; the named ones beside them are those that are driven.
BY_STEP = {"files.step", "messages.step", "deliveries.step"}


def argument(one: inspect.Parameter) -> Any:
    if one.name in BY_NAME:
        return BY_NAME[one.name]
    return "x" if one.annotation is str else {}


@pytest.fixture
def desk(sqlite_rt: Runtime) -> Iterator[Desk]:
    with open_desk(sqlite_rt) as desk:
        yield desk


def test_every_route_of_officers_is_reached_by_a_method_and_no_other_is_called(desk: Desk) -> None:
    recorder = Recorder(desk.client._transport)
    token = desk.officer.headers["Authorization"].removeprefix("Bearer ")
    client = Client("http://testserver", token, purpose=Purpose.TRACING, through=recorder)
    known, reached = routes(), set[tuple[str, str]]()
    for name, method in methods_of(client):
        if name in BY_STEP:
            continue
        recorder.seen.clear()
        given = {
            one.name: argument(one)
            for one in inspect.signature(method).parameters.values()
            if one.default is one.empty and one.kind is not one.VAR_KEYWORD
        }
        with suppress(ClientProblem):
            answer = method(**given)
            if isinstance(answer, Iterator):
                next(answer, None)
        assert recorder.seen, f"{name} called nothing"
        [(verb, path)] = {*recorder.seen}
        found = {key for key, form in known.items() if key[0] == verb and form.fullmatch(path)}
        assert found, f"{name} called {verb} {path}, which is no route of officers"
        reached |= {min(found, key=lambda key: key[1].count("{"))}
    assert known.keys() - reached == NOT_NEEDED


def test_each_group_of_calls_is_a_property_of_the_client() -> None:
    given = {type(value) for _name, value in inspect.getmembers(Client("http://x", None))}
    assert set(Group.__subclasses__()) <= given
