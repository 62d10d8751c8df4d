"""Decide about a request that another society sent: accept, return for information, decline.

The society is answered by a letter of the same transaction. Nothing is matched before a request
is accepted; then it is a case like one's own, whose enquirer another society looks after.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from rfl.domain.access import Object, Verb
from rfl.domain.care import Credibility, Found, Harm, Screening, Side
from rfl.domain.casefile import CaseFile, Event, Kind, Outcome
from rfl.domain.dossier import Statement
from rfl.domain.ids import CaseId, check_id, new_id
from rfl.domain.policy import Version
from rfl.domain.purpose import Purpose
from rfl.domain.received import Received
from rfl.domain.request import Level, TracingRequest
from rfl.domain.states import CaseState, TransmissionState
from rfl.domain.transmission import WhyReturned
from rfl.errors import Forbidden
from rfl.exchange import bodies
from rfl.exchange.asking import restate, resume
from rfl.exchange.bodies import CaseAnswer, Decision
from rfl.exchange.enclosures import filed
from rfl.exchange.ending import end_copy
from rfl.exchange.handed import call_back_from_all
from rfl.exchange.letter import Letter, LetterType
from rfl.exchange.post import post
from rfl.flows.runtime import MATCHER_CALL, Call, Runtime, network_of
from rfl.matching import pools
from rfl.storage import (
    archives,
    blobs,
    casefiles,
    cases,
    feed,
    ledger,
    opening,
    received,
)
from rfl.storage.cases import OutsideState
from rfl.storage.opening import Hashing, NewCase
from rfl.storage.shelf import Filed as Filed
from rfl.storage.work import Work

RETURNED_DAYS: Final = 30 * 86_400 * 1_000_000
"""A request that was returned and does not come again within these is destroyed and attested."""

BATCH: Final = 100
STATED: Final = "Stated by the society that asks."


@dataclass(frozen=True, slots=True, repr=False)
class ReceivedView:
    """A request that came, and what stands in clear of it."""

    row: Filed
    request: Received


def list_received(rt: Runtime, call: Call, after: tuple[int, str], limit: int) -> list[Filed]:
    """Return what stands in clear of the branch's open requests of others, oldest first."""
    with rt.begin(call, Verb.RECEIVED_READ) as work:
        work.require()
        rows = received.SHELF.page(work, call.actor.branch, after, limit)
        ledger.append(work, count=len(rows))
    return rows


def read_received(rt: Runtime, call: Call, received_id: str) -> ReceivedView:
    """Open a request that came, or raise NotFound or Forbidden."""
    check_id(received_id, "rcv")
    with rt.begin(call, Verb.RECEIVED_READ) as work:
        row, request = received.SHELF.opened(work, received_id)
        _require_vetted(work, request)
        return ReceivedView(row, request)


def accept_received(
    rt: Runtime, call: Call, received_id: str, version: int, level: Level = Level.NORMAL
) -> str:
    """Accept a request: it becomes a case here, and the society is told the day of the answer.

    The day is this society's for the country of search, counted from today (P-03). At *named
    persons only*, which its society may ask for too, who accepts is the one who reads it (P-32).
    Returns the id of the new case.
    """
    check_id(received_id, "rcv")
    with rt.begin(call, Verb.RECEIVED_WORK) as work:
        row, before = received.SHELF.opened(work, received_id, version)
        _require_vetted(work, before)
        rules = rt.rules.policy.on(work.today)
        country = before.dossier.country if before.dossier is not None else None
        days = rules.rules(country).answering.answer_days
        answer_on = work.today + timedelta(days=days)
        after = before.accepted(answer_on, work.now)
        due_at = rt.moment(answer_on)
        if row.case_id is not None:
            return _taken_up(work, rt, row, after)
        case_id = CaseId(new_id("cas"))
        request = after.request(level)
        new = NewCase(
            id=case_id,
            officer=call.actor.id if request.level is Level.NAMED_PERSONS_ONLY else None,
            request=request,
            terms=pools.request_terms(request),
            file=_file(work, after, request, rules),
            due_at=due_at,
        )
        opening.open_case(work, new, row.branch, _hashing(rt))
        feed.announce(work, [case_id])
        after = _filed(work, replace(row, case_id=case_id), after, request)
        received.keep(work, row, after, case_id=case_id, due_at=due_at)
        _answer(work, rt, after, CaseAnswer(Decision.ACCEPTED, answer_on=answer_on))
    return case_id


def _taken_up(work: Work, rt: Runtime, row: Filed, after: Received) -> str:
    """Go on with a case that was closed and that its society asks about again."""
    case_id, answer_on = row.case_id or "", after.answer_on or work.today
    case, file, _log_id = casefiles.opened(work, case_id)
    event = Event(at=work.now, by=work.actor.id, kind=Kind.REOPENED)
    rules = rt.rules.policy.on(work.today)
    again = file.reopened().accepted(work.today, answer_on, rules.code, file.country)
    due_at = rt.moment(answer_on)
    back = archives.brought_back(work, case, file, rt.rules.matching)
    clear: dict[str, object] = {"state": OutsideState.OPEN, "due_at": due_at} | back
    casefiles.keep(work, case, again.with_event(event), **clear)
    received.keep(work, row, replace(after, said=()), due_at=due_at)
    resume(work, network_of(rt), case_id)
    _answer(work, rt, after, CaseAnswer(Decision.ACCEPTED, answer_on=answer_on))
    return case_id


