"""Many pairs compared at once say what each says alone."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rfl.matching.assignment import assign_many, assign_one
from rfl.matching.features import compare_names
from rfl.matching.many_names import compare_many
from rfl.matching.name_model import name_weights, script_class
from rfl.matching.names import prepare_name
from rfl.matching.rarity import usual_rarity
from tests.matching.test_hostile_names import HOSTILE
from tests.matching.test_similar_names import NOISE, ONE_NAME, OTHER_NAMES, SAME_PERSON

LISTED = [*ONE_NAME, *OTHER_NAMES, *SAME_PERSON, *[("Zia Ahmad Karimi", noisy) for noisy in NOISE]]
PARTS = st.sampled_from(
    [
        "Ahmad",
        "Zia",
        "Karimi",
        "احمد",
        "کریمی",
        "Миросав",
        "A.",
        "Abdul",
        "Rahman",
        "Zorica",
        "김정은",
    ]
)
NAMES = st.lists(PARTS, min_size=1, max_size=7).map(" ".join)
LONG_NAMES = st.lists(PARTS, min_size=1, max_size=11).map(" ".join)


def assert_as_alone(texts: list[tuple[str, str]]) -> None:
    pairs = [(prepare_name(left), prepare_name(right)) for left, right in texts]
    many = compare_many(pairs)
    kinds = [script_class(left.scripts, right.scripts) for left, right in pairs]
    weights = name_weights(kinds, many)
    for (left, right), kind, row, weight in zip(pairs, kinds, many, weights, strict=True):
        alone = compare_names(left, right)
        if alone is None:
            assert np.isnan(row).all()
            assert math.isnan(weight)
        else:
            assert row.tolist() == pytest.approx(list(alone))
            [expected] = name_weights([kind], np.array([alone]))
            assert weight == pytest.approx(expected, abs=0.05)


def test_listed_names_compare_at_once_as_alone() -> None:
    assert_as_alone(LISTED)


def test_hostile_names_compare_at_once_as_alone() -> None:
    assert_as_alone([(one, other) for one in HOSTILE.values() for other in HOSTILE.values()])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(NAMES, NAMES), max_size=5))
def test_any_names_compare_at_once_the_same_both_ways(texts: list[tuple[str, str]]) -> None:
    pairs = [(prepare_name(left), prepare_name(right)) for left, right in texts]
    turned = [(right, left) for left, right in pairs]
    assert compare_many(pairs).tolist() == compare_many(turned).tolist()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(LONG_NAMES, LONG_NAMES), min_size=2, max_size=6))
def test_a_pair_has_the_same_features_to_the_last_bit_whatever_is_compared_with_it(
    texts: list[tuple[str, str]],
) -> None:
    pairs = [(prepare_name(left), prepare_name(right)) for left, right in texts]
    together = compare_many(pairs, usual_rarity)
    alone = np.concatenate([compare_many([pair], usual_rarity) for pair in pairs])
    assert together.tobytes() == alone.tobytes()


def test_no_pairs_give_no_rows() -> None:
    assert len(compare_many([])) == 0


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 5), st.integers(0, 3), st.randoms(use_true_random=False))
def test_each_row_gets_a_column_of_its_own(rows: int, more: int, chance: object) -> None:
    drawn = np.random.default_rng(chance.randint(0, 999)).random((4, rows, rows + more))  # type: ignore[attr-defined]
    chosen = assign_many(drawn)
    assert all(len(set(one)) == rows for one in chosen.tolist())
    alone = [list(assign_one(table.tolist())) for table in drawn]
    assert chosen.tolist() == alone


def test_few_parts_are_assigned_the_best_of_all_ways() -> None:
    table = [[0.9, 0.8, 0.0], [0.85, 0.1, 0.0]]
    assert list(assign_one(table)) == [1, 0]


def test_many_parts_are_assigned_the_most_alike_first_then_exchanged() -> None:
    table = np.zeros((1, 6, 6))
    table[0, range(6), range(6)] = 0.5
    table[0, 0, 1] = 0.9
    assert assign_many(table)[0].tolist()[2:] == [2, 3, 4, 5]
