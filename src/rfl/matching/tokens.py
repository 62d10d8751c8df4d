"""The parts of names, prepared once for each spelling and kept in bounded caches.

The caches hold single name parts in memory, never on disk, and are the matcher's own.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

from rfl.domain.masked import Masked
from rfl.matching import equivalents, lexicon, suffixes
from rfl.matching.folding import ABJADS, Form, form_of, readings
from rfl.matching.lexicon import Role
from rfl.matching.scripts import UNSPACED, Script, spellings, syllables, words

CACHED_PARTS = 16_384

_ROLE_WEIGHTS: dict[Role, float] = {"initial": 0.25, "number": 0.3}
SERVANTS = frozenset({"abd", "abdul", "abdel", "abdal", "abdol", "abdoul", "abdur", "abder"})
"""The first part of "servant of the ...", which is one name with what follows."""

ENDINGS = frozenset(
    {
        "ullah",
        "allah",
        "uddin",
        "eddin",
        "eddine",
        "addin",
        "ddin",
        "الله",
        "اللہ",
        "الدين",
        "الدین",
    }
)
"""The second part of one name with what stands before it, as written apart: Zia ullah."""

_TELLING: frozenset[Role] = frozenset({"name", "initial", "number"})
_LIGHT = 0.1
_COMMON = 0.6


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Token(Masked):
    """One part of a name: its readings, most likely first, and how much it tells.

    `second` is a reading that counts less (a patronymic's father, a joined article). `known` is
    the common form if the name is in the lexicon. `is_abjad`: short vowels are unwritten.
    `is_plain`: it stands for itself, whatever is around it. Tokens compare by identity: equal
    spellings share one token while the cache holds them.
    """

    script: Script
    native: str
    roman: str
    forms: tuple[Form, ...]
    second: Form | None
    known: str | None
    role: Role
    weight: float
    is_abjad: bool
    is_plain: bool
    apart: "tuple[Token, Token] | None" = None


@lru_cache(maxsize=CACHED_PARTS)
def tokens_of(chunk: str, *, alone: bool = False) -> tuple[Token, ...]:
    """The tokens of one written word: one for each run of a script, or for each name in it."""
    return tuple(
        token(script, native, roman) for script, native, roman in words(chunk, alone=alone)
    )


def syllables_of(part: Token) -> tuple[tuple[Form, ...], ...]:
    """The forms of each syllable of an own name that others may write as several words."""
    if part.script not in UNSPACED:
        return ()
    apart = syllables(part.script, part.native)
    return tuple(tuple(form_of(text, text) for text in texts) for texts in apart)


@lru_cache(maxsize=CACHED_PARTS)
def token(script: Script, native: str, roman: str) -> Token:
    """The token of a native form and its roman form."""
    role = lexicon.role_of(native, roman)
    main = suffixes.main_form(script, roman)
    known = lexicon.known_name(native, main) if role == "name" else None
    other = suffixes.other_form(script, main)
    return Token(
        script=script,
        native=native,
        roman=main,
        forms=_forms(script, native, main),
        second=form_of(other, other) if other else None,
        known=known,
        role=role,
        weight=_weight(role, main, known),
        is_abjad=script in ABJADS,
        is_plain=role in _TELLING and roman not in SERVANTS and native not in ENDINGS,
    )


@lru_cache(maxsize=CACHED_PARTS)
def together(first: Token, second: Token) -> Token:
    """Two parts written as one, which remembers them: Wai-kwok."""
    roman = first.roman + second.roman
    native = first.native + second.native if first.script is second.script else roman
    return replace(token(first.script, native, roman), apart=(first, second))


@lru_cache(maxsize=CACHED_PARTS)
def as_name(part: Token) -> Token:
    """A title or particle that is a name here: Ma, Lo, Le."""
    known = lexicon.known_name(part.native, part.roman)
    return replace(part, role="name", known=known, weight=_weight("name", part.roman, known))


def use_equivalents(content: bytes) -> None:
    """Use a society's own list of equivalents from now on, or raise InvalidInput."""
    equivalents.use_own(content)
    lexicon.forget()
    for prepared in (tokens_of, token):
        prepared.cache_clear()


def _forms(script: Script, native: str, main: str) -> tuple[Form, ...]:
    """The readings of a token; those of Chinese, Japanese and Korean names depend on signs."""
    several = spellings(script, native)
    if len(several) < 2 or main != several[0]:
        return readings(script, main)
    return tuple(dict.fromkeys(form_of(text, text) for text in several))


def _weight(role: Role, roman: str, known: str | None) -> float:
    if role != "name":
        return _ROLE_WEIGHTS.get(role, _LIGHT)
    if known and lexicon.is_common(known):
        return _COMMON
    return min(1.0, 0.4 + 0.12 * len(roman))
