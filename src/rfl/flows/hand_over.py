"""Hand a case over to another society, which is responsible towards the enquirer from then on.

The owner offers the case with everything that the enquirer said, and keeps it as it is until the
other society has accepted, declined, or the offer is withdrawn.
"""

from dataclasses import dataclass, replace
from datetime import date

from rfl.domain.access import Object, Verb
from rfl.domain.approval import Approves, Exact
from rfl.domain.casefile import CaseFile, Event, Kind
from rfl.domain.consent import NEEDED_TO_HAND_OVER, Consent, Use
from rfl.domain.handover import Handover
from rfl.domain.ids import check_id, new_id
from rfl.domain.request import TracingRequest
from rfl.domain.states import CaseState
from rfl.errors import Conflict
from rfl.exchange.bodies import CaseHandover, Turn
from rfl.exchange.enclosures import files_of, fitting
from rfl.exchange.handover_letters import say_turn
from rfl.exchange.leaving import SECOND
from rfl.exchange.letter import ConsentNamed
from rfl.flows.runtime import Call, Runtime, network_of, require_second
from rfl.storage import casefiles, cases, handovers, ledger
from rfl.storage.shelf import Filed as Filed
from rfl.storage.work import Work, day_micros

WITHDRAWN = "The offer to hand this case over was withdrawn."
OFFER_DAYS = 30


@dataclass(frozen=True, slots=True, repr=False)
class HandoverView:
    """A handover and what stands in clear of it."""

    row: Filed
    handover: Handover


def offer_case(rt: Runtime, call: Call, case_id: str, version: int, peer: str) -> str:
    """Offer a case to one society, with a second officer; return the handover's id.

    Raises Conflict for a case that is closed, merged, another society's, or offered already, and
    where the enquirer has not agreed that this society is told and contacts them. Everything that
    is attached goes along, or TooLarge.
    """
    check_id(case_id, "cas")
    with rt.begin(call, Verb.TRANSMIT) as work:
        case, file, _log_id = casefiles.opened(work, case_id, version)
        _row, request, _log_ids = cases.opened(work, case_id)
        _require_own(file, request)
        rt.rules.policy.on(work.today).require_may_hear(peer, detrimental=request.detrimental)
        consent = _consent(request, peer, work)
        require_second(rt, work, call, Exact(Approves.HANDOVER, case_id, (peer,)))
        row = Filed(
            id=new_id("hnd"),
            case_id=case_id,
            branch=case.branch,
            officer=case.officer,
            created_at=work.micros,
            due_at=consent.expires * SECOND,
            open=True,
            version=1,
        )
        made = Handover(peer, row.id, coming=False, country=file.country, moved_at=work.now)
        handovers.add(work, row, made)
        body = CaseHandover(Turn.OFFER, request, file.country)
        files = fitting(work, network_of(rt), peer, files_of(work, case_id), whole=True)
        say_turn(work, network_of(rt), made, body, consent, files)
        casefiles.keep(work, case, replace(file, offered_to=peer))
    return row.id


def withdraw_offer(rt: Runtime, call: Call, handover_id: str, version: int) -> int:
    """Withdraw an offer that was not accepted; what was sent is recalled. The case goes on here."""
    check_id(handover_id, "hnd")
    with rt.begin(call, Verb.TRANSMIT) as work:
        row, before = handovers.SHELF.opened(work, handover_id, version)
        if before.coming or not row.open:
            raise Conflict("Only an offer of this society that is open is withdrawn.")
        case_id = row.case_id or ""
        case, file, _log_id = casefiles.opened(work, case_id)
        handovers.take_back(work, case_id)
        event = Event(at=work.now, by=call.actor.id, kind=Kind.NOTED, said=WITHDRAWN)
        casefiles.keep(work, case, replace(file, offered_to=None).with_event(event))
    return row.version + 1


def list_handovers(rt: Runtime, call: Call, after: tuple[int, str], limit: int) -> list[Filed]:
    """Return what stands in clear of the branch's open handovers, both ways, oldest first."""
    with rt.begin(call, Verb.RECEIVED_READ) as work:
        work.require()
        rows = handovers.SHELF.page(work, call.actor.branch, after, limit)
        ledger.append(work, count=len(rows))
    return rows


def read_handover(rt: Runtime, call: Call, handover_id: str) -> HandoverView:
    """Open a handover, with the request where it came from another society."""
    check_id(handover_id, "hnd")
    with rt.begin(call, Verb.RECEIVED_READ) as work:
        row, handover = handovers.SHELF.opened(work, handover_id)
        _require_vetted(work, handover)
        return HandoverView(row, handover)


def _require_vetted(work: Work, handover: Handover) -> None:
    if handover.request is not None and handover.request.child_enquirer:
        work.require(Object(child=True))


def _require_own(file: CaseFile, request: TracingRequest) -> None:
    if file.asked_by is not None or request.withheld:
        raise Conflict("The enquirer of this case is another society's to hand over.")
    if file.merge is not None or file.merged:
        raise Conflict("This case is merged: undo that before it is handed over.")
    if file.state is CaseState.CLOSED:
        raise Conflict("A closed case has nobody to be responsible for.")


def _consent(request: TracingRequest, peer: str, work: Work) -> ConsentNamed:
    """Return the consent that the handover rests on; the offer ends with it, or after some days."""
    held = [one for one in request.consents if _covers(one, peer, work.today)]
    if not held:
        raise Conflict("The enquirer has not agreed that this society takes the case over.")
    ends = day_micros(held[-1].holds_until)
    longest = work.micros // SECOND + OFFER_DAYS * 86_400
    expires = longest if ends is None else min(longest, ends // SECOND)
    return ConsentNamed(scope=Use.SHARE, ref=held[-1].given_on.isoformat(), expires=expires)


def _covers(consent: Consent, peer: str, on: date) -> bool:
    return all(consent.covers(use, on, peer) for use in NEEDED_TO_HAND_OVER)
