"""Failures as problems (RFC 9457). One table gives each code its status and title.

A problem names field and rule. No value of the request is in it, and no name of a field that the
caller made up.
"""

import logging
from collections.abc import Mapping, Sequence

import msgspec
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from rfl.api.node import TRACE, Trace
from rfl.api.rules import broken_rules
from rfl.errors import ClockSkew, InvalidInput, RflError

MEDIA_TYPE = "application/problem+json"

STATUSES: dict[str, tuple[int, str]] = {
    "internal": (500, "Internal failure"),
    "invalid-input": (422, "Invalid input"),
    "not-signed-in": (401, "Not signed in"),
    "too-many-attempts": (429, "Too many attempts"),
    "too-many-calls": (429, "Too many calls"),
    "issuer-unavailable": (503, "Identity provider unavailable"),
    "forbidden": (403, "Forbidden"),
    "budget-spent": (429, "Budget spent"),
    "locked-down": (503, "Locked down"),
    "purpose-missing": (400, "Purpose missing"),
    "not-found": (404, "Not found"),
    "erased": (410, "Erased"),
    "stale-version": (412, "Stale version"),
    "version-required": (428, "Version required"),
    "conflict": (409, "Conflict"),
    "idempotency-mismatch": (422, "Idempotency key used before"),
    "too-large": (413, "Too large"),
    "unsupported-media-type": (415, "Unsupported media type"),
    "malformed-file": (422, "Malformed file"),
    "seal-broken": (500, "Seal broken"),
    "key-unavailable": (503, "Keys unavailable"),
    "bad-envelope": (400, "Bad envelope"),
    "not-understood": (400, "Not understood"),
    "unknown-key": (401, "Unknown key"),
    "suite-too-weak": (400, "Suite too weak"),
    "id-reused": (409, "Id used before"),
    "stream-fork": (409, "Stream fork"),
    "already-processed": (409, "Processed before"),
    "not-yours": (403, "Not theirs to say"),
    "assessment-missing": (409, "Assessment missing"),
    "wrong-digest": (422, "Wrong digest"),
    "clock-skew": (401, "Clock skew"),
    "storage-busy": (503, "Database busy"),
    "storage-full": (507, "Database full"),
    "storage-failed": (500, "Database failed"),
    "not-received": (502, "Not received"),
    "not-stamped": (502, "Not stamped"),
    "misconfigured": (500, "Misconfigured"),
    "method-not-allowed": (405, "Method not allowed"),
}
_HEADERS: dict[str, dict[str, str]] = {
    "not-signed-in": {"WWW-Authenticate": "Bearer"},
    "budget-spent": {"Retry-After": "3600"},
    "locked-down": {"Retry-After": "600"},
    "storage-busy": {"Retry-After": "1"},
    "too-many-attempts": {"Retry-After": "300"},
    "too-many-calls": {"Retry-After": "30"},
    "issuer-unavailable": {"Retry-After": "30"},
    "storage-full": {"Retry-After": "300"},
    "key-unavailable": {"Retry-After": "60"},
}
_LATER = frozenset({408, 425, 429})
_ROUTING = {
    404: ("not-found", "There is no such address."),
    405: ("method-not-allowed", "The address does not answer to this method."),
}

log = logging.getLogger(__name__)


def answer_peer(request: Request, failure: RflError) -> Response:
    """Answer another society: `retry` says whether the same call may succeed `later` or `never`.

    A clock is set right, and then the same letter passes.
    """
    status = STATUSES[failure.code][0]
    later = status >= 500 or status in _LATER or failure.code == ClockSkew.code
    return _answer(request, failure, {"retry": "later" if later else "never"})


def answer_failure(request: Request, error: Exception) -> Response:
    """Answer a foreseen failure, and log it where it is the node's own."""
    if not isinstance(error, RflError):
        return answer_unforeseen(request.scope)
    return _answer(request, error, {})


def _answer(request: Request, error: RflError, more: Mapping[str, object]) -> Response:
    if STATUSES[error.code][0] >= 500:
        trace = trace_of(request.scope)
        log.error("failed", extra={"code": error.code, "request": trace.id, "actor": trace.actor})
    broken = [(error.field or "", error.rule)] if isinstance(error, InvalidInput) else []
    told = dict(more) if error.field is None else {"field": error.field, **more}
    return problem(request.scope, error.code, error.rule, more=told, broken=broken)


def answer_invalid(request: Request, error: Exception) -> Response:
    """Answer a body or query that is not of its shape, with every rule that it breaks."""
    found = error.errors() if isinstance(error, RequestValidationError) else []
    broken = broken_rules(found)
    field, rule = broken[0] if broken else ("body", InvalidInput.rule)
    return problem(request.scope, InvalidInput.code, rule, more={"field": field}, broken=broken)


def answer_routing(request: Request, error: Exception) -> Response:
    """Answer a call to no route, or by no method of it."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    code, rule = _ROUTING.get(status, (RflError.code, RflError.rule))
    headers = error.headers if isinstance(error, HTTPException) else None
    return problem(request.scope, code, rule, headers=headers)


def answer_unforeseen(scope: Scope) -> Response:
    """Answer a failure that nobody foresaw: nothing of it is told."""
    return problem(scope, RflError.code, RflError.rule)


def problem(
    scope: Scope,
    code: str,
    rule: str,
    *,
    more: Mapping[str, object] | None = None,
    broken: Sequence[tuple[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the problem as JSON. `broken` lists (field, rule), `more` has further members."""
    status, title = STATUSES[code]
    content: dict[str, object] = {
        "type": f"urn:rfl:problem:{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": rule,
    }
    content |= more or {}
    if broken:
        content["errors"] = [{"field": where, "rule": what} for where, what in broken]
    content["instance"] = f"urn:rfl:request:{trace_of(scope).id}"
    body = msgspec.json.encode(content)
    added = _HEADERS.get(code, {}) | dict(headers or {})
    return Response(body, status, headers=added, media_type=MEDIA_TYPE)


def trace_of(scope: Scope) -> Trace:
    """Return the trace of the request that this scope is of."""
    found = scope.setdefault(TRACE, Trace())
    assert isinstance(found, Trace)  # noqa: S101 (only `edge` and this line set it)
    return found
