"""Ask another society: one transmission for each, with methods, due date, and what came back.

To a society that has a node the request leaves as a sealed letter. To one without it goes as a
sealed dossier (`send_dossier`), and officers enter what it answered.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from rfl.domain.access import Verb
from rfl.domain.ids import check_id, new_id
from rfl.domain.states import Outside, TransmissionState
from rfl.domain.transmission import Transmission, WhyReturned
from rfl.errors import BadEnvelope, Conflict, InvalidInput, NotFound
from rfl.exchange.asking import Posted, ask, note_posted, say
from rfl.exchange.bodies import CaseReminder
from rfl.exchange.bodies import PersonResult as PersonResult
from rfl.exchange.handed import copy_follows, owed
from rfl.exchange.hearing import take_results
from rfl.exchange.leaving import Asked, has_node, require_may_leave
from rfl.exchange.letter import LetterType
from rfl.flows.runtime import (
    MATCHER_CALL,
    Call,
    Runtime,
    earlier_result,
    network_of,
    remember_result,
)
from rfl.storage import casefiles, cases, ledger, merges, transmissions
from rfl.storage.shelf import Filed
from rfl.storage.told import keep_told
from rfl.storage.transmissions import WaitingRow as WaitingRow
from rfl.storage.transmissions import Wanted
from rfl.storage.work import Work

BATCH: Final = 100


@dataclass(frozen=True, slots=True, repr=False)
class TransmissionView:
    """A transmission and what stands in clear of it.

    `copy_until`: until when a society without a node may keep what it was handed (microseconds).
    """

    row: Filed
    transmission: Transmission
    copy_until: int | None = None


@dataclass(frozen=True, slots=True)
class Waits:
    """Which open requests: to one society, of the caller's cases alone, those whose day is over."""

    peer: str | None = None
    mine: bool = False
    overdue: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Move:
    """The next state of a transmission, and what belongs to it: a reason, a day, or results."""

    state: TransmissionState
    reason: WhyReturned | None = None
    answer_on: date | None = None
    results: tuple[PersonResult, ...] = ()


def queue_transmission(rt: Runtime, call: Call, case_id: str, asked: Transmission) -> str:
    """Queue a request to one society; return its id.

    Raises Conflict where harm was not screened under today's rules (P-06), the enquirer has not
    agreed that this society is told, or nobody has assessed it lately (P-16); InvalidInput for a
    method that is not allowed.
    """
    with rt.begin(call, Verb.TRANSMIT) as work:
        work.require()
        if (earlier := earlier_result(work, call)) is not None:
            return earlier
        check_id(case_id, "cas", field="case_id")
        case, file, _log_id = casefiles.opened(work, case_id)
        _row, request, _log_ids = cases.opened(work, case_id)
        wanted = Asked(new_id("trm"), case_id, asked, request, file)
        _require_may_be_queued(work, rt, wanted)
        row = Filed(
            id=wanted.ref,
            case_id=case_id,
            branch=case.branch,
            officer=case.officer,
            created_at=work.micros,
            due_at=rt.moment(asked.due_on),
            open=True,
            version=1,
        )
        posted = _posted(work, rt, wanted)
        asked = replace(asked, files=posted.files)
        transmissions.SHELF.add(work, row, asked, peer=asked.peer, renew_at=posted.renew_at)
        remember_result(work, call, 201, row.id)
    return row.id


def read_transmission(rt: Runtime, call: Call, transmission_id: str) -> TransmissionView:
    """Open a transmission, or raise NotFound or Forbidden."""
    with rt.begin(call, Verb.CASE_FILE) as work:
        row, sent = transmissions.SHELF.opened(work, check_id(transmission_id, "trm"))
        return TransmissionView(row, sent, transmissions.copy_until(work, row.id))


def transmissions_of(rt: Runtime, call: Call, case_id: str) -> list[Filed]:
    """Return what stands in clear of a case's transmissions, oldest first."""
    with rt.begin(call, Verb.CASE_FILE) as work:
        casefiles.reached(work, check_id(case_id, "cas"))
        return transmissions.SHELF.of_case(work, case_id)


def waiting_transmissions(
    rt: Runtime, call: Call, waits: Waits, page: tuple[tuple[int, str], int]
) -> list[WaitingRow]:
    """Return a page of what stands in clear of the branch's requests that wait for an answer."""
    wanted = Wanted(
        peer=waits.peer,
        officer=call.actor.id if waits.mine else None,
        due_before=rt.moment(rt.today()) if waits.overdue else None,
    )
    with rt.begin(call, Verb.CASE_LIST) as work:
        work.require()
        rows = transmissions.waiting(work, call.actor.branch, wanted, page)
        ledger.append(work, count=len(rows))
    return rows


def move_transmission(
    rt: Runtime, call: Call, transmission_id: str, version: int, move: Move
) -> int:
    """Move a transmission one step of the table, or raise Conflict; return its next version."""
    with rt.begin(call, Verb.TRANSMIT) as work:
        found = transmissions.SHELF.opened(work, check_id(transmission_id, "trm"), version)
        row, before = found
        if move.state is TransmissionState.QUEUED:
            return _send_again(work, rt, row, before)
        _require_by_hand(work, row.id, before.peer)
        if move.state is TransmissionState.ENDED:
            return _take_by_hand(work, rt, row, before, move.results)
        reason, answer_on = move.reason, move.answer_on
        after = before.moved(
            move.state, work.now, call.actor.id, reason=reason, answer_on=answer_on
        )
        rules = rt.rules.policy.on(work.today)
        copy_follows(work, (after.peer, row.id), after.state, rules)
        return transmissions.keep(work, row, after, rt.moment(after.answer_on or after.due_on))


