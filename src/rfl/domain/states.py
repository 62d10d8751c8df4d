"""Which state may follow which: one table for everything that a tracing service moves along.

Guide: domain, section 6. What is not in `STEPS` does not exist. `docs/casework.md` is drawn from
it. A proposal's states stand beside its evidence, in `domain.match`.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from rfl.errors import Conflict


class PreCase(StrEnum):
    """An enquiry before it is a case."""

    RECEIVED = "received"
    TRIAGE = "triage"
    INTERVIEW_SCHEDULED = "interview_scheduled"
    INTERVIEWED = "interviewed"
    INCOMPLETE = "incomplete"
    ELIGIBLE = "eligible"
    REFERRED_ELSEWHERE = "referred_elsewhere"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class CaseState(StrEnum):
    """A case, towards the enquirer."""

    DRAFT = "draft"
    OPEN = "open"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"
    REOPENED = "reopened"


class TransmissionState(StrEnum):
    """One request to one other society."""

    QUEUED = "queued"
    DELIVERED = "delivered"
    ACCEPTED = "accepted"
    RETURNED_FOR_INFORMATION = "returned_for_information"
    DECLINED = "declined"
    ENDED = "ended"
    RECALLED = "recalled"


class HandoverState(StrEnum):
    """A case that is offered to another society."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    GIVEN = "given"
    OPENED = "opened"


class Inside(StrEnum):
    """One sought person, as the searching side alone sees it."""

    SEARCHING = "searching"
    LEAD = "lead"
    LOCATED = "located"
    ANSWERED = "answered"
    REFUSES = "refuses"
    CANNOT_BE_ASKED = "cannot_be_asked"
    DETAINED = "detained"
    DECEASED_REPORTED = "deceased_reported"
    DECEASED_CONFIRMED = "deceased_confirmed"
    NOT_LOCATED = "not_located"
    CONTACT_RESTORED = "contact_restored"
    REUNITED = "reunited"


class Outside(StrEnum):
    """One sought person, as everybody else sees it: what `domain.told` answers."""

    SEARCHING = "searching"
    INFORMATION_GIVEN = "information_given"
    DECEASED_CONFIRMED = "deceased_confirmed"
    ENDED_WITHOUT_INFORMATION = "ended_without_information"
    RETURNED = "returned"
    DECLINED = "declined"


class MessageState(StrEnum):
    """A Red Cross Message."""

    COLLECTED = "collected"
    CHECKED = "checked"
    TRANSMITTED = "transmitted"
    REPLY_COLLECTED = "reply_collected"
    REPLY_DELIVERED = "reply_delivered"
    COULD_NOT_BE_DELIVERED = "could_not_be_delivered"


_Steps = Mapping[StrEnum, tuple[StrEnum, ...]]
_S = TypeVar("_S", bound=StrEnum)

# An enquirer may withdraw at any time before the case, and be referred or declined once somebody
# has looked. An ended enquiry stays as it is: the next visit is a new one.
_PRE_CASE: _Steps = {
    PreCase.RECEIVED: (PreCase.TRIAGE, PreCase.WITHDRAWN),
    PreCase.TRIAGE: (
        PreCase.INTERVIEW_SCHEDULED,
        PreCase.INTERVIEWED,
        PreCase.INCOMPLETE,
        PreCase.REFERRED_ELSEWHERE,
        PreCase.DECLINED,
        PreCase.WITHDRAWN,
    ),
    PreCase.INTERVIEW_SCHEDULED: (PreCase.INTERVIEWED, PreCase.INCOMPLETE, PreCase.WITHDRAWN),
    PreCase.INTERVIEWED: (
        PreCase.INCOMPLETE,
        PreCase.ELIGIBLE,
        PreCase.REFERRED_ELSEWHERE,
        PreCase.DECLINED,
        PreCase.WITHDRAWN,
    ),
    PreCase.INCOMPLETE: (
        PreCase.INTERVIEW_SCHEDULED,
        PreCase.INTERVIEWED,
        PreCase.ELIGIBLE,
        PreCase.REFERRED_ELSEWHERE,
        PreCase.DECLINED,
        PreCase.WITHDRAWN,
    ),
    # The rules may change between the judgement and the opening.
    PreCase.ELIGIBLE: (PreCase.INCOMPLETE, PreCase.DECLINED, PreCase.WITHDRAWN),
    PreCase.REFERRED_ELSEWHERE: (),
    PreCase.DECLINED: (),
    PreCase.WITHDRAWN: (),
}

_CASE: _Steps = {
    CaseState.DRAFT: (CaseState.OPEN, CaseState.CLOSED),
    CaseState.OPEN: (CaseState.ACTIVE, CaseState.SUSPENDED, CaseState.CLOSED),
    CaseState.ACTIVE: (CaseState.SUSPENDED, CaseState.CLOSED),
    CaseState.SUSPENDED: (CaseState.OPEN, CaseState.ACTIVE, CaseState.CLOSED),
    CaseState.CLOSED: (CaseState.REOPENED,),
    CaseState.REOPENED: (CaseState.ACTIVE, CaseState.SUSPENDED, CaseState.CLOSED),
}

_TRANSMISSION: _Steps = {
    TransmissionState.QUEUED: (TransmissionState.DELIVERED, TransmissionState.RECALLED),
    TransmissionState.DELIVERED: (
        TransmissionState.ACCEPTED,
        TransmissionState.RETURNED_FOR_INFORMATION,
        TransmissionState.DECLINED,
        TransmissionState.RECALLED,
    ),
    TransmissionState.ACCEPTED: (TransmissionState.ENDED, TransmissionState.RECALLED),
    TransmissionState.RETURNED_FOR_INFORMATION: (
        TransmissionState.QUEUED,
        TransmissionState.RECALLED,
    ),
    TransmissionState.DECLINED: (),
    # A case that is reopened is asked about anew, and decided about anew.
    TransmissionState.ENDED: (TransmissionState.DELIVERED,),
    TransmissionState.RECALLED: (),
}

