"""How alike name parts are, for many pairs at once: what `similarity.similarity` says of each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel, JaroWinkler, LCSseq
from rapidfuzz.process import cpdist

from rfl.matching import similarity
from rfl.matching.folding import Form
from rfl.matching.names import PreparedName
from rfl.matching.scripts import Script
from rfl.matching.tokens import Token

Floats = NDArray[np.float64]
Numbers = NDArray[np.intp]
Texts = NDArray[np.object_]

NO_PART: Final = -1
"""The number of a part that is none: it weighs nothing and is written as nothing."""

SYLLABIC = frozenset({Script.HAN, Script.HANGUL, Script.KANA, Script.OTHER})
_indel = Indel.normalized_similarity
_jaro = JaroWinkler.normalized_similarity
_common = LCSseq.similarity


@dataclass(frozen=True, slots=True)
class Tokens:
    """The different parts of the names of some pairs, each with a number, and all their forms.

    `left` and `right` number the names of each pair. A name has `counts` parts; their numbers
    begin at `starts` in `numbers`. `joined` is the name as one word. `weights` and `folds` have one
    more at the end, for NO_PART.
    """

    tokens: Sequence[Token]
    left: Numbers
    right: Numbers
    counts: Numbers
    starts: Numbers
    numbers: Numbers
    joined: Texts
    weights: Floats
    forms: "_Forms"

    @classmethod
    def of(cls, pairs: Sequence[tuple[PreparedName, PreparedName]]) -> "Tokens":
        """All parts of these names; a name that is in many pairs is looked at once."""
        names = {id(name): name for pair in pairs for name in pair}
        place = dict(zip(names, range(len(names)), strict=True))
        sides = np.fromiter(
            [place[id(name)] for pair in pairs for name in pair], np.intp, 2 * len(pairs)
        )
        parts = [part for name in names.values() for part in name.tokens]
        tokens = list(dict.fromkeys(parts))
        number = dict(zip(tokens, range(len(tokens)), strict=True))
        counts = np.array([len(name.tokens) for name in names.values()], np.intp)
        return cls(
            tokens,
            sides[0::2],
            sides[1::2],
            counts,
            counts.cumsum() - counts,
            np.array([number[part] for part in parts], np.intp),
            np.fromiter([name.joined for name in names.values()], object, len(names)),
            np.array([*[part.weight for part in tokens], 0.0]),
            _Forms.of(tokens),
        )

    def __len__(self) -> int:
        return len(self.tokens)

    def parts(self, names: Numbers, count: int) -> Numbers:
        """The numbers of the parts of names that have so many each: (names, count)."""
        found: Numbers = self.numbers[self.starts[names][:, np.newaxis] + np.arange(count)]
        return found

    @property
    def folds(self) -> Texts:
        """The fold of each part's first form."""
        found = np.full(len(self.tokens) + 1, "", object)
        found[:NO_PART] = self.forms.fold[self.forms.starts]
        return found

    def likeness(self, left: Numbers, right: Numbers) -> Floats:
        """How alike each two parts are, given by number."""
        found = np.ones(len(left))
        (differ,) = (left != right).nonzero()
        spoken, decided = self._decided(left[differ], right[differ])
        found[differ[decided]] = spoken
        rest = differ[~decided]
        one, other = left[rest], right[rest]
        known = np.array([part.known is not None for part in self.tokens])
        best = self.forms.best(one, other)
        best[known[one] & known[other]] *= similarity.KNOWN_OTHER
        found[rest] = best
        return found

    def _decided(self, left: Numbers, right: Numbers) -> tuple[Floats, NDArray[np.bool_]]:
        """Initials and known names, and scripts that have comparisons of their own.

        Which of these two parts are such, and how alike those are.
        """
        alone = [part.role == "initial" or part.script in SYLLABIC for part in self.tokens]
        known: dict[str | int, int] = {}
        names = [known.setdefault(part.known or n, n) for n, part in enumerate(self.tokens)]
        marked, named = np.array(alone), np.array(names)
        decided = marked[left] | marked[right] | (named[left] == named[right])
        places = zip(left[decided].tolist(), right[decided].tolist(), strict=True)
        tokens = self.tokens
        spoken = [similarity.similarity(tokens[one], tokens[other]) for one, other in places]
        return np.array(spoken), decided


