"""What every group of calls does: read, create, step on a version, go through pages."""

import secrets
from collections.abc import Iterator, Mapping
from typing import cast
from urllib.parse import quote

from rfl.client.shapes import Answer, Made
from rfl.client.transport import Sent, Transport
from rfl.domain.purpose import Purpose

PAGE = 200
Query = Mapping[str, object | None]


class Group:
    """Calls of one account about one subject.

    Reading, and what creates under an idempotency key, is sent again where the node is busy or
    away; a step names the version that it is based on and is sent once.
    """

    def __init__(self, transport: Transport, purpose: Purpose) -> None:
        self._transport = transport
        self._purpose = purpose

    def _read(self, path: str) -> Answer:
        sent = Sent(self._purpose, safe=True)
        return cast("Answer", self._transport.call("GET", path, sent).json())

    def _create(self, path: str, body: object) -> Made:
        key = {"Idempotency-Key": secrets.token_urlsafe(24)}
        sent = Sent(self._purpose, json=body, headers=key, safe=True)
        return cast("Made", self._transport.call("POST", path, sent).json())

    def _step(
        self,
        method: str,
        path: str,
        version: int,
        body: object = None,
        *,
        approval: str | None = None,
    ) -> Made:
        headers = {"If-Match": f'"{version}"'}
        if approval is not None:
            headers["RFL-Approval"] = approval
        sent = Sent(self._purpose, json=body, headers=headers)
        return cast("Made", self._transport.call(method, path, sent).json())

    def _gone(self, method: str, path: str, version: int) -> None:
        """Take a step after which there is nothing to answer with."""
        sent = Sent(self._purpose, headers={"If-Match": f'"{version}"'})
        self._transport.call(method, path, sent)

    def _once(self, method: str, path: str, body: object = None) -> Answer:
        """Send what has no version and no key, once; an answer without a body is empty."""
        answer = self._transport.call(method, path, Sent(self._purpose, json=body))
        return cast("Answer", answer.json()) if answer.content else {}

    def _pages(self, path: str, narrowed: Query) -> Iterator[Answer]:
        """Yield every item, page by page; a page may be empty and not the last."""
        query: dict[str, str | int] = {"limit": PAGE, **_written(narrowed)}
        while True:
            sent = Sent(self._purpose, query=query, safe=True)
            page = self._transport.call("GET", path, sent).json()
            yield from page["items"]
            if not page["next"]:
                return
            query["cursor"] = page["next"]


def safe(record: str) -> str:
    """Return an id as a part of an address."""
    return quote(record, safe="")


def _written(narrowed: Query) -> dict[str, str | int]:
    """Return what narrows as a query has it; what is not asked for is left out."""
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in narrowed.items()
        if value is not None and value is not False
    }
