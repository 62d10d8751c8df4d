"""The searching side's file of one case: who searches, and for each sought person what is known.

Nothing of it leaves but through `domain.told`. It is one document, sealed in one row, because
the number of rows would tell how a search ended (decision 0017).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from rfl.domain import text
from rfl.domain.answer import Answer
from rfl.domain.care import FoundChild, Screening
from rfl.domain.consent import Consent, Exclusion
from rfl.domain.death import Death
from rfl.domain.ids import PersonId
from rfl.domain.masked import Masked
from rfl.domain.person import Place
from rfl.domain.request import Method
from rfl.domain.states import Inside, stepped
from rfl.errors import Conflict, InvalidInput, NotFound

MOST_TEAM = 50
MOST_LINES = 5_000


@dataclass(frozen=True, slots=True, repr=False)
class Line(Masked):
    """What an officer wrote about the search, or about one person of it."""

    at: datetime
    by: str
    said: str
    person: PersonId | None = None
    state: Inside | None = None

    def __post_init__(self) -> None:
        text.story(self.said, "said", 4_000)


class Came(StrEnum):
    """What came of a search action."""

    NOTHING = "nothing"
    HINT = "hint"
    FOUND = "found"
    NOT_REACHED = "not_reached"


@dataclass(frozen=True, slots=True, repr=False)
class Action(Masked):
    """One step of searching: when, where, by which method, and what came of it."""

    on: date
    by: str
    method: Method
    came: Came
    place: Place | None = None
    said: str | None = None
    person: PersonId | None = None

    def __post_init__(self) -> None:
        text.optional_story(self.said, "said")


@dataclass(frozen=True, slots=True, repr=False)
class ToDo(Masked):
    """What the searching side has to do by a day. It is no row: a row would tell of a finding."""

    id: str
    by: str
    due_on: date
    what: str
    done_at: datetime | None = None

    def __post_init__(self) -> None:
        text.line(self.what, "what")


@dataclass(frozen=True, slots=True, repr=False)
class Lead(Masked):
    """Why somebody may be the person sought: a confirmed match, or another source."""

    at: datetime
    by: str
    match: str | None
    source: str
    verified_by: str | None = None

    def __post_init__(self) -> None:
        text.line(self.source, "source")


@dataclass(frozen=True, slots=True, repr=False)
class Mark(Masked):
    """That what was found of a detained person would harm if passed on: who says so, and why."""

    by: str
    on: date
    said: str

    def __post_init__(self) -> None:
        text.story(self.said, "said", 4_000)


@dataclass(frozen=True, slots=True, repr=False)
class Search(Masked):
    """One sought person, inside.

    `consents` and `excluded`: what this person says about authorities (P-09). `detrimental`: what
    was found goes to the Central Tracing Agency alone (P-36).
    """

    person: PersonId
    state: Inside = Inside.SEARCHING
    lead: Lead | None = None
    answers: tuple[Answer, ...] = ()
    death: Death | None = None
    child: FoundChild | None = None
    reunion: tuple[str, ...] = ()
    consents: tuple[Consent, ...] = ()
    excluded: tuple[Exclusion, ...] = ()
    detrimental: Mark | None = None

    @property
    def answer(self) -> Answer | None:
        """The answer that counts: the last one."""
        return self.answers[-1] if self.answers else None

    def answer_to(self, enquirer: PersonId) -> Answer | None:
        """The answer that counts, if it was given to this enquirer: nobody inherits one (P-04)."""
        last = self.answer
        return last if last is not None and last.enquirer == enquirer else None

    def at(self, state: Inside) -> "Search":
        """Return the search in another state, or raise Conflict."""
        return replace(self, state=stepped(self.state, state))


@dataclass(frozen=True, slots=True, repr=False)
class Journal(Masked):
    """The whole file. `version` counts its changes; it stands nowhere in clear."""

    searches: tuple[Search, ...]
    version: int = 1
    team: frozenset[str] = frozenset()
    both_sides: tuple[tuple[str, str], ...] = ()
    screening: Screening | None = None
    actions: tuple[Action, ...] = ()
    lines: tuple[Line, ...] = ()
    to_do: tuple[ToDo, ...] = ()

    @property
    def has_begun(self) -> bool:
        """True from the first officer's joining on: nothing else can change a new journal."""
        return self.version > 1

    def next_version(self) -> "Journal":
        """Return the journal as it is kept after a change."""
        return replace(self, version=self.version + 1)

    def of(self, person: str) -> Search:
        """Return the search for a person, or raise NotFound: none of this case."""
        for search in self.searches:
            if search.person == person:
                return search
        raise NotFound

    def following(self, persons: tuple[PersonId, ...]) -> "Journal":
        """Return the journal with a search for every person sought now; none is taken away."""
        known = {search.person for search in self.searches}
        more = tuple(Search(person) for person in persons if person not in known)
        return replace(self, searches=(*self.searches, *more)) if more else self

    def changed(self, person: str, change: Callable[[Search], Search], line: Line) -> "Journal":
        """Return the journal with one search changed and the line that says why."""
        after = change(self.of(person))
        kept = tuple(after if one.person == person else one for one in self.searches)
        said = replace(line, person=after.person, state=after.state)
        return replace(self, searches=kept).written(said)

    def with_to_do(self, to_do: ToDo) -> "Journal":
        """Return the journal with one thing more to do by a day."""
        if len(self.to_do) >= MOST_LINES:
            raise Conflict("The journal is full: open a case that follows this one.")
        return replace(self, to_do=(*self.to_do, to_do))

    def having_done(self, to_do: str, at: datetime) -> "Journal":
        """Return the journal with one thing done, or raise NotFound or Conflict."""
        found = next((one for one in self.to_do if one.id == to_do), None)
        if found is None:
            raise NotFound
        if found.done_at is not None:
            raise Conflict("The task was done before.")
        done = replace(found, done_at=at)
        return replace(self, to_do=tuple(done if one is found else one for one in self.to_do))

    @property
    def next_day(self) -> date | None:
        """The first day by which the team has to do something."""
        return min((one.due_on for one in self.to_do if one.done_at is None), default=None)

    def written(self, line: Line) -> "Journal":
        """Return the journal with one more line."""
        if len(self.lines) >= MOST_LINES:
            raise Conflict("The journal is full: open a case that follows this one.")
        return replace(self, lines=(*self.lines, line))

    def joined_by(self, officer: str, added_by: str, enquirers_officer: str | None) -> "Journal":
        """Return the journal with one more member of the team.

        Whoever handles the enquirer joins only if a second officer agrees (P-37).
        """
        if len(self.team) >= MOST_TEAM:
            raise InvalidInput("officer", f"must not be more than {MOST_TEAM} in one team")
        agreed = self.both_sides
        if officer == enquirers_officer:
            if added_by == officer:
                rule = "Who handles the enquirer joins the search only if a second officer agrees."
                raise Conflict(rule)
            agreed = (*agreed, (officer, added_by))
        return replace(self, team=self.team | {officer}, both_sides=agreed)

    def left_by(self, officer: str) -> "Journal":
        """Return the journal without a member of the team."""
        return replace(self, team=self.team - {officer})

    def is_open_to(self, officer: str, enquirers_officer: str | None) -> bool:
        """True for a member of the team whom no rule of two sides keeps out (P-37)."""
        if officer not in self.team:
            return False
        agreed = {member for member, _by in self.both_sides}
        return officer != enquirers_officer or officer in agreed
