"""What of a case leaves for another society, whichever way it goes: as a letter or as a dossier.

One road for both: the same consent, screening, assessment of the destination, statement and least
data. So nothing leaves by hand that would not leave by wire.
"""

from dataclasses import dataclass, replace
from typing import Final

from rfl.domain.care import Side
from rfl.domain.casefile import CaseFile
from rfl.domain.consent import Detail, Use, reached
from rfl.domain.dossier import UNNAMED, Dossier, Measure, least, may_be_told, reach_of, stated
from rfl.domain.masked import Masked
from rfl.domain.policy import Version
from rfl.domain.purpose import CASEWORK, Purpose
from rfl.domain.received import Leave
from rfl.domain.request import TracingRequest
from rfl.domain.states import CaseState, Outside
from rfl.domain.transmission import Transmission
from rfl.errors import Conflict, InvalidInput
from rfl.exchange import bodies
from rfl.exchange.enclosures import Enclosure, files_of, pictures
from rfl.exchange.letter import ConsentNamed, Handling, Letter, LetterType
from rfl.storage import correspondents, peers, received
from rfl.storage.peers import PeerRow, PeerState
from rfl.storage.work import Work, day_micros

SECOND: Final = 1_000_000


@dataclass(frozen=True, slots=True, repr=False)
class Asked(Masked):
    """A request to another society, and the case that it is about."""

    ref: str
    case_id: str
    transmission: Transmission
    request: TracingRequest
    file: CaseFile


@dataclass(frozen=True, slots=True)
class Destination:
    """A society whose data protection is assessed now, and whether data is at risk there."""

    code: str
    at_risk: bool


def has_node(work: Work, peer: str) -> bool:
    """True if the society has a node, so that letters move its requests and no hand does."""
    return _node(work, peer) is not None


def destination(work: Work, peer: str) -> Destination:
    """Return where a request may go, or raise Conflict: nobody has assessed it lately (P-16)."""
    known = _node(work, peer) or correspondents.find(work, peer)
    until = known.assessed_until if known is not None else None
    if known is None or until is None or until <= work.micros:
        raise Conflict("The society's data protection has no assessment that is current (P-16).")
    return Destination(known.code, known.at_risk)


def require_may_leave(work: Work, wanted: Asked, rules: Version) -> None:
    """Raise Conflict or InvalidInput unless case, enquirer, screening and policy let it leave."""
    asked, file, request = wanted.transmission, wanted.file, wanted.request
    file.require_own_work()
    file.require_kept()
    if file.state is not CaseState.ACTIVE:
        raise Conflict("Only a case that was accepted, and goes on, is sent to others.")
    if file.screening is None or not file.screening.holds(Side.ENQUIRER, rules.code):
        raise Conflict("Harm is screened before any step of search outside (P-06).")
    leave_of(work, wanted)
    rules.require_may_hear(asked.peer, detrimental=request.detrimental)
    if not asked.methods <= rules.rules(file.country).methods & request.methods:
        raise InvalidInput("methods", "must be allowed by the enquirer and by the policy")
    destination(work, asked.peer)


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
    leave = found[1].onward(work.now) if found is not None else None
    if leave is None or sent.onward or sent.peer == file.asked_by:
        raise Conflict("The society that asks has not let this request be passed on like this.")
    return leave


def request_letter(
    work: Work, asked: Asked, to: Destination, version: Version, kind: LetterType
) -> Letter:
    """Return the letter that asks a society, or that tells it what has changed.

    Raises Conflict for what goes to the Central Tracing Agency alone (P-36).
    """
    version.require_may_hear(to.code, detrimental=asked.request.detrimental)
    rules = version.rules(asked.file.country)
    sent, leave = asked.transmission, leave_of(work, asked)
    measure = Measure(rules.identifiers, _details(work, asked, leave, to))
    dossier = _dossier(asked, measure)
    is_update = kind is LetterType.CASE_UPDATE
    body = bodies.CaseUpdate(dossier) if is_update else bodies.CaseRequest(dossier)
    until = work.micros // SECOND + version.copy_seconds
    return Letter(
        type=kind,
        purpose=purpose_of(work),
        case_ref=asked.ref,
        consent=_passed(leave, asked.file, work) or _consent(asked.request, to.code, work, until),
        handling=Handling(until, sent.onward, sent.withholds_origin),
        data=bodies.written(body),
    )


