"""An office of the soak: people who open cases, ask the other society, answer it, think again.

Nothing is remembered but in the node itself, so the process may die between any two steps: it looks
at what is open and does the next thing. What becomes of a case is drawn from its reference, so that
a society that was restored decides as it had decided.
"""

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import IntEnum
from pathlib import Path
from typing import Any

from rfl import wiring
from rfl.domain.access import Actor, Role
from rfl.domain.answer import Item
from rfl.domain.care import Side
from rfl.domain.casefile import Ending, Kind
from rfl.domain.consent import Consent, ConsentForm, Use
from rfl.domain.message import Message, Party
from rfl.domain.person import Name, Relation
from rfl.domain.purpose import Purpose
from rfl.domain.request import Contact, Method
from rfl.domain.states import CaseState, HandoverState, Inside, MessageState, TransmissionState
from rfl.domain.transmission import Transmission, WhyReturned
from rfl.errors import (
    Conflict,
    Erased,
    NotFound,
    StaleVersion,
    StorageBusy,
    StorageFailed,
    StorageFull,
)
from rfl.exchange.handover_letters import DECLINED
from rfl.flows import (
    answer_request,
    carry_message,
    consult,
    hand_over,
    know_peers,
    review,
    seek,
    send_message,
    take_over,
    transmit,
)
from rfl.flows.admit import add_account
from rfl.flows.close import close_case, reopen_case
from rfl.flows.erase import erase_case
from rfl.flows.register import open_case
from rfl.flows.runtime import OFFICE_CALL, Call, Runtime, network_of
from rfl.flows.withdraw import withdraw_consent
from tests.casework import make_screening
from tests.office import Desk, make_complete
from tests.soak import shim
from tests.support import make_person, make_request

METHODS = frozenset({Method.VISIT})
ALL = ((-1, ""), 10_000)
TOLD = (Item.ASKING_SOCIETY_MAY_KNOW, Item.ALIVE_AND_WELL, Item.MESSAGE)
OVERTAKEN = (Conflict, StaleVersion, NotFound, Erased)
"""What an officer hears where a letter, or a colleague, was quicker: the next look shows why."""

IDLE = "office.idle"


class Fate(IntEnum):
    """What becomes of a case on the side that asks."""

    WAITS = 0
    REMINDS = 1
    CHANGES = 2
    CLOSES = 3
    REOPENS = 4
    WITHDRAWS = 5
    ERASES = 6
    HANDS_OVER = 7


class Turn(IntEnum):
    """What becomes of what came, on the side that was asked. Most is accepted."""

    DECLINES = 0
    RETURNS = 1
    THINKS_AGAIN = 2
    FINDS = 3
    FINDS_TOO = 4
    SEARCHES = 5


def drawn(kind: type[IntEnum], ref: str) -> Any:
    """Draw from a reference, the same each time. One fate may have been chosen for all."""
    if kind is Fate and "SOAK_FATE" in os.environ:
        return Fate[os.environ["SOAK_FATE"]]
    return kind(hashlib.sha256(ref.encode()).digest()[0] % len(kind))


def hire(rt: Runtime, home: Path, peer: str) -> None:
    """Make the accounts of an office, kept beside its node, and let it ask its peer for much."""
    until = rt.clock() + timedelta(days=300)
    know_peers.assess_peer(rt, OFFICE_CALL, peer, until, at_risk=False)
    know_peers.limit_peer(rt, OFFICE_CALL, peer, 1_000_000)
    roles = (Role.TRACING_OFFICER, Role.SUPERVISOR, Role.TRACING_OFFICER, Role.TRACING_OFFICER)
    branch = network_of(rt).branch
    made = [(add_account(rt, OFFICE_CALL, role, branch, "Of the soak"), role) for role in roles]
    said = [(one.account, one.token_id, role) for one, role in made]
    (home / "office.json").write_text(json.dumps(said))


def work(settings: dict[str, str], weather: Path, log: Path, to: str, _text: str) -> None:
    """Work as an office with one other society until killed; open as many cases as are asked for.

    How often in a row it has found nothing to do stands beside the node.
    """
    shim.prepare(settings, weather, log)
    said, rt = shim.Weather(weather), wiring.runtime(wiring.settings())
    rt.rules = replace(rt.rules, four_eyes=frozenset())  # approvals have tests of their own
    office = Office.of(rt, log.parent, to)
    opened = log.with_suffix(".opened")
    idle = 0
    while True:
        steps = 0
        with suppress(StorageBusy, StorageFull, StorageFailed):
            have = opened.stat().st_size if opened.exists() else 0
            if have < said["letters"]:
                office.open_one()
                with opened.open("ab") as journal:
                    journal.write(b".")
                steps += 1
            steps += office.look()
            idle = 0 if steps else idle + 1
            (log.parent / IDLE).write_text(str(idle))
        time.sleep(0.05)


