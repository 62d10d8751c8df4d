"""Calls for four eyes: ask for a second officer, see what is asked, agree."""

from collections.abc import Iterator

from rfl.client.group import Group, safe
from rfl.client.shapes import Answer, Made


class Approvals(Group):
    """One account's requests for a second officer, and its agreement to those of others."""

    def ask(self, approves: str, subject: str, details: list[str], reason: str) -> Made:
        """Ask for agreement to one exact request; its id goes with the request itself."""
        body = {"approves": approves, "subject": subject, "details": details, "reason": reason}
        return self._create("/v1/approvals", body)

    def waiting(self) -> Iterator[Answer]:
        """Yield what stands in clear of the branch's requests that wait to be given or used."""
        return self._pages("/v1/approvals", {})

    def read(self, approval_id: str) -> Answer:
        """Open what exactly is asked for."""
        return self._read(_path(approval_id))

    def give(self, approval_id: str, version: int) -> Made:
        """Agree, as the second officer, to the request as it was read."""
        return self._step("POST", f"{_path(approval_id)}/approval", version)


def _path(approval_id: str) -> str:
    return f"/v1/approvals/{safe(approval_id)}"
