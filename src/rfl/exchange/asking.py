"""Letters of the society that asks: the request, what changed in it, that it ends or goes on.

Everything is posted in the transaction of what it follows from.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import msgspec

from rfl.domain.casefile import Ending
from rfl.domain.policy import Version
from rfl.domain.request import TracingRequest
from rfl.domain.states import TransmissionState
from rfl.domain.transmission import Transmission
from rfl.errors import BadEnvelope, Conflict
from rfl.exchange import bodies
from rfl.exchange.enclosures import enclose, fitting
from rfl.exchange.handed import end_by_hand
from rfl.exchange.leaving import (
    SECOND,
    Asked,
    destination,
    has_node,
    leave_of,
    may_be_named,
    pictures_to,
    purpose_of,
    reaches_further,
    request_letter,
)
from rfl.exchange.letter import Letter, LetterType
from rfl.exchange.network import Network
from rfl.exchange.post import post
from rfl.storage import alarms, casefiles, journals, ledger, recalls, received, transmissions
from rfl.storage.recalls import Why
from rfl.storage.shelf import Filed
from rfl.storage.work import Work

UNTOLD: Final = "peer-untold"
RENEW_SECONDS: Final = 30 * 86_400
"""How long before its end a copy is renewed; of one that lives shorter, half of its time."""


@dataclass(frozen=True, slots=True)
class Posted:
    """What a request to a society with a node leaves behind; of one without a node, nothing.

    `renew_at`: when its copy there is renewed. `files`: the attachments that went along.
    """

    renew_at: int | None = None
    files: tuple[str, ...] = ()


def ask(
    work: Work, network: Network, asked: Asked, rules: Version, *, update: bool = False
) -> Posted:
    """Post a request, or an update of it, with the pictures that belong to it.

    Raises Conflict where the society's data protection is not assessed, or no longer (P-16), and
    where the enquirer's consent does not reach it.
    """
    leave_of(work, asked)
    if not has_node(work, asked.transmission.peer):
        return Posted()
    to = destination(work, asked.transmission.peer)
    kind = LetterType.CASE_UPDATE if update else LetterType.CASE_REQUEST
    letter = request_letter(work, asked, to, rules, kind)
    files = fitting(work, network, to.code, pictures_to(work, asked, to))
    letter = enclose(work, network, (to.code, asked.ref), files, letter)
    _post(work, network, to.code, letter, len(asked.request.sought))
    ahead = min(RENEW_SECONDS, rules.copy_seconds // 2)
    renew_at = work.micros // SECOND * SECOND + (rules.copy_seconds - ahead) * SECOND
    return Posted(renew_at, tuple(row.id for row, _file in files))


def say(
    work: Work, network: Network, to: tuple[str, str], kind: LetterType, body: msgspec.Struct
) -> bool:
    """Tell a society something of a request: (its code, the reference). False without a node."""
    peer, ref = to
    if not has_node(work, peer):
        return False
    letter = Letter(type=kind, purpose=purpose_of(work), case_ref=ref, data=bodies.written(body))
    _post(work, network, peer, letter, 1)
    return True


def conclude(work: Work, network: Network | None, case_id: str, ending: Ending) -> None:
    """Tell every society that works on a case that it is closed; who has not begun forgets it.

    What people handed over is asked back by people.
    """
    if network is not None:
        _conclude_with_nodes(work, network, case_id, ending)
    end_by_hand(work, case_id)


def _conclude_with_nodes(work: Work, network: Network, case_id: str, ending: Ending) -> None:
    for row, sent in _sent(work, case_id):
        if sent.state is TransmissionState.ACCEPTED:
            body = bodies.CaseClose(ending)
            _say_or_show(work, network, (sent.peer, row.id), LetterType.CASE_CLOSE, body)
            after = sent.moved(TransmissionState.ENDED, work.now, work.actor.id)
        elif sent.waits or sent.state is TransmissionState.RETURNED_FOR_INFORMATION:
            branches = {row.id: row.branch}
            recalls.add(work, [(sent.peer, row.id)], Why.WITHDRAWN, branches=branches)
            after = sent.moved(TransmissionState.RECALLED, work.now, work.actor.id)
        else:
            continue
        transmissions.keep(work, row, after, None)


def restate(
    work: Work, network: Network, case_id: str, request: TracingRequest, rules: Version
) -> None:
    """Tell every society that has a case what changed in it, as far as it may know."""
    for row, sent in _sent(work, case_id):
        if request.detrimental and not rules.is_agency(sent.peer):
            continue
        if sent.state is TransmissionState.ENDED:
            follow_good_news(work, network, row.id, rules)
        if sent.waits:
            file = casefiles.load(work, case_id)
            asked = Asked(row.id, case_id, sent, request, file)
            try:
                posted = ask(work, network, asked, rules, update=True)
            except (BadEnvelope, Conflict):
                alarms.sound(work, UNTOLD, sent.peer, once=True)
                continue
            note_posted(work, row, sent, posted)


def follow_good_news(work: Work, network: Network, ref: str, rules: Version) -> None:
    """Tell a society that has found somebody how they may reach the enquirer, as far as agreed.

    Nothing leaves where the enquirer agreed to nothing more than a search needs.
    """
    row, content = transmissions.locked(work, ref)
    sent = transmissions.SHELF.document(work, row, content)
    found = journals.whole(work, row.case_id or "")
    asked = Asked(ref, found.row.id, sent, found.request, found.file)
    try:
        if reaches_further(work, asked):
            posted = ask(work, network, asked, rules, update=True)
            transmissions.keep(work, row, replace(sent, files=posted.files), row.due_at)
    except (BadEnvelope, Conflict):
        alarms.sound(work, UNTOLD, sent.peer, once=True)


def tell_who(work: Work, network: Network, ref: str, rules: Version) -> None:
    """Answer a found person who asks who is searching, as far as the enquirer agreed (P-16).

    Where another society keeps the name back, it is asked in turn.
    """
    row, content = transmissions.locked(work, ref)
    sent = replace(transmissions.SHELF.document(work, row, content), asked_who=True)
    row = replace(row, version=transmissions.keep(work, row, sent, row.due_at))
    found = journals.whole(work, row.case_id or "")
    asked_first = received.of_case(work, row.case_id or "")
    if found.request.withheld and asked_first is not None:
        theirs, request = asked_first
        received.keep(work, theirs, replace(request, asks_who=True), owes=True)
        return
    asked = Asked(ref, found.row.id, sent, found.request, found.file)
    try:
        if may_be_named(work, asked):
            posted = ask(work, network, asked, rules, update=True)
            transmissions.keep(work, row, replace(sent, files=posted.files), row.due_at)
    except (BadEnvelope, Conflict):
        alarms.sound(work, UNTOLD, sent.peer, once=True)


def resume(work: Work, network: Network, case_id: str) -> None:
    """Ask every society that has ended its search of a case, and still has it, to decide anew."""
    for row, sent in _sent(work, case_id):
        if sent.state is TransmissionState.ENDED and not sent.destroyed:
            to = (sent.peer, row.id)
            _say_or_show(work, network, to, LetterType.CASE_REOPEN, bodies.CaseReopen())
            after = sent.moved(TransmissionState.DELIVERED, work.now, work.actor.id)
            transmissions.keep(work, row, replace(after, results=()), row.due_at)


def note_posted(work: Work, row: Filed, sent: Transmission, posted: Posted) -> None:
    """Keep when the copy is renewed next, and which files the society was sent."""
    if posted.files != sent.files:
        transmissions.keep(work, row, replace(sent, files=posted.files), row.due_at)
    transmissions.renewed(work, row.id, posted.renew_at)


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


def _post(work: Work, network: Network, peer: str, letter: Letter, count: int) -> None:
    """The entry names who is written to, also where the word of another society is obeyed."""
    before, work.peer = work.peer, peer
    post(work, network, peer, letter)
    ledger.append(work, count=count, reason=letter.type)
    work.peer = before or peer
