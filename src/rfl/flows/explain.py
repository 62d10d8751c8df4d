"""Say why two descriptions may be one person, in words, and how often such words are right."""

from collections.abc import Sequence
from dataclasses import dataclass

from rfl.domain.match import Contribution, Evidence
from rfl.matching.explain import band_sentence, kind_sentence, sentence, text_of
from rfl.matching.explain import language_of as language_of
from rfl.matching.scoring import Band, Score, band

_WEIGHS = 0.05


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: a field, a stable code, its weight in log-odds, what it speaks for, a sentence.

    `verdict` is for, against, unknown, or neither; the weights add up to the total.
    """

    field: str
    code: str
    weight: float
    number: int
    verdict: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Explained:
    """How likely, in a band and its sentence, and every reason for and against."""

    band: Band
    band_sentence: str
    reasons: list[Reason]


def explain_evidence(
    evidence: Evidence, language: str, first: Sequence[str], second: Sequence[str]
) -> Explained:
    """Return what the evidence of a proposal says; `first` and `second`: unknown of either."""
    return _explained(band(evidence.probability), evidence.contributions, language, first, second)


def explain_score(score: Score, language: str) -> Explained:
    """Return what a fresh comparison says."""
    return _explained(score.band, score.contributions, language, (), ())


def explain_kind(evidence: Evidence, language: str) -> list[str]:
    """Return who is compared with whom, and what else is to be known of the proposal."""
    notes = [kind_sentence(evidence.kind, language)]
    notes += [text_of("note.sample", language)] if evidence.sample else []
    return notes + ([text_of("note.rose", language)] if evidence.rose else [])


def _explained(
    found: Band,
    contributions: Sequence[Contribution],
    language: str,
    first: Sequence[str],
    second: Sequence[str],
) -> Explained:
    reasons = [
        Reason(*one, _verdict(one), sentence(one, language, first=first, second=second))
        for one in contributions
    ]
    return Explained(found, band_sentence(found, language), reasons)


def _verdict(one: Contribution) -> str:
    if one.code.endswith(".unknown"):
        return "unknown"
    if abs(one.weight) < _WEIGHS:
        return "neither"
    return "for" if one.weight > 0 else "against"
