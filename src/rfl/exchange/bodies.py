"""What the letters about cases say: the body of each type, written and read.

A body is JSON of the types here and in `domain.dossier`. Members that a version does not know are
ignored; one that is missing or of another form is `not-understood`. Words are codes of closed
lists: until information is given, no free text crosses a border (guide: protocol, Types).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Final, TypeVar

import msgspec

from rfl.domain.answer import FOR_THE_ENQUIRER, NOTHING_GIVEN, Given, Item
from rfl.domain.casefile import Ending
from rfl.domain.decoding import converted
from rfl.domain.dossier import Dossier
from rfl.domain.ids import PersonId
from rfl.domain.message import LONGEST, Party
from rfl.domain.person import Relation
from rfl.domain.request import TracingRequest
from rfl.domain.states import Outside
from rfl.domain.told import Told
from rfl.domain.transmission import WhyReturned
from rfl.errors import InvalidInput
from rfl.exchange.reasons import Reason, Refused

ENDS: Final = frozenset(
    {Outside.INFORMATION_GIVEN, Outside.DECEASED_CONFIRMED, Outside.ENDED_WITHOUT_INFORMATION}
)


class Decision(StrEnum):
    """What a society does with a request that came to it."""

    ACCEPTED = "accepted"
    RETURNED = "returned"
    DECLINED = "declined"


class EnclosedFile(msgspec.Struct, frozen=True):
    """A file that the letter brings: its sender's name for it, its blob, and whom it shows."""

    ref: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    sha256: Annotated[str, msgspec.Meta(min_length=43, max_length=43)]
    shows: PersonId | None = None


MOST_FILES: Final = 32
"""Files that one letter brings; half of the blobs that may wait at a recipient."""

Files = Annotated[tuple[EnclosedFile, ...], msgspec.Meta(max_length=MOST_FILES)]


class CaseRequest(msgspec.Struct, frozen=True):
    """`case.request`: the dossier. Sent again under the same reference after a return."""

    dossier: Dossier
    files: Files = ()

    def __post_init__(self) -> None:
        _require_pictures(self.files, self.dossier)
        if self.dossier.reach is not None:
            raise ValueError("reach comes with an update, once information was given")


class CaseUpdate(msgspec.Struct, frozen=True):
    """`case.update`: the dossier as it is now, in place of the one before; so with the files."""

    dossier: Dossier
    files: Files = ()

    def __post_init__(self) -> None:
        _require_pictures(self.files, self.dossier)


class CaseAnswer(msgspec.Struct, frozen=True):
    """`case.answer`: accepted with the day of the answer, or returned or declined with why.

    `asks_who`, with an acceptance that is said again: a found person asks who is searching.
    """

    decision: Decision
    answer_on: date | None = None
    reason: WhyReturned | None = None
    asks_who: bool = False

    def __post_init__(self) -> None:
        if (self.decision is Decision.ACCEPTED) != (self.answer_on is not None):
            raise ValueError("answer_on comes with an acceptance, and only then")
        if (self.decision is Decision.ACCEPTED) != (self.reason is None):
            raise ValueError("reason comes with a return or a refusal, and only then")
        if self.asks_who and self.decision is not Decision.ACCEPTED:
            raise ValueError("asks_who comes with an acceptance, and only then")


class PersonResult(msgspec.Struct, frozen=True):
    """What may be told of one sought person; the same members whatever the outcome."""

    person: Annotated[str, msgspec.Meta(min_length=30, max_length=30)]
    outcome: Outside
    items: Annotated[tuple[Item, ...], msgspec.Meta(max_length=len(Item))] = ()
    burial_place: Annotated[str, msgspec.Meta(max_length=2_000)] | None = None
    given: Given = NOTHING_GIVEN

    def untold(self) -> "PersonResult":
        """Return good news as if the person had agreed to nothing."""
        if self.outcome is not Outside.INFORMATION_GIVEN:
            return self
        return PersonResult(self.person, Outside.ENDED_WITHOUT_INFORMATION)

    def told(self) -> Told:
        """Return it as the case file keeps what was told; what no item covers is not read."""
        told = Told(self.outcome, frozenset(self.items), self.burial_place, self.given)
        return told.within(FOR_THE_ENQUIRER)


class CaseResult(msgspec.Struct, frozen=True):
    """`case.result`: what may be told now of the persons of whom something may be told."""

    results: Annotated[tuple[PersonResult, ...], msgspec.Meta(min_length=1, max_length=30)]

    def __post_init__(self) -> None:
        persons = [one.person for one in self.results]
        if len(set(persons)) != len(persons) or any(
            one.outcome not in ENDS for one in self.results
        ):
            raise ValueError("each person once, with an outcome that may be told")


