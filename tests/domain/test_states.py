"""Every pair of states: those of the guide's list may follow each other, all others are refused."""

import itertools
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import pytest

from docs.draw_states import drawn
from rfl.domain.match import Decided, Evidence, MatchKind, MatchState, Step
from rfl.domain.states import (
    STEPS,
    CaseState,
    HandoverState,
    Inside,
    MessageState,
    Outside,
    PreCase,
    TransmissionState,
    stepped,
)
from rfl.errors import Conflict

ROOT = Path(__file__).parents[2]

PAIRS = [pair for kind in STEPS for pair in itertools.product(kind, kind)]

# Written out a second time, on purpose: as the field says it, not as the table does.
REACHED_FROM: dict[StrEnum, set[str]] = {
    PreCase.RECEIVED: set(),
    PreCase.TRIAGE: {"received"},
    PreCase.INTERVIEW_SCHEDULED: {"triage", "incomplete"},
    PreCase.INTERVIEWED: {"triage", "interview_scheduled", "incomplete"},
    PreCase.INCOMPLETE: {"triage", "interview_scheduled", "interviewed", "eligible"},
    PreCase.ELIGIBLE: {"interviewed", "incomplete"},
    PreCase.REFERRED_ELSEWHERE: {"triage", "interviewed", "incomplete"},
    PreCase.DECLINED: {"triage", "interviewed", "incomplete", "eligible"},
    PreCase.WITHDRAWN: {
        *("received", "triage", "interview_scheduled", "interviewed", "incomplete", "eligible"),
    },
}
REACHED_CASE = {
    CaseState.DRAFT: set[str](),
    CaseState.OPEN: {"draft", "suspended"},
    CaseState.ACTIVE: {"open", "suspended", "reopened"},
    CaseState.SUSPENDED: {"open", "active", "reopened"},
    CaseState.CLOSED: {"draft", "open", "active", "suspended", "reopened"},
    CaseState.REOPENED: {"closed"},
}
REACHED_MESSAGE = {
    MessageState.COLLECTED: set[str](),
    MessageState.CHECKED: {"collected"},
    MessageState.TRANSMITTED: {"checked"},
    MessageState.REPLY_COLLECTED: {"transmitted"},
    MessageState.REPLY_DELIVERED: {"reply_collected"},
    MessageState.COULD_NOT_BE_DELIVERED: {"transmitted"},
}
REACHED_TRANSMISSION = {
    TransmissionState.QUEUED: {"returned_for_information"},
    TransmissionState.DELIVERED: {"queued", "ended"},
    TransmissionState.ACCEPTED: {"delivered"},
    TransmissionState.RETURNED_FOR_INFORMATION: {"delivered"},
    TransmissionState.DECLINED: {"delivered"},
    TransmissionState.ENDED: {"accepted"},
    TransmissionState.RECALLED: {"queued", "delivered", "accepted", "returned_for_information"},
}
REACHED_HANDOVER = {
    HandoverState.OFFERED: set[str](),
    HandoverState.ACCEPTED: {"offered"},
    HandoverState.DECLINED: {"offered", "given"},
    HandoverState.WITHDRAWN: {"offered", "accepted"},
    HandoverState.GIVEN: {"accepted"},
    HandoverState.OPENED: {"given"},
}
REACHED_OUTSIDE = {
    Outside.SEARCHING: {
        *("information_given", "deceased_confirmed", "ended_without_information"),
        *("returned", "declined"),
    },
    Outside.INFORMATION_GIVEN: {"searching", "information_given", "ended_without_information"},
    Outside.DECEASED_CONFIRMED: {"searching", "information_given", "ended_without_information"},
    Outside.ENDED_WITHOUT_INFORMATION: {"searching"},
    Outside.RETURNED: {"searching"},
    Outside.DECLINED: {"searching"},
}
_FOUND = {"lead", "located", "answered", "refuses", "cannot_be_asked", "detained"}
REACHED_INSIDE = {
    Inside.SEARCHING: _FOUND | {"deceased_reported", "not_located", "contact_restored", "reunited"},
    Inside.LEAD: {"searching"},
    Inside.LOCATED: (_FOUND | {"deceased_reported"}) - {"located"},
    Inside.ANSWERED: {"located", "answered", "refuses", "cannot_be_asked"},
    Inside.REFUSES: {"located", "answered", "refuses"},
    Inside.CANNOT_BE_ASKED: {"located"},
    Inside.DETAINED: {"searching", "lead", "located", "answered", "cannot_be_asked"},
    Inside.DECEASED_REPORTED: _FOUND | {"searching", "deceased_confirmed"},
    Inside.DECEASED_CONFIRMED: {"deceased_reported"},
    Inside.NOT_LOCATED: {"searching"},
    Inside.CONTACT_RESTORED: _FOUND | {"searching"},
    Inside.REUNITED: {"answered", "contact_restored"},
}
REACHED: dict[type[StrEnum], dict[StrEnum, set[str]]] = {
    PreCase: REACHED_FROM,
    CaseState: dict(REACHED_CASE),
    MessageState: dict(REACHED_MESSAGE),
    TransmissionState: dict(REACHED_TRANSMISSION),
    HandoverState: dict(REACHED_HANDOVER),
    Outside: dict(REACHED_OUTSIDE),
    Inside: dict(REACHED_INSIDE),
}


@pytest.mark.parametrize(("before", "after"), PAIRS, ids=lambda state: f"{state.value}")
def test_a_state_follows_another_only_as_listed(before: StrEnum, after: StrEnum) -> None:
    if before.value in REACHED[type(after)][after]:
        assert stepped(before, after) is after  # type: ignore[type-var]
        return
    with pytest.raises(Conflict) as refused:
        stepped(before, after)  # type: ignore[type-var]
    assert before.value not in str(refused.value).split()


REACHED_MATCH = {
    MatchState.PROPOSED: set[str](),
    MatchState.UNDER_REVIEW: {"proposed", "unsure", "undone"},
    MatchState.CONFIRMED: {"proposed", "under_review", "unsure", "undone"},
    MatchState.REJECTED: {"proposed", "under_review", "unsure", "undone"},
    MatchState.UNSURE: {"proposed", "under_review", "undone"},
    MatchState.UNDONE: {"confirmed", "rejected"},
}
EVIDENCE = Evidence(MatchKind.REGISTRATION, 0.9, 2.2, (), "1", "1")


@pytest.mark.parametrize(("before", "after"), list(itertools.product(MatchState, MatchState)))
def test_a_decision_about_a_match_follows_another_only_as_listed(
    before: MatchState, after: MatchState
) -> None:
    step = Step(after, "acc_1", datetime(2026, 3, 1, tzinfo=UTC), "The scar.")
    if before.value in REACHED_MATCH[after]:
        assert Decided(before).then(step, EVIDENCE).state is after
        return
    with pytest.raises(Conflict):
        Decided(before).then(step, EVIDENCE)


def test_a_state_of_one_kind_never_follows_one_of_another() -> None:
    with pytest.raises(Conflict):
        stepped(Inside.SEARCHING, Outside.RETURNED)  # type: ignore[type-var]


def test_no_state_is_left_out_of_the_table() -> None:
    for kind, steps in STEPS.items():
        assert set(steps) == set(kind)


def test_the_page_for_officers_is_drawn_from_the_table() -> None:
    page = (ROOT / "docs" / "casework.md").read_text("utf-8")
    assert page == drawn(page), "run: python -m docs.draw_states"
