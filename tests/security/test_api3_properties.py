"""API3:2023, broken object property level authorization: nobody sets, or is shown, what is not
theirs.

Every body of the OpenAPI is sent with what only the node decides, in each of its objects; what an
answer may hold is held against the document in test_fuzzing.py.
"""

from typing import Any

from rfl.domain.access import Role
from tests.api.support import CASEWORK, Desk, done, nothing_stored, refused
from tests.security.attack import CLOSED, ELSEWHERE, SCHEMAS, Operation

# What the node alone decides, wherever it is no field of the body itself.
SERVER_OWNED: dict[str, Any] = {
    "branch": ELSEWHERE,
    "officer": "acc_00000000000000000000000000",
    "owner": "acc_00000000000000000000000000",
    "account": "acc_00000000000000000000000000",
    "actor": "service",
    "by": "acc_00000000000000000000000000",
    "role": "administrator",
    "scope": "*",
    "vetted": True,
    "version": 99,
    "state": "closed",
    "open": False,
    "created_at": "2020-01-01T00:00:00Z",
    "due_at": None,
    "team": ["acc_00000000000000000000000000"],
    "outcomes": [],
    "used_at": None,
    "log_id": "log_00000000000000000000000000",
}
BODIES = [(one, body) for one in CLOSED for body in one.bodies()]


def _fields(name: str) -> set[str]:
    return set(SCHEMAS[name].get("properties", ()))


def _spoilt(value: Any) -> tuple[Any, int]:
    """The same value, each of its objects with all that it has no field for; and how many."""
    if isinstance(value, list):
        parts = [_spoilt(one) for one in value]
        return [one for one, _count in parts], sum(count for _one, count in parts)
    if not isinstance(value, dict):
        return value, 0
    known = [_fields(name) for name in SCHEMAS if set(value) <= _fields(name)]
    extra = {name: wrong for name, wrong in SERVER_OWNED.items() if name not in set().union(*known)}
    inside = {name: _spoilt(one) for name, one in value.items()}
    count = len(extra) + sum(count for _one, count in inside.values())
    return {name: one for name, (one, _count) in inside.items()} | extra, count


def test_no_body_takes_what_only_the_node_decides(sqlite_desk: Desk) -> None:
    with nothing_stored(sqlite_desk.rt):
        for operation, body in BODIES:
            spoilt, added = _spoilt(body)
            _require_refused(sqlite_desk, operation, spoilt, added)


def _require_refused(desk: Desk, operation: Operation, body: Any, added: int) -> None:
    headers = desk.officer.headers | operation.headers()
    answer = desk.client.request(operation.method, operation.address(), json=body, headers=headers)
    assert answer.status_code == 422, (operation.name, answer.text)
    unknown = [one for one in answer.json()["errors"] if one["rule"] == "unknown field"]
    assert added
    assert len(unknown) >= min(added, 45), (operation.name, added, answer.text)


def test_every_shape_that_comes_in_is_closed_to_unknown_fields() -> None:
    objects = {name: one for name, one in SCHEMAS.items() if one.get("type") == "object"}
    assert {name for name, one in objects.items() if one["additionalProperties"] is not False} == (
        set()
    )


def test_what_a_caller_makes_is_of_their_own_branch_and_hand(sqlite_desk: Desk) -> None:
    officer = sqlite_desk.caller(Role.TRACING_OFFICER, CASEWORK, ELSEWHERE)
    made = done(officer.get(f"/v1/cases/{officer.open_case()}"))
    assert (made["branch"], made["officer"], made["version"]) == (ELSEWHERE, officer.account, 1)


def test_no_account_is_made_with_a_role_of_the_node_itself(sqlite_desk: Desk) -> None:
    administrator = sqlite_desk.administrator()
    for role in ("service", "peer", "root", "*"):
        body = {"role": role, "branch": ELSEWHERE, "name": "Ana"}
        refused(administrator.post("/v1/accounts", body), 422, "role", "")
