"""Two societies that work one case: what tests of letters about cases say in a few words."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from rfl.domain.access import Role
from rfl.domain.care import Side
from rfl.domain.consent import USUAL, Consent, ConsentForm, Detail, Use
from rfl.domain.request import Method, TracingRequest
from rfl.domain.transmission import Transmission
from rfl.flows import (
    answer_request,
    know_peers,
    notice_keys,
    recall,
    seek,
    take_over,
    tell_peers,
    tell_writers,
    transmit,
)
from rfl.flows.answer_request import Filed
from rfl.flows.runtime import OFFICE_CALL, Call
from rfl.flows.tell import tell_due
from rfl.flows.tell_messages import tell_messages
from tests.casework import make_screening
from tests.exchange.network import Society, two_societies
from tests.office import Desk, make_account, open_desk
from tests.support import Clock, make_request

VISITS = frozenset({Method.VISIT})


def assess(one: Society, other: Society, **changes: Any) -> None:
    """Let one society judge the other's data protection, for half a year."""
    until = one.rt.clock() + timedelta(days=180)
    know_peers.assess_peer(
        one.rt, OFFICE_CALL, other.network.code, until, **({"at_risk": False} | changes)
    )


def shared_request(
    rt_day: Any, *recipients: str, items: frozenset[Detail] = USUAL, **changes: Any
) -> TracingRequest:
    """A son who looks for his mother and agrees that these societies are told."""
    request = make_request(methods=VISITS, **changes)
    consent = Consent(
        person=request.enquirer.id,
        uses=frozenset({Use.SEARCH, Use.SHARE}),
        form=ConsentForm.SIGNED,
        given_on=rt_day,
        recipients=recipients,
        items=items,
    )
    return replace(request, consents=(consent,))


@dataclass
class Asking:
    """The asking side of one case, and its request to one other society."""

    here: Society
    there: Society
    desk: Desk
    ref: str

    @property
    def sent(self) -> Transmission:
        """The record of the request, as the enquirer's officer reads it."""
        view = transmit.read_transmission(self.here.rt, self.desk.officer, self.ref)
        return view.transmission


def ask_across(here: Society, there: Society, **changes: Any) -> Asking:
    """Open a case, judge and accept it, and queue a request to the other society."""
    day = here.rt.today()
    request = shared_request(day, there.network.code, **changes)
    desk = open_desk(here.rt, request).judged().accepted()
    asked = Transmission(there.network.code, VISITS, day + timedelta(days=90))
    ref = transmit.queue_transmission(here.rt, desk.officer, desk.case, asked)
    return Asking(here, there, desk, ref)


def letters_cross(*societies: Society) -> None:
    """Let everything that waits arrive, until nothing is left to say."""
    for _ in range(10):
        moved = sum(
            tell_peers.tell_peers(one.rt)
            + tell_writers.tell_writers(one.rt)
            + recall.send_recalls(one.rt)
            + answer_request.apply_changes(one.rt)
            + take_over.open_given(one.rt)
            + one.carry()
            + one.deliver()
            for one in societies
        )
        if not moved:
            return


@dataclass
class Answering:
    """The answering side: an officer of the branch that decides about requests."""

    here: Society
    officer: Call

    def waiting(self) -> list[Filed]:
        """The requests that came and are open."""
        return answer_request.list_received(self.here.rt, self.officer, (0, ""), 50)

    def accept(self) -> Desk:
        """Accept the first request that is no case yet; the desk searches it."""
        rt, row = self.here.rt, next(one for one in self.waiting() if one.case_id is None)
        case_id = answer_request.accept_received(rt, self.officer, row.id, row.version)
        branch = self.here.network.branch
        searcher, second = (make_account(rt, branch=branch) for _ in range(2))
        supervisor = make_account(rt, Role.SUPERVISOR, branch)
        desk = Desk(rt, self.officer, supervisor, searcher, second, case_id)
        desk.joined(searcher).joined(second)
        inside = make_screening(Side.SEARCHING, policy=desk.policy())
        seek.screen_search(rt, searcher, case_id, desk.journal.version, inside)
        return desk


def make_pair(template: Path, folder: Path, clock: Clock) -> Iterator[tuple[Society, Society]]:
    """Skopje and Belgrade, who trust each other and have judged each other's data protection."""
    urls = []
    for name in ("first.db", "second.db"):
        shutil.copy(template, folder / name)
        urls.append(f"sqlite:///{folder / name}")
    with two_societies((urls[0], urls[1]), folder, clock) as made:
        assess(*made)
        assess(made[1], made[0])
        yield made


def answering(here: Society) -> Answering:
    """An officer who decides about requests that come."""
    return Answering(here, make_account(here.rt, branch=here.network.branch))


def days_pass(clock: Clock, days: int, *societies: Society, stride: int = 7) -> None:
    """Let days pass in strides, as nodes live them: keys are renewed and told, letters cross."""
    while days > 0:
        clock.move(days=min(days, stride))
        days -= stride
        for one in societies:
            notice_keys.notice_keys(one.rt)
            tell_due(one.rt)
            tell_messages(one.rt)
            transmit.renew_copies(one.rt)
            recall.end_copies(one.rt)
        letters_cross(*societies)


def recalls_of(one: Society) -> list[tuple[str, bool]]:
    """Whom the society has asked to destroy something, and whether they attested it."""
    found = recall.list_recalls(one.rt, OFFICE_CALL)
    return [(each.peer, each.attested_at is not None) for each in found]
