"""Calls about registrations and the lists that brought them."""

from collections.abc import Iterator
from typing import cast

from rfl.client.group import Group, safe
from rfl.client.shapes import Answer, LogEntry, Made, Match
from rfl.client.transport import Sent


class Registrations(Group):
    """Persons on somebody's list, in one account's branch."""

    def read(self, registration_id: str) -> Answer:
        """Open a registration."""
        return self._read(_path(registration_id))

    def change(self, registration_id: str, version: int, registration: Answer) -> Made:
        """Replace a registration that still has this version."""
        return self._step("PUT", _path(registration_id), version, registration)

    def erase(self, registration_id: str, reason: str, approval: str | None = None) -> None:
        """Erase a registration for ever, with a second officer's approval."""
        headers = {} if approval is None else {"RFL-Approval": approval}
        sent = Sent(self._purpose, json={"reason": reason}, headers=headers)
        self._transport.call("POST", f"{_path(registration_id)}/erasure", sent)

    def duplicates(self, registration_id: str) -> list[Match]:
        """Return other registrations that may be of the same person."""
        found = self._read(f"{_path(registration_id)}/matches")
        return cast("list[Match]", found["items"])

    def log_of(self, registration_id: str) -> list[LogEntry]:
        """Return who did what with a registration; the reading is an entry itself."""
        return cast("list[LogEntry]", self._read(f"{_path(registration_id)}/log")["items"])

    def lists(self) -> Iterator[Answer]:
        """Yield the lists of the branch, oldest first."""
        return self._pages("/v1/lists", {})

    def read_list(self, list_id: str) -> Answer:
        """Open the terms of a list, and what became of its rows."""
        return self._read(f"/v1/lists/{safe(list_id)}")


def _path(registration_id: str) -> str:
    return f"/v1/registrations/{safe(registration_id)}"
