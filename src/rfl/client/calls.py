"""The calls of the API that programs need, one method each."""

import secrets
from collections.abc import Iterator
from types import TracebackType
from typing import Self, cast
from urllib.parse import quote

import httpx2

from rfl.client.approvals import Approvals
from rfl.client.attachments import Attachments
from rfl.client.break_glass import BreakGlass
from rfl.client.casefiles import CaseFiles
from rfl.client.disclosures import Disclosures
from rfl.client.enquiries import Enquiries
from rfl.client.handovers import Handovers
from rfl.client.messages import Deliveries, Messages
from rfl.client.office import Office
from rfl.client.queues import Queues
from rfl.client.received import Received
from rfl.client.registrations import Registrations
from rfl.client.searches import Searches
from rfl.client.shapes import (
    Answer,
    LogEntry,
    Made,
    Match,
    Person,
    Registration,
    Taken,
    Terms,
    TracingRequest,
)
from rfl.client.tasks import Tasks
from rfl.client.transmissions import Transmissions
from rfl.client.transport import Sent, Transport
from rfl.domain.purpose import Purpose

PAGE = 200


class Client:
    """One account's calls to one node; close it, or use it in a `with`.

    Every method raises ClientProblem on a refusal. Reading is tried again where the node is
    busy or away, and so is what creates, since it carries an idempotency key; changes,
    decisions, searches and erasures are sent once. The properties have the steps of
    casework, a subject each.
    """

    def __init__(
        self,
        base_url: str,
        token: str | None,
        *,
        purpose: Purpose = Purpose.TRACING,
        language: str = "en",
        through: httpx2.BaseTransport | None = None,
    ) -> None:
        self.purpose = purpose
        self._transport = Transport(base_url, token, language=language, through=through)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    @property
    def files(self) -> CaseFiles:
        """The steps of casework on the enquirer's side."""
        return CaseFiles(self._transport, self.purpose)

    @property
    def approvals(self) -> Approvals:
        """Requests for a second officer."""
        return Approvals(self._transport, self.purpose)

    @property
    def authorities(self) -> Disclosures:
        """What authorities are told."""
        return Disclosures(self._transport, self.purpose)

    @property
    def break_glass(self) -> BreakGlass:
        """Reading further for a few hours, and reviewing it."""
        return BreakGlass(self._transport, self.purpose)

    @property
    def enquiries(self) -> Enquiries:
        """What comes before a case."""
        return Enquiries(self._transport, self.purpose)

    @property
    def searches(self) -> Searches:
        """The searching side of cases whose team this account is of."""
        return Searches(self._transport, self.purpose)

    @property
    def queues(self) -> Queues:
        """What waits for this account."""
        return Queues(self._transport, self.purpose)

    @property
    def tasks(self) -> Tasks:
        """What is to be done by a day."""
        return Tasks(self._transport, self.purpose)

    @property
    def transmissions(self) -> Transmissions:
        """Requests to other societies."""
        return Transmissions(self._transport, self.purpose)

    @property
    def attachments(self) -> Attachments:
        """Photos and documents of cases."""
        return Attachments(self._transport, self.purpose)

    @property
    def received(self) -> Received:
        """Requests that other societies sent."""
        return Received(self._transport, self.purpose)

    @property
    def handovers(self) -> Handovers:
        """Cases handed over to other societies, and taken over from them."""
        return Handovers(self._transport, self.purpose)

    @property
    def messages(self) -> Messages:
        """Red Cross Messages and family calls."""
        return Messages(self._transport, self.purpose)

    @property
    def deliveries(self) -> Deliveries:
        """What became of letters, for who carries them."""
        return Deliveries(self._transport, self.purpose)

    @property
    def people(self) -> Registrations:
        """Registrations and lists."""
        return Registrations(self._transport, self.purpose)

    @property
    def office(self) -> Office:
        """Accounts, and the work of who leaves."""
        return Office(self._transport, self.purpose)

    def is_ready(self) -> bool:
        """True if the node serves and its matcher has loaded."""
        answer = self._transport.call("GET", "/health/ready", Sent())
        return answer.status_code == httpx2.codes.OK

    def open_intake(self) -> Made:
        """Begin an intake, which searches can be made for."""
        return cast("Made", self._create("/v1/intakes", None))

    def open_case(self, request: TracingRequest, *, intake: str | None = None) -> Made:
        """Open a case from a tracing request."""
        body = dict(request) | ({"intake": intake} if intake else {})
        return cast("Made", self._create("/v1/requests", body))

    def cases(self) -> Iterator[Answer]:
        """Yield what stands in clear of every case in reach, page by page."""
        return self._pages("/v1/cases")

    def read_case(self, case_id: str) -> Answer:
        """Open a case."""
        return self._read(f"/v1/cases/{_safe(case_id)}")

    def read_request(self, case_id: str) -> TracingRequest:
        """Open the tracing request of a case, in the form in which it is changed."""
        return cast("TracingRequest", self._read(f"/v1/cases/{_safe(case_id)}/request"))

    def change_request(self, case_id: str, version: int, request: TracingRequest) -> Made:
        """Replace the tracing request of a case that still has this version."""
        sent = Sent(self.purpose, json=request, headers=_if_match(version))
        return cast("Made", self._json("PUT", f"/v1/cases/{_safe(case_id)}/request", sent))

    def erase_case(self, case_id: str, reason: str, approval: str | None = None) -> None:
        """Erase a case for ever, with a second officer's approval."""
        sent = Sent(self.purpose, json={"reason": reason}, headers=_approval(approval))
        self._transport.call("POST", f"/v1/cases/{_safe(case_id)}/erasure", sent)

    def matches(self, case_id: str) -> list[Match]:
        """Return the proposals of a case, the likeliest first."""
        return cast("list[Match]", self._read(f"/v1/cases/{_safe(case_id)}/matches")["items"])

    def read_match(self, match_id: str) -> Match:
        """Return one proposal."""
        return cast("Match", self._read(f"/v1/matches/{_safe(match_id)}"))

    def decide(self, match_id: str, version: int, state: str, reason: str) -> Made:
        """Decide about a proposal that still has this version."""
        body = {"state": state, "reason": reason}
        sent = Sent(self.purpose, json=body, headers=_if_match(version))
        return cast("Made", self._json("POST", f"/v1/matches/{_safe(match_id)}/decisions", sent))

    def register(self, registration: Registration) -> Made:
        """Keep one registration."""
        return cast("Made", self._create("/v1/registrations", registration))

    def registrations(self) -> Iterator[Answer]:
        """Yield what stands in clear of every registration in reach, page by page."""
        return self._pages("/v1/registrations")

    def search(self, made_for: str, person: Person) -> list[Answer]:
        """Return at most ten persons who may be this one; it is entered in the log."""
        sent = Sent(self.purpose, json={"made_for": made_for, "person": person})
        return cast("list[Answer]", self._json("POST", "/v1/searches", sent)["items"])

    def offer_list(self, terms: Terms) -> Made:
        """Enter a list on its terms, before its rows."""
        return cast("Made", self._create("/v1/lists", terms))

    def send_rows(self, list_id: str, content: bytes, media_type: str) -> Taken:
        """Send a list's file; the same again changes nothing, so it may be tried again."""
        headers = {"Content-Type": media_type}
        sent = Sent(self.purpose, content=content, headers=headers, safe=True)
        return cast("Taken", self._json("PUT", f"/v1/lists/{_safe(list_id)}/rows", sent))

    def take_back_list(self, list_id: str, approval: str | None = None) -> Answer:
        """Remove every registration that a list brought, with a second officer's approval."""
        sent = Sent(self.purpose, headers=_approval(approval))
        return self._json("DELETE", f"/v1/lists/{_safe(list_id)}", sent)

    def log_of(self, case_id: str) -> list[LogEntry]:
        """Return who did what with a case; the reading is an entry itself."""
        return cast("list[LogEntry]", self._read(f"/v1/cases/{_safe(case_id)}/log")["items"])

    def log(self, limit: int = 100) -> list[LogEntry]:
        """Return the newest entries of the access log."""
        sent = Sent(self.purpose, query={"limit": limit}, safe=True)
        return cast("list[LogEntry]", self._json("GET", "/v1/log", sent)["items"])

    def add_account(self, role: str, branch: str, name: str, approval: str | None = None) -> Answer:
        """Make an account, with a second officer; its token is in this answer and nowhere else."""
        body = {"role": role, "branch": branch, "name": name}
        sent = Sent(self.purpose, json=body, headers=_approval(approval))
        return self._json("POST", "/v1/accounts", sent)

    def _create(self, path: str, body: object) -> Answer:
        key = {"Idempotency-Key": secrets.token_urlsafe(24)}
        return self._json("POST", path, Sent(self.purpose, json=body, headers=key, safe=True))

    def _read(self, path: str) -> Answer:
        return self._json("GET", path, Sent(self.purpose, safe=True))

    def _pages(self, path: str) -> Iterator[Answer]:
        query: dict[str, str | int] = {"limit": PAGE}
        while True:
            page = self._json("GET", path, Sent(self.purpose, query=query, safe=True))
            yield from page["items"]
            if not page["next"]:
                return
            query["cursor"] = page["next"]

    def _json(self, method: str, path: str, sent: Sent) -> Answer:
        return cast("Answer", self._transport.call(method, path, sent).json())


def _safe(record: str) -> str:
    return quote(record, safe="")


def _approval(approval: str | None) -> dict[str, str]:
    return {} if approval is None else {"RFL-Approval": approval}


def _if_match(version: int) -> dict[str, str]:
    return {"If-Match": f'"{version}"'}
