"""What a found person answered, item by item, and how they were asked (P-02, P-04).

An answer is for one enquirer. A second enquirer, or a successor, does not inherit it. Without the
record of how the person was asked there is no answer, and so nothing to tell.
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from rfl.domain import text
from rfl.domain.consent import ConsentForm, Detail
from rfl.domain.ids import PersonId
from rfl.domain.masked import Masked
from rfl.errors import Conflict, InvalidInput


class Item(StrEnum):
    """What a person may allow to be told; no item brings another with it."""

    SEARCH_IS_OVER = "search_is_over"
    ALIVE_AND_WELL = "alive_and_well"
    MESSAGE = "message"
    PHONE = "phone"
    ADDRESS = "address"
    MEETING = "meeting"
    ASKING_SOCIETY_MAY_KNOW = "asking_society_may_know"


@dataclass(frozen=True, slots=True, repr=False)
class Given(Masked):
    """What a person gives to be passed on: each goes with the item of its name, and never without.

    `message` is free text: it crosses a border with information that is given, and not before.
    """

    phone: str | None = None
    address: str | None = None
    message: str | None = None

    def __post_init__(self) -> None:
        text.optional_lines(self, ("phone", "address"))
        text.optional_story(self.message, "message")

    def within(self, items: frozenset[Item]) -> "Given":
        """Return what of it these items let be told."""
        kept = {name: getattr(self, name) for name in _WITH if _WITH[name] in items}
        return Given(**kept)

    def then(self, later: "Given") -> "Given":
        """Return it after more was given: what is newer stands in place of the older."""
        return Given(**{name: getattr(later, name) or getattr(self, name) for name in _WITH})


_WITH = {"phone": Item.PHONE, "address": Item.ADDRESS, "message": Item.MESSAGE}
NOTHING_GIVEN = Given()

# Apart from the items that the enquirer hears of.
FOR_THE_ENQUIRER = frozenset(Item) - {Item.ASKING_SOCIETY_MAY_KNOW}


class Incapacity(StrEnum):
    """Why a person cannot answer (P-04b)."""

    SMALL_CHILD = "small_child"
    UNCONSCIOUS = "unconscious"
    WITHOUT_CAPACITY = "without_capacity"


@dataclass(frozen=True, slots=True, repr=False)
class Consultation(Masked):
    """How the person was asked: identified, alone, before the enquirer was named (P-02).

    `told`: what of the enquirer the person was told, beyond the relation.
    """

    on: date
    place: str
    asked_by: str
    language: str
    form: ConsentForm
    identified_by: str
    alone: bool
    identified_first: bool
    interpreter: str | None = None
    witness: str | None = None
    guardian: str | None = None
    told: frozenset[Detail] = frozenset()

    def __post_init__(self) -> None:
        for name in ("place", "language", "identified_by"):
            text.line(getattr(self, name), name)
        text.optional_lines(self, ("interpreter", "witness", "guardian"))
        if not self.alone and self.guardian is None:
            raise InvalidInput("alone", "must be true, but for a child with its guardian")
        if not self.identified_first:
            rule = "must be true: the person is identified before it is said who asks"
            raise InvalidInput("identified_first", rule)
        if self.form is ConsentForm.SPOKEN_BEFORE_WITNESS and self.witness is None:
            raise InvalidInput("witness", "must be given where the answer was spoken")


@dataclass(frozen=True, slots=True, repr=False)
class Representative(Masked):
    """Who decides in the best interest of a person who cannot answer (P-04b)."""

    name: str
    capacity: str
    reason: Incapacity
    best_interest: str
    ask_again_on: date
    agreed_by: str | None = None

    def __post_init__(self) -> None:
        for field in ("name", "capacity"):
            text.line(getattr(self, field), field)
        text.story(self.best_interest, "best_interest")


@dataclass(frozen=True, slots=True, repr=False)
class Answer(Masked):
    """One person's answer to one enquirer. No item at all is a refusal."""

    person: PersonId
    enquirer: PersonId
    items: frozenset[Item]
    consultation: Consultation
    holds_until: date | None = None
    name_may_be_told: bool = False
    representative: Representative | None = None
    withdrawn_on: date | None = None
    given: Given = NOTHING_GIVEN

    def __post_init__(self) -> None:
        on = self.consultation.on
        if self.given != self.given.within(self.items):
            raise InvalidInput("given", "must hold nothing that the items do not let be told")
        if self.person == self.enquirer:
            raise InvalidInput("enquirer", "must not be the person who answers")
        if self.items == {Item.ASKING_SOCIETY_MAY_KNOW}:
            raise InvalidInput("items", "must hold what the asking society may know")
        if self.holds_until is not None and self.holds_until < on:
            raise InvalidInput("holds_until", "must not lie before the day of the answer")
        if self.withdrawn_on is not None and self.withdrawn_on < on:
            raise InvalidInput("withdrawn_on", "must not lie before the day of the answer")
        if self.representative is not None and self.representative.ask_again_on < on:
            raise InvalidInput("ask_again_on", "must not lie before the day of the answer")

    @property
    def refuses(self) -> bool:
        """True if nothing may be told."""
        return not self.items & FOR_THE_ENQUIRER

    def allows(self, on: date) -> frozenset[Item]:
        """Return the items that hold on a day; none once withdrawn, ended, or not yet agreed."""
        if self.withdrawn_on is not None and on >= self.withdrawn_on:
            return frozenset()
        if on < self.consultation.on or (self.holds_until is not None and on > self.holds_until):
            return frozenset()
        if self.representative is not None and self.representative.agreed_by is None:
            return frozenset()
        return self.items

    def agreed(self, officer: str) -> "Answer":
        """Return the representative's decision with the second officer's agreement (P-04b)."""
        if self.representative is None or self.representative.agreed_by is not None:
            raise Conflict("There is no decision of a representative that waits for agreement.")
        if officer == self.consultation.asked_by:
            raise Conflict("The second officer must not be the one who asked.")
        return replace(self, representative=replace(self.representative, agreed_by=officer))

    def withdrawn(self, on: date) -> "Answer":
        """Return the answer as taken back on a day."""
        if self.withdrawn_on is not None:
            raise Conflict("The answer was withdrawn before.")
        return replace(self, withdrawn_on=on)
