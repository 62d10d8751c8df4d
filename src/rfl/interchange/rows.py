"""What reading a list brings: rows taken, rows refused, and the terms on which it is read.

A list is read in two steps that may run in two processes: its file is cut into rows of text, and
each of these is made a registration or refused.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from rfl.domain import text
from rfl.domain.dates import Calendar
from rfl.domain.masked import Masked
from rfl.domain.purpose import LegalBasis
from rfl.domain.registration import Registration, Reliability, Sharing, SourceKind, Status
from rfl.errors import InvalidInput

FIELD_LIMIT = 10_000
RULE_FIELD_TOO_LONG = f"must be at most {FIELD_LIMIT} characters"


@dataclass(frozen=True, slots=True)
class ListTerms:
    """What holds for every row of one list, agreed with its owner before it is read.

    `domain`: where all PFIF records of the list must come from, as `lists.example`.
    `calendar`: in which a table gives dates of birth; PFIF and date cells are Gregorian.
    """

    owner: str
    kind: SourceKind
    reliability: Reliability
    sharing: Sharing
    legal_basis: LegalBasis
    status: Status = Status.REGISTERED
    calendar: Calendar = Calendar.GREGORIAN
    domain: str | None = None

    def __post_init__(self) -> None:
        text.line(self.owner, "owner", 400)
        alone = self.kind is SourceKind.SELF
        if alone and self.reliability is Reliability.IDENTITY_CHECKED:
            raise InvalidInput("reliability", "cannot be identity_checked for a list of kind self")
        if self.status is Status.SELF_REPORTED_ALIVE and not alone:
            raise InvalidInput("status", "self_reported_alive needs a list of kind self")


# A place where the person was seen, and the day as ISO text or "".
Sighting = tuple[str, str]


@dataclass(frozen=True, slots=True, repr=False)
class RowText(Masked):
    """What a row says, before anything is made of it: stripped, non-empty text by field.

    `number` counts as that of `Row` does.
    """

    number: int
    values: dict[str, str]
    sightings: Sequence[Sighting] = ()

    @property
    def key(self) -> str:
        """Equal for rows of one source record, and for rows without one that say the same.

        Of those it is the name that they will have first.
        """
        values = self.values
        if "record_id" in values:
            return values["record_id"]
        full, given, family = (
            values.get(field, "").partition("\n")[0].strip()
            for field in ("full_name", "given_name", "family_name")
        )
        return full or f"{given} {family}".strip()


@dataclass(frozen=True, slots=True, repr=False)
class Row(Masked):
    """A row taken. `number` counts from 1: the sheet's line, or the person's place in PFIF.

    `expired`: the record's expiry date has passed, so there is no registration, and what is
    held of `source_record` must go.
    """

    number: int
    registration: Registration | None
    source_record: str | None
    expired: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row left out: the field in the file's own terms and the rule, never the value.

    A field that starts with `note.` belongs to a PFIF note outside its person, and `number`
    then counts those notes.
    """

    number: int
    field: str
    rule: str


@dataclass(slots=True)
class Listing:
    """A list whose head has been read and whose rows are still to come, once.

    Iteration gives them whole. Whoever makes them elsewhere takes `texts` and, in as many copies
    as are needed, `make`, which can be pickled. Both ways may raise MalformedFile after some rows.

    `mapped` names the header that each field comes from; `unmapped` are the headers that nobody
    reads, to be shown to the user.
    """

    texts: Iterator[RowText | Refusal]
    make: Callable[[RowText], Row | Refusal]
    mapped: dict[str, str] = field(default_factory=dict)
    unmapped: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Row | Refusal]:
        for one in self.texts:
            yield one if isinstance(one, Refusal) else self.make(one)
