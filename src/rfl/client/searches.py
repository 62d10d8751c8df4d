"""Calls to the searching side of a case: what its team reads and does."""

from typing import cast
from urllib.parse import quote

from rfl.client.shapes import Answer, Made
from rfl.client.transport import Sent, Transport
from rfl.domain.purpose import Purpose


class Searches:
    """What an account that is of the team may call. A step names the journal's version."""

    def __init__(self, transport: Transport, purpose: Purpose) -> None:
        self._transport = transport
        self._purpose = purpose

    def read(self, case_id: str) -> Answer:
        """Open the journal, and what of it is told outside and when."""
        sent = Sent(self._purpose, safe=True)
        return cast("Answer", self._transport.call("GET", _path(case_id), sent).json())

    def step(self, case_id: str, version: int, step: str, **said: object) -> Made:
        """Take one step: `note`, `action`, `lead`, `verify`, `answer` and so on."""
        headers = {"If-Match": f'"{version}"'}
        sent = Sent(self._purpose, json={"step": step, **said}, headers=headers)
        return cast("Made", self._transport.call("POST", _path(case_id), sent).json())

    def team(self, case_id: str, officer: str, *, joins: bool) -> Made:
        """Add an officer to the team, or take one from it."""
        sent = Sent(self._purpose, json={"officer": officer, "joins": joins})
        return cast("Made", self._transport.call("POST", f"{_path(case_id)}/team", sent).json())


def _path(case_id: str) -> str:
    return f"/v1/cases/{quote(case_id, safe='')}/search"
