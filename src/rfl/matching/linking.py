"""Links two lists of people with the product's own candidates and scores, and says how well.

Each pair is judged by itself: a person may be linked to several of the other list or to none.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rfl.matching.index import TermIndex
from rfl.matching.rarity import rarity_in
from rfl.matching.rows import Row, person_of
from rfl.matching.scoring import Among, score_many
from rfl.matching.terms import Prepared, prepare, terms_of

THRESHOLD: Final = 0.5
"""A link is what is likelier one person than two."""

CANDIDATES: Final = 50
Link = tuple[str, str]


@dataclass(frozen=True, slots=True)
class LinkReport:
    """Of the pairs that were scored and of those that are true."""

    left: int
    right: int
    true_links: int
    links: int
    candidates_recall: float
    precision: float
    recall: float
    f1: float
    best_f1: float
    best_threshold: float
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """The figures by name; `threshold` is the probability from which a pair counts as one."""
        found = {
            "left": self.left,
            "right": self.right,
            "true_links": self.true_links,
            "links": self.links,
            "threshold": THRESHOLD,
        }
        shares = ("candidates_recall", "precision", "recall", "f1", "best_f1", "best_threshold")
        found |= {name: round(getattr(self, name), 4) for name in shares}
        return found | {"seconds": round(self.seconds, 2)}


def evaluate_link(left: Iterable[Row], right: Iterable[Row], truth: Iterable[Link]) -> LinkReport:
    """Score each person of the left list with its candidates of the right one."""
    began = time.perf_counter()
    ones, others = list(left), list(right)
    true = frozenset(truth)
    scored = list(linked(ones, others))
    correct = np.array([link in true for link, _probability in scored], dtype=np.bool_)
    probabilities = np.array([probability for _link, probability in scored])
    taken = probabilities >= THRESHOLD
    precision, recall, f1 = _shares(correct[taken], len(true))
    best_f1, best_threshold = _best(correct, probabilities, len(true))
    return LinkReport(
        left=len(ones),
        right=len(others),
        true_links=len(true),
        links=int(taken.sum()),
        candidates_recall=float(correct.sum()) / max(1, len(true)),
        precision=precision,
        recall=recall,
        f1=f1,
        best_f1=best_f1,
        best_threshold=best_threshold,
        seconds=time.perf_counter() - began,
    )


def linked(left: Sequence[Row], right: Sequence[Row]) -> Iterator[tuple[Link, float]]:
    """Each pair of ids that was scored, with its probability."""
    people = [prepare(person_of(row, number)) for number, row in enumerate(right)]
    keys: list[str] = [person_of(row, number).id for number, row in enumerate(right)]
    number_of = {key: number for number, key in enumerate(keys)}
    index = TermIndex()
    index.add_many(keys, [terms_of(person).to_bytes() for person in people])
    among = Among(len(people), rarity_in(index))
    for number, row in enumerate(left):
        query = prepare(person_of(row, number))
        found = [number_of[key] for key, _rank in index.search(query, CANDIDATES)]
        for other, probability in _scored(query, found, people, among):
            yield (str(row["id"]), str(right[other]["id"])), probability


def _scored(
    query: Prepared, found: Sequence[int], people: Sequence[Prepared], among: Among
) -> Iterator[tuple[int, float]]:
    scores = score_many(query, [people[one] for one in found], among=among)
    for one, result in zip(found, scores, strict=True):
        yield one, result.probability


def _shares(correct: NDArray[np.bool_], true: int) -> tuple[float, float, float]:
    hits = float(correct.sum())
    precision, recall = hits / max(1, len(correct)), hits / max(1, true)
    return precision, recall, 2 * hits / max(1, len(correct) + true)


def _best(
    correct: NDArray[np.bool_], probabilities: NDArray[np.float64], true: int
) -> tuple[float, float]:
    """The best F1 that any threshold gives, and the threshold."""
    if not len(correct):
        return 0.0, 1.0
    order = np.argsort(-probabilities, kind="stable")
    f1 = 2 * np.cumsum(correct[order]) / (np.arange(1, len(order) + 1) + true)
    best = int(f1.argmax())
    return float(f1[best]), float(probabilities[order[best]])
