"""Handover of a case between societies: what each step of it does, and the letters that say it.

The owner offers, the other accepts, the owner gives: it closes its case and writes `given` in one
transaction. Then the other is the owner, and opens the case. A step that is said twice does
nothing more; `given` is said again to who accepts again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from rfl.domain.casefile import Ending, Event, Kind
from rfl.domain.handover import Handover
from rfl.domain.ids import new_id
from rfl.domain.purpose import CASEWORK, Purpose
from rfl.domain.states import CaseState, HandoverState
from rfl.domain.task import WHILE_IT_GOES_ON
from rfl.exchange import bodies
from rfl.exchange.asking import conclude
from rfl.exchange.authority import Part, require_part
from rfl.exchange.bodies import CaseHandover, Turn
from rfl.exchange.case_letters import require_lawful, retained_until
from rfl.exchange.enclosures import Enclosure, enclose, hold, take
from rfl.exchange.letter import ConsentNamed, Handling, Letter, LetterType
from rfl.exchange.named import reference, refuse_recalled
from rfl.exchange.naming import require_budget
from rfl.exchange.network import Network
from rfl.exchange.post import post
from rfl.exchange.reasons import Reason, Refused
from rfl.exchange.reception import Effect
from rfl.storage import casefiles, cases, handovers, ledger, recalls, received, tasks, vault
from rfl.storage.cases import OutsideState
from rfl.storage.recalls import Why
from rfl.storage.shelf import Filed
from rfl.storage.work import Work, micros

DECLINED: Final = "The handover was declined."
OVER: Final = "The offer to hand this case over has ended."
_ANSWERED: Final = {HandoverState.OFFERED, HandoverState.GIVEN, HandoverState.DECLINED}


def say_turn(
    work: Work,
    network: Network,
    handover: Handover,
    body: CaseHandover,
    consent: ConsentNamed | None = None,
    files: Sequence[Enclosure] = (),
) -> None:
    """Post one step of a handover. What goes with an offer is kept as long as its consent holds."""
    purpose = work.purpose
    letter = Letter(
        type=LetterType.CASE_HANDOVER,
        purpose=purpose if purpose is not None and purpose in CASEWORK else Purpose.TRACING,
        case_ref=handover.ref,
        consent=consent,
        handling=Handling(retain_until=consent.expires) if consent is not None else None,
        data=bodies.written(body),
    )
    work.peer = handover.peer
    letter = enclose(work, network, (handover.peer, handover.ref), files, letter)
    post(work, network, handover.peer, letter)
    ledger.append(work, count=1, reason=letter.type)


@dataclass(frozen=True, slots=True)
class HandoverLetters:
    """The effects of `case.handover`; offers come to the branch of the network."""

    network: Network

    @property
    def effects(self) -> dict[LetterType, Effect]:
        """What the type does."""
        return {LetterType.CASE_HANDOVER: self._take}

    def _take(self, work: Work, peer: str, letter: Letter) -> None:
        said = bodies.read(letter.data, CaseHandover)
        if said.turn is Turn.OFFER:
            self._take_offer(work, peer, letter, said)
        elif said.turn is Turn.GIVEN:
            _take_case(work, peer, letter)
        else:
            row, before = _own_offer(work, peer, letter)
            self._answered(work, row, before, said.turn)

    def _answered(self, work: Work, row: Filed, before: Handover, turn: Turn) -> None:
        """Do what follows from an answer; who declined before was restored, and forgot it."""
        if before.state is not HandoverState.DECLINED:
            answer = self._give if turn is Turn.ACCEPT else _keep
            answer(work, row, before)
        elif turn is Turn.ACCEPT:
            recalls.ask_again(work, before.peer, before.ref, row.branch)

    def _take_offer(self, work: Work, peer: str, letter: Letter, said: CaseHandover) -> None:
        """An offer waits for an officer; nothing of it is matched, and nobody here is the owner."""
        ref = reference(letter)
        require_lawful(work, letter)
        until = micros(retained_until(work, letter))
        if received.of_peer(work, peer, ref) is not None:
            raise Refused(Reason.RECALLED)
        if handovers.of_peer(work, peer, ref, coming=True) is not None:
            raise Refused(Reason.ALREADY_RECEIVED)
        require_budget(work, peer, len(said.request.sought) if said.request is not None else 0)
        row = Filed(
            id=new_id("hnd"),
            case_id=None,
            branch=self.network.branch,
            officer=None,
            created_at=work.micros,
            due_at=until,
            open=True,
            version=1,
        )
        came = Handover(peer, ref, coming=True, request=said.request, country=said.country)
        files = take(work, self.network, peer, letter, said.files)
        hold(work, row.id, files, ())
        handovers.add(work, row, replace(came, moved_at=work.now, files=files))

    def _give(self, work: Work, row: Filed, before: Handover) -> None:
        """Let go of the case and write so, in this one transaction; written before, write again."""
        given = CaseHandover(Turn.GIVEN)
        if before.state is HandoverState.GIVEN:
            say_turn(work, self.network, before, given)
            return
        if row.due_at is not None and row.due_at <= work.micros:
            end_offer(work, row, before)
            return
        case_id, by = row.case_id or "", before.peer
        _entered(work, case_id)
        case, _sealed = cases.load(work, case_id)
        ending = Ending.REFERRED_ELSEWHERE
        event = Event(at=work.now, by=by, kind=Kind.HANDED_OVER)
        file = casefiles.load(work, case_id).closed(ending).with_event(event)
        clear = {"state": OutsideState.CLOSED, "due_at": None, "review_at": None, "policy": None}
        casefiles.keep(work, case, file, **clear)
        tasks.end(work, case_id, WHILE_IT_GOES_ON)
        conclude(work, self.network, case_id, ending)
        accepted = before.moved(HandoverState.ACCEPTED, work.now)
        handovers.keep(work, row, accepted.moved(HandoverState.GIVEN, work.now))
        say_turn(work, self.network, before, given)


def _own_offer(work: Work, peer: str, letter: Letter) -> tuple[Filed, Handover]:
    """Return this node's offer to this society, or raise Refused."""
    found = handovers.of_peer(work, peer, reference(letter), coming=False)
    if found is None:
        refuse_recalled(work, peer, letter)
    require_part(letter.type, () if found is None else (Part.OFFERED,))
    assert found is not None  # noqa: S101 (whom nothing was offered was refused)
    if found[1].state is HandoverState.WITHDRAWN:
        raise Refused(Reason.RECALLED)
    if found[1].state not in _ANSWERED:
        require_part(letter.type, ())
    return found


