"""Calls to the searching side of a case: what its team reads and does."""

from typing import cast

from rfl.client.group import Group, safe
from rfl.client.shapes import Answer, Made


class Searches(Group):
    """What an account that is of the team may call. A step names the journal's version."""

    def read(self, case_id: str) -> Answer:
        """Open the journal, and what of it is told outside and when."""
        return self._read(_path(case_id))

    def step(self, case_id: str, version: int, step: str, **said: object) -> Made:
        """Take one step: `note`, `action`, `lead`, `verify`, `answer` and so on."""
        return self._step("POST", _path(case_id), version, {"step": step, **said})

    def team(self, case_id: str, officer: str, *, joins: bool) -> Made:
        """Add an officer to the team, or take one from it."""
        body = {"officer": officer, "joins": joins}
        return cast("Made", self._once("POST", f"{_path(case_id)}/team", body))


def _path(case_id: str) -> str:
    return f"/v1/cases/{safe(case_id)}/search"
