"""The writer's side of a Red Cross Message: collect, check, send, hand over the reply."""

from dataclasses import dataclass, replace
from datetime import timedelta

from rfl.domain.access import Verb
from rfl.domain.ids import check_id, new_id
from rfl.domain.message import Check, Delivery, Message, Objection
from rfl.domain.states import MessageState
from rfl.exchange.message_letters import forward
from rfl.flows.runtime import Call, Runtime, earlier_result, network_of, remember_result
from rfl.storage import casefiles, cases, deliveries, ledger, messages
from rfl.storage.shelf import Filed as Filed
from rfl.storage.work import Work


@dataclass(frozen=True, slots=True, repr=False)
class MessageView:
    """A letter as its writer hears of it, and what stands in clear."""

    row: Filed
    message: Message

    @property
    def offers_request(self) -> bool:
        """True where the writer is offered a tracing request: not delivered, and no case yet."""
        undelivered = self.message.state is MessageState.COULD_NOT_BE_DELIVERED
        return undelivered and self.message.delivered_on is None and self.row.case_id is None


@dataclass(frozen=True, slots=True)
class Way:
    """Which way a letter goes: country of the addressee, the society with a node that carries it.

    Without a society this one carries it, or it goes by other ways; a letter to a detainee goes
    through the ICRC.
    """

    country: str | None = None
    peer: str | None = None
    through_icrc: bool = False


ANY_WAY = Way()


def collect_message(rt: Runtime, call: Call, message: Message, case_id: str | None = None) -> str:
    """Keep a letter as it was written, for a case or without one; return its id.

    A letter of a case whose request goes to the Central Tracing Agency alone goes so too (P-36).
    """
    with rt.begin(call, Verb.MESSAGE_COLLECT) as work:
        work.require()
        if (earlier := earlier_result(work, call)) is not None:
            return earlier
        if case_id is not None:
            casefiles.reached(work, check_id(case_id, "cas", field="case_id"))
            is_marked = message.detrimental or cases.is_detrimental(work, case_id)
            message = replace(message, detrimental=is_marked)
        row = _new_row(work, new_id("msg"), case_id)
        messages.SHELF.add(work, row, message)
        deliveries.begin(work, row.id, message)
        remember_result(work, call, 201, row.id)
    return row.id


def read_message(rt: Runtime, call: Call, message_id: str) -> MessageView:
    """Open a letter as its writer hears of it, or raise NotFound or Forbidden."""
    check_id(message_id, "msg")
    with rt.begin(call, Verb.MESSAGE_READ) as work:
        return MessageView(*messages.SHELF.opened(work, message_id))


def list_messages(rt: Runtime, call: Call, after: tuple[int, str], limit: int) -> list[Filed]:
    """Return what stands in clear of the branch's open letters, oldest first."""
    with rt.begin(call, Verb.MESSAGE_READ) as work:
        work.require()
        rows = messages.SHELF.page(work, call.actor.branch, after, limit)
        ledger.append(work, count=len(rows))
    return rows


def check_message(
    rt: Runtime, call: Call, message_id: str, version: int, objection: Objection | None
) -> int:
    """Check a letter: family news only. With an objection it goes back to its writer."""
    check = Check(rt.today(), call.actor.id, objection)
    with rt.begin(call, Verb.MESSAGE_WORK) as work:
        row, letter = messages.SHELF.opened(work, check_id(message_id, "msg"), version)
        return messages.keep(work, row, letter.checked(check, work.now))


def rewrite_message(rt: Runtime, call: Call, message_id: str, version: int, news: str) -> int:
    """Keep what the writer wrote anew, before the letter is checked."""
    with rt.begin(call, Verb.MESSAGE_WORK) as work:
        row, letter = messages.SHELF.opened(work, check_id(message_id, "msg"), version)
        return messages.keep(work, row, letter.rewritten(news))


def transmit_message(
    rt: Runtime, call: Call, message_id: str, version: int, way: Way = ANY_WAY
) -> int:
    """Hand a checked letter to who carries it.

    The day on which it counts as undelivered is fixed. It is this society's for the country;
    nothing that happens on the way moves it.
    """
    with rt.begin(call, Verb.MESSAGE_WORK) as work:
        row, letter = messages.SHELF.opened(work, check_id(message_id, "msg"), version)
        rules = rt.rules.policy.on(work.today)
        if way.peer is not None:
            rules.require_may_hear(way.peer, detrimental=letter.detrimental)
        days = rules.rules(way.country).answering.message_days
        return_on = work.today + timedelta(days=days)
        sent = letter.transmitted(return_on, work.now, through_icrc=way.through_icrc)
        if way.peer is not None:
            sent = forward(work, network_of(rt), (row.id, sent), way.peer, rules)
        deliveries.rewrite(work, row.id, Delivery(sent))
        return messages.keep(work, row, sent, due_at=rt.moment(return_on))


def hand_over_reply(rt: Runtime, call: Call, message_id: str, version: int) -> int:
    """Record that the reply was handed to the writer."""
    with rt.begin(call, Verb.MESSAGE_WORK) as work:
        row, letter = messages.SHELF.opened(work, check_id(message_id, "msg"), version)
        return messages.keep(work, row, letter.reply_delivered(work.now), due_at=None)


def _new_row(work: Work, message_id: str, case_id: str | None) -> Filed:
    return Filed(
        id=message_id,
        case_id=case_id,
        branch=work.actor.branch,
        officer=work.actor.id,
        created_at=work.micros,
        due_at=None,
        open=True,
        version=1,
    )
