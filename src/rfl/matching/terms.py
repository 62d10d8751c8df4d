"""What is sealed for each record so that a start needs no normalising: hashed terms, a sketch.

A term is 32 bits of a form of a name part, of two parts together, or of three letters. Hashes
keep it small; they hide nothing, so terms are sealed like the names that they come from.
"""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations
from typing import Final
from zlib import crc32

from rfl.domain.masked import Masked
from rfl.domain.person import Person, Sex
from rfl.errors import RflError
from rfl.matching.dates import BirthEvidence, birth_of
from rfl.matching.equivalents import own_mark
from rfl.matching.folding import Form
from rfl.matching.kin import prepare_kin, told_of
from rfl.matching.layout import HEADER, NO_YEAR, Rules
from rfl.matching.names import PreparedName, prepare_name
from rfl.matching.prepared import Prepared as Prepared
from rfl.matching.prepared import full_names, sex_code, sketch_of
from rfl.matching.prepared import prepare as prepare
from rfl.matching.scripts import NORM_VERSION
from rfl.matching.tokens import CACHED_PARTS, Token, syllables_of

TERMS_VERSION: Final = NORM_VERSION * 16 + 2
"""Tells terms of other tables or another layout apart; `mark` adds a society's own list."""

MAX_TERMS = 400
MAX_GRAMS = 24
MAX_SHORTENED = 10
KIN_SALT: Final = 0x5BD1E995

_FOLD, _SKELETON, _CLASSES, _SHORTER, _KNOWN, _PAIR, _GRAM = range(1, 8)
_PAIRED_TOKENS = 4
_MASK = 0xFFFFFFFF

# How much of a term's rarity counts: forms that say less of the name count for less.
STRENGTHS: Final = {
    _FOLD: 1.0,
    _KNOWN: 0.95,
    _SKELETON: 0.85,
    _CLASSES: 0.7,
    _SHORTER: 0.55,
}
PAIR_STRENGTH: Final = 0.5
GRAM_STRENGTH: Final = 0.3
APART_STRENGTH: Final = 0.4


class StaleTerms(RflError):
    """Terms of another version: whoever called computes them anew from the names."""

    rule = "The search terms were made by another version and must be computed anew."


