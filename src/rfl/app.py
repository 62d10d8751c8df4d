"""The API as one ASGI application, with what runs beside it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter
from fastapi import FastAPI as FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from fastapi.telemetry import TelemetryConfig
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from rfl import __version__
from rfl.api import problems
from rfl.api.documented import complete
from rfl.api.edge import Edge
from rfl.api.node import AppOptions as AppOptions
from rfl.api.node import Node
from rfl.api.routers import (
    approvals,
    attachments,
    beside,
    break_glass,
    casefiles,
    cases,
    deliveries,
    disclosures,
    dossiers,
    enquiries,
    exchange,
    families,
    findings,
    handovers,
    health,
    lists,
    log,
    log_exports,
    matches,
    messages,
    office,
    queues,
    received,
    registrations,
    searching,
    signing_in,
    witnesses,
)
from rfl.background import Background, Line
from rfl.errors import RflError
from rfl.flows.runtime import Runtime

ROUTERS: tuple[APIRouter, ...] = (
    health.router,
    # What other societies call most stands before what offices call: looking through all addresses
    # took a tenth of a call.
    exchange.router,
    exchange.descriptors,
    cases.router,
    casefiles.router,
    searching.router,
    enquiries.router,
    families.router,
    queues.router,
    attachments.router,
    attachments.uploads,
    registrations.router,
    matches.router,
    lists.router,
    lists.uploads,
    witnesses.router,  # its /v1/log/witnesses stands before /v1/log/{log_id}
    log.router,
    findings.router,
    office.router,
    signing_in.router,
    signing_in.open_router,
    approvals.router,
    disclosures.router,
    break_glass.router,
    messages.router,
    deliveries.router,
    beside.router,
    dossiers.router,
    handovers.router,
    received.router,
    log_exports.router,
)

_DESCRIPTION = """\
Every address but `/health` needs a token, and a purpose where data is opened or sent. Failures
are problems (RFC 9457): they name field and rule, never a value. Every answer carries its
request's id in `RFL-Request-Id`, as the log does. No personal data belongs in an address."""

# FastAPI would hand requests, and what was wrong with them, to any OpenTelemetry that it finds.
_NO_TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}


def create_app(rt: Runtime, options: AppOptions, line: Line | None = None) -> FastAPI:
    """Return the API of a node; while it runs, so does its background, with its line to peers."""
    background = Background(rt, matching=options.matcher, following=options.follows, line=line)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        background.start()
        yield
        await run_in_threadpool(background.stop)

    app = _api(lifespan=lifespan)
    app.state.node = Node(rt, options, background.ready.is_set)
    return app


def openapi_document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document. It needs no node."""
    return complete(_api().openapi())


def _api(**settings: Any) -> FastAPI:
    app = FastAPI(
        title="rfl",
        summary="Restoring Family Links: one node of one National Society",
        description=_DESCRIPTION,
        version=__version__,
        openapi_url=None,
        generate_unique_id_function=_operation_id,
        redirect_slashes=False,
        telemetry=_NO_TELEMETRY,
        **settings,
    )
    app.add_middleware(exchange.Straight)
    app.add_middleware(Edge)
    app.add_exception_handler(RflError, problems.answer_failure)
    app.add_exception_handler(RequestValidationError, problems.answer_invalid)
    app.add_exception_handler(HTTPException, problems.answer_routing)
    for router in ROUTERS:
        app.include_router(router)
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name
