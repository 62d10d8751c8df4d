"""Figures of merit for ranked pairs: how well scores part the same person from others."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class PairFigures:
    """Of labelled pairs; `calibration_error` is the mean gap of stated and true shares."""

    pairs: int
    same: int
    auc: float
    best_f1: float
    recall_at_99_precision: float
    recall_at_1_fpr: float
    calibration_error: float

    def as_json(self) -> dict[str, float]:
        """The figures by name, rounded to four places."""
        return {name: round(value, 4) for name, value in asdict(self).items()}


def pair_figures(
    labels: Sequence[bool] | NDArray[np.bool_], weights: Sequence[float] | NDArray[np.float64]
) -> PairFigures | None:
    """Figures for pairs with log-likelihood ratios; None unless both labels occur."""
    truth = np.array(labels, dtype=np.bool_)
    scores = np.array(weights, dtype=np.float64)
    same = int(truth.sum())
    if same in (0, len(truth)):
        return None
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(truth[order])
    taken = np.arange(1, len(order) + 1)
    ends = np.append(np.diff(scores[order]) != 0, np.True_)  # Ties are taken or left together.
    precision, recall = (hits / taken)[ends], (hits / same)[ends]
    false_share = ((taken - hits) / (len(truth) - same))[ends]
    return PairFigures(
        pairs=len(truth),
        same=same,
        auc=_auc(truth, scores),
        best_f1=float((2 * precision * recall / np.maximum(precision + recall, 1e-12)).max()),
        recall_at_99_precision=float(recall[precision >= 0.99].max(initial=0.0)),
        recall_at_1_fpr=float(recall[false_share <= 0.01].max(initial=0.0)),
        calibration_error=_calibration_error(truth, scores),
    )


def _auc(truth: NDArray[np.bool_], scores: NDArray[np.float64]) -> float:
    """The share of pairs of pairs in the right order, ties as half."""
    _, group, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[group]
    same = int(truth.sum())
    other = len(truth) - same
    return float((ranks[truth].sum() - same * (same + 1) / 2) / (same * other))


def _calibration_error(truth: NDArray[np.bool_], scores: NDArray[np.float64]) -> float:
    """Over ten bins of the probability that the scores state at this share of same pairs."""
    share = truth.mean()
    stated = 1 / (1 + np.exp(-(scores + np.log(share / (1 - share)))))
    bins = np.minimum((stated * 10).astype(np.int64), 9)
    error = 0.0
    for one in range(10):
        inside = bins == one
        if inside.any():
            error += inside.mean() * abs(stated[inside].mean() - truth[inside].mean())
    return float(error)
