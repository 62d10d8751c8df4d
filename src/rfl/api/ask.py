"""One request to the closed API, and who asks: nothing else is looked at before sign-in."""

import re
from dataclasses import replace

from starlette.requests import ClientDisconnect, Request

from rfl.api.documents import parse_json
from rfl.api.node import Node
from rfl.api.problems import trace_of
from rfl.domain.access import Actor
from rfl.domain.ids import check_id
from rfl.domain.purpose import Purpose
from rfl.errors import (
    InvalidInput,
    PurposeMissing,
    TooLarge,
    UnsupportedMedia,
    VersionRequired,
)
from rfl.flows.admit import sign_in
from rfl.flows.explain import language_of
from rfl.flows.runtime import Call, Runtime

PURPOSE = "RFL-Purpose"
REPEAT = "Idempotency-Key"
APPROVAL = "RFL-Approval"

_PURPOSES = {purpose.value: purpose for purpose in Purpose}
_REPEAT_FORM = re.compile(r"[!-~]{8,200}")
_ETAG_FORM = re.compile(r'"([0-9]{1,9})"')
_JSON_TYPES = frozenset({"application/json", "application/json;charset=utf-8"})
_NEVER = 0


class Ask(Request):
    """A request whose flow cannot be called without `call`, and so not before sign-in."""

    _actor: Actor | None = None
    _call: Call | None = None
    _document: object = None
    content: bytes = b""
    media_type: str = ""

    @property
    def node(self) -> Node:
        """What this app serves."""
        found = self.app.state.node
        assert isinstance(found, Node)  # noqa: S101 (`app.create_app` sets it)
        return found

    @property
    def rt(self) -> Runtime:
        """The runtime."""
        return self.node.rt

    @property
    def actor(self) -> Actor:
        """Whom the token speaks for, or NotSignedIn. Asks the database: not in the event loop."""
        if self._actor is None:
            mark, _, token = self.headers.get("authorization", "").partition(" ")
            bearer = token.strip() if mark.lower() == "bearer" else None
            self._actor = sign_in(self.rt, bearer)
            trace_of(self.scope).actor = self._actor.id
        return self._actor

    @property
    def call(self) -> Call:
        """Who asks, and why: NotSignedIn, then PurposeMissing."""
        if self._call is None:
            actor = self.actor
            purpose = _PURPOSES.get(self.headers.get(PURPOSE, ""))
            if purpose is None:
                raise PurposeMissing(field=PURPOSE)
            given = self.headers.get(APPROVAL)
            if given is not None:
                check_id(given, "apr", field=APPROVAL)
            self._call = Call(actor, purpose, request=trace_of(self.scope).id, approval=given)
        return self._call

    @property
    def failing(self) -> Call | None:
        """Who asks, for the entry of a failure; None if nobody has signed in."""
        if self._actor is None:
            return None
        return self._call or Call(self._actor, None, request=trace_of(self.scope).id)

    @property
    def once(self) -> Call:
        """The call with its idempotency key, if it brings one: for routes that create."""
        key = self.headers.get(REPEAT)
        if key is None:
            return self.call
        if not _REPEAT_FORM.fullmatch(key):
            raise InvalidInput(REPEAT, "must be 8 to 200 visible ASCII characters")
        return replace(self.call, repeat=(key, self.content))

    @property
    def version(self) -> int:
        """The version that If-Match names, or VersionRequired. A foreign ETag is never current."""
        given = self.headers.get("if-match", "*").strip()
        if given == "*":
            raise VersionRequired(field="If-Match")
        found = _ETAG_FORM.fullmatch(given)
        return int(found[1]) if found else _NEVER

    @property
    def language(self) -> str:
        """The language for sentences, by Accept-Language; English unless another is asked for."""
        return language_of(self.headers.get("accept-language"))

    async def take_json(self, most: int | None = None) -> None:
        """Read the body, bounded, and parse it; `json` then returns the document."""
        self.require_type(_JSON_TYPES)
        await self.take_content(most or self.node.options.body_max_bytes)
        self._document = parse_json(self.content)

    async def take_content(self, limit: int) -> None:
        """Read the whole body into memory, or raise TooLarge; what is declared is not trusted."""
        declared = self.headers.get("content-length", "0")
        if not declared.isdecimal() or len(declared) > 15 or int(declared) > limit:
            raise TooLarge(f"The body must be at most {limit} bytes.", field="body")
        parts, size = [], 0
        try:
            async for part in self.stream():
                size += len(part)
                if size > limit:
                    raise TooLarge(f"The body must be at most {limit} bytes.", field="body")
                parts.append(part)
        except ClientDisconnect as cause:
            raise InvalidInput("body", "must arrive whole") from cause
        self.content = b"".join(parts)

    def require_type(self, allowed: frozenset[str]) -> None:
        """Keep the content type without spaces and in lower case, or raise UnsupportedMedia."""
        given = self.headers.get("content-type", "").replace(" ", "").replace('"', "").lower()
        if given not in allowed or "content-encoding" in self.headers:
            plain = sorted(one for one in allowed if ";" not in one)
            rule = f"The body must be sent as {' or '.join(plain)}, not encoded further."
            raise UnsupportedMedia(rule, field="Content-Type")
        self.media_type = given

    async def body(self) -> bytes:
        """Return the body as taken."""
        return self.content

    async def json(self) -> object:
        """Return the document as taken."""
        return self._document
