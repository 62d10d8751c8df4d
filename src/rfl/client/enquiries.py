"""Calls about what comes before a case."""

from collections.abc import Iterator

from rfl.client.group import Group, safe
from rfl.client.shapes import Answer, Made


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


def _path(enquiry_id: str) -> str:
    return f"/v1/enquiries/{safe(enquiry_id)}"
