"""The exchange between societies (docs/protocol.md): every answer is signed, errors too.

These addresses know no token: who calls is proved by the signature of the call itself.
"""

from asyncio import wrap_future
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

from rfl.api.ask import Ask
from rfl.api.problems import answer_failure, answer_peer, trace_of
from rfl.errors import NotFound, RflError
from rfl.flows import give_mail, know_peers, receive, take_blobs
from rfl.flows.receive import Called
from rfl.flows.runtime import OFFICE_CALL

_PLAIN = "/:@!$&'()*+,;=~"
_Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class HopAsk(Ask):
    """A call of another society; `called` is the call as it came, then with who signed it."""

    called: Called


class HopRoute(APIRoute):
    """Reads a bounded raw body, answers in a thread, and signs what is answered."""

    def get_route_handler(self) -> _Handler:
        """Return the handler: no body is parsed before its signature was verified."""
        return self.answer

    async def answer(self, request: Request) -> Response:
        """Return the signed answer to this request."""
        ask = HopAsk(request.scope, request.receive)
        refused: RflError | None = None
        try:
            await ask.take_content(receive.most_bytes(ask.rt))
        except RflError as failure:
            refused = failure
        ask.called = _as_it_came(ask)
        if refused is None and (inbox := _INBOXES.get(self.endpoint)):
            called = receive.recognised(ask.rt, ask.called)
            if called is not None:
                ask.called = called
                return await inbox.answer(ask)
        return await run_in_threadpool(_signed, ask, self.endpoint, refused)


@dataclass(frozen=True, slots=True)
class Inbox:
    """An address that takes envelopes: how a call is brought to its desk, and what is answered.

    A call of a society that was known a moment ago is proved and answered in the event loop, and
    waits for its desk without a thread: to wake one takes as long as either signature.
    """

    bring: Callable[[HopAsk], Future[list[receive.Given]]]
    say: Callable[[HopAsk, list[receive.Given]], Response]

    async def answer(self, ask: HopAsk) -> Response:
        """Return the signed answer to a call of a known society."""
        try:
            given = await wrap_future(self.bring(ask))
        except RflError as failure:
            return _signed(ask, self.wait, failure)
        return _signed(ask, lambda ask: self.say(ask, given), None)

    def wait(self, ask: HopAsk) -> Response:
        """Return what is answered, in a thread: who calls has to be asked of the database."""
        _called(ask)
        return self.say(ask, self.bring(ask).result())


class Straight:
    """ASGI middleware: calls of other societies go straight to their addresses.

    What FastAPI does on the way to an address of the office's (parameters, dependencies, documented
    answers, handlers of failures) took longer than the signatures of such a call.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the call, or pass on what is not for here."""
        if scope["type"] == "http" and scope["path"].startswith(f"{router.prefix}/"):
            for route in router.routes:
                match, found = route.matches(scope)
                if match is Match.FULL and isinstance(route, HopRoute):
                    scope.update(found, route=route)
                    response = await _answered(route, Request(scope, receive))
                    await response(scope, receive, send)
                    return
        await self._app(scope, receive, send)


async def _answered(route: HopRoute, request: Request) -> Response:
    """Answer; what cannot be signed, as by a node that has no exchange, is answered without."""
    try:
        return await route.answer(request)
    except RflError as failure:
        return answer_failure(request, failure)


router = APIRouter(
    prefix="/rfl/v1", route_class=HopRoute, tags=["exchange"], include_in_schema=False
)
descriptors = APIRouter(tags=["exchange"])


@descriptors.get("/.well-known/rfl-node", include_in_schema=False)
def descriptor(request: Request) -> Response:
    """Say who this node is, with which keys, and what it takes; signed by itself."""
    raw = know_peers.own_descriptor(request.app.state.node.rt, OFFICE_CALL)
    return Response(raw, media_type="application/rfl-node+json")


@router.put("/inbox/{envelope_id}")
def put_envelope(ask: HopAsk) -> Response:
    """Take one envelope: 201 with its receipt, 200 with the same receipt for the same bytes."""
    return _INBOXES[put_envelope].wait(ask)


def _bring_one(ask: HopAsk) -> Future[list[receive.Given]]:
    named = ask.path_params["envelope_id"]
    return receive.bring(ask.rt, ask.called, [ask.called.body], named=named)


def _say_one(ask: HopAsk, given: list[receive.Given]) -> Response:
    (one,) = given
    if one.failure is not None:
        return answer_peer(ask, one.failure)
    return Response(one.receipt, 200 if one.repeated else 201, media_type=receive.RECEIPT)


@router.post("/inbox")
def post_envelopes(ask: HopAsk) -> Response:
    """Take up to 32 envelopes of one stream, in order, in one commit."""
    return _INBOXES[post_envelopes].wait(ask)


