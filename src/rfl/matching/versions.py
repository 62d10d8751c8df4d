"""Which rules made a score: when this changes, everybody is compared anew."""

from rfl.matching.gazetteer import GAZETTEER_VERSION
from rfl.matching.scoring import MODEL_VERSION
from rfl.matching.terms import TERMS_VERSION


def rules_version() -> str:
    """The model, the terms with their norm, and the gazetteer, in at most 40 characters."""
    return f"model{MODEL_VERSION}-terms{TERMS_VERSION}-places{GAZETTEER_VERSION}"
