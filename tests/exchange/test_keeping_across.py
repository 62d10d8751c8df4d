"""The end of a time of keeping between two societies: copies go with it, nobody comes back."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from rfl.domain.access import Verb
from rfl.domain.casefile import Ending
from rfl.domain.policy import AfterKeeping, DataClass, Keeping, Profile, Rules, Version
from rfl.domain.request import Level
from rfl.domain.states import CaseState
from rfl.errors import Erased, Forbidden
from rfl.exchange.asking import ask
from rfl.exchange.leaving import Asked
from rfl.flows import answer_request, review
from rfl.flows.assign import assign_case
from rfl.flows.close import close_case, reopen_case
from rfl.flows.erase import erase_case
from rfl.flows.keep_cases import keep_cases
from rfl.flows.runtime import MATCHER_CALL, Call
from rfl.storage import casefiles, cases
from tests.exchange.across import (
    Asking,
    answering,
    ask_across,
    days_pass,
    letters_cross,
    make_pair,
    recalls_of,
)
from tests.exchange.network import Society
from tests.support import DPO, SUPERVISOR, Clock

Pair = tuple[Society, Society]


@pytest.fixture
def pair(sqlite_template: Path, tmp_path: Path, clock: Clock) -> Iterator[Pair]:
    """Skopje and Belgrade, who trust each other and have judged each other's data protection."""
    yield from make_pair(sqlite_template, tmp_path, clock)


def kept(
    one: Society, then: AfterKeeping, days: int, kind: DataClass = DataClass.CLOSED_CASE
) -> None:
    """Let a society keep closed cases, or another class, so many days."""
    keeping = {kind: Keeping(days, then)}
    version = Version("kept-1", date(2026, 1, 1), None, Rules(keeping=keeping))
    one.rt.rules = replace(one.rt.rules, policy=Profile("test", (version,)))


def _there(call: Call, pair: Pair) -> Call:
    """The caller, of the branch in Belgrade."""
    return replace(call, actor=replace(call.actor, branch=pair[1].network.branch))


def close(asking: Asking) -> None:
    """Close the case where it was asked."""
    desk = asking.desk
    close_case(asking.here.rt, desk.officer, desk.case, desk.version, Ending.WITHDRAWN)


def ask_again(asking: Asking) -> None:
    """Send the same request once more, as its society is free to."""
    rt, desk, sent = asking.here.rt, asking.desk, asking.sent
    with rt.begin(MATCHER_CALL, Verb.PEER_TELL) as work:
        work.require()
        _row, request, _log_ids = cases.whole(work, desk.case)
        file = casefiles.load(work, desk.case)
        asked = Asked(asking.ref, desk.case, sent, request, file)
        ask(work, asking.here.network, asked, rt.rules.policy.on(work.today))


def test_p25_a_case_that_was_kept_long_enough_goes_where_it_was_sent_too(
    pair: Pair, clock: Clock
) -> None:
    kept(pair[0], AfterKeeping.REMOVE, 30)
    asking = ask_across(*pair)
    letters_cross(*pair)
    desk = answering(pair[1]).accept().located()
    letters_cross(*pair)
    close(asking)
    letters_cross(*pair)
    days_pass(clock, 40, *pair)
    assert keep_cases(pair[0].rt) == 0  # the answer that was promised comes first
    days_pass(clock, 145, *pair)
    assert keep_cases(pair[0].rt) == 0  # and the family is told
    days_pass(clock, 30, *pair)
    assert keep_cases(pair[0].rt) == 1
    letters_cross(*pair)
    with pytest.raises(Erased):
        desk.file  # noqa: B018
    days_pass(clock, 2, *pair)
    assert recalls_of(pair[0]) == [("belgrade", True)]


@pytest.mark.parametrize("by_policy", [True, False])
def test_p25_a_request_whose_case_was_removed_does_not_come_back(
    pair: Pair, clock: Clock, *, by_policy: bool
) -> None:
    asking = ask_across(*pair)
    letters_cross(*pair)
    there = answering(pair[1])
    desk = there.accept()
    letters_cross(*pair)
    if by_policy:
        kept(pair[1], AfterKeeping.REMOVE, 30)
        close(asking)
        letters_cross(*pair)
        days_pass(clock, 30, *pair)
        assert keep_cases(pair[1].rt) == 1
    else:
        erase_case(pair[1].rt, _there(SUPERVISOR, pair), desk.case, "data_subject_request")
    with pytest.raises(Erased):
        desk.file  # noqa: B018
    ask_again(asking)
    letters_cross(*pair)
    assert there.waiting() == []


def test_an_archived_case_of_another_society_follows_it_and_comes_back_when_it_asks_anew(
    pair: Pair, clock: Clock
) -> None:
    kept(pair[1], AfterKeeping.ARCHIVE, 30)
    asking = ask_across(*pair)
    letters_cross(*pair)
    there = answering(pair[1])
    desk = there.accept()
    letters_cross(*pair)
    close(asking)
    letters_cross(*pair)
    days_pass(clock, 30, *pair)
    assert keep_cases(pair[1].rt) == 0
    with pytest.raises(Forbidden):
        desk.file  # noqa: B018
    reopen_case(
        pair[0].rt, asking.desk.officer, asking.desk.case, asking.desk.version, "Lost again"
    )
    letters_cross(*pair)
    row = there.waiting()[0]
    with pytest.raises(Forbidden):
        answer_request.accept_received(pair[1].rt, there.officer, row.id, row.version)
    version = review.read_case(pair[1].rt, _there(DPO, pair), desk.case).row.version
    to = there.officer.actor.id
    assign_case(pair[1].rt, _there(DPO, pair), desk.case, version, to)
    answer_request.accept_received(pair[1].rt, there.officer, row.id, row.version)
    letters_cross(*pair)
    assert (desk.file.state, desk.file.archived_on) == (CaseState.ACTIVE, None)
    assert desk.request.level is Level.NORMAL


def test_p24_a_copy_elsewhere_lives_as_long_as_the_policy_says_and_is_renewed_meanwhile(
    pair: Pair, clock: Clock
) -> None:
    kept(pair[0], AfterKeeping.REMOVE, 60, DataClass.SHARED_COPY)
    asking = ask_across(*pair)
    letters_cross(*pair)
    there = answering(pair[1])
    row = there.waiting()[0]
    came = answer_request.read_received(pair[1].rt, there.officer, row.id).request
    assert came.retain_until == pair[1].rt.today() + timedelta(days=60)
    desk = there.accept()
    days_pass(clock, 100, *pair)
    assert desk.file.state is CaseState.ACTIVE
    close(asking)
    days_pass(clock, 61, *pair)
    with pytest.raises(Erased):
        desk.file  # noqa: B018