def given_back(work: Work, peer: str, ref: str) -> bool:
    """Take a case back whose new owner attests that it holds nothing; False if none was offered.

    It was brought back to before it had accepted, and let the offer end.
    """
    found = handovers.of_peer(work, peer, ref, coming=False)
    if found is not None and found[1].state is HandoverState.GIVEN:
        row, before = found
        handovers.keep(work, row, before.moved(HandoverState.DECLINED, work.now))
        _free(work, row, OVER)
    return found is not None


def _keep(work: Work, row: Filed, before: Handover) -> None:
    """The other society declines: the case may be worked, or offered to another.

    It destroys unasked what came with the offer, and is held to the attestation. Who was brought
    back to before it had accepted declines what was given: then the case is this society's again.
    """
    sent, branches = [(before.peer, before.ref)], {before.ref: row.branch}
    recalls.add(work, sent, Why.ENDED, branches=branches, asked=True)
    handovers.keep(work, row, before.moved(HandoverState.DECLINED, work.now))
    _free(work, row, DECLINED)


def end_offer(work: Work, row: Filed, before: Handover) -> None:
    """Take an offer back whose time is over: the case goes on here, what was sent is recalled."""
    handovers.withdraw(work, row, before)
    _free(work, row, OVER)


def _free(work: Work, row: Filed, said: str) -> None:
    case_id = row.case_id or ""
    _entered(work, case_id)
    case, _sealed = cases.load(work, case_id)
    file = replace(casefiles.load(work, case_id), offered_to=None)
    kind, clear = Kind.NOTED, dict[str, object]()
    if file.state is CaseState.CLOSED:
        kind, clear = Kind.REOPENED, {"state": OutsideState.OPEN}
        file = file.reopened()
    event = Event(at=work.now, by=work.actor.id, kind=kind, said=said)
    casefiles.keep(work, case, file.with_event(event), **clear)


def _entered(work: Work, case_id: str) -> None:
    _case, sealed = cases.load(work, case_id)
    log_id = vault.log_ids(work, sealed)[0]
    ledger.append(
        work, objects=[log_id], groups=casefiles.GROUPS, count=1, reason=LetterType.CASE_HANDOVER
    )


def _take_case(work: Work, peer: str, letter: Letter) -> None:
    """This society is the owner from now on, if it has accepted; said again it changes nothing."""
    found = handovers.of_peer(work, peer, reference(letter), coming=True)
    is_owner = found is not None and (found[1].is_taken or found[1].state is HandoverState.ACCEPTED)
    require_part(letter.type, (Part.OWNER,) if is_owner else ())
    assert found is not None  # noqa: S101 (who is not the owner was refused)
    row, before = found
    if not before.is_taken:
        handovers.keep(work, row, before.moved(HandoverState.GIVEN, work.now))
