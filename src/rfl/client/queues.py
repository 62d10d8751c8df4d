"""Calls for what waits."""

from collections.abc import Iterator

from rfl.client.shapes import Answer
from rfl.client.transport import Sent, Transport
from rfl.domain.purpose import Purpose

_PAGE = 200


class Queues:
    """What waits for one account: its cases, its branch's, and its searches."""

    def __init__(self, transport: Transport, purpose: Purpose) -> None:
        self._transport = transport
        self._purpose = purpose

    def cases(self, name: str, state: str | None = None) -> Iterator[Answer]:
        """Yield a queue: `mine`, `branch`, `unassigned`, `to_tell`, `to_review`; page by page."""
        return self._pages(name, {"state": state} if state else {})

    def searches(self, waits: str | None = None) -> Iterator[Answer]:
        """Yield the cases that this account searches; `waits` narrows, as `consultation`."""
        return self._pages("searching", {"waits": waits} if waits else {})

    def _pages(self, name: str, narrowed: dict[str, str]) -> Iterator[Answer]:
        query: dict[str, str | int] = {"limit": _PAGE, **narrowed}
        while True:
            sent = Sent(self._purpose, query=query, safe=True)
            page = self._transport.call("GET", f"/v1/queues/{name}", sent).json()
            yield from page["items"]
            if not page["next"]:
                return
            query["cursor"] = page["next"]
