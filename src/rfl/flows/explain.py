"""Say why two descriptions may be one person, in words, and how often such words are right."""

from collections.abc import Iterable
from dataclasses import dataclass

from rfl.domain.match import Evidence
from rfl.matching.explain import sentence
from rfl.matching.scoring import Band, Contribution, Score, band


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: a field, a stable code, its weight in log-odds, and a plain sentence."""

    field: str
    code: str
    weight: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Explained:
    """How likely, in a band, and every reason for and against."""

    band: Band
    reasons: list[Reason]


def explain_evidence(evidence: Evidence) -> Explained:
    """Return what the evidence of a proposal says."""
    kept = (Contribution(*contribution) for contribution in evidence.contributions)
    return Explained(band(evidence.probability), _reasons(kept))


def explain_score(score: Score) -> Explained:
    """Return what a fresh comparison says."""
    return Explained(score.band, _reasons(score.contributions))


def _reasons(contributions: Iterable[Contribution]) -> list[Reason]:
    return [
        Reason(one.field, one.code, round(one.weight, 3), sentence(one)) for one in contributions
    ]
