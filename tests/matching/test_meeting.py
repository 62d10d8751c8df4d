"""Who meets whom, and what becomes of a proposal that was compared again."""

from dataclasses import replace

import pytest

from rfl.domain.match import Contribution, Evidence, MatchKind
from rfl.matching.meeting import Becomes, Compared, Known, becomes, compare, threshold
from rfl.matching.pools import Pool
from rfl.matching.scoring import ANYWHERE
from rfl.matching.terms import prepare
from tests.matching.people import make_person

KINDS = [
    (Pool.SOUGHT, Pool.REGISTERED, MatchKind.REGISTRATION),
    (Pool.SOUGHT, Pool.ENQUIRERS, MatchKind.BOTH_SEARCHING),
    (Pool.SOUGHT, Pool.SOUGHT, MatchKind.SAME_SOUGHT),
    (Pool.REGISTERED, Pool.REGISTERED, MatchKind.DUPLICATE),
    (Pool.ENQUIRERS, Pool.REGISTERED, None),
    (Pool.ENQUIRERS, Pool.ENQUIRERS, None),
]


def known(pool: Pool, record: str) -> Known:
    person = make_person("Ana Petrovska")
    return Known(record, person.id, pool, prepare(person))


@pytest.mark.parametrize(("one", "other", "kind"), KINDS)
def test_parts_meet_the_same_way_from_both_sides(
    one: Pool, other: Pool, kind: MatchKind | None
) -> None:
    left, right = known(one, "a"), known(other, "b")
    found = [compare([(left, right, 0)], ANYWHERE), compare([(right, left, 0)], ANYWHERE)]
    assert found[0] == found[1]
    assert [each.evidence.kind for each in found[0]] == ([kind] if kind else [])


def test_persons_of_one_record_are_not_compared() -> None:
    assert compare([(known(Pool.SOUGHT, "a"), known(Pool.SOUGHT, "a"), 0)], ANYWHERE) == []


def evidence(names: float, code: str = "names.same", prior: float = -6.0) -> Evidence:
    weights = (
        Contribution("prior", "prior.candidate", prior),
        Contribution("names", code, names),
    )
    total = prior + names
    probability = 2.718281828**total / (1 + 2.718281828**total)
    return Evidence(MatchKind.REGISTRATION, probability, total, weights, "1", "1")


def fresh(said: Evidence) -> Compared:
    return Compared(known(Pool.SOUGHT, "a"), known(Pool.REGISTERED, "b"), said)


BEFORE = evidence(6.0)
OPEN = [
    (evidence(6.0), Becomes.KEPT),
    (evidence(6.0, prior=-5.9), Becomes.KEPT),
    (evidence(6.1), Becomes.UPDATED),
    (evidence(6.0, "names.order_swapped"), Becomes.UPDATED),
    (replace(evidence(6.0), model="2"), Becomes.UPDATED),
    (evidence(9.0), Becomes.ROSE),
    (evidence(4.0), Becomes.UPDATED),
    (evidence(1.0), Becomes.WITHDRAWN),
]


@pytest.mark.parametrize(("now", "expected"), OPEN)
def test_an_open_proposal_follows_its_evidence(now: Evidence, expected: Becomes) -> None:
    assert becomes(BEFORE, fresh(now), is_open=True, anew=False) is expected


DECIDED = [
    (evidence(6.0), Becomes.KEPT),
    (evidence(9.0), Becomes.KEPT),
    (evidence(6.2, "names.order_swapped"), Becomes.KEPT),
    (evidence(6.0, "names.order_swapped", prior=-3.0), Becomes.KEPT),
    (evidence(1.0, "names.differ"), Becomes.KEPT),
    (evidence(9.0, "names.order_swapped"), Becomes.ROSE),
]


@pytest.mark.parametrize(("now", "expected"), DECIDED)
def test_a_decided_one_comes_back_only_on_other_findings_that_weigh_more(
    now: Evidence, expected: Becomes
) -> None:
    assert becomes(BEFORE, fresh(now), is_open=False, anew=False) is expected
    assert becomes(BEFORE, fresh(now), is_open=False, anew=True) is Becomes.KEPT


def test_a_change_before_the_turn_of_its_pair_is_told_from_the_new_model() -> None:
    silent = Contribution("birth", "birth.unknown", 0.0)
    before = replace(BEFORE, contributions=(*BEFORE.contributions, silent))
    likelier = replace(evidence(9.0, "names.order_swapped"), model="2")
    same_day = Contribution("birth", "birth.same_day", 9.0)
    dated = replace(likelier, contributions=(*likelier.contributions, same_day))
    for now, expected in ((likelier, Becomes.UPDATED), (dated, Becomes.ROSE)):
        assert becomes(before, fresh(now), is_open=False, anew=False) is expected
        assert becomes(before, fresh(now), is_open=False, anew=True) is Becomes.UPDATED


def test_what_was_drawn_by_chance_stays_below_the_threshold_and_rises_above_it() -> None:
    sample = replace(evidence(1.0), sample=True)
    assert sample.probability < threshold(sample.kind)
    assert becomes(sample, fresh(evidence(1.0)), is_open=True, anew=False) is Becomes.KEPT
    assert becomes(sample, fresh(evidence(6.0)), is_open=True, anew=False) is Becomes.ROSE


def test_who_may_not_be_matched_any_more_is_withdrawn_by_a_change_alone() -> None:
    assert becomes(BEFORE, None, is_open=True, anew=False) is Becomes.WITHDRAWN
    assert becomes(BEFORE, None, is_open=True, anew=True) is Becomes.KEPT
    assert becomes(BEFORE, None, is_open=False, anew=False) is Becomes.KEPT