class Reminder(StrEnum):
    """Templates of `case.reminder`."""

    ANSWER_DUE = "answer_due"
    DECISION_DUE = "decision_due"


class CaseReminder(msgspec.Struct, frozen=True):
    """`case.reminder`: which template."""

    template: Reminder


class CaseClose(msgspec.Struct, frozen=True):
    """`case.close`: the asking society's case is closed; the search ends."""

    ending: Ending


class CaseReopen(msgspec.Struct, frozen=True):
    """`case.reopen`: the search goes on."""


class Turn(StrEnum):
    """Steps of a handover; with `given`, and only once, the recipient is the owner."""

    OFFER = "offer"
    ACCEPT = "accept"
    DECLINE = "decline"
    GIVEN = "given"


class CaseHandover(msgspec.Struct, frozen=True):
    """`case.handover`: one step. With the offer comes the whole request: contact and consents."""

    turn: Turn
    request: TracingRequest | None = None
    country: Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$")] | None = None
    files: Files = ()

    def __post_init__(self) -> None:
        if (self.turn is Turn.OFFER) != (self.request is not None):
            raise ValueError("request comes with an offer, and only then")
        if self.files and self.request is None:
            raise ValueError("files come with an offer, and only then")
        _require_distinct(self.files)


class Whose(StrEnum):
    """Whose consent changed."""

    ENQUIRER = "enquirer"
    FOUND_PERSON = "found_person"


class ConsentChange(msgspec.Struct, frozen=True):
    """`consent.change`: taken back, from a day on; a found person's for one of the persons."""

    whose: Whose
    on: date
    person: Annotated[str, msgspec.Meta(min_length=30, max_length=30)] | None = None


class ErasureRequest(msgspec.Struct, frozen=True):
    """`erasure.request`: destroy what came under this reference, and attest it."""


class ErasureAttestation(msgspec.Struct, frozen=True):
    """`erasure.attestation`: a constant body; the reference stands in the letter."""

    on: date


class PeerRecall(msgspec.Struct, frozen=True):
    """`peer.recall`: destroy everything that came from the sender, stop, and attest."""


class MessageForward(msgspec.Struct, frozen=True):
    """`message.forward`: a letter that was checked, for the recipient to carry.

    `detrimental`: only the Central Tracing Agency gets it, and passes it on to no other (P-36).
    """

    writer: Party
    addressee: Party
    relation: Relation
    news: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST)]
    language: Annotated[str, msgspec.Meta(min_length=1, max_length=35)]
    detrimental: bool = False


class MessageReply(msgspec.Struct, frozen=True):
    """`message.reply`: the reply, or the day of delivery where the addressee lets it be known."""

    reply: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST)] | None = None
    delivered_on: date | None = None


class MessageUndeliverable(msgspec.Struct, frozen=True):
    """`message.undeliverable`: one reason for all, so none is named (P-38)."""


Body = (
    CaseRequest
    | CaseUpdate
    | CaseAnswer
    | CaseResult
    | CaseReminder
    | CaseClose
    | CaseReopen
    | CaseHandover
    | ConsentChange
    | ErasureRequest
    | ErasureAttestation
    | PeerRecall
    | MessageForward
    | MessageReply
    | MessageUndeliverable
)
_T = TypeVar("_T", bound=msgspec.Struct)


def written(body: msgspec.Struct) -> dict[str, Any]:
    """Return a body as the `data` of a letter."""
    data: dict[str, Any] = msgspec.to_builtins(body)
    return data


def read(data: Mapping[str, Any], kind: type[_T]) -> _T:
    """Return the body that `data` says, or raise Refused: every rule of its fields is checked."""
    try:
        return converted(data, kind)
    except (msgspec.ValidationError, InvalidInput, ValueError) as cause:
        raise Refused(Reason.NOT_UNDERSTOOD) from cause


def result_of(person: PersonId, told: Told) -> PersonResult:
    """Return what is told of a person as a letter says it; items in the order of their list."""
    items = tuple(item for item in Item if item in told.items)
    return PersonResult(person, told.outcome, items, told.burial_place, told.given)


def _require_distinct(files: Sequence[EnclosedFile]) -> None:
    refs, blobs = {one.ref for one in files}, {one.sha256 for one in files}
    if len(refs) != len(files) or len(blobs) != len(files):
        raise ValueError("each file has a name and a blob of its own")


def _require_pictures(files: Sequence[EnclosedFile], dossier: Dossier) -> None:
    """With a request come pictures of its persons; documents hold free text and stay home."""
    _require_distinct(files)
    persons = set(dossier.persons)
    if dossier.enquirer is not None:
        persons.add(dossier.enquirer.id)
    if any(one.shows not in persons for one in files):
        raise ValueError("each file shows a person of the dossier")