def take_back_by_hand(
    rt: Runtime, call: Call, transmission_id: str, version: int, person: str, on: date
) -> int:
    """Enter that a found person takes back what a society without a node had told; next version.

    That something was told stays true; the items are let go of.
    """
    with rt.begin(call, Verb.TRANSMIT) as work:
        found = transmissions.SHELF.opened(work, check_id(transmission_id, "trm"), version)
        row, sent = found
        _require_by_hand(work, row.id, sent.peer)
        if on > work.today:
            raise InvalidInput("on", "must not lie in the future")
        case, file, _log_id = casefiles.opened(work, row.case_id or "")
        told = {one.person for one in file.outcomes if one.told.items}
        if person not in told:
            raise InvalidInput("person", "must be a person of whom something was told")
        keep_told(work, case, file.withdrawn(person, on, items_stay=False))
        return transmissions.keep(work, row, sent, row.due_at)


def remind_partner(rt: Runtime, call: Call, transmission_id: str, version: int) -> None:
    """Remind a society with a node of what it owes: its decision, or the answer; by template."""
    with rt.begin(call, Verb.TRANSMIT) as work:
        found = transmissions.SHELF.opened(work, check_id(transmission_id, "trm"), version)
        row, sent = found
        to, body = (sent.peer, row.id), CaseReminder(owed(sent))
        if not say(work, network_of(rt), to, LetterType.CASE_REMINDER, body):
            raise Conflict("This society has no node: hand it a reminder.")


def renew_copies(rt: Runtime) -> int:
    """Renew the copies of requests under way before they end; return how many.

    One that may not be renewed, because consent or assessment has ended, ends in its time.
    """
    with rt.look(MATCHER_CALL, Verb.PEER_TELL) as work:
        due = transmissions.renewing(work, BATCH)
    return sum(_renew(rt, one) for one in due)


def _renew(rt: Runtime, transmission_id: str) -> bool:
    with rt.begin(MATCHER_CALL, Verb.PEER_TELL) as work:
        work.require()
        row, content = transmissions.locked(work, transmission_id)
        found = merges.whole(work, row.case_id or "")
        sent = transmissions.SHELF.document(work, row, content)
        rules = rt.rules.policy.on(work.today)
        asked = Asked(row.id, found.row.id, sent, found.request, found.file)
        try:
            posted = ask(work, network_of(rt), asked, rules, update=True)
        except (BadEnvelope, Conflict, NotFound):
            posted = Posted(files=sent.files)
        note_posted(work, row, sent, posted)
    return posted.renew_at is not None


def _send_again(work: Work, rt: Runtime, row: Filed, before: Transmission) -> int:
    """Queue a request again that was returned for information."""
    after = before.moved(TransmissionState.QUEUED, work.now, work.actor.id)
    file = casefiles.load(work, row.case_id or "")
    _row, request, _log_ids = cases.opened(work, row.case_id or "")
    wanted = Asked(row.id, row.case_id or "", after, request, file)
    _require_may_be_queued(work, rt, wanted)
    posted = _posted(work, rt, wanted)
    after, due_at = replace(after, files=posted.files), rt.moment(after.due_on)
    return transmissions.keep(work, row, after, due_at, renew_at=posted.renew_at)


def _require_may_be_queued(work: Work, rt: Runtime, wanted: Asked) -> None:
    require_may_leave(work, wanted, rt.rules.policy.on(work.today))
    if wanted.transmission.due_on <= work.today:
        raise InvalidInput("due_on", "must lie in the future")


def _posted(work: Work, rt: Runtime, asked: Asked) -> Posted:
    """Post the request if the society has a node."""
    if rt.rules.network is None:
        return Posted()
    return ask(work, rt.rules.network, asked, rt.rules.policy.on(work.today))


def _take_by_hand(
    work: Work, rt: Runtime, row: Filed, sent: Transmission, results: Sequence[PersonResult]
) -> int:
    """Take what a society without a node answered, by the rules of a letter.

    Its end without information counts from the day of the answer, whenever it was heard (P-03).
    """
    persons = [one.person for one in results]
    if not persons or len(set(persons)) != len(persons):
        raise InvalidInput("results", "must name sought persons of this case, each once")
    ends = any(one.outcome is Outside.ENDED_WITHOUT_INFORMATION for one in results)
    if ends and sent.answer_on is not None and work.today < sent.answer_on:
        raise Conflict("An end without information is entered on the day of the answer (P-03).")
    return take_results(work, rt.rules.policy, (row, sent), results, work.actor.id)


def _require_by_hand(work: Work, transmission_id: str, peer: str) -> None:
    """What a society with a node has done comes by its letters, and by no hand.

    One that got a node since still answers by hand what it was handed.
    """
    if has_node(work, peer) and transmissions.copy_until(work, transmission_id) is None:
        raise Conflict("This society has a node: its own letters move the request.")