@dataclass(frozen=True, slots=True)
class _Forms:
    """The forms of all parts: where each part's begin, how many, and whether one is a second."""

    starts: Numbers
    counts: Numbers
    second: NDArray[np.bool_]
    abjad: NDArray[np.bool_]
    roman: Texts
    fold: Texts
    skeleton: Texts
    skeleton2: Texts

    @classmethod
    def of(cls, tokens: Sequence[Token]) -> "_Forms":
        forms: list[Form] = []
        seconds: list[int] = []
        for part in tokens:
            forms += part.forms
            if part.second is not None:
                seconds.append(len(forms))
                forms.append(part.second)
        counts = np.array([len(part.forms) + (part.second is not None) for part in tokens])
        second = np.zeros(len(forms), dtype=np.bool_)
        second[seconds] = True
        abjad = np.array([part.is_abjad for part in tokens])
        texts = [np.fromiter(column, object, len(forms)) for column in zip(*forms, strict=True)]
        return cls(counts.cumsum() - counts, counts, second, abjad, *texts)

    def best(self, left: Numbers, right: Numbers) -> Floats:
        """The likeness of the two most alike readings of each two parts."""
        if not len(left):
            return np.zeros(0)
        each = self.counts[left] * self.counts[right]
        begins = each.cumsum() - each
        pair = np.arange(len(left)).repeat(each)
        inside = np.arange(len(pair)) - begins[pair]
        row, column = np.divmod(inside, self.counts[right][pair])
        one, other = self.starts[left][pair] + row, self.starts[right][pair] + column
        crossed = (self.abjad[left] != self.abjad[right])[pair]
        found = self._compared(one, other, crossed)
        found[self.second[one] | self.second[other]] *= similarity.SECOND
        best: Floats = np.maximum.reduceat(found, begins)
        return best

    def _compared(self, one: Numbers, other: Numbers, crossed: NDArray[np.bool_]) -> Floats:
        """The likeness of each two forms; those are `crossed` of which one leaves vowels out.

        A first look tells the strangers, who are not looked at twice.
        """
        (across,), (within,) = crossed.nonzero(), (~crossed).nonzero()
        first = np.empty(len(one))
        first[across] = _each(_indel, (self.skeleton, one[across], other[across]))
        first[within] = _each(_jaro, (self.fold, one[within], other[within]))
        found = similarity.STRANGER * first
        near = first >= similarity.STRANGERS
        across, within = across[near[across]], within[near[within]]
        abjad, alphabet = (one[across], other[across]), (one[within], other[within])
        classes, sounds, spelled, bones = np.split(
            _each(
                _indel,
                (self.skeleton2, *abjad),
                (self.fold, *abjad),
                (self.roman, *alphabet),
                (self.skeleton, *alphabet),
            ),
            np.cumsum([len(across), len(across), len(within)]),
        )
        shared = self._shared(*abjad)
        found[across] = similarity.across_abjads(first[across], shared, classes, sounds)
        found[within] = similarity.alphabetic(first[within], spelled, bones)
        same = self.fold[alphabet[0]] == self.fold[alphabet[1]]
        alike = self.roman[alphabet[0]] == self.roman[alphabet[1]]
        found[within[same]] = np.where(alike[same], 1.0, similarity.SAME_FOLD)
        return found

    def _shared(self, one: Numbers, other: Numbers) -> Floats:
        """How much of the shorter one stands in the longer one, in its order."""
        if not len(one):
            return np.zeros(0)
        lengths = np.fromiter(map(len, self.fold), np.intp, len(self.fold))
        shorter = np.minimum(lengths[one], lengths[other])
        found: Floats = _each(_common, (self.fold, one, other)) / shorter
        return found


def _each(scorer: Callable[..., Any], *compared: tuple[Texts, Numbers, Numbers]) -> Floats:
    """The scorer's word on each two texts, of several tables in one call."""
    left: list[str] = []
    right: list[str] = []
    for texts, one, other in compared:
        left += texts[one].tolist()
        right += texts[other].tolist()
    if not left:
        return np.zeros(0)
    found: Floats = cpdist(left, right, scorer=scorer, dtype=np.float64)
    return found
