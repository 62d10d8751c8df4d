"""Red Cross Messages between societies: one carries what another's writer wrote, and says so.

The writer's society hears of a reply, or of delivery with the addressee's leave; else, on a day
that was fixed when the letter came, that it could not be delivered, whatever the reason (P-38).
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from rfl.domain.message import Check, Delivery, Message, NotDelivered, Post
from rfl.domain.policy import MOST_COPY_DAYS, Profile, Version
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
from rfl.exchange.case_letters import Moment, retained_until
from rfl.exchange.leaving import SECOND, destination, has_node
from rfl.exchange.letter import Handling, Letter, LetterType
from rfl.exchange.named import reference, refuse_recalled
from rfl.exchange.network import Network
from rfl.exchange.post import post
from rfl.exchange.reasons import Reason, Refused
from rfl.exchange.reception import Effect
from rfl.storage import deliveries, ledger, messages, received
from rfl.storage.deliveries import Carried
from rfl.storage.shelf import Filed
from rfl.storage.work import Work, micros


def forward(
    work: Work, network: Network, row: tuple[str, Message], peer: str, rules: Version
) -> Message:
    """Post a letter, (reference, letter), to the society that carries it; return it as carried.

    To a society without a node people bring it; Conflict where nobody has assessed it (P-16).
    """
    ref, letter = row
    if has_node(work, peer):
        work.peer = peer
        sent = forwarded(work, ref, letter, rules)
        post(work, network, peer, sent)
        ledger.append(work, count=1, reason=sent.type)
    else:
        destination(work, peer)
    return replace(letter, post=Post(peer, ref))


def forwarded(work: Work, ref: str, letter: Message, rules: Version) -> Letter:
    """Return the letter to the society that carries a message."""
    said = (letter.writer, letter.addressee, letter.relation, letter.news, letter.language)
    body = MessageForward(*said, detrimental=letter.detrimental)
    purpose = work.purpose or Purpose.FAMILY_CONTACT
    return Letter(
        type=LetterType.MESSAGE_FORWARD,
        purpose=purpose if purpose in CASEWORK else Purpose.FAMILY_CONTACT,
        case_ref=ref,
        handling=Handling(retain_until=work.micros // SECOND + rules.copy_seconds),
        data=written(body),
    )


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
        """Carry it once: of one that is here already, what may be told is told again.

        A society that was brought back to an earlier day has forgotten that it sent it. One that
        its society took back is not carried, even if it comes after that word.
        """
        if letter.purpose not in CASEWORK:
            raise Refused(Reason.PURPOSE_REFUSED)
        said = read(letter.data, MessageForward)
        own_id = messages.came_as(work, peer, reference(letter))
        ended = received.of_peer(work, peer, reference(letter))
        if ended is not None and ended[1].is_gone:
            raise Refused(Reason.RECALLED)
        if deliveries.owe_again(work, own_id):
            return
        came = Message(said.writer, said.addressee, said.relation, said.news, said.language)
        rules = self.policy.on(work.today)
        post_of = Post(peer, reference(letter), came=True, agency=rules.is_agency(peer))
        came = replace(came, post=post_of, detrimental=said.detrimental)
        days = days_to_return(came, rules)
        return_on = work.today + timedelta(days=days)
        due_at = self.moment(return_on)
        until = _kept_until(work, letter)
        begin_to_carry(work, self.network.branch, came, (return_on, due_at), own_id, until)


def _kept_until(work: Work, letter: Letter) -> int:
    """Return until when a letter may be kept: as its sender says, else as long as any copy."""
    if letter.handling is None:
        return work.micros + MOST_COPY_DAYS * 86_400 * SECOND
    return micros(retained_until(work, letter))


def days_to_return(letter: Message, rules: Version) -> int:
    """Return after how many days a letter counts as undelivered, in the addressee's country."""
    places = letter.addressee.places
    country = next((place.country for place in places if place.country), None)
    return rules.rules(country).answering.message_days


def begin_to_carry(
    work: Work,
    branch: str,
    came: Message,
    day: tuple[date, int],
    own_id: str,
    until: int | None = None,
) -> str:
    """Keep a letter of another society's writer, to be carried by a branch; return its id.

    `day`: that of its return, and that day's first moment. `until`: how long a society with a node
    lets its letter be kept.
    """
    (return_on, due_at), state = day, MessageState.TRANSMITTED
    message = replace(came, state=state, return_on=return_on, moved_at=work.now)
    row = Filed(
        id=own_id,
        case_id=None,
        branch=branch,
        officer=None,
        created_at=work.micros,
        due_at=due_at,
        open=True,
        version=1,
    )
    sender = came.post.peer if came.post is not None and until is not None else None
    messages.SHELF.add(work, row, message, peer=sender, retain_at=until)
    deliveries.begin(work, row.id, message)
    deliveries.rewrite(work, row.id, Delivery(message))
    return row.id


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
    if found is None:
        refuse_recalled(work, peer, letter)
    require_part(letter.type, () if found is None else (Part.CARRIER,))
    assert found is not None  # noqa: S101 (who is not the carrier was refused)
    return found
