"""Calls about what comes before a case."""

import secrets
from collections.abc import Iterator
from typing import cast
from urllib.parse import quote

from rfl.client.shapes import Answer, Made
from rfl.client.transport import Sent, Transport
from rfl.domain.purpose import Purpose

_PAGE = 200


class Enquiries:
    """Enquiries of one account's branch."""

    def __init__(self, transport: Transport, purpose: Purpose) -> None:
        self._transport = transport
        self._purpose = purpose

    def receive(self, enquiry: Answer) -> Made:
        """Keep an enquiry; it is sent again where the node is busy, and kept once."""
        headers = {"Idempotency-Key": secrets.token_urlsafe(24)}
        sent = Sent(self._purpose, json=enquiry, headers=headers, safe=True)
        return cast("Made", self._transport.call("POST", "/v1/enquiries", sent).json())

    def waiting(self) -> Iterator[Answer]:
        """Yield what stands in clear of the open ones, the oldest first, page by page."""
        query: dict[str, str | int] = {"limit": _PAGE}
        while True:
            sent = Sent(self._purpose, query=query, safe=True)
            page = self._transport.call("GET", "/v1/enquiries", sent).json()
            yield from page["items"]
            if not page["next"]:
                return
            query["cursor"] = page["next"]

    def read(self, enquiry_id: str) -> Answer:
        """Open one."""
        sent = Sent(self._purpose, safe=True)
        return cast("Answer", self._transport.call("GET", _path(enquiry_id), sent).json())

    def move(self, enquiry_id: str, version: int, turn: Answer) -> Made:
        """Move one that still has this version one step."""
        sent = Sent(self._purpose, json=turn, headers={"If-Match": f'"{version}"'})
        path = f"{_path(enquiry_id)}/turns"
        return cast("Made", self._transport.call("POST", path, sent).json())


def _path(enquiry_id: str) -> str:
    return f"/v1/enquiries/{quote(enquiry_id, safe='')}"
