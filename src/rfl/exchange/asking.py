"""Letters of the society that asks: the request, what changed in it, that it ends or goes on.

Everything is posted in the transaction of what it follows from.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import msgspec

from rfl.domain.casefile import CaseFile, Ending
from rfl.domain.consent import Detail, Use, reached
from rfl.domain.dossier import UNNAMED, Dossier, Measure, least, may_be_told, stated
from rfl.domain.masked import Masked
from rfl.domain.policy import Rules, Version
from rfl.domain.purpose import CASEWORK, Purpose
from rfl.domain.received import Leave
from rfl.domain.request import TracingRequest
from rfl.domain.states import TransmissionState
from rfl.domain.transmission import Transmission
from rfl.errors import BadEnvelope, Conflict
from rfl.exchange import bodies
from rfl.exchange.letter import ConsentNamed, Handling, Letter, LetterType
from rfl.exchange.network import Network
from rfl.exchange.post import post
from rfl.storage import alarms, casefiles, ledger, peers, recalls, received, transmissions
from rfl.storage.peers import PeerRow, PeerState
from rfl.storage.recalls import Why
from rfl.storage.shelf import Filed
from rfl.storage.work import Work, day_micros

SECOND: Final = 1_000_000
KEEP_SECONDS: Final = 180 * 86_400
"""How long another society keeps a copy unless it is renewed (guide: protocol)."""

UNTOLD: Final = "peer-untold"
RENEW_SECONDS: Final = 30 * 86_400
"""How long before that end a copy is renewed."""


@dataclass(frozen=True, slots=True, repr=False)
class Asked(Masked):
    """A request to another society, and the case that it is about."""

    ref: str
    case_id: str
    transmission: Transmission
    request: TracingRequest
    file: CaseFile


def has_node(work: Work, peer: str) -> bool:
    """True if the society has a node, so that letters move its requests and no hand does."""
    return _node(work, peer) is not None


def ask(
    work: Work, network: Network, asked: Asked, rules: Rules, *, update: bool = False
) -> int | None:
    """Post a request, or an update of it; return when the copy is renewed. None without a node.

    Raises Conflict where the society's data protection is not assessed, or no longer (P-16), and
    where the enquirer's consent does not reach it.
    """
    sent, leave = asked.transmission, leave_of(work, asked)
    peer = _node(work, asked.transmission.peer)
    if peer is None:
        return None
    if peer.assessed_until is None or peer.assessed_until <= work.micros:
        raise Conflict("The society's data protection has no assessment that is current (P-16).")
    measure = Measure(rules.identifiers, _details(work, asked, leave, peer))
    dossier = _dossier(asked, measure)
    body = bodies.CaseUpdate(dossier) if update else bodies.CaseRequest(dossier)
    kind = LetterType.CASE_UPDATE if update else LetterType.CASE_REQUEST
    now = work.micros // SECOND
    letter = Letter(
        type=kind,
        purpose=_purpose(work),
        case_ref=asked.ref,
        consent=_passed(leave, asked.file, work) or _consent(asked.request, peer.code, work),
        handling=Handling(now + KEEP_SECONDS, sent.onward, sent.withholds_origin),
        data=bodies.written(body),
    )
    _post(work, network, peer.code, letter, len(dossier.persons))
    return (now + KEEP_SECONDS - RENEW_SECONDS) * SECOND


def leave_of(work: Work, asked: Asked) -> Leave | None:
    """Return the leave on which a request is passed on; None for one of an enquirer of this node.

    Raises Conflict where neither the enquirer here nor the society that asks lets it leave. What
    is passed on ends there: nobody passes it on again.
    """
    sent, file = asked.transmission, asked.file
    if file.asked_by is None:
        if not any(one.covers(Use.SHARE, work.today, sent.peer) for one in asked.request.consents):
            raise Conflict("The enquirer has not agreed that this society is told.")
        return None
    found = received.of_case(work, asked.case_id)
    leave = found.onward(work.now) if found is not None else None
    if leave is None or sent.onward or sent.peer == file.asked_by:
        raise Conflict("The society that asks has not let this request be passed on like this.")
    return leave


def say(
    work: Work, network: Network, to: tuple[str, str], kind: LetterType, body: msgspec.Struct
) -> bool:
    """Tell a society something of a request: (its code, the reference). False without a node."""
    peer, ref = to
    if _node(work, peer) is None:
        return False
    letter = Letter(type=kind, purpose=_purpose(work), case_ref=ref, data=bodies.written(body))
    _post(work, network, peer, letter, 1)
    return True


def conclude(work: Work, network: Network, case_id: str, ending: Ending) -> None:
    """Tell every society that works on a case that it is closed; who has not begun forgets it."""
    for row, sent in _sent(work, case_id):
        if sent.state is TransmissionState.ACCEPTED:
            body = bodies.CaseClose(ending)
            _say_or_show(work, network, (sent.peer, row.id), LetterType.CASE_CLOSE, body)
            after = sent.moved(TransmissionState.ENDED, work.now, work.actor.id)
        elif sent.waits or sent.state is TransmissionState.RETURNED_FOR_INFORMATION:
            recalls.add(work, [(sent.peer, row.id)], Why.WITHDRAWN)
            after = sent.moved(TransmissionState.RECALLED, work.now, work.actor.id)
        else:
            continue
        transmissions.keep(work, row, after, None)


def restate(
    work: Work, network: Network, case_id: str, request: TracingRequest, rules: Version
) -> None:
    """Tell every society that has a case what changed in it, as far as it may know."""
    for row, sent in _sent(work, case_id):
        if sent.waits:
            file = casefiles.load(work, case_id)
            asked = Asked(row.id, case_id, sent, request, file)
            try:
                renew_at = ask(work, network, asked, rules.rules(file.country), update=True)
            except (BadEnvelope, Conflict):
                alarms.sound(work, UNTOLD, sent.peer, once=True)
                continue
            transmissions.renewed(work, row.id, renew_at)


def resume(work: Work, network: Network, case_id: str) -> None:
    """Ask every society that has ended its search of a case to decide anew."""
    for row, sent in _sent(work, case_id):
        if sent.state is TransmissionState.ENDED:
            to = (sent.peer, row.id)
            _say_or_show(work, network, to, LetterType.CASE_REOPEN, bodies.CaseReopen())
            after = sent.moved(TransmissionState.DELIVERED, work.now, work.actor.id)
            transmissions.keep(work, row, replace(after, results=()), row.due_at)


def _sent(work: Work, case_id: str) -> Iterator[tuple[Filed, Transmission]]:
    for _peer, ref in transmissions.sent_to_nodes(work, [case_id]):
        row, content = transmissions.locked(work, ref)
        yield row, transmissions.SHELF.document(work, row, content)


def _say_or_show(
    work: Work, network: Network, to: tuple[str, str], kind: LetterType, body: msgspec.Struct
) -> None:
    """What cannot be written now, to a society that is suspended, is shown to people."""
    try:
        say(work, network, to, kind, body)
    except (BadEnvelope, Conflict):
        alarms.sound(work, UNTOLD, to[0], once=True)


def _details(work: Work, asked: Asked, leave: Leave | None, peer: PeerRow) -> frozenset[Detail]:
    """Return what of the enquirer may leave; nothing to a society at risk, and none of the origin
    where it is withheld. What is passed on is what arrived.
    """
    sent, request = asked.transmission, asked.request
    withheld = leave is not None and (leave.withhold_origin or sent.withholds_origin)
    if peer.at_risk or withheld:
        return UNNAMED
    if leave is None:
        return reached(request.consents, Use.SHARE, work.today, peer.code)
    return may_be_told(request, asked.file.asked_by, work.today)


def _dossier(asked: Asked, measure: Measure) -> Dossier:
    """Return what leaves. Where the enquirer is not named, nor is the society they turned to."""
    sent, file = asked.transmission, asked.file
    statement = stated(file.credibility, file.screening)
    dossier = least(asked.request, sent.methods, statement, sent.due_on, measure)
    origin = file.asked_by if Detail.NAME in measure.details else None
    return replace(dossier, country=file.country, origin=origin)


def _node(work: Work, peer: str) -> PeerRow | None:
    row = peers.find(work, peer)
    return None if row is None or row.state is PeerState.REMOVED else row


def _purpose(work: Work) -> Purpose:
    return (
        work.purpose if work.purpose is not None and work.purpose in CASEWORK else Purpose.TRACING
    )


def _passed(leave: Leave | None, file: CaseFile, work: Work) -> ConsentNamed | None:
    """Return the consent behind a request that is passed on: it ends when that one ends."""
    if leave is None or leave.consent_until is None:
        return None
    given = (file.accepted_on or work.today).isoformat()
    return ConsentNamed(scope=Use.SHARE, ref=given, expires=int(leave.consent_until.timestamp()))


def _consent(request: TracingRequest, peer: str, work: Work) -> ConsentNamed:
    """Return what the enquirer agreed to, as the letter names it: no word of the family."""
    held = [one for one in request.consents if one.covers(Use.SHARE, work.today, peer)]
    if not held:
        raise Conflict("The enquirer has not agreed that this society is told.")
    ends = day_micros(held[-1].holds_until)
    longest = work.micros // SECOND + KEEP_SECONDS
    expires = longest if ends is None else min(longest, ends // SECOND)
    given = held[-1].given_on.isoformat()
    return ConsentNamed(scope=Use.SHARE, ref=given, expires=expires)


def _post(work: Work, network: Network, peer: str, letter: Letter, count: int) -> None:
    """The entry names who is written to, also where the word of another society is obeyed."""
    before, work.peer = work.peer, peer
    post(work, network, peer, letter)
    ledger.append(work, count=count, reason=letter.type)
    work.peer = before or peer
