"""Which rules made a score: when this changes, everybody is compared anew."""

from rfl.matching.equivalents import norm_version
from rfl.matching.gazetteer import GAZETTEER_VERSION
from rfl.matching.scoring import MODEL_VERSION
from rfl.matching.terms import TERMS_VERSION


def rules_version() -> str:
    """The model, the terms, the norm with a society's own names, and the gazetteer."""
    versions = (MODEL_VERSION, TERMS_VERSION, norm_version(), GAZETTEER_VERSION)
    return "-".join(map(str, versions))
