"""Calls about requests to other societies, and the consent that they rest on."""

from collections.abc import Iterator
from typing import cast

from rfl.client.group import Group, safe
from rfl.client.shapes import Answer, Made


class Transmissions(Group):
    """Requests of one account's branch, each to one society."""

    def queue(self, case_id: str, asked: Answer) -> Made:
        """Queue a request: `peer`, `methods`, `due_on`."""
        return self._create(f"/v1/cases/{safe(case_id)}/transmissions", asked)

    def of_case(self, case_id: str) -> list[Answer]:
        """Return what stands in clear of a case's requests, oldest first."""
        found = self._read(f"/v1/cases/{safe(case_id)}/transmissions")
        return cast("list[Answer]", found["items"])

    def waiting(
        self, peer: str | None = None, *, mine: bool = False, overdue: bool = False
    ) -> Iterator[Answer]:
        """Yield the requests that wait for another society, the first due first."""
        return self._pages("/v1/transmissions", {"peer": peer, "mine": mine, "overdue": overdue})

    def read(self, transmission_id: str) -> Answer:
        """Open a request under way, and what came back."""
        return self._read(f"/v1/transmissions/{safe(transmission_id)}")

    def move(self, transmission_id: str, version: int, move: Answer) -> Made:
        """Enter what the other society did: `state`, and what belongs to it."""
        path = f"/v1/transmissions/{safe(transmission_id)}/moves"
        return self._step("POST", path, version, move)

    def remind(self, transmission_id: str, version: int) -> Made:
        """Remind a society with a node of its decision or its answer, by a template."""
        return self._step("POST", f"/v1/transmissions/{safe(transmission_id)}/reminder", version)

    def make_dossier(
        self, transmission_id: str, version: int, language: str | None = None
    ) -> Answer:
        """Seal a request into a `file` for a society without a node; `passphrase` comes once."""
        path = f"/v1/transmissions/{safe(transmission_id)}/dossier"
        return cast("Answer", self._step("POST", path, version, {"language": language}))

    def remind_by_hand(
        self, transmission_id: str, version: int, language: str | None = None
    ) -> Answer:
        """Return a reminder for a society without a node, as a text to hand over."""
        path = f"/v1/transmissions/{safe(transmission_id)}/dossier/reminder"
        return cast("Answer", self._step("POST", path, version, {"language": language}))

    def take_back(self, transmission_id: str, version: int, said: Answer) -> Made:
        """Enter that a found person (`person`) takes back, from a day (`on`), what was told."""
        path = f"/v1/transmissions/{safe(transmission_id)}/dossier/withdrawal"
        return self._step("POST", path, version, said)

    def ask_back(self, recall_id: str, language: str | None = None) -> Answer:
        """Return the notice by which a society without a node destroys what it was handed."""
        return self._once("POST", f"/v1/recalls/{safe(recall_id)}/notice", {"language": language})

    def attest(self, recall_id: str) -> None:
        """Enter that a society without a node has destroyed it."""
        self._once("POST", f"/v1/recalls/{safe(recall_id)}/attestation")

    def withdraw(self, case_id: str, version: int, uses: list[str]) -> Made:
        """Take back what the enquirer agreed to, on the case's version."""
        path = f"/v1/cases/{safe(case_id)}/withdrawal"
        return self._step("POST", path, version, {"uses": uses})
