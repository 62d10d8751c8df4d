"""Calls about cases that are handed over to another society, or taken over from one."""

from collections.abc import Iterator

from rfl.client.group import Group, safe
from rfl.client.shapes import Answer, Made


class Handovers(Group):
    """Handovers of one account's branch, both ways."""

    def offer(self, case_id: str, version: int, peer: str, approval: str | None = None) -> Made:
        """Offer a case to one society, with a second officer's approval of exactly that."""
        path = f"/v1/cases/{safe(case_id)}/handover"
        return self._step("POST", path, version, {"peer": peer}, approval=approval)

    def waiting(self) -> Iterator[Answer]:
        """Yield what stands in clear of the open ones, the oldest first."""
        return self._pages("/v1/handovers", {})

    def read(self, handover_id: str) -> Answer:
        """Open a handover."""
        return self._read(_path(handover_id))

    def accept(self, handover_id: str, version: int) -> Made:
        """Accept a case that another society offers."""
        return self._step("POST", f"{_path(handover_id)}/acceptance", version)

    def decline(self, handover_id: str, version: int) -> None:
        """Decline it: what came with it is destroyed."""
        self._gone("POST", f"{_path(handover_id)}/refusal", version)

    def withdraw(self, handover_id: str, version: int) -> Made:
        """Withdraw an offer of this society."""
        return self._step("DELETE", _path(handover_id), version)


def _path(handover_id: str) -> str:
    return f"/v1/handovers/{safe(handover_id)}"
