"""Who carries a Red Cross Message: handed over, replied to, or not delivered (P-38).

Each is one entry of one verb in the log, whatever it says, and none touches the writer's side
before it may be told.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from rfl.domain.access import Verb
from rfl.domain.ids import check_id
from rfl.domain.message import Check, Message, NotDelivered, Objection
from rfl.errors import InvalidInput
from rfl.flows.runtime import Call, Runtime
from rfl.storage import deliveries
from rfl.storage.deliveries import Carried as Carried
from rfl.storage.work import Work


def read_delivery(rt: Runtime, call: Call, message_id: str) -> Carried:
    """Open what became of a letter, as one who carries it and does not handle the writer."""
    with rt.begin(call, Verb.MESSAGE_CARRY) as work:
        return deliveries.opened(work, check_id(message_id, "msg"))


def deliver_message(
    rt: Runtime,
    call: Call,
    message_id: str,
    version: int,
    handed: tuple[date, bool],
    *,
    held_back: bool = False,
) -> int:
    """Record that the letter was handed over: (day, whether the writer may know).

    `held_back`: to know it would harm the addressee, who is detained; the Central Tracing Agency
    alone may (P-36).
    """
    on, may_tell = handed
    if on > rt.today():
        raise InvalidInput("on", "must not lie in the future")

    def delivered(sent: Message, _work: Work) -> Message:
        return _held_back(sent, held_back=held_back).delivered(on, may_tell=may_tell)

    return _carry(rt, call, message_id, version, delivered)


def collect_reply(
    rt: Runtime,
    call: Call,
    message_id: str,
    version: int,
    reply: tuple[str, Objection | None],
    *,
    held_back: bool = False,
) -> int:
    """Keep the reply and its check: (text, objection); one that is returned is not kept.

    `held_back` as for `deliver_message`.
    """
    words, objection = reply

    def replied(sent: Message, work: Work) -> Message:
        return _held_back(sent, held_back=held_back).replied(
            words, Check(work.today, work.actor.id, objection), work.now
        )

    return _carry(rt, call, message_id, version, replied)


def fail_message(
    rt: Runtime, call: Call, message_id: str, version: int, reason: NotDelivered
) -> int:
    """Record why the letter was not delivered. The reason stays here."""
    return _carry(
        rt, call, message_id, version, lambda sent, work: sent.undeliverable(reason, work.now)
    )


def _held_back(sent: Message, *, held_back: bool) -> Message:
    """What was held back once stays so, whatever follows."""
    return replace(sent, held_back=True) if held_back else sent


def _carry(
    rt: Runtime,
    call: Call,
    message_id: str,
    version: int,
    step: Callable[[Message, Work], Message],
) -> int:
    with rt.begin(call, Verb.MESSAGE_CARRY) as work:
        carried = deliveries.opened(work, check_id(message_id, "msg"), version)
        return deliveries.keep(work, carried, step(carried.delivery.message, work))
