"""Calls about what authorities are told: ask, decide, give."""

from collections.abc import Iterator

from rfl.client.group import Group, safe
from rfl.client.shapes import Answer, Made


class Disclosures(Group):
    """One account's part in what authorities are told; nothing is sent to one from here."""

    def ask(self, asked: Answer) -> Made:
        """Ask for items of one person: record, about, person, authority, items, reason, order."""
        return self._create("/v1/disclosures", asked)

    def waiting(self) -> Iterator[Answer]:
        """Yield what stands in clear of the branch's requests that wait, the oldest first."""
        return self._pages("/v1/disclosures", {})

    def read(self, disclosure_id: str) -> Answer:
        """Open a request and what became of it."""
        return self._read(_path(disclosure_id))

    def decide(self, disclosure_id: str, version: int, decision: Answer) -> Made:
        """Decide as the second officer: agrees, reason, and for an order agency."""
        return self._step("POST", f"{_path(disclosure_id)}/decision", version, decision)

    def give(self, disclosure_id: str, version: int) -> Answer:
        """Return what is to be handed over, once."""
        return dict(self._step("POST", f"{_path(disclosure_id)}/giving", version))


def _path(disclosure_id: str) -> str:
    return f"/v1/disclosures/{safe(disclosure_id)}"
