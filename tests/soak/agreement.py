"""Do two societies agree about the cases that they work together? Both databases are compared."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from rfl.domain.access import Verb
from rfl.domain.handover import Handover
from rfl.domain.message import Message
from rfl.domain.received import Received
from rfl.domain.states import HandoverState, Outside, TransmissionState
from rfl.domain.transmission import Transmission
from rfl.errors import Erased, NotFound
from rfl.exchange.ending import ATTEST_AFTER
from rfl.flows.runtime import OFFICE_CALL, Runtime
from rfl.storage import (
    casefiles,
    cases,
    deliveries,
    handovers,
    ledger,
    messages,
    recalls,
    received,
    transmissions,
)
from rfl.storage.shelf import Shelf
from rfl.storage.work import Work
from tests.soak.node import Node

_State = TransmissionState
_MANY = 10_000
_GONE = {_State.DECLINED, _State.RECALLED}
_THERE = {
    _State.QUEUED: {_State.DELIVERED},
    _State.DELIVERED: {_State.DELIVERED},
    _State.ACCEPTED: {_State.ACCEPTED},
    _State.RETURNED_FOR_INFORMATION: {_State.RETURNED_FOR_INFORMATION},
    _State.DECLINED: {_State.DECLINED},
    _State.ENDED: {_State.ENDED, _State.ACCEPTED},
    _State.RECALLED: _GONE,
}
"""What a request is where it was sent to, for what it is where it came from."""


@dataclass(frozen=True)
class Records:
    """What one society has of its work with the other."""

    asked: dict[str, Transmission]
    came: dict[str, Received]
    recalled: dict[str, bool]
    """By reference, whether it was attested."""

    sent: dict[str, Message]
    carried: list[tuple[str, Message]]
    offered: dict[str, Handover]
    taken: dict[str, Handover]
    known: dict[str, frozenset[str]]
    """By reference of a request, the persons of whom something that they let be told is held."""

    owed: int
    """Letters that are due to the other and were never written."""


@dataclass
class Agreement:
    """What one society has asked of the other, how much of it, and where they disagree."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)


def read(node: Node) -> Records:
    """Everything that a node's database holds of such work."""
    with node.opened() as rt, _looking(rt) as work:
        letters = [(row.id, one) for row, one in _documents(work, messages.SHELF) if one.post]
        offers, asked = (_documents(work, one.SHELF) for one in (handovers, transmissions))
        return Records(
            asked={row.id: one for row, one in asked},
            came={one.ref: one for _row, one in _documents(work, received.SHELF)},
            recalled={
                one.ref: one.attested_at is not None for one in recalls.page(work, None, _MANY)
            },
            sent={message: one for message, one in letters if not one.post.came},
            carried=[
                (one.post.ref, deliveries.whole(work, message).delivery.message)
                for message, one in letters
                if one.post.came
            ],
            offered={row.id: one for row, one in offers if not one.coming},
            taken={one.ref: one for _row, one in offers if one.coming},
            known={row.id: _known(work, row.case_id) for row, _one in asked},
            owed=_owed(work),
        )


def compare(here: Records, there: Records) -> Agreement:
    """Hold what one society has sent against what the other has of it."""
    found = Agreement()
    for ref, asked in here.asked.items():
        found.counts[f"requests {asked.state}"] += 1
        found.wrong.update(_request(asked, there.came.get(ref)))
    for ref, attested in here.recalled.items():
        found.counts["recalled"] += 1
        copy = there.came.get(ref)
        found.wrong["recalls not attested"] += not attested
        is_kept = (copy is not None and not copy.is_gone, ref in there.taken)
        is_carried = any(carried == ref for carried, _one in there.carried)
        found.wrong["copies kept after a recall"] += any(is_kept) or is_carried
    for ref, letter in here.sent.items():
        found.counts[f"messages {letter.state}"] += 1
        copies = [one for carried, one in there.carried if carried == ref]
        found.wrong["messages lost"] += not copies and ref not in here.recalled
        found.wrong["messages twice"] += len(copies) > 1
        said = [(one.reply, one.delivered_on) for one in copies]
        found.wrong["messages disagree"] += (letter.reply, letter.delivered_on) not in said
    for ref, offer in here.offered.items():
        found.counts[f"handovers {offer.state}"] += 1
        owners = (not offer.is_taken) + (ref in there.taken and there.taken[ref].is_taken)
        found.wrong["cases with two owners"] += owners > 1
        found.wrong["cases without owner"] += owners < 1
        open_there = ref in there.taken and there.taken[ref].state is HandoverState.OPENED
        found.wrong["given and not opened"] += offer.is_taken and not open_there
    for ref, copy in there.came.items():
        back = {copy.theirs(one.person) for one in copy.said if one.withdrawn_on is not None}
        found.wrong["taken back and still held"] += bool(back & here.known.get(ref, frozenset()))
        found.counts["taken back"] += bool(back)
    found.wrong["owed and never written"] += here.owed
    found.wrong = +found.wrong
    return found


def two_owners(giver: Node, taker: Node) -> int:
    """How many cases have two owners at this moment.

    The taker is read first: what it had then, the giver must have let go of before.
    """
    with _looking(taker.watched()) as work:
        offers = _documents(work, handovers.SHELF)
        theirs = {one.ref for _row, one in offers if one.coming and one.is_taken}
    with _looking(giver.watched()) as work:
        offers = _documents(work, handovers.SHELF)
        kept = {row.id for row, one in offers if not one.coming and not one.is_taken}
    return len(theirs & kept)


def _request(asked: Transmission, copy: Received | None) -> Iterator[str]:
    if copy is None:
        yield "requests lost"
        return
    if copy.state not in _THERE[asked.state]:
        yield f"requests {asked.state} here, {copy.state} there"
        return
    if asked.state is _State.ACCEPTED and asked.answer_on != copy.answer_on:
        yield "answer dates disagree"
    stands = [one for one in copy.said if one.withdrawn_on is None]
    said = {(copy.theirs(one.person), one.told.outcome) for one in stands}
    told = {one for one in said if one[1] is not Outside.SEARCHING}
    back = {copy.theirs(one.person) for one in copy.said if one not in stands}
    heard = {one for one in asked.results if one[0] not in back}
    if asked.state in (_State.ACCEPTED, _State.ENDED) and not told >= heard:
        yield "results disagree"
    if copy.state is _State.ACCEPTED and told > heard:
        yield "results lost"


def _known(work: Work, case_id: str | None) -> frozenset[str]:
    cases.load(work, case_id or "")
    file = casefiles.load(work, case_id or "")
    return frozenset(one.person for one in file.outcomes if one.told.items)


def _owed(work: Work) -> int:
    """How much the offices have decided that no letter says yet."""
    words = (received.owing(work, _MANY), messages.owing(work, _MANY))
    destroyed = recalls.due(work, _MANY, work.micros + ATTEST_AFTER)
    return sum(map(len, (*words, recalls.unasked(work, _MANY), destroyed)))


@contextmanager
def _looking(rt: Runtime) -> Iterator[Work]:
    with rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        ledger.append(work)
        yield work


def _documents(work: Work, shelf: Shelf[Any]) -> list[tuple[Any, Any]]:
    """The documents, without those of erased cases, and of what goes at this moment."""
    found = []
    for row in work.connection.execute(shelf.table.select()).all():
        try:
            found.append(shelf.opened(work, row.id))
        except (Erased, NotFound):
            continue
    return found
