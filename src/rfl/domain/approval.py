"""A second officer's agreement to one exact request (four eyes; guide: security, May).

It is bound to the SHA-256 of the request, ends, is used once, and is never the requester's own.
Approvals about findings are not here but in the journal, where nobody outside sees that there
is one.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from rfl.domain import text
from rfl.domain.masked import Masked
from rfl.errors import Conflict, Forbidden

VALID_FOR = timedelta(hours=72)


class Approves(StrEnum):
    """What needs four eyes.

    No consent is set aside here: only a representative decides in a person's place, in the journal
    (P-04b). A disclosure to an authority holds its own approval, whatever is set (P-09).
    """

    ERASURE = "erasure"
    HANDOVER = "handover"
    BULK_EXPORT = "bulk_export"
    ROLE_GRANT = "role_grant"
    KEY_DESTRUCTION = "key_destruction"
    PEER_TRUST = "peer_trust"
    BREACH_LIST = "breach_list"
    DISCLOSURE = "disclosure"


# Done by commands on the node's machine alone: two administrators agree there, once there are two.
BY_COMMAND = frozenset({Approves.KEY_DESTRUCTION, Approves.PEER_TRUST, Approves.BREACH_LIST})


@dataclass(frozen=True, slots=True, repr=False)
class Exact(Masked):
    """One exact request: what is done, to which record, and with which words.

    The second officer sees it as it is; the digest binds the approval to it.
    """

    approves: Approves
    subject: str
    details: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        text.line(self.subject, "subject")
        for number, detail in enumerate(self.details):
            text.line(detail, f"details[{number}]")

    @property
    def digest(self) -> bytes:
        """The SHA-256 that an approval of this request bears."""
        return request_digest(self.approves, self.subject, *self.details)


@dataclass(frozen=True, slots=True, repr=False)
class Approval(Masked):
    """One request that waits for, or has, a second officer's agreement."""

    approves: Approves
    digest: bytes
    requester: str
    asked_at: datetime
    reason: str
    approver: str | None = None
    approved_at: datetime | None = None
    used_at: datetime | None = None
    exact: Exact | None = None

    def __post_init__(self) -> None:
        text.story(self.reason, "reason", 4_000)

    @property
    def ends_at(self) -> datetime:
        """The moment from which on it is good for nothing."""
        return self.asked_at + VALID_FOR

    def approved(self, by: str, at: datetime) -> "Approval":
        """Return it with the second officer's agreement, or raise Forbidden or Conflict."""
        if by == self.requester:
            raise Forbidden("Nobody approves their own request.")
        if self.approver is not None or at >= self.ends_at:
            raise Conflict("The request was approved before, or its time is over.")
        return replace(self, approver=by, approved_at=at)

    def handed_to(self, officer: str) -> "Approval":
        """Return it as asked for by another officer, who did not agree to it; or raise Forbidden.

        Of what a colleague asked for before they left, the agreement and its end stay.
        """
        if officer == self.approver:
            raise Forbidden("Nobody approves their own request.")
        return replace(self, requester=officer)

    def used(self, digest: bytes, by: str, at: datetime) -> "Approval":
        """Return it as used for this request, or raise Forbidden: for no other, and only once."""
        fits = digest == self.digest and by == self.requester
        if not fits or self.approver is None or self.used_at is not None or at >= self.ends_at:
            raise Forbidden("This needs a second officer's approval of exactly this request.")
        return replace(self, used_at=at)


def request_digest(approves: Approves, subject: str, *details: str) -> bytes:
    """Return the SHA-256 of an exact request; parts are length-prefixed, so none runs on."""
    parts = [part.encode("utf-8") for part in (approves.value, subject, *details)]
    framed = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return hashlib.sha256(framed).digest()