@dataclass
class Office:
    """Four people of one branch: who serves enquirers, a supervisor, and two who search."""

    rt: Runtime
    peer: str
    officer: Call
    supervisor: Call
    searcher: Call
    second: Call
    _done: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, rt: Runtime, home: Path, peer: str) -> "Office":
        """The office whose accounts were made before."""
        branch = network_of(rt).branch
        calls = [
            Call(Actor(account, Role(role), branch, session=token), Purpose.TRACING)
            for account, token, role in json.loads((home / "office.json").read_text())
        ]
        return cls(rt, peer, *calls)

    def open_one(self) -> None:
        """Open a case of an enquirer who agrees to everything, and collect a letter."""
        person = make_person("Ali Hosseini", birth="1990-04-12")
        uses = frozenset({Use.SEARCH, Use.SHARE, Use.CONTACT})
        consent = Consent(
            person=person.id,
            uses=uses,
            form=ConsentForm.SIGNED,
            given_on=self.rt.today(),
            recipients=(self.peer,),
        )
        contact = Contact(phones=("+38970123456",), safest_channel="phone")
        request = make_request(person, methods=METHODS, consents=(consent,), contact=contact)
        open_case(self.rt, self.officer, make_complete(request), None)
        party = Party((Name("Ali Hosseini"),))
        letter = Message(party, Party((Name("Maryam"),)), Relation.MOTHER, "We are well.", "en")
        send_message.collect_message(self.rt, self.officer, letter)

    def look(self) -> int:
        """Look once at everything that is open, and take the next step of each; return how many."""
        return sum(self._taken(step) for step in self._business())

    def _taken(self, step: Callable[[], bool]) -> bool:
        with suppress(*OVERTAKEN):
            return step()
        return False

    def _business(self) -> Iterator[Callable[[], bool]]:
        rt, officer = self.rt, self.officer
        for row in review.list_cases(rt, officer, *ALL):
            if row.id not in self._done:
                yield lambda case=row.id: self._own(case)
        for filed in answer_request.list_received(rt, officer, *ALL):
            if filed.id not in self._done:
                yield lambda received=filed.id: self._asked(received)
        for filed in send_message.list_messages(rt, officer, *ALL):
            if filed.id not in self._done:
                yield lambda message=filed.id: self._message(message)
        for filed in hand_over.list_handovers(rt, officer, *ALL):
            yield lambda handover=filed.id: self._offered(handover)

    def _desk(self, case: str) -> Desk:
        return Desk(self.rt, self.officer, self.supervisor, self.searcher, self.second, case)

    def _over(self, one: str) -> bool:
        """Nothing will ever have to be done about this again."""
        self._done.add(one)
        return False

    def _own(self, case: str) -> bool:
        """The next step of a case whose enquirer is served here."""
        desk, fate = self._desk(case), drawn(Fate, case)
        file = desk.file
        if file.asked_by is not None:
            return self._over(case)
        if file.state is CaseState.CLOSED:
            again = fate is Fate.REOPENS and file.offered_to is None
            if not again or any(one.kind is Kind.REOPENED for one in file.events):
                return self._over(case)
            reopen_case(self.rt, self.officer, case, desk.version, "They ask again")
        elif file.screening is None or file.credibility is None:
            self._team(desk)
            desk.judged()
        elif file.state is not CaseState.ACTIVE:
            desk.accepted()
        elif fate is Fate.HANDS_OVER:
            return self._offer(desk)
        else:
            return self._ask(desk, fate)
        return True

    def _team(self, desk: Desk) -> None:
        for member in (self.searcher, self.second):
            with suppress(Conflict):
                desk.joined(member)

    def _offer(self, desk: Desk) -> bool:
        if desk.file.offered_to is not None:
            return False
        if any(one.said == DECLINED for one in desk.file.events):
            return self._over(desk.case)
        hand_over.offer_case(self.rt, self.supervisor, desk.case, desk.version, self.peer)
        return True

    def _ask(self, desk: Desk, fate: Fate) -> bool:
        """The next step of a request to the other society."""
        rows = transmit.transmissions_of(self.rt, self.officer, desk.case)
        if not rows:
            asked = Transmission(self.peer, METHODS, desk.today + timedelta(days=90))
            transmit.queue_transmission(self.rt, self.officer, desk.case, asked)
            return True
        view = transmit.read_transmission(self.rt, self.officer, rows[0].id)
        state = view.transmission.state
        if state is TransmissionState.RETURNED_FOR_INFORMATION:
            move = transmit.Move(TransmissionState.QUEUED)
            transmit.move_transmission(self.rt, self.officer, view.row.id, view.row.version, move)
            return True
        if state is TransmissionState.ACCEPTED:
            return self._follow(desk, fate, view)
        return False

    def _follow(self, desk: Desk, fate: Fate, view: transmit.TransmissionView) -> bool:
        """What the side that asks does once its request was accepted."""
        rt, officer, case = self.rt, self.officer, desk.case
        was_reopened = any(one.kind is Kind.REOPENED for one in desk.file.events)
        if fate is Fate.REMINDS and view.row.id not in self._done:
            self._done.add(view.row.id)
            transmit.remind_partner(rt, officer, view.row.id, view.row.version)
        elif fate is Fate.CHANGES and len(desk.request.enquirer.names) == 1:
            request = desk.request
            names = (*request.enquirer.names, Name("علي حسيني"))
            changed = replace(request, enquirer=replace(request.enquirer, names=names))
            review.change_case(rt, officer, case, desk.version, changed)
        elif fate is Fate.CLOSES or (fate is Fate.REOPENS and not was_reopened):
            close_case(rt, officer, case, desk.version, Ending.WITHDRAWN)
        elif fate is Fate.WITHDRAWS:
            withdraw_consent(rt, officer, case, desk.version, frozenset({Use.SHARE}))
        elif fate is Fate.ERASES:
            call = replace(self.supervisor, purpose=Purpose.DATA_SUBJECT_REQUEST)
            erase_case(rt, call, case, "data_subject_request")
        else:
            return False
        return True

    def _asked(self, received: str) -> bool:
        """The next step of a request that came."""
        row, asked = self._received(received)
        turn, state = drawn(Turn, asked.ref), asked.state
        is_new = state is TransmissionState.DELIVERED and row.case_id is None
        if is_new and (turn is Turn.DECLINES or (turn is Turn.RETURNS and row.version == 1)):
            reason = (_REFUSED[turn], WhyReturned.MORE_ON_PERSON)
            answer_request.refuse_received(self.rt, self.officer, row.id, row.version, reason)
            return True
        if state is TransmissionState.DELIVERED:
            answer_request.accept_received(self.rt, self.officer, row.id, row.version)
            return True
        if state is TransmissionState.ACCEPTED and row.case_id is not None:
            return turn not in (Turn.SEARCHES, Turn.RETURNS) and self._search(row.case_id, turn)
        return False

    def _received(self, received: str) -> tuple[Any, Any]:
        view = answer_request.read_received(self.rt, self.officer, received)
        return view.row, view.request

    def _search(self, case: str, turn: Turn) -> bool:
        desk = self._desk(case)
        if (team := f"team of {case}") not in self._done:
            self._team(desk)
            self._done.add(team)
        journal, search = desk.journal, desk.search
        if journal.screening is None:
            inside = make_screening(Side.SEARCHING, policy=desk.policy())
            seek.screen_search(self.rt, self.searcher, case, journal.version, inside)
        elif search.state is Inside.SEARCHING:
            desk.lead()
        elif search.state is Inside.LEAD:
            seek.verify_lead(self.rt, self.searcher, case, journal.version, search.person)
        elif search.state is Inside.LOCATED:
            desk.answered(*TOLD)
        elif search.state is Inside.ANSWERED and turn is Turn.THINKS_AGAIN:
            version, person = journal.version, search.person
            consult.withdraw_answer(self.rt, self.searcher, case, version, person)
        else:
            return False
        return True

    def _message(self, message: str) -> bool:
        """The next step of a letter, of this society's writer or of the other's."""
        view = send_message.read_message(self.rt, self.officer, message)
        row, letter = view.row, view.message
        if letter.post is not None and letter.post.came:
            return self._carry(message, letter.post.ref)
        if letter.state is MessageState.COLLECTED:
            send_message.check_message(self.rt, self.officer, message, row.version, None)
        elif letter.state is MessageState.CHECKED:
            way = send_message.Way("AF", self.peer)
            send_message.transmit_message(self.rt, self.officer, message, row.version, way)
        else:
            return self._over(message)
        return True

    def _carry(self, message: str, ref: str) -> bool:
        carried = carry_message.read_delivery(self.rt, self.second, message).delivery
        version, turn = carried.version, drawn(Turn, ref)
        if carried.message.state is not MessageState.TRANSMITTED or turn is Turn.DECLINES:
            return self._over(message)
        if carried.message.delivered_on is not None:
            return self._over(message)
        if turn in (Turn.RETURNS, Turn.FINDS):
            handed = (self.rt.today(), True)
            carry_message.deliver_message(self.rt, self.second, message, version, handed)
        else:
            words = ("All of us are well.", None)
            carry_message.collect_reply(self.rt, self.second, message, version, words)
        return True

    def _offered(self, handover: str) -> bool:
        """The next step of a case that the other society would hand over."""
        view = hand_over.read_handover(self.rt, self.officer, handover)
        row, offer = view.row, view.handover
        if not offer.coming or offer.state is not HandoverState.OFFERED:
            return False
        if drawn(Turn, offer.ref) is Turn.DECLINES:
            take_over.decline_offer(self.rt, self.officer, row.id, row.version)
        else:
            take_over.accept_offer(self.rt, self.officer, row.id, row.version)
        return True


_REFUSED = {
    Turn.DECLINES: TransmissionState.DECLINED,
    Turn.RETURNS: TransmissionState.RETURNED_FOR_INFORMATION,
}
