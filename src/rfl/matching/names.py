"""A full name prepared for comparing: its telling parts, and what stood around them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rfl.domain.masked import Masked
from rfl.matching.initials import with_initials
from rfl.matching.lexicon import may_be_surname
from rfl.matching.scripts import MAX_CHARS, Script, chunks, stands_alone
from rfl.matching.tokens import ENDINGS, SERVANTS, Token, as_name, together, token, tokens_of

MAX_TOKENS = 12
MAX_RAW_TOKENS = 48

_DIN = frozenset({"din", "deen", "dine", "dyn"})
_SYLLABLE = re.compile("[b-df-hj-np-tv-z]{0,3}[aeiouy]{1,3}(?:ng|nh|ch|[nmptkchlw])?")
_NONE: frozenset[str] = frozenset()
_ALONE = {script: frozenset([script]) for script in Script}
_HYPHENATED_TITLE = re.compile(
    r"\b(?:г-н|г-ѓа|г-жа|г-ца|д-р|g-din|g-đa|g-dja)(?!\w)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, repr=False)
class PreparedName(Masked):
    """Tokens that say who, in the order given, at most MAX_TOKENS; `joined` is their folds.

    `weight` is the sum of its tokens' weights. `child` holds the parts after "abu" or "umm": they
    name a child, not the person. `light` has the titles and particles. A name of nothing else
    keeps them as its tokens.
    """

    tokens: tuple[Token, ...]
    joined: str
    weight: float
    scripts: frozenset[Script]
    child: tuple[Token, ...] = ()
    light: frozenset[str] = frozenset()


def prepare_name(text: str) -> PreparedName:
    """Prepare one name as given; work is bounded whatever the text holds."""
    if "-" in text:
        text = _HYPHENATED_TITLE.sub(" ", text[:MAX_CHARS])
    if not text.isascii():
        text = with_initials(text[:MAX_CHARS])
    raw: list[Token] = []
    parts = chunks(text)[:MAX_RAW_TOKENS]
    alone = not text.isascii() and stands_alone(parts)
    for chunk in parts:
        raw.extend(tokens_of(chunk, alone=True) if alone else tokens_of(chunk))
    if all(part.is_plain for part in raw):
        return named(raw)
    return _assembled(_with_surnames(raw[:MAX_RAW_TOKENS]))


def with_joined(name: PreparedName, index: int) -> PreparedName:
    """The name with the parts at `index` and after it written as one: Zia Ullah, Ziaullah."""
    first, second = name.tokens[index : index + 2]
    parts = [*name.tokens[:index], together(first, second), *name.tokens[index + 2 :]]
    return named(parts)


def named(
    parts: Sequence[Token], child: tuple[Token, ...] = (), light: frozenset[str] = _NONE
) -> PreparedName:
    """The name of these parts."""
    tokens = tuple(parts[:MAX_TOKENS])
    joined = "".join([part.forms[0].fold for part in tokens])
    weight = sum([part.weight for part in tokens])
    return PreparedName(tokens, joined, weight, _scripts_of(tokens), child, light)


def _scripts_of(tokens: Sequence[Token]) -> frozenset[Script]:
    """The scripts of a name; most have one, and share its set: to hash a script takes long."""
    if not tokens:
        return frozenset()
    first = tokens[0].script
    for part in tokens:
        if part.script is not first:
            return frozenset([part.script for part in tokens])
    return _ALONE[first]


def _with_surnames(raw: Sequence[Token]) -> Sequence[Token]:
    """Read what is a title or particle elsewhere as a name: last, or among syllables (Ma Chi Seng).

    Ma, Lo and Le are families of millions; a particle stands before what it belongs to.
    """
    names = [as_name(part) if may_be_surname(part.native) else part for part in raw]
    others = [part.roman for part in raw if not may_be_surname(part.native)]
    if len(raw) > 2 and all(map(_SYLLABLE.fullmatch, others)):
        return names
    return [*raw[:-1], *names[-1:]] if len(raw) > 1 else raw


def _assembled(raw: Sequence[Token]) -> PreparedName:
    core: list[Token] = []
    child: list[Token] = []
    light: list[str] = []
    index = 0
    while index < len(raw):
        part = raw[index]
        joined, used = _compound(raw, index)
        if joined is not None:
            core.append(joined)
        elif _ends_a_name(raw, index, core):
            core[-1] = _with_ending(core[-1], part)
        elif _is_light(raw, index):
            light.append(part.roman)
        else:
            core.append(part)
            if index and raw[index - 1].role == "kunya":
                child.append(part)
        index += used
    return named(core or raw, tuple(child), frozenset(light))


def _compound(raw: Sequence[Token], index: int) -> tuple[Token | None, int]:
    """Join abd, an article and the divine name into one token; say how many were used."""
    part = raw[index]
    if part.roman not in SERVANTS:
        return None, 1
    after = index + 1
    if after < len(raw) and raw[after].role in ("particle", "assimilated"):
        after += 1
    if after >= len(raw) or raw[after].role != "name" or raw[after].script is not part.script:
        return None, 1
    name = raw[after].roman
    return token(part.script, "abd " + name, "abd" + name), after + 1 - index


def _ends_a_name(raw: Sequence[Token], index: int, core: Sequence[Token]) -> bool:
    """Whether a part is the end of the name before it: Zia Ullah, Nur al-Din."""
    part = raw[index]
    if not core or core[-1].script is not part.script or core[-1].role != "name":
        return False
    if part.native in ENDINGS:
        return raw[index - 1] is core[-1]
    return part.roman in _DIN and index > 1 and raw[index - 1].role == "particle"


def _with_ending(first: Token, ending: Token) -> Token:
    roman = first.roman + ending.roman
    return token(first.script, first.native + ending.native, roman)


def _is_light(raw: Sequence[Token], index: int) -> bool:
    """Titles and particles; an assimilated article only before its own letter (ar-Rahman)."""
    part = raw[index]
    if part.role == "assimilated":
        after = raw[index + 1].roman if index + 1 < len(raw) else ""
        return after[:1] == part.roman[1:2]
    return part.role not in ("name", "initial", "number")
