"""A Red Cross Message between two societies: carried, answered, or not delivered (P-38)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from rfl.domain.access import Verb
from rfl.domain.message import Message, NotDelivered
from rfl.domain.purpose import Purpose
from rfl.domain.states import MessageState
from rfl.exchange import bodies, message_letters
from rfl.exchange.letter import Letter, LetterType
from rfl.exchange.reasons import Reason
from rfl.flows import carry_message as carry
from rfl.flows.runtime import OFFICE_CALL, Call
from rfl.flows.send_message import (
    Way,
    check_message,
    collect_message,
    list_messages,
    read_message,
    transmit_message,
)
from rfl.storage import ledger, messages, outbox
from tests.exchange.across import days_pass, letters_cross, make_pair
from tests.exchange.network import Society
from tests.exchange.test_authority import told
from tests.flows.test_messages import LETTER
from tests.office import make_account
from tests.support import OFFICER, Clock

Pair = tuple[Society, Society]


@pytest.fixture
def pair(sqlite_template: Path, tmp_path: Path, clock: Clock) -> Iterator[Pair]:
    yield from make_pair(sqlite_template, tmp_path, clock)


def forwarded(here: Society, there: Society) -> str:
    """A checked letter that the other society carries."""
    message = collect_message(here.rt, OFFICER, LETTER)
    check_message(here.rt, OFFICER, message, 1, None)
    transmit_message(here.rt, OFFICER, message, 2, Way("AF", there.network.code))
    letters_cross(here, there)
    return message


def carrier(there: Society) -> tuple[Call, str]:
    """An officer of the branch that carries, and the letter that came."""
    officer = make_account(there.rt, branch=there.network.branch)
    [row] = list_messages(there.rt, officer, (-1, ""), 9)
    return officer, row.id


def seen(here: Society, message: str) -> Message:
    return read_message(here.rt, OFFICER, message).message


def test_a_letter_is_carried_elsewhere_and_its_reply_comes_back(pair: Pair) -> None:
    message = forwarded(*pair)
    officer, copy = carrier(pair[1])
    assert read_message(pair[1].rt, officer, copy).message.news == LETTER.news
    carry.collect_reply(pair[1].rt, officer, copy, 1, ("مادر خوب است", None))
    letters_cross(*pair)
    letter = seen(pair[0], message)
    assert (letter.state, letter.reply) == (
        MessageState.REPLY_COLLECTED,
        "مادر خوب است",
    )


def test_the_word_of_a_letter_in_every_state_twice_and_from_who_does_not_carry_it(
    pair: Pair,
) -> None:
    message = forwarded(*pair)
    reply = bodies.written(bodies.MessageReply(reply="We are well."))
    nothing = bodies.written(bodies.MessageUndeliverable())

    def said(here: Society, there: Society, kind: LetterType, data: dict[str, object]) -> object:
        letter = Letter(type=kind, purpose=Purpose.FAMILY_CONTACT, case_ref=message, data=data)
        return told(here, there, letter)[1]

    back = pair[::-1]
    assert said(*pair, LetterType.MESSAGE_REPLY, reply) == Reason.NOT_YOURS
    assert said(*pair, LetterType.MESSAGE_UNDELIVERABLE, nothing) == Reason.NOT_YOURS
    assert said(*back, LetterType.MESSAGE_REPLY, reply) is None
    assert seen(pair[0], message).reply == "We are well."
    other = bodies.written(bodies.MessageReply(reply="Somebody else writes this."))
    assert said(*back, LetterType.MESSAGE_REPLY, other) is None
    assert seen(pair[0], message).reply == "We are well.", "the first one stands"
    assert said(*back, LetterType.MESSAGE_UNDELIVERABLE, nothing) == Reason.CONFLICT
    assert seen(pair[0], message).state is MessageState.REPLY_COLLECTED


def test_what_a_society_brought_back_forwards_again_is_carried_once_and_told_again(
    pair: Pair,
) -> None:
    """It has forgotten that it sent the letter, and what it heard of it."""
    message = forwarded(*pair)
    officer, copy = carrier(pair[1])
    carry.collect_reply(pair[1].rt, officer, copy, 1, ("We are well.", None))
    letters_cross(*pair)
    with pair[0].rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        ledger.append(work)
        rules = pair[0].rt.rules.policy.on(work.today)
        again = message_letters.forwarded(work, message, LETTER, rules)
    before = sent_by(pair[1])
    assert told(*pair, again)[1] is None
    letters_cross(*pair)
    assert sent_by(pair[1]) == before + 1
    assert len(list_messages(pair[1].rt, officer, (-1, ""), 9)) <= 1
    with pair[1].rt.look(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        assert work.connection.scalar(select(func.count()).select_from(messages.messages)) == 1


def sent_by(society: Society) -> int:
    with society.rt.ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        return sum(outbox.counts(work).values())


def test_p38_delivery_is_told_across_the_border_with_leave_alone(pair: Pair) -> None:
    first = forwarded(*pair)
    officer, copy = carrier(pair[1])
    handed = pair[1].rt.today()
    carry.deliver_message(pair[1].rt, officer, copy, 1, (handed, True))
    letters_cross(*pair)
    assert seen(pair[0], first).delivered_on == handed


@pytest.mark.parametrize("reason", [*NotDelivered, None])
def test_p38_every_way_of_not_answering_is_one_across_the_border(
    pair: Pair, clock: Clock, reason: NotDelivered | None
) -> None:
    message = forwarded(*pair)
    officer, copy = carrier(pair[1])
    if reason is None:
        carry.deliver_message(pair[1].rt, officer, copy, 1, (pair[1].rt.today(), False))
    else:
        carry.fail_message(pair[1].rt, officer, copy, 1, reason)
    assert pair[1].line is not None
    carried = len(pair[1].line.carried)
    letters_cross(*pair)
    assert len(pair[1].line.carried) == carried
    assert seen(pair[0], message).state is MessageState.TRANSMITTED
    days_pass(clock, 127, *pair)
    letter = seen(pair[0], message)
    assert (letter.state, letter.not_delivered) == (
        MessageState.COULD_NOT_BE_DELIVERED,
        None,
    )
