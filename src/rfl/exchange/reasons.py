"""Why a letter is rejected: the closed list that a receipt may name (docs/protocol.md, Receipt).

A peer reads these for years, so nothing that fails here by another name reaches it.
"""

from enum import StrEnum

from rfl.errors import RflError


class Reason(StrEnum):
    """A stable code of a rejected receipt."""

    ALREADY_RECEIVED = "already-received"
    ASSESSMENT_MISSING = "assessment-missing"
    ATTACHMENT_MISSING = "attachment-missing"
    BAD_ENVELOPE = "bad-envelope"
    BUDGET_SPENT = "budget-spent"
    CONFLICT = "conflict"
    CONSENT_MISSING = "consent-missing"
    ERASED = "erased"
    INVALID_INPUT = "invalid-input"
    NOT_UNDERSTOOD = "not-understood"
    NOT_YOURS = "not-yours"
    PURPOSE_REFUSED = "purpose-refused"
    RECALLED = "recalled"
    ROOM_SPENT = "room-spent"
    STREAM_FORK = "stream-fork"
    SUPERSEDED = "superseded"
    UNKNOWN_KEY = "unknown-key"


class Refused(Exception):
    """A letter that was read is not obeyed; the sender is told the reason."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def reason_of(error: RflError) -> Reason:
    """Return the reason of a letter that failed here; whatever has none of its own is a conflict.

    A letter that this node cannot open, for want of its own key too, is one that nobody can read.
    """
    if error.code == "key-unavailable":
        return Reason.BAD_ENVELOPE
    return Reason(error.code) if error.code in set(Reason) else Reason.CONFLICT
