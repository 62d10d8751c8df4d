"""Every failure that the node foresees, each with a stable code.

A message names the field and the rule that was broken, never the value: values here are
personal data. `api.problems` gives each code its HTTP status.
"""

from collections.abc import Iterator
from contextlib import contextmanager


class RflError(Exception):
    """A foreseen failure. `code` is stable and may be shown to anyone.

    `entered` says that the access log has it already; `logged` what it says if not the code.
    """

    code = "internal"
    logged: str | None = None
    rule = "The request could not be done."

    def __init__(self, rule: str | None = None, *, field: str | None = None) -> None:
        self.rule = rule or type(self).rule
        self.field = field
        self.entered = False
        super().__init__(self.code)

    @property
    def reason(self) -> str:
        """What the access log says of it: the code, unless the caller is told less."""
        return self.logged or self.code

    def __str__(self) -> str:
        where = f"{self.field}: " if self.field else ""
        return f"{self.code}: {where}{self.rule}"


class InvalidInput(RflError):
    """A value breaks a rule of its field."""

    code = "invalid-input"

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(rule, field=field)


class NotSignedIn(RflError):
    """No token, or one that is unknown, expired or revoked: the caller is not told which."""

    code = "not-signed-in"
    rule = "A valid token is required."


class TooManyAttempts(RflError):
    """Too many tries with this name, or at once; whether or not there is such an account."""

    code = "too-many-attempts"
    rule = "Too many tries: wait, and try again."


class TooManyCalls(RflError):
    """An account or another society has called more often in a minute than this node lets it."""

    code = "too-many-calls"
    rule = "Too many calls in a minute: wait, then call less often."


class IssuerUnavailable(RflError):
    """The identity provider's keys could not be fetched, so that no token can be checked."""

    code = "issuer-unavailable"
    rule = "The identity provider cannot be reached: try again."


class Forbidden(RflError):
    """The access table does not allow it."""

    code = "forbidden"
    rule = "Your role does not allow this here."


class BudgetSpent(RflError):
    """The account has opened, searched or exported as much as its role may for now."""

    code = "budget-spent"
    rule = "Your account's budget for this hour or day is spent: ask your data protection officer."


class LockedDown(RflError):
    """The node is in lockdown: no key is unwrapped for anybody."""

    code = "locked-down"
    rule = "The node is in lockdown: nothing is opened until two people lift it."


class PurposeMissing(RflError):
    """A route that opens or sends data was called without a purpose of the closed list."""

    code = "purpose-missing"
    rule = "The header RFL-Purpose must name one purpose of the closed list."


class NotFound(RflError):
    """No such record, or none that the caller may know of: the answers are the same."""

    code = "not-found"
    rule = "There is no such record."


class OutOfReach(Forbidden):
    """The record is another branch's: to the log forbidden, to the caller not there at all."""

    code = NotFound.code
    rule = NotFound.rule
    logged = Forbidden.code


class Erased(NotFound):
    """The record's keys were destroyed."""

    code = "erased"
    rule = "The record was erased."


class StaleVersion(RflError):
    """Somebody changed the record after the caller read it."""

    code = "stale-version"
    rule = "The record has changed since it was read: read it again."


class VersionRequired(RflError):
    """A change came without the version that it is based on."""

    code = "version-required"
    rule = "The header If-Match must carry the ETag of the version that was read."


class Conflict(RflError):
    """The record's state does not allow the step."""

    code = "conflict"
    rule = "The record's state does not allow this."


class IdempotencyMismatch(RflError):
    """An idempotency key came again with another body."""

    code = "idempotency-mismatch"
    rule = "This Idempotency-Key was used with another body."


class TooLarge(RflError):
    """A body, file, field or list is over its limit."""

    code = "too-large"
    rule = "The input is larger than its limit."


class UnsupportedMedia(RflError):
    """A body came with a content type that the route does not read."""

    code = "unsupported-media-type"
    rule = "The content type is not one that this route reads."


class MalformedFile(RflError):
    """A file is not of the format that it claims, or is built to do harm."""

    code = "malformed-file"
    rule = "The file is not of its stated format."


class SealBroken(RflError):
    """A sealed value does not open: it was changed, or moved from another place."""

    code = "seal-broken"
    rule = "A sealed value was changed or moved; it was not opened."


class KeyUnavailable(RflError):
    """The keys cannot be unlocked: wrong passphrase, missing file, destroyed version."""

    code = "key-unavailable"
    rule = "The node's keys could not be unlocked."


class BadEnvelope(RflError):
    """What came from another society is not what it must be; nobody is told which step refused."""

    code = "bad-envelope"
    rule = "The envelope is not one that this node can take."


class NotUnderstood(RflError):
    """A letter that is authentic is of a type, or of a version of it, that this node knows not."""

    code = "not-understood"
    rule = "The letter is of a kind or version that this node does not know."


class UnknownKey(RflError):
    """A key that this node does not know, or of a society that it does not trust now."""

    code = "unknown-key"
    rule = "The key is not one that this node trusts."


class SuiteTooWeak(RflError):
    """An envelope is sealed in a suite below this node's minimum."""

    code = "suite-too-weak"
    rule = "The envelope's suite is below what this node accepts."


class IdReused(RflError):
    """An envelope's id came before with other bytes."""

    code = "id-reused"
    rule = "This id was used for another envelope."


class StreamFork(RflError):
    """Two envelopes claim one place of a stream, or one does not follow what was before it."""

    code = "stream-fork"
    rule = "The envelope does not fit what came before it in its stream."


class AlreadyProcessed(RflError):
    """The stream has passed this place so long ago that its receipt is not kept any more."""

    code = "already-processed"
    rule = "The stream has passed this place."


class WrongDigest(RflError):
    """All of a blob came, and it is not what its SHA-256 says: nothing of it was kept."""

    code = "wrong-digest"
    rule = "The bytes are not those that the address names."


class ClockSkew(RflError):
    """An authentic call of another society is older, or newer, than the window allows."""

    code = "clock-skew"
    rule = "The clocks of the two nodes are too far apart."


class NotYours(RflError):
    """A society says what is not its to say."""

    code = "not-yours"
    rule = "This is not that society's to say."


class AssessmentMissing(Conflict):
    """Nobody has assessed the destination's data protection, or that was too long ago (P-16)."""

    code = "assessment-missing"
    rule = "The destination has no current data-protection assessment: see `rfl peer assess`."


class StorageBusy(RflError):
    """The database stayed locked for longer than the node waits."""

    code = "storage-busy"
    rule = "The database is busy: try again."


class StorageFull(RflError):
    """The database cannot grow."""

    code = "storage-full"
    rule = "The database has no space left; nothing was stored."


class StorageFailed(RflError):
    """The database refused for a reason of its own."""

    code = "storage-failed"
    rule = "The database could not do this; nothing was stored."


class Misconfigured(RflError):
    """A setting is missing or contradicts another."""

    code = "misconfigured"
    rule = "A setting is missing or wrong."


@contextmanager
def within(prefix: str) -> Iterator[None]:
    """Put `prefix` before the field of any InvalidInput raised inside: `sought[0].names`."""
    try:
        yield
    except InvalidInput as error:
        joint = "" if not error.field or error.field.startswith("[") else "."
        raise InvalidInput(f"{prefix}{joint}{error.field or ''}", error.rule) from error
