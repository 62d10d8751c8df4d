"""The auditor's calls of the API: questions to the log, statements, reviews and findings."""

from collections.abc import Iterator, Mapping
from typing import cast
from urllib.parse import quote

from rfl.client.calls import PAGE, Client
from rfl.client.shapes import Answer, Finding, LogEntry, Made, Statement, Trace
from rfl.client.transport import Sent


class AuditClient(Client):
    """A client for auditors and data protection officers.

    A question is an entry of the log itself, so it is sent once and not tried again.
    """

    def ask_log(self, **question: object) -> Iterator[LogEntry]:
        """Yield the entries that answer a question, page by page; its parts as the API has them."""
        asked = {"limit": PAGE} | question
        while True:
            page = self._post("/v1/log/questions", asked)
            yield from cast("list[LogEntry]", page["items"])
            if not page["next"]:
                return
            asked["cursor"] = page["next"]

    def trace(self, record: str, *, person: str | None = None) -> Trace:
        """Return who opened a record, by its id or log id, and to whom it was sent."""
        body = {"object": record} | ({"person": person} if person else {})
        return cast("Trace", self._post("/v1/log/traces", body))

    def statement(
        self, record: str, *, identity_checked: bool, person: str | None = None
    ) -> Statement:
        """Return what may be told to the person concerned."""
        body: dict[str, object] = {"record": record, "identity_checked": identity_checked}
        body |= {"person": person} if person else {}
        return cast("Statement", self._post("/v1/log/statements", body))

    def disclosures(self, **asked: object) -> list[Answer]:
        """Return what was sent to partners, in counts; `peer`, `since` and `until` narrow it."""
        return cast("list[Answer]", self._post("/v1/log/disclosures", asked)["items"])

    def review_log(self, **order: object) -> Answer:
        """Look for unusual reading: yesterday, or from the day `since` to the day `until`."""
        return self._post("/v1/log/reviews", order)

    def findings(self, state: str | None = None) -> Iterator[Finding]:
        """Yield the findings of a state, or all, page by page."""
        path = "/v1/log/findings" + (f"?state={state}" if state else "")
        return cast("Iterator[Finding]", self._pages(path))

    def judge(self, finding_id: str, version: int, state: str, reason: str) -> Made:
        """Decide about a finding that still has this version."""
        headers = {"If-Match": f'"{version}"'}
        sent = Sent(self.purpose, json={"state": state, "reason": reason}, headers=headers)
        path = f"/v1/log/findings/{_safe(finding_id)}/decisions"
        return cast("Made", self._json("POST", path, sent))

    def give_family_names(self, names: list[str]) -> None:
        """Keep one's own family names; an empty list takes them back."""
        self._transport.call(
            "PUT", "/v1/me/family-names", Sent(self.purpose, json={"names": names})
        )

    def _post(self, path: str, body: Mapping[str, object]) -> Answer:
        return self._json("POST", path, Sent(self.purpose, json=dict(body)))


def _safe(record: str) -> str:
    return quote(record, safe="")
