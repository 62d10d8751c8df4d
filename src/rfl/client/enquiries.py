"""Calls about what comes before a case."""

from collections.abc import Iterator
from typing import cast

from rfl.client.group import Group, safe
from rfl.client.shapes import Answer, Made, TracingRequest


class Enquiries(Group):
    """Enquiries of one account's branch."""

    def receive(self, enquiry: Answer) -> Made:
        """Keep an enquiry; it is sent again where the node is busy, and kept once."""
        return self._create("/v1/enquiries", enquiry)

    def waiting(self) -> Iterator[Answer]:
        """Yield what stands in clear of the open ones, the oldest first, page by page."""
        return self._pages("/v1/enquiries", {})

    def read(self, enquiry_id: str) -> Answer:
        """Open one."""
        return self._read(_path(enquiry_id))

    def move(self, enquiry_id: str, version: int, turn: Answer) -> Made:
        """Move one that still has this version one step."""
        return self._step("POST", f"{_path(enquiry_id)}/turns", version, turn)

    def look(self, enquiry_id: str, request: TracingRequest) -> list[Answer]:
        """Return at most ten cases that may be of the same family; it is entered in the log."""
        body = {"made_for": enquiry_id, "request": request}
        return cast("list[Answer]", self._once("POST", "/v1/looks", body)["items"])

    def join(self, enquiry_id: str, version: int, case_id: str) -> Made:
        """Let the enquiry join a case that was shown."""
        return self._settle(enquiry_id, version, {"case": case_id})

    def open_another(self, enquiry_id: str, version: int, reason: str) -> Made:
        """Say why none of the cases shown is this family's."""
        return self._settle(enquiry_id, version, {"reason": reason})

    def _settle(self, enquiry_id: str, version: int, said: Answer) -> Made:
        return self._step("POST", f"{_path(enquiry_id)}/family", version, said)


def _path(enquiry_id: str) -> str:
    return f"/v1/enquiries/{safe(enquiry_id)}"
