"""Every request and answer passes here once: request id, headers, one line in the log."""

import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rfl.api.node import TRACE, Trace
from rfl.api.problems import answer_unforeseen

# Nothing here is a page: what a browser is led to open it neither keeps, runs, frames nor names.
_HEADERS = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; sandbox"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

log = logging.getLogger(__name__)


class Edge:
    """ASGI middleware, the outermost. A failure that nobody foresaw becomes a problem here."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        trace = scope[TRACE] = Trace()
        began = time.perf_counter()

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                trace.status = message["status"]
                name = (b"rfl-request-id", trace.id.encode("ascii"))
                message["headers"] = [*message.get("headers", ()), *_HEADERS, name]
            await send(message)

        try:
            await self._app(scope, receive, send_marked)
        except Exception:
            # Whatever it is, it is logged by its type and places, and answered without its text.
            log.exception("unforeseen", extra={"request": trace.id})
            if not trace.status:
                await answer_unforeseen(scope)(scope, receive, send_marked)
        finally:
            _log_request(scope, trace, time.perf_counter() - began)


def _log_request(scope: Scope, trace: Trace, seconds: float) -> None:
    """Log the route's template: paths and queries are the caller's own text."""
    method = scope["method"]
    line = {
        "request": trace.id,
        "method": method if method in _METHODS else "other",
        "route": getattr(scope.get("route"), "path", "none"),
        "status": trace.status,
        "ms": round(seconds * 1000, 1),
        "actor": trace.actor,
    }
    log.info("request", extra=line)
