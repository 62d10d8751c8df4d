"""Red Cross Messages between societies: one carries what another's writer wrote, and says so.

The writer's society hears of a reply, or of delivery with the addressee's leave; else, on a day
that was fixed when the letter came, that it could not be delivered, whatever the reason (P-38).
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from rfl.domain.ids import new_id
from rfl.domain.message import Check, Delivery, Message, NotDelivered, Post
from rfl.domain.policy import Profile
from rfl.domain.purpose import CASEWORK, Purpose
from rfl.domain.states import MessageState
from rfl.errors import Conflict
from rfl.exchange.authority import Part, require_part
from rfl.exchange.bodies import (
    MessageForward,
    MessageReply,
    MessageUndeliverable,
    read,
    written,
)
from rfl.exchange.case_letters import Moment, reference
from rfl.exchange.leaving import KEEP_SECONDS, SECOND
from rfl.exchange.letter import Handling, Letter, LetterType
from rfl.exchange.network import Network
from rfl.exchange.post import post
from rfl.exchange.reasons import Reason, Refused
from rfl.exchange.reception import Effect
from rfl.storage import deliveries, ledger, messages
from rfl.storage.deliveries import Carried
from rfl.storage.shelf import Filed
from rfl.storage.work import Work


def forward(work: Work, network: Network, ref: str, letter: Message, peer: str) -> Message:
    """Post a letter to the society that carries it; return the letter as one that it carries."""
    body = MessageForward(
        letter.writer, letter.addressee, letter.relation, letter.news, letter.language
    )
    purpose = work.purpose or Purpose.FAMILY_CONTACT
    sent = Letter(
        type=LetterType.MESSAGE_FORWARD,
        purpose=purpose if purpose in CASEWORK else Purpose.FAMILY_CONTACT,
        case_ref=ref,
        handling=Handling(retain_until=work.micros // SECOND + KEEP_SECONDS),
        data=written(body),
    )
    work.peer = peer
    post(work, network, peer, sent)
    ledger.append(work, count=1, reason=sent.type)
    return replace(letter, post=Post(peer, ref))


def answer_to(letter: Message) -> tuple[str, Letter]:
    """Return the writer's society, and what its writer may hear of a letter carried for it."""
    if letter.post is None or not letter.post.came:
        raise Conflict("This letter is not one of another society.")
    kind, data = LetterType.MESSAGE_REPLY, written(MessageReply(letter.reply, letter.delivered_on))
    if letter.state is MessageState.COULD_NOT_BE_DELIVERED:
        kind, data = LetterType.MESSAGE_UNDELIVERABLE, written(MessageUndeliverable())
    said = Letter(type=kind, purpose=Purpose.FAMILY_CONTACT, case_ref=letter.post.ref, data=data)
    return letter.post.peer, said


@dataclass(frozen=True, slots=True)
class MessageLetters:
    """The effects of letters about messages; what comes is carried by the branch for letters."""

    network: Network
    policy: Profile
    moment: Moment

    @property
    def effects(self) -> dict[LetterType, Effect]:
        """What each type does."""
        return {
            LetterType.MESSAGE_FORWARD: self._take_message,
            LetterType.MESSAGE_REPLY: _take_reply,
            LetterType.MESSAGE_UNDELIVERABLE: _take_undeliverable,
        }

    def _take_message(self, work: Work, peer: str, letter: Letter) -> None:
        if letter.purpose not in CASEWORK:
            raise Refused(Reason.PURPOSE_REFUSED)
        said = read(letter.data, MessageForward)
        country = next((place.country for place in said.addressee.places if place.country), None)
        days = self.policy.on(work.today).rules(country).answering.message_days
        return_on = work.today + timedelta(days=days)
        message = Message(
            writer=said.writer,
            addressee=said.addressee,
            relation=said.relation,
            news=said.news,
            language=said.language,
            state=MessageState.TRANSMITTED,
            return_on=return_on,
            post=Post(peer, reference(letter), came=True),
            moved_at=work.now,
        )
        row = Filed(
            id=new_id("msg"),
            case_id=None,
            branch=self.network.branch,
            officer=None,
            created_at=work.micros,
            due_at=self.moment(return_on),
            open=True,
            version=1,
        )
        messages.SHELF.add(work, row, message)
        deliveries.begin(work, row.id, message)
        deliveries.rewrite(work, row.id, Delivery(message))


def _take_reply(work: Work, peer: str, letter: Letter) -> None:
    carried = _carried(work, peer, letter)
    said = read(letter.data, MessageReply)
    message = carried.delivery.message
    if said.delivered_on is not None and message.delivered_on is None:
        message = message.delivered(said.delivered_on, may_tell=True)
    if said.reply is not None and message.reply is None:
        message = message.replied(said.reply, Check(work.today, peer), work.now)
    deliveries.keep(work, carried, message)


def _take_undeliverable(work: Work, peer: str, letter: Letter) -> None:
    """Keep it: the writer hears it on the day that was fixed when the letter left."""
    carried = _carried(work, peer, letter)
    read(letter.data, MessageUndeliverable)
    message = carried.delivery.message.undeliverable(NotDelivered.NOT_REACHED, work.now)
    deliveries.keep(work, carried, message)


def _carried(work: Work, peer: str, letter: Letter) -> Carried:
    """Return the letter that this society carries, or raise Refused: the same for every other."""
    found = deliveries.for_peer(work, peer, reference(letter))
    require_part(letter.type, () if found is None else (Part.CARRIER,))
    assert found is not None  # noqa: S101 (who is not the carrier was refused)
    return found
