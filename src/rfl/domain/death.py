"""A reported death, and what makes it one that may be told (P-05)."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from rfl.domain import text
from rfl.domain.masked import Masked
from rfl.errors import Conflict, InvalidInput


class DeathSource(StrEnum):
    """Who says so. Only the body competent to establish a death there makes it more than said."""

    COMPETENT_AUTHORITY = "competent_authority"
    COMPETENT_BODY = "competent_body"
    LIST = "list"
    PHOTO = "photo"
    WITNESS = "witness"
    MATCH = "match"
    PEER = "peer"


COMPETENT = frozenset({DeathSource.COMPETENT_AUTHORITY, DeathSource.COMPETENT_BODY})


class TalkWay(StrEnum):
    """How a death is told: never by a letter first."""

    IN_PERSON = "in_person"
    BY_VOICE = "by_voice"


@dataclass(frozen=True, slots=True, repr=False)
class Death(Masked):
    """What is said of a death, by whom, and which second officer saw the source."""

    source: DeathSource
    said_by: str
    reported_by: str
    reported_on: date
    document: str | None = None
    died_on: str | None = None
    burial_place: str | None = None
    seen_by: str | None = None

    def __post_init__(self) -> None:
        text.line(self.said_by, "said_by")
        text.optional_lines(self, ("document", "died_on", "burial_place"))

    @property
    def is_confirmed(self) -> bool:
        """True if the competent body established it and a second officer saw the source."""
        return self.source in COMPETENT and self.seen_by is not None

    def confirmed(self, officer: str) -> "Death":
        """Return the death as confirmed by a second officer, or raise Conflict."""
        if self.source not in COMPETENT or self.document is None:
            raise Conflict("Only a document of the body competent there confirms a death.")
        if officer == self.reported_by:
            raise Conflict("The second officer must not be the one who reported it.")
        if self.seen_by is not None:
            raise Conflict("The death was confirmed before.")
        return replace(self, seen_by=officer)


@dataclass(frozen=True, slots=True, repr=False)
class Talk(Masked):
    """The talk in which the family was told; a letter prints only after it."""

    on: date
    by: str
    way: TalkWay
    trained: bool

    def __post_init__(self) -> None:
        if not self.trained:
            raise InvalidInput("trained", "must be true: a trained officer tells a death")
