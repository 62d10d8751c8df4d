"""How alike name parts are, for many pairs at once: what `similarity.similarity` says of each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

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

SYLLABIC = frozenset({Script.HAN, Script.HANGUL, Script.KANA, Script.OTHER})
_indel = Indel.normalized_similarity
_jaro = JaroWinkler.normalized_similarity
_common = LCSseq.similarity


@dataclass(frozen=True, slots=True)
class Tokens:
    """The different parts of the names of some pairs, each with a number, and all their forms.

    `left` and `right` number the names of each pair. A name has `counts` parts; their numbers
    begin at `starts` in `numbers`. `joined` is the name as one word.
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
        sides = np.array([(place[id(one)], place[id(other)]) for one, other in pairs], np.intp)
        parts = [part for name in names.values() for part in name.tokens]
        tokens = list(dict.fromkeys(parts))
        number = dict(zip(tokens, range(len(tokens)), strict=True))
        counts = np.array([len(name.tokens) for name in names.values()], np.intp)
        return cls(
            tokens,
            sides[:, 0],
            sides[:, 1],
            counts,
            np.cumsum(counts) - counts,
            np.array([number[part] for part in parts], np.intp),
            np.fromiter([name.joined for name in names.values()], object, len(names)),
            np.array([part.weight for part in tokens]),
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
        return self.forms.fold[self.forms.starts]

    def likeness(self, left: Numbers, right: Numbers) -> Floats:
        """How alike each two parts are, given by number."""
        found = np.ones(len(left))
        differ = np.flatnonzero(left != right)
        spoken, decided = self._decided(left[differ], right[differ])
        found[differ[decided]] = spoken[decided]
        rest = differ[~decided]
        found[rest] = self.forms.best(left[rest], right[rest])
        both = self._known[left[rest]] & self._known[right[rest]]
        found[rest[both]] *= similarity.KNOWN_OTHER
        return found

    @property
    def _known(self) -> NDArray[np.bool_]:
        return np.array([part.known is not None for part in self.tokens])

    def _decided(self, left: Numbers, right: Numbers) -> tuple[Floats, NDArray[np.bool_]]:
        """Initials and known names, and scripts that have comparisons of their own."""
        alone = [part.role == "initial" or part.script in SYLLABIC for part in self.tokens]
        known: dict[str | int, int] = {}
        names = [known.setdefault(part.known or n, n) for n, part in enumerate(self.tokens)]
        marked, named = np.array(alone), np.array(names)
        decided = marked[left] | marked[right] | (named[left] == named[right])
        spoken = np.zeros(len(left))
        for n in np.flatnonzero(decided).tolist():
            spoken[n] = similarity.similarity(self.tokens[left[n]], self.tokens[right[n]])
        return spoken, decided


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
        return cls(np.cumsum(counts) - counts, counts, second, abjad, *texts)

    def best(self, left: Numbers, right: Numbers) -> Floats:
        """The likeness of the two most alike readings of each two parts."""
        if not len(left):
            return np.zeros(0)
        each = self.counts[left] * self.counts[right]
        begins = np.cumsum(each) - each
        pair = np.repeat(np.arange(len(left)), each)
        inside = np.arange(len(pair)) - begins[pair]
        row, column = np.divmod(inside, self.counts[right][pair])
        one, other = self.starts[left][pair] + row, self.starts[right][pair] + column
        crossed = (self.abjad[left] != self.abjad[right])[pair]
        found = np.empty(len(pair))
        found[crossed] = self._abjad(one[crossed], other[crossed])
        found[~crossed] = self._alphabetic(one[~crossed], other[~crossed])
        found[self.second[one] | self.second[other]] *= similarity.SECOND
        best: Floats = np.maximum.reduceat(found, begins)
        return best

    def _alphabetic(self, one: Numbers, other: Numbers) -> Floats:
        fold = _each(_jaro, self.fold, one, other)
        found = similarity.STRANGER * fold
        near = np.flatnonzero(fold >= similarity.STRANGERS)
        one, other = one[near], other[near]
        found[near] = similarity.alphabetic(
            fold[near],
            _each(_indel, self.roman, one, other),
            _each(_indel, self.skeleton, one, other),
        )
        same = self.fold[one] == self.fold[other]
        alike = self.roman[one] == self.roman[other]
        found[near[same]] = np.where(alike[same], 1.0, similarity.SAME_FOLD)
        return found

    def _abjad(self, one: Numbers, other: Numbers) -> Floats:
        skeleton = _each(_indel, self.skeleton, one, other)
        found = similarity.STRANGER * skeleton
        near = np.flatnonzero(skeleton >= similarity.STRANGERS)
        one, other = one[near], other[near]
        lengths = np.array([len(text) for text in self.fold])
        shared = _each(_common, self.fold, one, other) / np.minimum(lengths[one], lengths[other])
        found[near] = similarity.across_abjads(
            skeleton[near],
            shared,
            _each(_indel, self.skeleton2, one, other),
            _each(_indel, self.fold, one, other),
        )
        return found


def _each(scorer: Callable[..., Any], texts: Texts, one: Numbers, other: Numbers) -> Floats:
    if not len(one):
        return np.zeros(0)
    left, right = texts[one].tolist(), texts[other].tolist()
    found: Floats = cpdist(left, right, scorer=scorer, dtype=np.float64)
    return found
