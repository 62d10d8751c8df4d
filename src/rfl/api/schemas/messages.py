"""Red Cross Messages and calls: what is written, checked, carried, and what the writer hears."""

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field

from rfl.api.schemas.base import Brief, Choice, Day, Few, Line, Story, Strict, each, inside
from rfl.api.schemas.person import Country, Name, Place
from rfl.domain import call, message
from rfl.domain.person import Relation
from rfl.domain.states import MessageState

_News = Annotated[Story, Field(max_length=message.LONGEST)]
_CaseId = Annotated[Line, Field(max_length=30)]


class Party(Strict):
    """Writer or addressee: names and places as each alphabet has them."""

    names: Annotated[tuple[Name, ...], Few]
    places: Annotated[tuple[Place, ...], Few] = ()

    def to_domain(self) -> message.Party:
        """Return the party, or raise InvalidInput."""
        names = each("names", self.names, Name.to_domain)
        return message.Party(names, each("places", self.places, Place.to_domain))


class NewMessage(Strict):
    """A letter as it was written, for a case or without one.

    `detrimental`: what it says of a detained person would harm if passed on; no society but the
    Central Tracing Agency carries it.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "writer": {"names": [{"text": "Али Хосеини"}, {"text": "علي حسيني"}]},
                    "addressee": {
                        "names": [{"text": "Maryam Hosseini"}, {"text": "مريم حسيني"}],
                        "places": [{"country": "AF", "town": "Kabul"}],
                    },
                    "relation": "mother",
                    "news": "We are well. The little one walks.",
                    "language": "fa",
                }
            ]
        }
    )

    writer: Party
    addressee: Party
    relation: Annotated[Relation, Choice]
    news: _News
    language: Brief
    detainee: bool = False
    detrimental: bool = False
    case_id: _CaseId | None = None

    def to_domain(self) -> message.Message:
        """Return the letter, or raise InvalidInput."""
        writer = inside("writer", self.writer, Party.to_domain)
        addressee = inside("addressee", self.addressee, Party.to_domain)
        assert writer is not None and addressee is not None  # noqa: S101, PT018 (both are required)
        said = (self.relation, self.news, self.language)
        return message.Message(
            writer, addressee, *said, detainee=self.detainee, detrimental=self.detrimental
        )


class MessageOnPaper(NewMessage):
    """A letter that came on paper from a society without a node, under that society's reference."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "peer": "west",
                    "ref": "W-2026-118",
                    "writer": {"names": [{"text": "Amina Diallo"}]},
                    "addressee": {"names": [{"text": "Ousmane Diallo"}]},
                    "relation": "brother",
                    "news": "The harvest was good. Grandmother asks for you.",
                    "language": "fr",
                }
            ]
        }
    )

    peer: Annotated[str, Field(pattern=r"^[a-z0-9-]{2,40}$")]
    ref: Annotated[str, Field(min_length=1, max_length=64)]


class Checked(Strict):
    """Family news only: `returned` says why a letter goes back to its writer."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}, {"returned": "politics"}]})

    returned: Annotated[message.Objection, Choice] | None = None


class Rewritten(Strict):
    """What the writer wrote anew."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"news": "We are well."}]})

    news: _News


class Sending(Strict):
    """Where the addressee is, as far as known: it decides after how many days nothing was heard.

    `peer`: the society with a node that carries the letter; without one this society does. A letter
    to a detainee goes through the ICRC.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"country": "AF"},
                {"country": "RS", "peer": "south"},
                {},
                {"through_icrc": True},
            ]
        }
    )

    country: Country | None = None
    peer: Annotated[str, Field(pattern=r"^[a-z0-9-]{2,40}$")] | None = None
    through_icrc: bool = False


class HandedOver(Strict):
    """The letter was handed over; whether the addressee lets the writer know.

    `detrimental`: the addressee is detained, and to tell would harm: it stays here.
    """

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"on": "2026-03-01", "may_tell": False}]}
    )

    on: Day
    may_tell: bool
    detrimental: bool = False


class Reply(Strict):
    """The reply, and why it goes back to who wrote it, if it does.

    `detrimental`: it comes from who is detained, and would harm if passed on: it stays here.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [{"reply": "All of us are well."}]})

    reply: _News
    returned: Annotated[message.Objection, Choice] | None = None
    detrimental: bool = False


class Failure(Strict):
    """Why the letter was not delivered; it stays with who carries it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "not_found"}]})

    reason: Annotated[message.NotDelivered, Choice]


class Check(Strict):
    """An officer's check of a letter."""

    on: Day
    by: str
    returned: Annotated[message.Objection, Choice] | None


class FiledRow(Strict):
    """What stands in clear of a record beside a case."""

    id: str
    case_id: str | None
    branch: str
    officer: str | None
    created_at: datetime
    due_at: datetime | None
    open: bool
    version: int


class OwedRow(Strict):
    """A letter of which the society of its writer, `peer`, is to be brought word by people."""

    id: str
    created_at: datetime
    version: int
    peer: str


class OwedRows(Strict):
    """A page of them, the first that came first. `next` is the cursor of the next page."""

    items: list[OwedRow]
    next: str | None


class FiledRows(Strict):
    """Open records of the branch, oldest first. `next` is the cursor of the next page."""

    items: list[FiledRow]
    next: str | None


class MessageAnswer(FiledRow):
    """A letter as its writer hears of it: delivery shows by a reply or with leave alone (P-38)."""

    writer: Party
    addressee: Party
    relation: Annotated[Relation, Choice]
    news: str
    language: str
    detainee: bool
    detrimental: bool
    state: Annotated[MessageState, Choice]
    checks: list[Check]
    return_on: Day | None
    delivered_on: Day | None
    reply: str | None
    offers_request: bool


class DeliveryAnswer(Strict):
    """What became of a letter, for who carries it; its version is the delivery's own."""

    id: str
    version: int
    addressee: Party
    news: str
    language: str
    state: Annotated[MessageState, Choice]
    return_on: Day | None
    delivered_on: Day | None
    may_tell_delivery: bool
    not_delivered: Annotated[message.NotDelivered, Choice] | None
    reply: str | None
    reply_checks: list[Check]
    held_back: bool


class NewCall(Strict):
    """That a family spoke on the society's line; no number, and nothing of what was said."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"on": "2026-03-01", "way": "video", "both_agreed": True}]}
    )

    on: Day
    way: Annotated[call.CallWay, Choice]
    both_agreed: bool
    detainee: bool = False
    through_icrc: bool = False
    case_id: _CaseId | None = None

    def to_domain(self, by: str) -> call.FamilyCall:
        """Return the fact, kept by this officer."""
        facts = dict(self)
        del facts["case_id"]
        return call.FamilyCall(by=by, **facts)


class CallAnswer(FiledRow):
    """A call as it was recorded."""

    on: Day
    way: Annotated[call.CallWay, Choice]
    by: str
    both_agreed: bool
    detainee: bool
    through_icrc: bool


class CallAnswers(Strict):
    """The calls of a case, the first kept first."""

    items: list[CallAnswer]
