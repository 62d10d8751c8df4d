"""Whether a person may bear one of a few family names, in whatever script."""

from collections.abc import Iterable, Sequence

from rfl.matching.names import prepare_name
from rfl.matching.similarity import similarity

ALIKE = 0.92


def bears_one_of(names: Iterable[str], family_names: Sequence[str]) -> bool:
    """True if every part of one of the family names is alike to a part of one of the names."""
    wanted = [prepare_name(text).tokens for text in family_names]
    for text in names:
        parts = prepare_name(text).tokens
        for family in wanted:
            if family and all(any(similarity(a, b) >= ALIKE for b in parts) for a in family):
                return True
    return False
