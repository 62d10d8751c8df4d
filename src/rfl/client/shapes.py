"""What the client sends and gets, as dictionaries; `openapi/rfl.json` describes every field."""

from typing import Any, Literal, NotRequired, TypedDict

Answer = dict[str, Any]


class Name(TypedDict):
    """A full name as given, unsplit, in one script."""

    text: str
    use: NotRequired[str]
    language: NotRequired[str]


class Place(TypedDict, total=False):
    """A place in levels, as far as known."""

    country: str
    province: str
    town: str
    address: str
    landmark: str
    text: str


class PartialDay(TypedDict, total=False):
    """A date in the words of whoever gave it, in their calendar."""

    text: str
    calendar: Literal["gregorian", "solar_hijri", "islamic_hijri", "ethiopian"]


class Kin(TypedDict):
    """A relative by relation and names: `mother` means *this is the person's mother*."""

    relation: str
    names: list[Name]


class Identifier(TypedDict):
    """A number or address that somebody issued."""

    kind: str
    value: str


class Person(TypedDict, total=False):
    """A description; whatever is not known is left out."""

    names: list[Name]
    sex: str
    birth: PartialDay
    birth_place: Place
    nationalities: list[str]
    kin: list[Kin]
    last_address: Place
    identifiers: list[Identifier]
    occupation: str
    marks: str
    languages: list[str]


class Sought(TypedDict):
    """A sought person, and what they are to the enquirer."""

    person: Person
    relation: str


class Separation(TypedDict, total=False):
    """How contact was lost."""

    cause: str
    when: PartialDay
    place: Place
    narrative: str
    last_news: str


class TracingRequest(TypedDict):
    """The formal enquiry."""

    enquirer: Person
    sought: list[Sought]
    legal_basis: str
    separation: NotRequired[Separation]
    methods: NotRequired[list[str]]
    message: NotRequired[str]
    level: NotRequired[str]


class Source(TypedDict):
    """Where a registration comes from."""

    kind: str
    owner: str
    record_id: NotRequired[str]
    reliability: NotRequired[str]
    sharing: NotRequired[str]
    stated_on: NotRequired[str]
    expires_on: NotRequired[str]


class Registration(TypedDict):
    """A person on somebody's list."""

    person: Person
    source: Source
    status: str
    legal_basis: str
    remarks: NotRequired[str]


class Terms(TypedDict):
    """What holds for every row of a list."""

    owner: str
    kind: str
    reliability: str
    sharing: str
    legal_basis: str
    status: NotRequired[str]
    calendar: NotRequired[str]
    domain: NotRequired[str]


class Made(TypedDict):
    """A record and its version."""

    id: str
    version: int


class Reason(TypedDict):
    """One reason for or against a match."""

    field: str
    code: str
    weight: float
    number: int
    verdict: str
    sentence: str


class Side(TypedDict):
    """One of the two persons of a match."""

    record: str
    person: str
    names: list[Name]
    sex: str
    birth: PartialDay | None
    unknown: list[str]


class Match(TypedDict):
    """A proposal that two descriptions are one person."""

    id: str
    version: int
    kind: str
    notes: list[str]
    sample: bool
    state: str
    open: bool
    band: str
    band_sentence: str
    probability: float
    total: float
    reasons: list[Reason]
    sought: Side
    other: Side


class Taken(TypedDict):
    """What became of a list's rows."""

    rows: int
    added: int
    changed: int
    unchanged: int
    expired: int
    erased_before: int
    refused: int
    refusals: list[dict[str, Any]]


class LogEntry(TypedDict):
    """Who did what, why, and whether it was allowed."""

    at: str
    actor: str
    role: str
    action: str
    purpose: str | None
    count: int
    groups: list[str]
    decision: str
    reason: str | None


class Trace(TypedDict):
    """Who opened a record, to whom it was sent, who was refused."""

    opened: list[LogEntry]
    sent: list[LogEntry]
    refused: list[LogEntry]
    notes: list[str]


class Statement(TypedDict):
    """What may be told to the person concerned: one sentence, or the uses."""

    sentence: str | None
    uses: list[dict[str, Any]]
    text: str


class Finding(TypedDict):
    """Unusual reading that a rule has found."""

    id: str
    version: int
    state: str
    code: str
    subject: str
    day: str
    figures: dict[str, float]
    log_ids: list[str]
    decisions: list[dict[str, Any]]
