"""API1:2023, broken object level authorization: who guesses at ids learns nothing.

A branch works at every route. Before each of its calls an attacker of another branch makes the same
call with the same ids, then with ids that no record has: both answers are the same to the letter.
A new route is in it by itself, since the walk of `tests/audit` has to drive it.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, cycle
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from rfl.app import AppOptions, create_app
from rfl.domain.access import Role
from rfl.flows.admit import sign_in
from rfl.flows.runtime import Runtime
from tests.api.support import Desk
from tests.audit.societies import make_society
from tests.audit.walks import calls
from tests.audit.walks_between import calls_between
from tests.security.attack import CLOSED, ELSEWHERE, ID, ids_in, said, with_other_ids
from tests.support import Clock

# Whose work has no branch: they are attacked by who has one, and reach what they administer.
WITHOUT_BRANCH = {Role.ADMINISTRATOR, Role.AUDITOR, Role.DATA_PROTECTION_OFFICER}
OTHERS = (*sorted(WITHOUT_BRANCH - {Role.DATA_PROTECTION_OFFICER}), Role.INTAKE_VOLUNTEER)


@dataclass
class Attacker:
    """Tries before every call of another branch what it would get for the same ids."""

    rt: Runtime
    tokens: dict[Role, str] = field(default_factory=dict)
    attacked: set[str] = field(default_factory=set)
    told: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)
    own: set[str] = field(default_factory=set)
    others: Iterator[Role] = field(default_factory=lambda: cycle(OTHERS))

    def try_it(self, client: "Watched", method: str, url: str, options: dict[str, Any]) -> None:
        """Make the same call twice: with these ids, and with ids of nothing."""
        body = json.dumps(options.get("json"))
        bearer = dict(options.get("headers") or {}).get("Authorization", "")
        if not self.tokens or not ID.search(url + body) or not bearer.startswith("Bearer rflt_"):
            return
        caller = sign_in(self.rt, bearer.removeprefix("Bearer "))
        if caller.branch == ELSEWHERE:
            return
        role = Role.SUPERVISOR if caller.role in WITHOUT_BRANCH else caller.role
        for one in dict.fromkeys((role, next(self.others))):
            if one in WITHOUT_BRANCH and caller.role in WITHOUT_BRANCH:
                continue
            mine = options["headers"] | {"Authorization": f"Bearer {self.tokens[one]}"}
            given = options | {"headers": mine}
            answer = client.plain(method, url, given)
            self.own |= ids_in(answer.text) - self.ids
            found = said(answer, self.ids)
            made_up = given | ({"json": json.loads(with_other_ids(body))} if body != "null" else {})
            nothing = said(client.plain(method, with_other_ids(url), made_up), self.ids)
            if found != nothing:
                self.told[f"{one} {method} {url}"] = (found, nothing)


class Watched(TestClient):
    """A client that lets an attacker try first what somebody is about to do."""

    attacker: Attacker

    def plain(self, method: str, url: str, options: dict[str, Any]) -> Response:
        """Make a call that nobody watches."""
        return super().request(method, url, **options)

    def request(self, method: str, url: Any, **options: Any) -> Response:
        """Let the attacker try, then make the call."""
        self.attacker.try_it(self, method, str(url), options)
        answer = super().request(method, url, **options)
        self.attacker.ids |= ids_in(f"{url} {answer.text}") - self.attacker.own
        return answer


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


def _walk(rt: Runtime, south: Runtime) -> tuple[Attacker, dict[str, str]]:
    """Let a branch work at every route; return the attacker, and what lists told elsewhere."""
    app = create_app(rt, AppOptions(matcher=False))
    with Watched(app, raise_server_exceptions=False) as client:
        attacker = client.attacker = Attacker(rt)
        desk, kept = Desk(rt, client), dict[str, str]()
        for role in Role:
            if role not in (Role.SERVICE, Role.PEER):
                caller = desk.caller(role, "tracing", ELSEWHERE)
                attacker.tokens[role] = caller.headers["Authorization"].removeprefix("Bearer ")
                me = client.plain("GET", "/v1/me", {"headers": caller.headers})
                attacker.own |= ids_in(me.text)
        for method, path, call in chain(calls(desk, kept), calls_between(desk, south)):
            assert call().status_code < 300, (method, path)
            attacker.attacked.add(f"{method} {path}")
        told = dict(_listed(client))
    return attacker, told


def _listed(client: Watched) -> Iterator[tuple[str, str]]:
    """What every address without an id tells another branch of the ids that there are."""
    for operation in CLOSED:
        if operation.method != "GET" or "_id}" in operation.path:
            continue
        for role in (Role.TRACING_OFFICER, Role.SUPERVISOR, Role.INTAKE_VOLUNTEER):
            token = client.attacker.tokens[role]
            headers = {"Authorization": f"Bearer {token}", "RFL-Purpose": "tracing"}
            answer = client.plain("GET", operation.address(), {"headers": headers})
            found = ids_in(answer.text) & client.attacker.ids
            if answer.status_code == 200 and found:
                yield f"{role} {operation.path}", answer.text


def test_every_id_of_another_branch_answers_as_one_that_does_not_exist(
    sqlite_rt: Runtime, sqlite_template: Path, tmp_path: Path, clock: Clock
) -> None:
    south = make_society("south", sqlite_template, tmp_path, clock)
    attacker, told = _walk(sqlite_rt, south)
    south.database.dispose()
    with_id = {f"{one.method} {one.path}" for one in CLOSED if "_id}" in one.path}
    assert with_id <= attacker.attacked
    assert attacker.told == {}
    assert told == {}
