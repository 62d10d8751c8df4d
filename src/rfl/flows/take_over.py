"""Take over a case that another society offers: accept or decline, and open what was given.

Who has accepted is not the owner yet: the case is opened once the other society has let go of it.
"""

from dataclasses import replace

from rfl.domain.access import Object, Verb
from rfl.domain.casefile import CaseFile, Event, Kind, Outcome
from rfl.domain.handover import Handover, taken_over
from rfl.domain.ids import CaseId, check_id, new_id
from rfl.domain.states import HandoverState, TransmissionState
from rfl.errors import Conflict
from rfl.exchange.bodies import CaseHandover, Turn
from rfl.exchange.enclosures import filed
from rfl.exchange.ending import end_copy
from rfl.exchange.handover_letters import say_turn
from rfl.flows.runtime import MATCHER_CALL, Call, Runtime, network_of
from rfl.matching import pools
from rfl.storage import blobs, feed, handovers, opening
from rfl.storage.opening import Hashing, NewCase
from rfl.storage.shelf import Filed
from rfl.storage.work import Work

BATCH = 100


def accept_offer(rt: Runtime, call: Call, handover_id: str, version: int) -> int:
    """Accept a case that is offered; said again while the other society is silent, it asks again.

    Whoever accepts is its officer once it is given.
    """
    check_id(handover_id, "hnd")
    with rt.begin(call, Verb.RECEIVED_WORK) as work:
        row, before = _coming(work, handover_id, version)
        after = before
        if before.state is not HandoverState.ACCEPTED:
            after = before.moved(HandoverState.ACCEPTED, work.now)
        say_turn(work, network_of(rt), after, CaseHandover(Turn.ACCEPT))
        return handovers.keep(work, row, after, officer=call.actor.id)


def decline_offer(rt: Runtime, call: Call, handover_id: str, version: int) -> None:
    """Decline it: what came with it is destroyed at once, and attested."""
    check_id(handover_id, "hnd")
    with rt.begin(call, Verb.RECEIVED_WORK) as work:
        _row, before = _coming(work, handover_id, version)
        before.moved(HandoverState.DECLINED, work.now)
        say_turn(work, network_of(rt), before, CaseHandover(Turn.DECLINE))
        end_copy(work, before.peer, before.ref, TransmissionState.DECLINED)
        blobs.remove_forsaken(work)
    rt.database.scrub()


def open_given(rt: Runtime) -> int:
    """Open every case that was given to this society; return how many."""
    with rt.look(MATCHER_CALL, Verb.PEER_TELL) as work:
        waiting = handovers.given(work, BATCH)
    return sum(_open(rt, one) for one in waiting)


def _open(rt: Runtime, handover_id: str) -> bool:
    with rt.begin(MATCHER_CALL, Verb.PEER_TELL) as work:
        work.require()
        row, given = handovers.SHELF.opened(work, handover_id)
        if given.request is None or given.state is not HandoverState.GIVEN:
            return False
        request = taken_over(given.request)
        case_id = CaseId(new_id("cas"))
        began = Event(at=work.now, by=row.officer or work.actor.id, kind=Kind.OPENED)
        outcomes = tuple(Outcome(sought.person.id) for sought in request.sought)
        new = NewCase(
            id=case_id,
            officer=row.officer,
            request=request,
            terms=pools.request_terms(request),
            file=CaseFile(outcomes=outcomes, country=given.country, events=(began,)),
        )
        hashing = Hashing(rt.rules.identifier_kinds, rt.rules.phone_region)
        opening.open_case(work, new, row.branch, hashing)
        feed.announce(work, [case_id])
        before, now = given.request.persons(), request.persons()
        persons = {old.id: new.id for old, new in zip(before, now, strict=True)}
        filed(work, replace(row, case_id=case_id), began.by, given.files, persons)
        handovers.keep(work, row, given.opened(work.now), case_id=case_id)
    return True


def _coming(work: Work, handover_id: str, version: int) -> tuple[Filed, Handover]:
    row, before = handovers.SHELF.opened(work, handover_id, version)
    if not before.coming or before.request is None:
        raise Conflict("Only a case that another society offers is taken over.")
    if before.request.child_enquirer:
        work.require(Object(child=True))
    return row, before
