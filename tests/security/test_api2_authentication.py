"""API2:2023, broken authentication: no route takes what is not a valid token of a live account.

What makes an access token valid is in tests/signin/test_access_tokens.py, passwords and one-time
codes in test_passwords.py, roles raised in a token in test_signing_in.py. Here forged, foreign and
ended tokens go to every route, one after the other.
"""

import base64
import hmac
import json
from collections.abc import Iterator
from itertools import cycle, islice

import pytest

from rfl.domain.access import WHOLE, Role
from rfl.flows.admit import add_account, revoke_token
from rfl.flows.grant import add_token, link_account, remove_account
from rfl.flows.runtime import OFFICE_CALL
from tests.api.support import Desk, done, nothing_stored, refused
from tests.security.attack import CLOSED, Operation
from tests.signin.provider import NOW, key_set, make_issuer, make_token, part
from tests.support import BRANCH


def _unsigned(claims: str, algorithm: str, key: bytes | None = None) -> str:
    content = f"{part({'alg': algorithm, 'typ': 'at+jwt', 'kid': 'first'})}.{claims}"
    digest = b"" if key is None else hmac.digest(key, content.encode(), "sha256")
    return f"{content}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def _forged() -> dict[str, str]:
    """Access tokens that name a linked subject, and are none."""
    claims = make_token().split(".")[1]
    public = json.dumps(json.loads(key_set())["keys"][0]).encode()
    return {
        "alg none": _unsigned(claims, "none"),
        "key confusion": _unsigned(claims, "HS256", public),
        "id token": make_token(header={"typ": "JWT"}),
        "expired": make_token(exp=NOW - 60),
        "of the future": make_token(iat=NOW + 600, exp=NOW + 1200),
        "another audience": make_token(aud="https://rfl.south.example"),
        "another issuer": make_token(iss="https://evil.example"),
        "nobody's subject": make_token(sub="eve", role="administrator", account="*"),
    }


def _ended(desk: Desk) -> dict[str, str]:
    """Tokens of this node that were good once."""
    made = [
        add_account(desk.rt, OFFICE_CALL, Role.ADMINISTRATOR, BRANCH, "Ana") for _each in range(3)
    ]
    remove_account(desk.rt, OFFICE_CALL, made[0].account)
    revoke_token(desk.rt, OFFICE_CALL, made[1].token_id)
    short = add_token(desk.rt, OFFICE_CALL, made[2].account, WHOLE, 1).token
    return {"removed": made[0].token, "revoked": made[1].token, "ended": short}


ODD = [b"", b"Bearer", b"Bearer rflt_nobody", b"Basic cmZs", b"Bearer " + b"\xe9" * 5_000]


@pytest.fixture
def bad(sqlite_desk: Desk) -> Iterator[list[tuple[str, bytes]]]:
    """Every kind of bad credential, named; the subject of the forged ones has an account."""
    sqlite_desk.rt.issuer = make_issuer()
    link_account(sqlite_desk.rt, OFFICE_CALL, sqlite_desk.officer.account, "ana")
    good = {"Authorization": f"Bearer {make_token()}"}
    assert done(sqlite_desk.client.get("/v1/me", headers=good))["role"] == "tracing_officer"
    tokens = _forged() | _ended(sqlite_desk)
    sqlite_desk.rt.clock.move(days=1)  # type: ignore[attr-defined]
    found = [(name, f"Bearer {token}".encode()) for name, token in tokens.items()]
    yield [*found, *((repr(odd[:20]), odd) for odd in ODD)]
    sqlite_desk.rt.issuer = None


def test_no_route_answers_a_forged_foreign_or_ended_token(
    sqlite_desk: Desk, bad: list[tuple[str, bytes]]
) -> None:
    with nothing_stored(sqlite_desk.rt):
        rounds = cycle(bad)
        for operation in CLOSED:
            for name, credential in islice(rounds, 2):
                _refused(sqlite_desk, operation, name, credential)
        for name, credential in bad:
            _refused(sqlite_desk, CLOSED[0], name, credential)


def _refused(desk: Desk, operation: Operation, name: str, credential: bytes) -> None:
    headers = [(b"rfl-purpose", b"tracing"), (b"authorization", credential)]
    path, method = operation.address(), operation.method
    answer = desk.client.request(method, path, headers=headers, content=b"{")
    assert answer.status_code == 401, (name, operation.name, answer.text)
    refused(answer, 401, None, "valid token")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_token_in_the_address_or_a_cookie_is_not_looked_at(sqlite_desk: Desk) -> None:
    token = sqlite_desk.officer.headers["Authorization"].removeprefix("Bearer ")
    for path, cookie in ((f"/v1/me?access_token={token}", ""), ("/v1/me", f"token={token}")):
        refused(sqlite_desk.client.get(path, headers={"Cookie": cookie}), 401, None, "valid token")
