"""API9:2023, improper inventory management: what is served is what is written down.

That the kept document is the app's is in tests/api/test_openapi.py.
"""

import re
from pathlib import Path

from fastapi.routing import APIRoute

from rfl.app import ROUTERS
from tests.api.support import Desk
from tests.security.attack import OPERATIONS

ROOT = Path(__file__).parents[2]
SIGNED = "/rfl/v1/"
"""What other societies call; docs/protocol.md has it."""
WELL_KNOWN = "/.well-known/rfl-node"
_LAST = "/rfl/v1/{rest:path}"
"""Answers, signed, that there is no such address."""


def _served() -> set[tuple[str, str]]:
    found = set()
    for router in ROUTERS:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            found |= {(method, route.path) for method in route.methods or ()}
    return found


def test_every_operation_that_is_served_is_in_the_document_and_the_other_way_round() -> None:
    written = {(one.method, one.path) for one in OPERATIONS}
    signed = {one for one in _served() if one[1].startswith((SIGNED, WELL_KNOWN))}
    assert _served() - signed == written


def test_every_address_that_societies_call_is_in_the_protocol() -> None:
    protocol = (ROOT / "docs" / "protocol.md").read_text("utf-8")
    for method, path in _served():
        if path.startswith(SIGNED) and path != _LAST:
            plain = re.sub(r"\{envelope_id\}", "{id}", path)
            lines = [line for line in protocol.splitlines() if plain in line]
            assert any(method in line for line in lines), (method, path)
    assert WELL_KNOWN in protocol


def test_the_app_serves_its_routers_and_nothing_beside(sqlite_desk: Desk) -> None:
    paths = {getattr(route, "path", "") for route in sqlite_desk.client.app.routes}  # type: ignore[attr-defined]
    assert paths - {"", *(path for _method, path in _served())} == set()


def test_every_address_bears_a_version_and_none_is_left_from_before() -> None:
    for _method, path in _served():
        assert re.match(r"/(v1|rfl/v1|health|\.well-known)/", path), path
    assert not any(one.described.get("deprecated") for one in OPERATIONS)


def test_the_open_addresses_are_these() -> None:
    assert {one.path for one in OPERATIONS if one.is_open} == {
        "/health/live",
        "/health/ready",
        "/v1/sign-in",
        "/v1/sign-in/invitations",
    }