def reaches_further(work: Work, asked: Asked) -> bool:
    """True if this society has given information, and the enquirer lets more follow than before."""
    to, leave = destination(work, asked.transmission.peer), leave_of(work, asked)
    details = _details(work, asked, leave, to)
    if _dossier(asked, Measure(details=details)).reach is not None:
        return True
    own = asked.request.enquirer.id
    return any(file.shows == own for _row, file in pictures_to(work, asked, to))


def pictures_to(work: Work, asked: Asked, to: Destination) -> list[Enclosure]:
    """Return the pictures that may go along: of the sought persons, as far as photos are agreed to.

    The enquirer's own follow good news, as their address does. What is passed on is what came.
    """
    leave = leave_of(work, asked)
    details = _details(work, asked, leave, to)
    came = None
    if leave is not None:
        found = received.of_case(work, asked.case_id)
        came = found[1].came if found is not None else frozenset()
    if (Detail.PHOTO if leave is None else Detail.NAME) not in details:
        return []
    persons = {one.person.id for one in asked.request.sought}
    if _has_told(asked):
        persons.add(asked.request.enquirer.id)
    return pictures(files_of(work, asked.case_id), frozenset(persons), came)


def may_be_named(work: Work, asked: Asked) -> bool:
    """True if this society may be told who is searching, as far as the enquirer agreed."""
    to, leave = destination(work, asked.transmission.peer), leave_of(work, asked)
    return Detail.NAME in _details(work, asked, leave, to)


def purpose_of(work: Work) -> Purpose:
    """Return the purpose of this work if it is one of casework, else tracing."""
    return (
        work.purpose if work.purpose is not None and work.purpose in CASEWORK else Purpose.TRACING
    )


def _details(work: Work, asked: Asked, leave: Leave | None, to: Destination) -> frozenset[Detail]:
    """Return what of the enquirer may leave; none of the origin where it is withheld, and nothing
    to a society at risk before a found person asks who is searching. What is passed on is what
    arrived.
    """
    sent, request = asked.transmission, asked.request
    withheld = leave is not None and (leave.withhold_origin or sent.withholds_origin)
    if withheld or (to.at_risk and not sent.asked_who):
        return UNNAMED
    if leave is None:
        return reached(request.consents, Use.SHARE, work.today, to.code)
    return may_be_told(request, asked.file.asked_by, work.today)


def _dossier(asked: Asked, measure: Measure) -> Dossier:
    """Return what leaves. Where the enquirer is not named, nor is the society they turned to."""
    sent, file = asked.transmission, asked.file
    statement = stated(file.credibility, file.screening)
    dossier = least(asked.request, sent.methods, statement, sent.due_on, measure)
    origin = file.asked_by if Detail.NAME in measure.details else None
    reach = reach_of(asked.request, measure.details) if _has_told(asked) else None
    return replace(dossier, country=file.country, origin=origin, reach=reach, leads=file.leads)


def _has_told(asked: Asked) -> bool:
    return Outside.INFORMATION_GIVEN in dict(asked.transmission.results).values()


def _node(work: Work, peer: str) -> PeerRow | None:
    row = peers.find(work, peer)
    return None if row is None or row.state is PeerState.REMOVED else row


def _passed(leave: Leave | None, file: CaseFile, work: Work) -> ConsentNamed | None:
    """Return the consent behind a request that is passed on: it ends when that one ends."""
    if leave is None or leave.consent_until is None:
        return None
    given = (file.accepted_on or work.today).isoformat()
    return ConsentNamed(scope=Use.SHARE, ref=given, expires=int(leave.consent_until.timestamp()))


def _consent(request: TracingRequest, peer: str, work: Work, longest: int) -> ConsentNamed:
    """Return what the enquirer agreed to, as the letter names it: no word of the family."""
    held = [one for one in request.consents if one.covers(Use.SHARE, work.today, peer)]
    if not held:
        raise Conflict("The enquirer has not agreed that this society is told.")
    ends = day_micros(held[-1].holds_until)
    expires = longest if ends is None else min(longest, ends // SECOND)
    given = held[-1].given_on.isoformat()
    return ConsentNamed(scope=Use.SHARE, ref=given, expires=expires)
