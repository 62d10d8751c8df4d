"""Calls for four eyes: ask for a second officer, see what is asked, agree."""

import secrets
from typing import cast
from urllib.parse import quote

from rfl.client.shapes import Answer, Made
from rfl.client.transport import Sent, Transport
from rfl.domain.purpose import Purpose


class Approvals:
    """One account's requests for a second officer, and its agreement to those of others."""

    def __init__(self, transport: Transport, purpose: Purpose) -> None:
        self._transport = transport
        self._purpose = purpose

    def ask(self, approves: str, subject: str, details: list[str], reason: str) -> Made:
        """Ask for agreement to one exact request; its id goes with the request itself."""
        body = {"approves": approves, "subject": subject, "details": details, "reason": reason}
        key = {"Idempotency-Key": secrets.token_urlsafe(24)}
        sent = Sent(self._purpose, json=body, headers=key, safe=True)
        return cast("Made", self._transport.call("POST", "/v1/approvals", sent).json())

    def read(self, approval_id: str) -> Answer:
        """Open what exactly is asked for."""
        sent = Sent(self._purpose, safe=True)
        return cast("Answer", self._transport.call("GET", _path(approval_id), sent).json())

    def give(self, approval_id: str, version: int) -> Made:
        """Agree, as the second officer, to the request as it was read."""
        sent = Sent(self._purpose, headers={"If-Match": f'"{version}"'})
        path = f"{_path(approval_id)}/approval"
        return cast("Made", self._transport.call("POST", path, sent).json())


def _path(approval_id: str) -> str:
    return f"/v1/approvals/{quote(approval_id, safe='')}"
