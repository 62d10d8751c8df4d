"""Calls about photos and documents of a case."""

import secrets
from typing import cast

from rfl.client.group import Group, safe
from rfl.client.shapes import Answer, Made
from rfl.client.transport import Sent


class Attachments(Group):
    """Photos and documents of cases; their types are checked by their bytes."""

    def add(self, case_id: str, content: bytes, media_type: str, shows: str | None = None) -> Made:
        """Attach a JPEG, PNG or PDF; `shows`: a picture of this person of the case."""
        headers = {"Idempotency-Key": secrets.token_urlsafe(24), "Content-Type": media_type}
        asked = {} if shows is None else {"shows": shows}
        sent = Sent(self._purpose, content=content, headers=headers, query=asked, safe=True)
        path = f"/v1/cases/{safe(case_id)}/attachments"
        return cast("Made", self._transport.call("POST", path, sent).json())

    def of_case(self, case_id: str) -> list[Answer]:
        """Return type, size and date of each, oldest first; none is opened."""
        found = self._read(f"/v1/cases/{safe(case_id)}/attachments")
        return cast("list[Answer]", found["items"])

    def open(self, attachment_id: str) -> bytes:
        """Return the bytes of one."""
        sent = Sent(self._purpose, safe=True)
        return self._transport.call("GET", f"/v1/attachments/{safe(attachment_id)}", sent).content

    def remove(self, attachment_id: str) -> None:
        """Remove one with its bytes and their key."""
        self._once("DELETE", f"/v1/attachments/{safe(attachment_id)}")