@dataclass(frozen=True, slots=True, repr=False)
class Terms(Masked):
    """The hashed terms of one person, with sex and the years of birth."""

    hashes: bytes
    sex: int = 0
    first_year: int = NO_YEAR
    last_year: int = NO_YEAR
    sketch: bytes = b""

    def to_bytes(self) -> bytes:
        """The head (mark, sex, years, two lengths), 32-bit little-endian terms, the sketch."""
        version, own = mark()
        years = (self.first_year, self.last_year)
        lengths = (len(self.hashes) // 4, len(self.sketch))
        head = HEADER.pack(version, self.sex, own, *years, *lengths)
        return head + self.hashes + self.sketch + bytes(-len(self.sketch) % 4)

    @classmethod
    def from_bytes(cls, sealed: bytes) -> "Terms":
        """Read what `to_bytes` wrote, or raise StaleTerms if another version wrote it."""
        if not is_current(sealed):
            raise StaleTerms
        _, sex, _, first, last, count, length = HEADER.unpack_from(sealed)
        end = HEADER.size + 4 * count
        return cls(sealed[HEADER.size : end], sex, first, last, sealed[end : end + length])


def terms_of(prepared: Prepared) -> Terms:
    """The terms by which a description is found, without its sketch."""
    return _terms(prepared.names, prepared.kin.tokens, prepared.birth, prepared.sex)


def search_terms(person: Person) -> bytes:
    """What is sealed with a record and kept in the index: the terms, and the sketch.

    What only scoring reads is not prepared here: every row of a list pays.
    """
    names = [prepare_name(text) for text in full_names(person)]
    kin = prepare_kin(told_of(person), names)
    made = _terms(names, kin.tokens, birth_of(person.birth), person.sex)
    return replace(made, sketch=sketch_of(person)).to_bytes()


def is_current(sealed: bytes) -> bool:
    """Whether these bytes are terms of this version, with nothing cut off."""
    if len(sealed) < HEADER.size:
        return False
    version, _, own, _, _, count, length = HEADER.unpack_from(sealed)
    whole = HEADER.size + 4 * count + length + -length % 4
    return (version, own) == mark() and len(sealed) == whole


def mark() -> Rules:
    """The version, changed by 16 bits of the digest of a society's own equivalents, and 8 more."""
    own = own_mark()
    return TERMS_VERSION ^ (own >> 8), own & 0xFF


@lru_cache(maxsize=CACHED_PARTS)
def token_terms(part: Token) -> bytes:
    """The terms of one part as they are stored: each form once."""
    found = weighted_terms(part, stored=True)
    for syllable in syllable_terms(part):
        found += syllable
    hashes = dict.fromkeys([value for value, _ in found])
    return struct.pack(f"<{len(hashes)}I", *hashes)


def weighted_terms(part: Token, *, stored: bool = False) -> list[tuple[int, float]]:
    """Each term of one part with its strength; a query also looks where it would be shorter."""
    found: list[tuple[int, float]] = []
    if part.known:
        found.append((crc32(part.known.encode(), _KNOWN), STRENGTHS[_KNOWN]))
    for form in part.forms:
        found += _plain_terms(form)
        found += _shorter_terms(form.skeleton, stored=stored)
    if part.second is not None:
        found += [(value, 0.9 * strength) for value, strength in _plain_terms(part.second)]
    return found


def syllable_terms(part: Token) -> list[list[tuple[int, float]]]:
    """For each syllable of an own name that others may write apart a term of each spelling."""
    return [
        [(crc32(form.fold.encode(), _FOLD), APART_STRENGTH) for form in forms]
        for forms in syllables_of(part)
    ]


@lru_cache(maxsize=CACHED_PARTS)
def whole_terms(part: Token) -> tuple[int, ...]:
    """The terms that whoever has this very name has too: never none."""
    known = [crc32(part.known.encode(), _KNOWN)] if part.known else []
    return (*known, *[crc32(form.fold.encode(), _FOLD) for form in part.forms])


def pair_terms(name: PreparedName) -> list[int]:
    """One term for each two parts together, whatever their order."""
    classes = [
        crc32(part.forms[0].skeleton2.encode(), _PAIR) for part in name.tokens[:_PAIRED_TOKENS]
    ]
    return [_mixed(first, second) for first, second in combinations(classes, 2)]


def gram_terms(name: PreparedName) -> list[int]:
    """Three consonant classes in a row, over the whole name as one word."""
    joined = "".join([part.forms[0].skeleton2 for part in name.tokens]).encode()
    return [crc32(joined[i : i + 3], _GRAM) for i in range(min(len(joined) - 2, MAX_GRAMS))]


def kin_terms(parts: Iterable[Token]) -> list[list[tuple[int, float]]]:
    """For each part of the kin's names its terms, in a space apart from own names."""
    return [[(value ^ KIN_SALT, strength) for value, strength in weighted_terms(p)] for p in parts]


def _terms(
    names: Sequence[PreparedName], kin: Sequence[Token], birth: BirthEvidence | None, sex: Sex
) -> Terms:
    hashes = b"".join(_name_terms(name) for name in names)
    hashes += b"".join(_salted(token_terms(part)) for part in kin)
    years = (birth.first_year, birth.last_year) if birth else (NO_YEAR, NO_YEAR)
    return Terms(hashes[: 4 * MAX_TERMS], sex_code(sex), *years)


def _name_terms(name: PreparedName) -> bytes:
    together = pair_terms(name)
    together += gram_terms(name)
    parts = [token_terms(part) for part in name.tokens]
    parts.append(struct.pack(f"<{len(together)}I", *together))
    return b"".join(parts)


def _plain_terms(form: Form) -> list[tuple[int, float]]:
    return [
        (crc32(form.fold.encode(), _FOLD), STRENGTHS[_FOLD]),
        (crc32(form.skeleton.encode(), _SKELETON), STRENGTHS[_SKELETON]),
        (crc32(form.skeleton2.encode(), _CLASSES), STRENGTHS[_CLASSES]),
    ]


def _shorter_terms(skeleton: str, *, stored: bool) -> list[tuple[int, float]]:
    """The skeleton with each one consonant left out, so that one typing error still meets."""
    strength = STRENGTHS[_SHORTER]
    shorter: list[bytes] = []
    whole = skeleton.encode()
    if 3 <= len(whole) <= MAX_SHORTENED:
        shorter = [whole[:i] + whole[i + 1 :] for i in range(len(whole))]
    found = [(crc32(text, _SHORTER), strength) for text in shorter]
    if not stored:
        found.append((crc32(whole, _SHORTER), strength))
        found += [(crc32(text, _SKELETON), strength) for text in shorter]
    return found


def _mixed(first: int, second: int) -> int:
    low, high = (first, second) if first < second else (second, first)
    return (low * 0x9E3779B1 + high) & _MASK


def _salted(packed: bytes) -> bytes:
    count = len(packed) // 4
    values = struct.unpack(f"<{count}I", packed)
    return struct.pack(f"<{count}I", *(value ^ KIN_SALT for value in values))
