"""Calls for break-glass: read further for a few hours, and review it."""

from collections.abc import Iterator

from rfl.client.group import Group, safe
from rfl.client.shapes import Answer, Made


class BreakGlass(Group):
    """What one account does about reading further than branch and level allow."""

    def begin(self, body: object) -> Made:
        """Read further from now on: `reason`, and for how many `hours`."""
        return self._create("/v1/break-glass", body)

    def end(self, glass: str, version: int) -> Made:
        """End it before its time."""
        return self._step("POST", f"{_path(glass)}/end", version)

    def waiting(self) -> Iterator[Answer]:
        """Yield what stands in clear of those that wait for a review."""
        return self._pages("/v1/break-glass", {})

    def read(self, glass: str) -> Answer:
        """Open one with its reason."""
        return self._read(_path(glass))

    def review(self, glass: str, version: int, body: object) -> Made:
        """Say what was `found`, and whether it was `justified`."""
        return self._step("POST", f"{_path(glass)}/review", version, body)


def _path(glass: str) -> str:
    return f"/v1/break-glass/{safe(glass)}"
