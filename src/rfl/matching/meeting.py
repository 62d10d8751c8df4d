"""Who is compared with whom, and what becomes of a pair that was compared.

A sought person meets the registered, the enquirers and the sought of other requests; a registered
person the sought, and other registrations of perhaps the same person. The matcher proposes only;
what people decided it does not undo.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from rfl.domain.match import Evidence, MatchKind
from rfl.matching.bands import SHOW_THRESHOLD, band
from rfl.matching.equivalents import norm_version
from rfl.matching.pools import Pool
from rfl.matching.scoring import MODEL_VERSION, Among, Score, score_pairs
from rfl.matching.terms import Prepared

# Whom a changed person is compared with, and how many of these are opened at most.
TARGETS: Final[Mapping[Pool, Mapping[Pool, int]]] = {
    Pool.SOUGHT: {Pool.REGISTERED: 60, Pool.ENQUIRERS: 60, Pool.SOUGHT: 20},
    Pool.ENQUIRERS: {Pool.SOUGHT: 60},
    Pool.REGISTERED: {Pool.SOUGHT: 60, Pool.REGISTERED: 8},
}
_KINDS: Final = {
    (Pool.SOUGHT, Pool.REGISTERED): MatchKind.REGISTRATION,
    (Pool.SOUGHT, Pool.ENQUIRERS): MatchKind.BOTH_SEARCHING,
    (Pool.SOUGHT, Pool.SOUGHT): MatchKind.SAME_SOUGHT,
    (Pool.REGISTERED, Pool.REGISTERED): MatchKind.DUPLICATE,
}
# Two entries for one person are the office's own matter: a miss among them parts no family.
_THRESHOLDS: Final = {MatchKind.SAME_SOUGHT: 0.4, MatchKind.DUPLICATE: 0.4}
ROSE_BY: Final = 0.5
"""How much more log-odds new evidence must bring before a decided pair is shown again."""

_SAME: Final = 0.005


@dataclass(frozen=True, slots=True)
class Known:
    """An opened person with its part in its record."""

    record: str
    person: str
    pool: Pool
    prepared: Prepared = field(repr=False)


@dataclass(frozen=True, slots=True)
class Compared:
    """Two persons and what speaks for their being one; the sought person stands left."""

    left: Known
    right: Known
    evidence: Evidence

    @property
    def pair(self) -> tuple[str, str]:
        """The persons' ids, by which there is at most one proposal."""
        return self.left.person, self.right.person

    @property
    def is_shown(self) -> bool:
        """Whether the probability reaches the threshold of its kind."""
        return self.evidence.probability >= threshold(self.evidence.kind)


class Becomes(StrEnum):
    """What happens to a proposal that was compared anew."""

    KEPT = "kept"
    UPDATED = "updated"
    ROSE = "rose"
    WITHDRAWN = "withdrawn"


def threshold(kind: MatchKind) -> float:
    """Below this probability a pair is not proposed, but for the random sample."""
    return _THRESHOLDS.get(kind, SHOW_THRESHOLD)


def compare(pairs: Iterable[tuple[Known, Known, int]], among: Among) -> list[Compared]:
    """Compare persons, given with how many identifiers they share, found among so many.

    Left out are those of one record, and those whose parts do not meet.
    """
    met = [(*_sides(one, other), shared) for one, other, shared in pairs if _meet(one, other)]
    scores = score_pairs(
        [(left.prepared, right.prepared) for left, right, _shared in met],
        shared_identifiers=[shared for _left, _right, shared in met],
        among=among,
    )
    return [
        Compared(left, right, _evidence(_KINDS[left.pool, right.pool], found))
        for (left, right, _shared), found in zip(met, scores, strict=True)
    ]


def becomes(kept: Evidence, fresh: Compared | None, *, is_open: bool, anew: bool) -> Becomes:
    """What a proposal becomes; `fresh` is None if the changed one may not be matched any more.

    While everybody is compared anew (`anew`) it may also be one that this process has not taken in
    yet, so then nothing is withdrawn for it. A decided pair comes back only if its findings changed
    and its score rose, and never then: a new model is no new evidence. A change that comes before
    the pair's turn brings it back by what was not known before alone.
    """
    if not is_open:
        return _decided_becomes(kept, fresh, anew=anew)
    if fresh is None:
        return Becomes.KEPT if anew else Becomes.WITHDRAWN
    if not (fresh.is_shown or kept.sample):
        return Becomes.WITHDRAWN
    if fresh.is_shown and (kept.sample or _above(fresh.evidence, kept)):
        return Becomes.ROSE
    return Becomes.KEPT if _alike(kept, fresh.evidence) else Becomes.UPDATED


def _decided_becomes(kept: Evidence, fresh: Compared | None, *, anew: bool) -> Becomes:
    if fresh is None or kept.rose:
        return Becomes.KEPT
    other_rules = (kept.model, kept.norm) != (fresh.evidence.model, fresh.evidence.norm)
    if anew:
        return Becomes.UPDATED if other_rules else Becomes.KEPT
    if other_rules:  # Scores by two models say nothing of each other; what was not known does.
        rose = _newly_told(kept, fresh.evidence) >= ROSE_BY
        return Becomes.ROSE if fresh.is_shown and rose else Becomes.UPDATED
    changed = _codes(kept) != _codes(fresh.evidence)
    rose = _found(fresh.evidence) >= _found(kept) + ROSE_BY
    return Becomes.ROSE if fresh.is_shown and changed and rose else Becomes.KEPT


def _meet(one: Known, other: Known) -> bool:
    left, right = _sides(one, other)
    return one.record != other.record and (left.pool, right.pool) in _KINDS


def _sides(one: Known, other: Known) -> tuple[Known, Known]:
    """The sought person first; of two in one part the one with the smaller id."""
    if one.pool is other.pool:
        return (one, other) if one.person < other.person else (other, one)
    return (one, other) if (one.pool, other.pool) in _KINDS else (other, one)


def _evidence(kind: MatchKind, found: Score) -> Evidence:
    return Evidence(
        kind=kind,
        probability=found.probability,
        total=found.total,
        contributions=found.contributions,
        model=str(MODEL_VERSION),
        norm=norm_version(),
    )


def _above(fresh: Evidence, kept: Evidence) -> bool:
    """Whether the probability rose into a higher band."""
    return fresh.probability > kept.probability and band(fresh.probability) is not band(
        kept.probability
    )


def _alike(kept: Evidence, fresh: Evidence) -> bool:
    same_rules = (kept.model, kept.norm) == (fresh.model, fresh.norm)
    near = abs(_found(kept) - _found(fresh)) < _SAME
    return same_rules and near and _codes(kept) == _codes(fresh)


def _found(evidence: Evidence) -> float:
    """What the findings weigh; the prior changes with everybody who comes and goes."""
    return math.fsum(one.weight for one in evidence.contributions if one.field != "prior")


def _newly_told(kept: Evidence, fresh: Evidence) -> float:
    """What the fields weigh of which nothing could be compared before."""
    known = {one.field for one in kept.contributions if not one.code.endswith(".unknown")}
    return math.fsum(one.weight for one in fresh.contributions if one.field not in known)


def _codes(evidence: Evidence) -> set[tuple[str, int]]:
    return {(one.code, one.number) for one in evidence.contributions}
