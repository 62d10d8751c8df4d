"""What letters about cases do here: a request comes, is answered, its result is told.

A letter's effect is part of the transaction that takes it in. Nothing is matched here: a request
waits for an officer, and becomes a case when it is accepted.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from rfl.domain.casefile import Event, Kind
from rfl.domain.consent import Use
from rfl.domain.ids import new_id
from rfl.domain.policy import Profile
from rfl.domain.purpose import CASEWORK
from rfl.domain.received import Leave, Received
from rfl.domain.states import CaseState, Outside, TransmissionState
from rfl.domain.transmission import Transmission
from rfl.exchange.asking import conclude, follow_good_news, tell_who
from rfl.exchange.bodies import (
    CaseAnswer,
    CaseClose,
    CaseReminder,
    CaseReopen,
    CaseRequest,
    CaseResult,
    CaseUpdate,
    Decision,
    read,
    written,
)
from rfl.exchange.enclosures import hold, take
from rfl.exchange.hearing import take_results
from rfl.exchange.letter import Letter, LetterType
from rfl.exchange.named import asked_request, own_request, reference
from rfl.exchange.naming import require_budget, require_budget_of_change
from rfl.exchange.network import Network
from rfl.exchange.post import post
from rfl.exchange.reasons import Reason, Refused
from rfl.exchange.reception import Effect
from rfl.storage import (
    casefiles,
    cases,
    recalls,
    received,
    transmissions,
)
from rfl.storage.cases import OutsideState
from rfl.storage.shelf import Filed
from rfl.storage.work import Work, from_micros, micros

_DECIDES: Final = {
    Decision.ACCEPTED: TransmissionState.ACCEPTED,
    Decision.RETURNED: TransmissionState.RETURNED_FOR_INFORMATION,
    Decision.DECLINED: TransmissionState.DECLINED,
}
_SAID_BY: Final = {
    **{state: decision for decision, state in _DECIDES.items()},
    TransmissionState.ENDED: Decision.ACCEPTED,
}
Moment = Callable[[date], int]
"""The first moment of a day where the society is, in microseconds."""


@dataclass(frozen=True, slots=True)
class CaseLetters:
    """The effects of letters about cases on a node; requests come to the branch of its network."""

    network: Network
    policy: Profile
    moment: Moment

    @property
    def effects(self) -> dict[LetterType, Effect]:
        """What each type does."""
        return {
            LetterType.CASE_REQUEST: self._take_request,
            LetterType.CASE_ANSWER: self._take_answer,
            LetterType.CASE_RESULT: self._take_result,
            LetterType.CASE_UPDATE: self._take_update,
            LetterType.CASE_REMINDER: self._take_reminder,
            LetterType.CASE_CLOSE: self._take_close,
            LetterType.CASE_REOPEN: self._take_reopen,
        }

    def _take_request(self, work: Work, peer: str, letter: Letter) -> None:
        ref = reference(letter)
        require_lawful(work, letter)
        said = read(letter.data, CaseRequest)
        dossier, until = said.dossier, retained_until(work, letter)
        known = received.of_peer(work, peer, ref)
        if known is not None:
            row, before = known
            if before.state is not TransmissionState.RETURNED_FOR_INFORMATION:
                raise Refused(Reason.ALREADY_RECEIVED if not before.is_gone else Reason.RECALLED)
            require_budget_of_change(work, peer, before, dossier)
            again = before.again(dossier, until.date(), work.now)
            files = take(work, self.network, peer, letter, said.files, before.files)
            hold(work, row.id, files, before.files)
            again = replace(again, leave=_leave(letter), files=files)
            received.keep(work, row, again, retain_at=micros(until))
            return
        require_budget(work, peer, len(dossier.persons))
        row = Filed(
            id=new_id("rcv"),
            case_id=None,
            branch=self.network.branch,
            officer=None,
            created_at=work.micros,
            due_at=self.moment(dossier.due_on),
            open=True,
            version=1,
        )
        request = Received(peer=peer, ref=ref, dossier=dossier, retain_until=until.date())
        files = take(work, self.network, peer, letter, said.files)
        hold(work, row.id, files, ())
        request = replace(request, moved_at=work.now, leave=_leave(letter), files=files)
        received.add(work, row, request, micros(until))

    def _take_update(self, work: Work, peer: str, letter: Letter) -> None:
        """Keep the request as it is told now; with the same content it only lives longer.

        Of one that was erased here nothing is kept, and nobody is told before its day (P-03).
        """
        row, before = asked_request(work, peer, letter)
        require_lawful(work, letter)
        said = read(letter.data, CaseUpdate)
        dossier, until = before.read(said.dossier), retained_until(work, letter)
        if before.erased_on is not None:
            received.keep(work, row, before, retain_at=micros(until))
            return
        require_budget_of_change(work, peer, before, dossier)
        files = take(work, self.network, peer, letter, said.files, before.files)
        hold(work, row.id, files, before.files)
        after = before.restated(dossier, until.date(), work.now)
        after = replace(after, leave=_leave(letter), files=files)
        is_new = row.case_id is not None and (dossier, files) != (before.dossier, before.files)
        marked = {"changed": True} if is_new else {}
        received.keep(work, row, after, retain_at=micros(until), **marked)

    def _take_reminder(self, work: Work, peer: str, letter: Letter) -> None:
        """Say again what was decided; what a search found is no part of it (P-03)."""
        row, request = asked_request(work, peer, letter)
        read(letter.data, CaseReminder)
        if request.state is TransmissionState.ACCEPTED:
            self._say_again(work, letter, request)
        received.keep(work, row, replace(request, reminded_on=work.today))

    def _take_reopen(self, work: Work, peer: str, letter: Letter) -> None:
        """The search goes on if this society accepts it again.

        Of one that it has accepted, everything is said again: who asks was brought back to an
        earlier day, and has forgotten that it asked.
        """
        row, request = asked_request(work, peer, letter)
        read(letter.data, CaseReopen)
        if request.state is TransmissionState.ACCEPTED:
            self._say_again(work, letter, request)
            taken_back = tuple(one for one in request.said if one.withdrawn_on is not None)
            received.keep(work, row, replace(request, said=taken_back), owes=True)
            return
        if request.erased_on is not None:
            raise Refused(Reason.RECALLED)
        received.keep(work, row, request.moved(TransmissionState.DELIVERED, work.now))

    def _say_again(self, work: Work, letter: Letter, request: Received) -> None:
        body = CaseAnswer(Decision.ACCEPTED, answer_on=request.answer_on)
        answer = Letter(
            type=LetterType.CASE_ANSWER,
            purpose=letter.purpose,
            case_ref=request.ref,
            data=written(body),
        )
        post(work, self.network, request.peer, answer)

    def _take_answer(self, work: Work, peer: str, letter: Letter) -> None:
        row, sent = own_request(work, peer, letter)
        said = read(letter.data, CaseAnswer)
        if said.decision is _SAID_BY.get(sent.state):
            self._hear_again(work, row, sent, said)
            return
        if sent.ended_there and said.decision is Decision.ACCEPTED and _is_closed(work, row):
            recalls.ask_again(work, peer, row.id, row.branch)
            return
        is_over = sent.ended_there and sent.state is TransmissionState.RECALLED
        if is_over and said.decision is Decision.RETURNED:
            return  # Its attestation has overtaken it: there is nothing to send again.
        if sent.state is TransmissionState.QUEUED:
            sent = sent.moved(TransmissionState.DELIVERED, work.now, peer)
        if sent.state in _SAID_BY or sent.ended_there:
            # Who searches was brought back to an earlier day, and decides anew.
            sent = replace(sent, state=TransmissionState.DELIVERED, destroyed=False)
        state = _DECIDES[said.decision]
        after = sent.moved(state, work.now, peer, reason=said.reason, answer_on=said.answer_on)
        transmissions.keep(work, row, after, self.moment(after.answer_on or after.due_on))

    def _hear_again(self, work: Work, row: Filed, sent: Transmission, said: CaseAnswer) -> None:
        """Hear what was said before: after a reminder, or by who was brought back and forgot it.

        The day of an acceptance may be another then.
        """
        if said.asks_who:
            tell_who(work, self.network, row.id, self.policy.on(work.today))
        elif sent.state is TransmissionState.ACCEPTED and said.answer_on != sent.answer_on:
            after = replace(sent, answer_on=said.answer_on)
            transmissions.keep(work, row, after, self.moment(said.answer_on or sent.due_on))

    def _take_result(self, work: Work, peer: str, letter: Letter) -> None:
        row, sent = own_request(work, peer, letter)
        results = tuple(
            one.untold() if sent.overtook(one.person, letter.issued) else one
            for one in read(letter.data, CaseResult).results
        )
        take_results(work, self.policy, (row, sent), results, peer)
        if any(one.outcome is Outside.INFORMATION_GIVEN for one in results):
            follow_good_news(work, self.network, row.id, self.policy.on(work.today))

    def _take_close(self, work: Work, peer: str, letter: Letter) -> None:
        """The asking society's case is closed: the search ends, here and where it was passed on.

        The copy ends in its time. Of what is no case here, nothing is decided until it is reopened.
        """
        row, request = asked_request(work, peer, letter)
        ending = read(letter.data, CaseClose).ending
        if row.case_id is None:
            ended = replace(request, state=TransmissionState.ENDED, moved_at=work.now)
            received.keep(work, row, ended, due_at=None)
            return
        case, _sealed = cases.load(work, row.case_id)
        file = casefiles.load(work, row.case_id)
        if file.state is not CaseState.CLOSED:
            event = Event(at=work.now, by=peer, kind=Kind.CLOSED)
            closed = file.closed(ending).with_event(event)
            clear = {"state": OutsideState.CLOSED, "review_at": None, "due_at": None}
            casefiles.keep(work, case, closed, **clear)
            conclude(work, self.network, row.case_id, ending)
        if request.state is TransmissionState.ACCEPTED:
            request = request.moved(TransmissionState.ENDED, work.now)
        received.keep(work, row, request, due_at=None)


def require_lawful(work: Work, letter: Letter) -> None:
    """A request is for a humanitarian purpose and rests on a consent that holds (P-08, P-15)."""
    if letter.purpose not in CASEWORK:
        raise Refused(Reason.PURPOSE_REFUSED)
    consent = letter.consent
    if consent is None or consent.scope != Use.SHARE or consent.expires * 1_000_000 <= work.micros:
        raise Refused(Reason.CONSENT_MISSING)


def retained_until(work: Work, letter: Letter) -> datetime:
    """Return until when the sender lets its copy be kept, or raise Refused."""
    if letter.handling is None or letter.handling.retain_until * 1_000_000 <= work.micros:
        raise Refused(Reason.NOT_UNDERSTOOD)
    return from_micros(letter.handling.retain_until * 1_000_000)


def _is_closed(work: Work, row: Filed) -> bool:
    return casefiles.load(work, row.case_id or "").state is CaseState.CLOSED


def _leave(letter: Letter) -> Leave:
    handling, consent = letter.handling, letter.consent
    if handling is None or consent is None:
        return Leave()
    until = from_micros(consent.expires * 1_000_000)
    return Leave(handling.onward, handling.withhold_origin, until)
