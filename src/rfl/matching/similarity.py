"""How alike two name parts are, from 0 to 1, whatever scripts they are written in."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel, JaroWinkler, LCSseq

from rfl.matching import han
from rfl.matching.folding import Form
from rfl.matching.scripts import Script
from rfl.matching.tokens import CACHED_PARTS, Token, syllables_of

CACHED_PAIRS = 32_768

KNOWN_SAME: Final = 0.97
KNOWN_OTHER: Final = 0.75
OTHER_CHARACTERS: Final = 0.75
SECOND: Final = 0.92
INITIAL: Final = 0.7
SAME_FOLD: Final = 0.95
STRANGERS: Final = 0.5
STRANGER: Final = 0.6

_Number = TypeVar("_Number", float, NDArray[np.float64])

_SIGNS = frozenset({Script.HANGUL, Script.KANA, Script.HAN})
_L_FOR_R: Final = str.maketrans("Rr", "Ll")
_indel = Indel.normalized_similarity
_jaro = JaroWinkler.normalized_similarity
_common = LCSseq.similarity


@lru_cache(maxsize=CACHED_PAIRS)
def similarity(left: Token, right: Token) -> float:
    """Likeness of two tokens: 1 for the same, near 0 for strangers; the same both ways."""
    if left is right:
        return 1.0
    if left.role == "initial" or right.role == "initial":
        return _initial(left, right)
    if left.script is Script.HAN and right.script is Script.HAN:
        return _in_characters(left, right)
    if left.known and left.known == right.known:
        return 1.0 if left.roman == right.roman else KNOWN_SAME
    best = _best_form(left, right)
    if (left.apart is None) is not (right.apart is None):
        best = _by_syllables(best, left, right)
    if left.known and right.known:
        return best * KNOWN_OTHER
    return best


def _by_syllables(whole: float, left: Token, right: Token) -> float:
    """An own name of two signs, and two words: each sign has a word of its own (Wai-kwok)."""
    words, signs = (left.apart, right) if left.apart else (right.apart, left)
    syllables = syllables_of(signs)
    if words is None or len(syllables) != len(words) or not all(syllables):
        return whole
    each = [
        max([_alphabetic(one, other) for one in word.forms for other in forms])
        for word, forms in zip(words, syllables, strict=True)
    ]
    return (whole + sum(each) / len(each)) / 2


def _in_characters(left: Token, right: Token) -> float:
    """Both are written in characters: others that sound the same are another name.

    Three or more characters write a foreign name by its sound, each translator with others.
    """
    if han.canonical(left.native) == han.canonical(right.native):
        return 1.0
    best = _best_form(left, right)
    return best if max(len(left.native), len(right.native)) > 2 else OTHER_CHARACTERS * best


def alphabetic(fold: _Number, roman: _Number, skeleton: _Number) -> _Number:
    """The likeness of two forms that write their vowels; numbers or arrays of them."""
    return 0.4 * fold + 0.3 * roman + 0.3 * skeleton


def syllabic(fold: _Number, classes: _Number, skeleton: _Number) -> _Number:
    """The likeness of two forms of which one writes syllables, with vowels put in."""
    return 0.4 * fold + 0.3 * classes + 0.3 * skeleton


def across_abjads(skeleton: _Number, shared: _Number, classes: _Number, fold: _Number) -> _Number:
    """The likeness of two forms of which one leaves short vowels out."""
    return 0.3 * (shared + skeleton) + 0.2 * (classes + fold)


def _initial(left: Token, right: Token) -> float:
    """An initial agrees with any name that starts with it, in any reading (Hodan, Xodan)."""
    if left.roman[:1] != right.roman[:1] and _starts(left).isdisjoint(_starts(right)):
        return 0.0
    return 1.0 if len(left.roman) == len(right.roman) else INITIAL


def _starts(part: Token) -> frozenset[str]:
    return frozenset([form.fold[:1] for form in part.forms])


def _best_form(left: Token, right: Token) -> float:
    if (left.script in _SIGNS) != (right.script in _SIGNS):
        return _best_syllables(left, right)
    compare = _abjad if left.is_abjad != right.is_abjad else _alphabetic
    best = compare(left.forms[0], right.forms[0])
    if len(left.forms) + len(right.forms) > 2:
        best = max([compare(a, b) for a in left.forms for b in right.forms])
    if left.second is None and right.second is None:
        return best
    return max(best, SECOND * _second_form(compare, left, right))


def _best_syllables(left: Token, right: Token) -> float:
    """The best likeness of a name in signs for syllables and one in letters."""
    found = [
        counts * also_counts * _syllabic(one, other)
        for one, counts in _with_one_liquid(left)
        for other, also_counts in _with_one_liquid(right)
    ]
    return max(found)


def _second_form(compare: Callable[[Form, Form], float], left: Token, right: Token) -> float:
    """The best likeness in which a less likely reading takes part."""
    found = []
    if left.second is not None:
        found += [compare(left.second, form) for form in right.forms]
    if right.second is not None:
        found += [compare(form, right.second) for form in left.forms]
    if left.second is not None and right.second is not None:
        found.append(compare(left.second, right.second))
    return max(found)


def _alphabetic(left: Form, right: Form) -> float:
    """Both write their vowels: sounds by class weigh most. Strangers are not looked at twice."""
    if left.fold == right.fold:
        return 1.0 if left.roman == right.roman else SAME_FOLD
    fold = _jaro(left.fold, right.fold)
    if fold < STRANGERS:
        return STRANGER * fold
    return alphabetic(fold, _indel(left.roman, right.roman), _indel(left.skeleton, right.skeleton))


def _syllabic(left: Form, right: Form) -> float:
    """One side writes syllables, with vowels put in: consonant classes weigh more."""
    if left.fold == right.fold:
        return 1.0
    fold = _jaro(left.fold, right.fold)
    if fold < STRANGERS:
        return STRANGER * fold
    classes = _indel(left.skeleton2, right.skeleton2)
    return syllabic(fold, classes, _indel(left.skeleton, right.skeleton))


@lru_cache(maxsize=CACHED_PARTS)
def _with_one_liquid(part: Token) -> tuple[tuple[Form, float], ...]:
    """The sounds of each form, r as l, since these signs do not part them; how much it counts."""
    forms = dict.fromkeys(map(_one_liquid, part.forms), 1.0)
    if part.second is not None:
        forms.setdefault(_one_liquid(part.second), SECOND)
    return tuple(forms.items())


def _one_liquid(form: Form) -> Form:
    return Form("", *(text.translate(_L_FOR_R) for text in form[1:]))


def _abjad(left: Form, right: Form) -> float:
    """One side leaves short vowels out: consonants weigh most, and its letters must all occur."""
    skeleton = _indel(left.skeleton, right.skeleton)
    if skeleton < STRANGERS:
        return STRANGER * skeleton
    shared = _common(left.fold, right.fold) / min(len(left.fold), len(right.fold))
    classes = _indel(left.skeleton2, right.skeleton2)
    return across_abjads(skeleton, shared, classes, _indel(left.fold, right.fold))