def refuse_received(
    rt: Runtime,
    call: Call,
    received_id: str,
    version: int,
    refused: tuple[TransmissionState, WhyReturned],
) -> int:
    """Return a request for information, or decline it: then what came with it is destroyed."""
    check_id(received_id, "rcv")
    state, reason = refused
    is_return = state is TransmissionState.RETURNED_FOR_INFORMATION
    with rt.begin(call, Verb.RECEIVED_WORK) as work:
        row, before = received.SHELF.opened(work, received_id, version)
        _require_vetted(work, before)
        after = before.refused(state, reason, work.now)
        decision = Decision.RETURNED if is_return else Decision.DECLINED
        _answer(work, rt, after, CaseAnswer(decision, reason=reason))
        if is_return:
            until = received.keep_until(work, row.id, work.micros + RETURNED_DAYS)
            return received.keep(work, row, after, due_at=None, retain_at=until)
        end_copy(work, after.peer, after.ref, state)
        blobs.remove_forsaken(work)
    rt.database.scrub()
    return row.version + 1


def apply_changes(rt: Runtime) -> int:
    """Bring cases in step with requests that their societies have changed; return how many."""
    with rt.look(MATCHER_CALL, Verb.PEER_TELL) as work:
        changed = received.changed(work, BATCH)
    for received_id in changed:
        with rt.begin(MATCHER_CALL, Verb.PEER_TELL) as work:
            work.require()
            row, after = received.SHELF.opened(work, received_id)
            _restate(work, rt, row, after)
    return len(changed)


def _restate(work: Work, rt: Runtime, filed_as: Filed, after: Received) -> None:
    """Bring the case in step, and tell those that the request was passed on to."""
    case_id = filed_as.case_id or ""
    row, before, log_ids = cases.whole(work, case_id)
    request = after.request(before.level, before.enquirer.id)
    terms, known = pools.request_terms(request), (_hashing(rt), frozenset[str]())
    opening.change_case(work, (row, log_ids), request, terms, known)
    file, rules = casefiles.load(work, case_id), rt.rules.policy.on(work.today)
    if file.leads != after.leads:
        casefiles.rewrite(work, case_id, replace(file, leads=after.leads))
    if request.detrimental and not before.detrimental:
        call_back_from_all(work, case_id, but=rules.agency)
    received.keep(work, filed_as, _filed(work, filed_as, after, request), changed=False)
    restate(work, network_of(rt), case_id, request, rules)
    feed.announce(work, [case_id])


def _filed(work: Work, row: Filed, after: Received, request: TracingRequest) -> Received:
    """Make the pictures that came attachments of the case that the request is here."""
    persons = dict(after.persons)
    if after.dossier is not None and after.dossier.enquirer is not None:
        persons[after.dossier.enquirer.id] = request.enquirer.id
    return replace(after, files=filed(work, row, after.peer, after.files, persons))


def _hashing(rt: Runtime) -> Hashing:
    return Hashing(rt.rules.identifier_kinds, rt.rules.phone_region)


def _require_vetted(work: Work, request: Received) -> None:
    """A child that asks is for vetted officers, whichever society took it in (P-20)."""
    if request.dossier is not None and request.dossier.child_enquirer:
        work.require(Object(child=True))


def _file(work: Work, after: Received, request: TracingRequest, rules: Version) -> CaseFile:
    """Return the enquirer's side of the new case: what the asking society has stated."""
    dossier = after.dossier
    if dossier is None:
        raise Forbidden
    began = Event(at=work.now, by=work.actor.id, kind=Kind.ACCEPTED)
    return CaseFile(
        outcomes=tuple(Outcome(sought.person.id) for sought in request.sought),
        state=CaseState.ACTIVE,
        country=dossier.country,
        policy=rules.code,
        accepted_on=work.today,
        answer_on=after.answer_on,
        credibility=_credibility(after.peer, dossier.statement),
        screening=_screening(after.peer, dossier.statement, rules.code),
        leads=after.leads,
        asked_by=after.peer,
        events=(began,),
    )


def _credibility(peer: str, statement: Statement) -> Credibility:
    return Credibility(
        identity_by=STATED,
        relationship_by=STATED,
        question=STATED,
        answer=STATED,
        relationship=statement.relationship,
        judged_by=peer,
        on=statement.judged_on,
    )


def _screening(peer: str, statement: Statement, policy: str) -> Screening:
    return Screening(
        side=Side.ENQUIRER,
        found=tuple((harm, Found.UNKNOWN) for harm in Harm),
        goes_on=True,
        reason=STATED,
        policy=policy,
        by=peer,
        on=statement.screened_on,
    )


def _answer(work: Work, rt: Runtime, request: Received, body: CaseAnswer) -> None:
    letter = Letter(
        type=LetterType.CASE_ANSWER,
        purpose=work.purpose or Purpose.TRACING,
        case_ref=request.ref,
        data=bodies.written(body),
    )
    work.peer = request.peer
    post(work, network_of(rt), request.peer, letter)
    ledger.append(work, reason=LetterType.CASE_ANSWER)
