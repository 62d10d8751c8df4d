"""What people handed to societies without a node: asked back, reminded of, answered by people.

The rules are those of letters. A copy that is no longer covered is asked back by a notice, and the
attestation that comes is entered by hand; so nobody forgets who still has what.
"""

from collections.abc import Sequence
from typing import Final

from rfl.domain.policy import Version
from rfl.domain.states import STEPS, TransmissionState
from rfl.domain.transmission import Transmission
from rfl.errors import Conflict
from rfl.exchange.bodies import Reminder
from rfl.exchange.labels import label
from rfl.exchange.leaving import SECOND, has_node
from rfl.storage import lifecycle, messages, recalls, transmissions
from rfl.storage.recalls import Why
from rfl.storage.work import Work

RETURNED: Final = 30 * 86_400 * SECOND
"""What was returned and is not handed over again within these is asked back."""

_OVER: Final = {TransmissionState.DECLINED, TransmissionState.RECALLED}


def call_back(work: Work, handed: Sequence[tuple[str, str]], why: Why) -> None:
    """Ask back what was handed over: pairs of a society and a reference. People give the notice."""
    references = [ref for _peer, ref in handed]
    recalls.add(work, handed, why, branches=transmissions.branches(work, references), by_hand=True)
    transmissions.keep_copy(work, references, None)


def call_back_from_all(work: Work, case_id: str, *, but: str | None = None) -> None:
    """Recall what every society has of a case, by letter or by hand; of one of them nothing.

    Every request that is under way is over with it. A Red Cross Message counts as undelivered on
    its day, unless word of it comes before.
    """
    sent_to = [one for one in transmissions.sent_to_nodes(work, [case_id]) if one[0] != but]
    branches = transmissions.branches(work, [ref for _peer, ref in sent_to])
    recalls.add(work, sent_to, Why.WITHDRAWN, branches=branches)
    handed = [one for one in transmissions.handed(work, [case_id]) if one[0] != but]
    call_back(work, handed, Why.WITHDRAWN)
    letters = messages.carriers(work, messages.of_cases(work, [case_id]))
    lifecycle.recall_messages(
        work, [one.message for one in letters if one.peer != but], Why.WITHDRAWN
    )
    for row in transmissions.SHELF.of_case(work, case_id):
        take_back(work, row.id, but=but)


def take_back(work: Work, transmission_id: str, *, but: str | None = None) -> None:
    """Let a request be over that is under way to another society than this one.

    Its case was entered before.
    """
    found, content = transmissions.locked(work, transmission_id)
    sent = transmissions.SHELF.document(work, found, content)
    may_be = TransmissionState.RECALLED in STEPS[TransmissionState][sent.state]
    if may_be and sent.peer != but:
        recalled = sent.moved(TransmissionState.RECALLED, work.now, work.actor.id)
        transmissions.keep(work, found, recalled, None)


def copy_follows(work: Work, to: tuple[str, str], state: TransmissionState, rules: Version) -> None:
    """Let the copy (society, reference) follow the state: given, soon over, or asked back."""
    peer, ref = to
    if has_node(work, peer) and transmissions.copy_until(work, ref) is None:
        return
    if state is TransmissionState.DELIVERED:
        transmissions.keep_copy(work, [ref], work.micros + rules.copy_seconds * SECOND)
    if state is TransmissionState.RETURNED_FOR_INFORMATION:
        held = transmissions.copy_until(work, ref)
        soon = work.micros + RETURNED
        transmissions.keep_copy(work, [ref], soon if held is None else min(held, soon))
    if state in _OVER and transmissions.copy_until(work, ref) is not None:
        call_back(work, [to], Why.ENDED)


def end_by_hand(work: Work, case_id: str) -> None:
    """Ask back every copy of a case that is closed; requests that wait are over with it."""
    call_back(work, transmissions.handed(work, [case_id]), Why.ENDED)
    for row in transmissions.SHELF.of_case(work, case_id):
        found, content = transmissions.locked(work, row.id)
        sent = transmissions.SHELF.document(work, found, content)
        if has_node(work, sent.peer):
            continue
        steps = STEPS[TransmissionState][sent.state]
        if sent.state is TransmissionState.ACCEPTED:
            after = sent.moved(TransmissionState.ENDED, work.now, work.actor.id)
        elif TransmissionState.RECALLED in steps:
            after = sent.moved(TransmissionState.RECALLED, work.now, work.actor.id)
        else:
            continue
        transmissions.keep(work, found, after, None)


def owed(sent: Transmission) -> Reminder:
    """Return what a society owes for a request, or raise Conflict: nothing."""
    if sent.state is TransmissionState.ACCEPTED:
        return Reminder.ANSWER_DUE
    if sent.state in (TransmissionState.QUEUED, TransmissionState.DELIVERED):
        return Reminder.DECISION_DUE
    raise Conflict("Nothing is owed for this request.")


def reminder_notice(reference: str, template: Reminder, language: str) -> str:
    """Return what a society is reminded of, by a template: no word of the family."""
    return _notice(reference, f"notice.reminder.{template}", language)


def recall_notice(reference: str, language: str) -> str:
    """Return the notice by which a copy is asked back; it says nothing of why."""
    return _notice(reference, "notice.recall", language)


def _notice(reference: str, code: str, language: str) -> str:
    """Return the notice in the society's language, and in English below it."""
    both = [language] if language == "en" else [language, "en"]
    lines = [f"{label('reference', one)}: {reference}\n{label(code, one)}\n" for one in both]
    return "\n".join(lines)
