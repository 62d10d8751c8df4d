"""Calls about requests that other societies sent, and what others were asked to destroy."""

from collections.abc import Iterator
from typing import cast

from rfl.client.group import Group, safe
from rfl.client.shapes import Answer, Made


class Received(Group):
    """Requests of other societies, for the branch that decides about them."""

    def waiting(self) -> Iterator[Answer]:
        """Yield what stands in clear of the open ones, the oldest first."""
        return self._pages("/v1/received", {})

    def read(self, received_id: str) -> Answer:
        """Open what another society asks."""
        return self._read(_path(received_id))

    def accept(self, received_id: str, version: int, level: str = "normal") -> Made:
        """Make it a case here; the society is told the day of the answer."""
        path = f"{_path(received_id)}/acceptance"
        return self._step("POST", path, version, {"level": level})

    def refuse(self, received_id: str, version: int, refusal: Answer) -> Made:
        """Return it for information, or decline it: `state` and `reason`."""
        return self._step("POST", f"{_path(received_id)}/refusal", version, refusal)

    def recalls(self) -> list[Answer]:
        """Return what others were asked to destroy, and who has attested it."""
        return cast("list[Answer]", self._read("/v1/received/recalls")["items"])


def _path(received_id: str) -> str:
    return f"/v1/received/{safe(received_id)}"