_FROM_OFFERED = (HandoverState.ACCEPTED, HandoverState.DECLINED, HandoverState.WITHDRAWN)
# From GIVEN on the other society is responsible. One that was restored may decline it after all.
_HANDOVER: _Steps = {
    HandoverState.OFFERED: _FROM_OFFERED,
    HandoverState.ACCEPTED: (HandoverState.GIVEN, HandoverState.WITHDRAWN),
    HandoverState.DECLINED: (),
    HandoverState.WITHDRAWN: (),
    HandoverState.GIVEN: (HandoverState.OPENED, HandoverState.DECLINED),
    HandoverState.OPENED: (),
}

# People change their minds, are found to be somebody else, get lost again and are sought again,
# so nothing here is an end.
_INSIDE: _Steps = {
    Inside.SEARCHING: (
        Inside.LEAD,
        Inside.DETAINED,
        Inside.DECEASED_REPORTED,
        Inside.NOT_LOCATED,
        Inside.CONTACT_RESTORED,
    ),
    Inside.LEAD: (
        Inside.SEARCHING,
        Inside.LOCATED,
        Inside.DETAINED,
        Inside.DECEASED_REPORTED,
        Inside.CONTACT_RESTORED,
    ),
    Inside.LOCATED: (
        Inside.SEARCHING,
        Inside.ANSWERED,
        Inside.REFUSES,
        Inside.CANNOT_BE_ASKED,
        Inside.DETAINED,
        Inside.DECEASED_REPORTED,
        Inside.CONTACT_RESTORED,
    ),
    Inside.ANSWERED: (
        Inside.SEARCHING,
        Inside.LOCATED,
        Inside.ANSWERED,
        Inside.REFUSES,
        Inside.DETAINED,
        Inside.DECEASED_REPORTED,
        Inside.CONTACT_RESTORED,
        Inside.REUNITED,
    ),
    Inside.REFUSES: (
        Inside.SEARCHING,
        Inside.LOCATED,
        Inside.ANSWERED,
        Inside.REFUSES,
        Inside.DECEASED_REPORTED,
        Inside.CONTACT_RESTORED,
    ),
    Inside.CANNOT_BE_ASKED: (
        Inside.SEARCHING,
        Inside.LOCATED,
        Inside.ANSWERED,
        Inside.DETAINED,
        Inside.DECEASED_REPORTED,
        Inside.CONTACT_RESTORED,
    ),
    Inside.DETAINED: (
        Inside.SEARCHING,
        Inside.LOCATED,
        Inside.DECEASED_REPORTED,
        Inside.CONTACT_RESTORED,
    ),
    Inside.DECEASED_REPORTED: (Inside.SEARCHING, Inside.LOCATED, Inside.DECEASED_CONFIRMED),
    # The confirmation itself may have been wrong.
    Inside.DECEASED_CONFIRMED: (Inside.DECEASED_REPORTED,),
    Inside.NOT_LOCATED: (Inside.SEARCHING,),
    Inside.CONTACT_RESTORED: (Inside.SEARCHING, Inside.REUNITED),
    Inside.REUNITED: (Inside.SEARCHING,),
}

_OUTSIDE: _Steps = {
    Outside.SEARCHING: (
        Outside.INFORMATION_GIVEN,
        Outside.DECEASED_CONFIRMED,
        Outside.ENDED_WITHOUT_INFORMATION,
        Outside.RETURNED,
        Outside.DECLINED,
    ),
    Outside.INFORMATION_GIVEN: (
        Outside.INFORMATION_GIVEN,
        Outside.DECEASED_CONFIRMED,
        Outside.SEARCHING,
    ),
    Outside.DECEASED_CONFIRMED: (Outside.SEARCHING,),
    Outside.ENDED_WITHOUT_INFORMATION: (
        Outside.INFORMATION_GIVEN,
        Outside.DECEASED_CONFIRMED,
        Outside.SEARCHING,
    ),
    Outside.RETURNED: (Outside.SEARCHING,),
    Outside.DECLINED: (Outside.SEARCHING,),
}

_MESSAGE: _Steps = {
    MessageState.COLLECTED: (MessageState.CHECKED,),
    MessageState.CHECKED: (MessageState.TRANSMITTED,),
    MessageState.TRANSMITTED: (
        MessageState.REPLY_COLLECTED,
        MessageState.COULD_NOT_BE_DELIVERED,
    ),
    MessageState.REPLY_COLLECTED: (MessageState.REPLY_DELIVERED,),
    MessageState.REPLY_DELIVERED: (),
    MessageState.COULD_NOT_BE_DELIVERED: (),
}

# The one table: for each kind of state, which states may follow each.
STEPS: dict[type[StrEnum], _Steps] = {
    PreCase: _PRE_CASE,
    CaseState: _CASE,
    TransmissionState: _TRANSMISSION,
    HandoverState: _HANDOVER,
    Inside: _INSIDE,
    Outside: _OUTSIDE,
    MessageState: _MESSAGE,
}


def stepped(before: _S, after: _S) -> _S:
    """Return `after` if it may follow `before`, or raise Conflict, which names neither.

    An inside state is a finding, and a refusal's rule may be shown.
    """
    if type(before) is not type(after) or after not in STEPS[type(before)][before]:
        raise Conflict("This step is not one that may follow the state it is in.")
    return after