def _bring_several(ask: HopAsk) -> Future[list[receive.Given]]:
    return receive.bring(ask.rt, ask.called, receive.parted(ask.called.body))


def _say_several(_ask: HopAsk, given: list[receive.Given]) -> Response:
    return Response(receive.said(given), media_type=receive.ANSWER)


_INBOXES: Mapping[Callable[..., object], Inbox] = {
    put_envelope: Inbox(_bring_one, _say_one),
    post_envelopes: Inbox(_bring_several, _say_several),
}


@router.post("/receipts")
def post_receipts(ask: HopAsk) -> Response:
    """Give up to 32 receipts again, for ids that stand a line each."""
    return Response(receive.receipts(ask.rt, _called(ask)), media_type=receive.ANSWER)


@router.post("/reconcile")
def post_reconcile(ask: HopAsk) -> Response:
    """Compare the heads of streams; what the caller does not have is queued again."""
    return Response(receive.reconcile(ask.rt, _called(ask)), media_type=receive.HEADS)


@router.get("/status")
def get_status(ask: HopAsk) -> Response:
    """Say versions, limits and time."""
    return Response(receive.status(ask.rt, _called(ask)), media_type="application/json")


@router.get("/receipts/{envelope_id}")
def get_receipt(ask: HopAsk) -> Response:
    """Give a receipt again, byte for byte."""
    raw = receive.receipt(ask.rt, _called(ask), ask.path_params["envelope_id"])
    return Response(raw, media_type=receive.RECEIPT)


@router.get("/blobs")
def get_blobs(ask: HopAsk) -> Response:
    """List the attachments that wait for the caller."""
    return Response(take_blobs.list_blobs(ask.rt, _called(ask)), media_type=take_blobs.LIST_TYPE)


@router.head("/blobs/{sha256}")
def head_blob(ask: HopAsk) -> Response:
    """Say how much of a blob is here."""
    return _part(b"", take_blobs.look_for_blob(ask.rt, _called(ask), ask.path_params["sha256"]))


@router.put("/blobs/{sha256}")
def put_blob(ask: HopAsk) -> Response:
    """Take the next part of a blob, and say how much of it is here then."""
    return _part(b"", take_blobs.take_part(ask.rt, _called(ask), ask.path_params["sha256"]))


@router.get("/blobs/{sha256}")
def get_blob(ask: HopAsk) -> Response:
    """Give a part of a blob that waits for the caller."""
    content, headers = take_blobs.give_part(ask.rt, _called(ask), ask.path_params["sha256"])
    return _part(content, headers, 206)


@router.get("/mailbox")
def get_mailbox(ask: HopAsk) -> Response:
    """Give the next envelopes that wait for the caller, of one stream in order."""
    return Response(give_mail.give_mail(ask.rt, _called(ask)), media_type=give_mail.MEDIA_TYPE)


@router.post("/mailbox")
def post_mailbox(ask: HopAsk) -> Response:
    """Take the caller's receipts for what it was given."""
    give_mail.take_word(ask.rt, _called(ask))
    return Response(b"", media_type=receive.ANSWER)


def _part(content: bytes, headers: dict[str, str], status: int = 200) -> Response:
    return Response(content, status, headers, media_type=take_blobs.MEDIA_TYPE)


@router.api_route("/{rest:path}", methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
def nothing_here(ask: HopAsk) -> Response:
    """Say that there is no such address, or not by this method; it stands behind all others."""
    raise NotFound("There is no such address.")


def _called(ask: HopAsk) -> Called:
    """The call with who signed it, or the refusal: before any flow locks or writes."""
    ask.called = receive.screened(ask.rt, ask.called)
    return ask.called


def _as_it_came(ask: HopAsk) -> Called:
    """The call; what the address says of its host is not looked at.

    The server has decoded the address: what no plain one holds is encoded again.
    """
    target = quote(ask.scope["path"], safe=_PLAIN)
    if ask.url.query:
        target += "?" + quote(ask.url.query, safe=f"{_PLAIN}?%")
    headers: dict[str, str] = {}
    for name, value in ask.headers.items():
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    trace = trace_of(ask.scope).id
    return Called(ask.method, target, headers, ask.content, trace)


def _signed(
    ask: HopAsk, endpoint: Callable[[HopAsk], Response], refused: RflError | None
) -> Response:
    """Answer with a signature; `refused` is what was wrong with the body before anyone read it."""
    try:
        response = endpoint(ask) if refused is None else answer_peer(ask, refused)
    except RflError as failure:
        response = answer_peer(ask, failure)
    if ask.method == "HEAD":
        response = Response(b"", response.status_code, dict(response.headers))
    body = bytes(response.body)
    headers = {
        name: value for name, value in response.headers.items() if name in receive.SIGNED_HEADERS
    }
    signed = receive.sign_answer(ask.rt, ask.called, response.status_code, headers, body)
    for name, value in signed.items():
        response.headers[name] = value
    return response
