"""Red Cross Messages: an open letter with family news only, and a part to reply on.

What the sender hears of delivery is `domain.told.told_of_message` alone (P-38).
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from rfl.domain import text
from rfl.domain.masked import Masked
from rfl.domain.person import Name, Place, Relation
from rfl.domain.states import MessageState, stepped
from rfl.domain.told import DELIVERED, told_of_message
from rfl.errors import Conflict, InvalidInput

LONGEST = 4_000


class Objection(StrEnum):
    """Why a letter goes back to its writer: family news only."""

    POLITICS = "politics"
    MILITARY = "military"
    MONEY = "money"
    NOT_FAMILY_NEWS = "not_family_news"
    NOT_LEGIBLE = "not_legible"


class NotDelivered(StrEnum):
    """Why a letter came back. It is kept inside and leaves as one reason (P-38)."""

    REFUSED = "refused"
    NOT_FOUND = "not_found"
    NOT_REACHED = "not_reached"
    MOVED = "moved"
    DIED_REPORTED = "died_reported"


@dataclass(frozen=True, slots=True, repr=False)
class Party(Masked):
    """Writer or addressee: names and places as each alphabet has them."""

    names: tuple[Name, ...]
    places: tuple[Place, ...] = ()

    def __post_init__(self) -> None:
        if not self.names:
            raise InvalidInput("names", "must hold at least one name")


@dataclass(frozen=True, slots=True, repr=False)
class Check(Masked):
    """An officer's check of a letter: none of it was changed."""

    on: date
    by: str
    returned: Objection | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Post(Masked):
    """The society that carries a letter for this one, or for which this one carries it (`came`).

    `ref` is the writer's society's reference. `agency`: it is the Central Tracing Agency.
    """

    peer: str
    ref: str
    came: bool = False
    agency: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Message(Masked):
    """Both parts of a message and what became of it. It may start without a case.

    `detainee`: its writer says that the addressee is detained; then it goes through the ICRC.
    `detrimental`: what it says of a detained person would harm if passed on, so that no society but
    the Central Tracing Agency carries it; `held_back`: what became of it would (P-36).
    """

    writer: Party
    addressee: Party
    relation: Relation
    news: str
    language: str
    detainee: bool = False
    state: MessageState = MessageState.COLLECTED
    checks: tuple[Check, ...] = ()
    return_on: date | None = None
    reply: str | None = None
    reply_checks: tuple[Check, ...] = ()
    delivered_on: date | None = None
    may_tell_delivery: bool = False
    not_delivered: NotDelivered | None = None
    post: Post | None = None
    moved_at: datetime | None = None
    detrimental: bool = False
    held_back: bool = False

    def __post_init__(self) -> None:
        text.story(self.news, "news", LONGEST)
        text.line(self.language, "language", 35)
        if self.reply is not None:
            text.story(self.reply, "reply", LONGEST)

    def checked(self, check: Check, at: datetime) -> "Message":
        """Return the letter after a check; one that is returned stays collected."""
        checks = (*self.checks, check)
        if check.returned is not None:
            if self.state is not MessageState.COLLECTED:
                raise Conflict("Only a letter that was collected is returned to its writer.")
            return replace(self, checks=checks, moved_at=at)
        return replace(self._at(MessageState.CHECKED, at), checks=checks)

    def rewritten(self, news: str) -> "Message":
        """Return a letter that its writer wrote anew; it is checked again."""
        if self.state is not MessageState.COLLECTED:
            raise Conflict("A letter that was checked is not changed.")
        return replace(self, news=news)

    def transmitted(
        self, return_on: date, at: datetime, *, through_icrc: bool = False
    ) -> "Message":
        """Return the letter as sent, with the day on which it comes back if nothing is heard."""
        if (self.detainee or self.detrimental) and not through_icrc:
            raise InvalidInput("through_icrc", "must be true for a detainee")
        return replace(self._at(MessageState.TRANSMITTED, at), return_on=return_on)

    def delivered(self, on: date, *, may_tell: bool) -> "Message":
        """Return the letter as handed over; the state shows it to nobody."""
        if self.state is not MessageState.TRANSMITTED:
            raise Conflict("Only a letter that was transmitted is delivered.")
        return replace(self, delivered_on=on, may_tell_delivery=may_tell)

    def replied(self, reply: str, check: Check, at: datetime) -> "Message":
        """Return the letter with its reply, checked, or raise Conflict: no reply without one."""
        if check.returned is not None:
            if self.state is not MessageState.TRANSMITTED:
                raise Conflict("There is no letter that this replies to.")
            return replace(self, reply_checks=(*self.reply_checks, check))
        after = self._at(MessageState.REPLY_COLLECTED, at)
        return replace(after, reply=reply, reply_checks=(*self.reply_checks, check))

    def reply_delivered(self, at: datetime) -> "Message":
        """Return the letter with its reply handed to the writer."""
        return self._at(MessageState.REPLY_DELIVERED, at)

    def undeliverable(self, reason: NotDelivered, at: datetime) -> "Message":
        """Return the letter as one that could not be delivered, with the reason kept inside."""
        return replace(self._at(MessageState.COULD_NOT_BE_DELIVERED, at), not_delivered=reason)

    @property
    def owes_word(self) -> bool:
        """True if another society's writer may hear something now."""
        heard = self.state in (MessageState.REPLY_COLLECTED, MessageState.COULD_NOT_BE_DELIVERED)
        return self.post is not None and self.post.came and (heard or self.delivered_on is not None)

    def _at(self, state: MessageState, at: datetime) -> "Message":
        return replace(self, state=stepped(self.state, state), moved_at=at)


@dataclass(frozen=True, slots=True, repr=False)
class Delivery(Masked):
    """What became of a letter on its way, as only who carries it sees; `version` counts changes."""

    message: Message
    version: int = 1

    def then(self, message: Message) -> "Delivery":
        """Return it as it is kept after a change."""
        return Delivery(message, self.version + 1)


def heard(letter: Message, carried: Message, on: date) -> Message:
    """Return the writer's side of a letter after what may be told of its delivery (P-38).

    A reply that comes after the letter counted as undelivered is good news, and leaves at once.
    """
    if carried.return_on is None or letter.state is MessageState.REPLY_DELIVERED:
        return letter
    agreed = carried.delivered_on is not None and carried.may_tell_delivery
    state = carried.state
    if carried.held_back and not (letter.post is not None and letter.post.agency):
        agreed, state = False, MessageState.TRANSMITTED
    said = told_of_message(state, carried.return_on, on, agreed=agreed)
    if said == MessageState.REPLY_COLLECTED:
        state, moved = MessageState.REPLY_COLLECTED, carried.moved_at
        return replace(letter, state=state, reply=carried.reply, moved_at=moved)
    if said == MessageState.COULD_NOT_BE_DELIVERED:
        return replace(letter, state=MessageState.COULD_NOT_BE_DELIVERED)
    if said == DELIVERED:
        return replace(letter, delivered_on=carried.delivered_on, may_tell_delivery=True)
    return letter
