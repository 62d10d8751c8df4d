"""Routes are closed: sign-in, then purpose, then whatever else is wrong with the request."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from rfl.api.ask import Ask
from rfl.domain.access import Verb
from rfl.errors import InvalidInput, StorageBusy
from rfl.flows import attach_file
from rfl.flows.read_upload import MEDIA_TYPES

PROOF_BYTES = 8_192
_LIST_TYPES = frozenset(MEDIA_TYPES)
_Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class ClosedRoute(APIRoute):
    """Reads a body only from whoever is signed in, and tells nobody else what is wrong with it.

    A route without a body signs in when it takes `ask.call`: one hop to a thread is enough.
    """

    def get_route_handler(self) -> _Handler:
        """Return the handler that FastAPI makes, behind the checks."""
        answer = super().get_route_handler()
        take, admit = self._take, self._admit

        async def admitted(ask: Ask) -> Response:
            if take is not None:
                await run_in_threadpool(admit, ask)
                await take(ask)
            try:
                return await answer(ask)
            except RequestValidationError:
                await run_in_threadpool(admit, ask)
                raise

        async def handle(request: Request) -> Response:
            ask = Ask(request.scope, request.receive)
            try:
                return await admitted(ask)
            except Exception as error:
                await run_in_threadpool(_enter, ask, error)
                raise

        return handle

    @property
    def _take(self) -> Callable[[Ask], Awaitable[None]] | None:
        return Ask.take_json if self.body_field is not None else None

    @property
    def _admit(self) -> Callable[[Ask], None]:
        return _admit


class OpenRoute(ClosedRoute):
    """Takes a small body from anybody: by it they prove who they are."""

    @property
    def _take(self) -> Callable[[Ask], Awaitable[None]] | None:
        return _take_proof

    @property
    def _admit(self) -> Callable[[Ask], None]:
        return _nobody


class UploadRoute(ClosedRoute):
    """Takes a file as the whole body, in memory, within the limit for lists."""

    @property
    def _take(self) -> Callable[[Ask], Awaitable[None]] | None:
        return _take_list


class AttachmentRoute(ClosedRoute):
    """Takes a photo or document as the whole body, in memory, within the limit for them."""

    @property
    def _take(self) -> Callable[[Ask], Awaitable[None]] | None:
        return _take_attachment


def _admit(ask: Ask) -> None:
    _ = ask.call


def _nobody(_ask: Ask) -> None:
    """Ask for no sign-in."""


async def _take_proof(ask: Ask) -> None:
    await ask.take_json(PROOF_BYTES)


def _enter(ask: Ask, error: Exception) -> None:
    """Enter what a signed-in caller was refused before any flow could do so.

    Not that the database is busy: the entry would wait for it once more.
    """
    if ask.failing is None or isinstance(error, StorageBusy):
        return
    if isinstance(error, RequestValidationError):
        error = InvalidInput("body", InvalidInput.rule)
    ask.rt.enter_failure(ask.failing, Verb.CALL, error)


async def _take_list(ask: Ask) -> None:
    ask.require_type(_LIST_TYPES)
    await ask.take_content(ask.node.options.list_max_bytes)


async def _take_attachment(ask: Ask) -> None:
    ask.require_type(attach_file.MEDIA_TYPES)
    await ask.take_content(ask.node.options.attachment_max_bytes)
