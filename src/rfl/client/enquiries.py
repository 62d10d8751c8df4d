"""Calls about what comes before a case."""

import secrets
from collections.abc import Iterator
from typing import cast
from urllib.parse import quote

from rfl.client.shapes import Answer, Made, TracingRequest
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

    def look(self, enquiry_id: str, request: TracingRequest) -> list[Answer]:
        """Return at most ten cases that may be of the same family; it is entered in the log."""
        sent = Sent(self._purpose, json={"made_for": enquiry_id, "request": request})
        found = self._transport.call("POST", "/v1/looks", sent).json()
        return cast("list[Answer]", found["items"])

    def join(self, enquiry_id: str, version: int, case_id: str) -> Made:
        """Let the enquiry join a case that was shown."""
        return self._settle(enquiry_id, version, {"case": case_id})

    def open_another(self, enquiry_id: str, version: int, reason: str) -> Made:
        """Say why none of the cases shown is this family's."""
        return self._settle(enquiry_id, version, {"reason": reason})

    def _settle(self, enquiry_id: str, version: int, said: Answer) -> Made:
        sent = Sent(self._purpose, json=said, headers={"If-Match": f'"{version}"'})
        path = f"{_path(enquiry_id)}/family"
        return cast("Made", self._transport.call("POST", path, sent).json())


def _path(enquiry_id: str) -> str:
    return f"/v1/enquiries/{quote(enquiry_id, safe='')}"
