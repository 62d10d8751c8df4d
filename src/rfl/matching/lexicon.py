"""Known words of names: titles, particles, and names that are one name in other languages.

Read from `tables/words.json` and from `equivalents` once, on first use.
"""

from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from rfl.domain.decoding import decoded
from rfl.matching import equivalents
from rfl.matching.scripts import chunks, words
from rfl.matching.suffixes import main_form

Role = Literal["name", "title", "particle", "assimilated", "filial", "kunya", "initial", "number"]


class _Words(msgspec.Struct, frozen=True):
    titles: list[str]
    particles: list[str]
    assimilated: list[str]
    filial: list[str]
    kunya: list[str]
    surnames: list[str]


def role_of(native: str, roman: str) -> Role:
    """What a token is for; initials and numbers by form, the rest by the word lists."""
    listed = _roles().get(native)
    if listed is not None:
        return listed
    if roman.isdigit():
        return "number"
    return "initial" if len(roman) == 1 else "name"


def known_name(native: str, main: str) -> str | None:
    """The common form of a name that is written or said differently elsewhere, if listed.

    Looked up by its native form, then by its main roman form (`suffixes.main_form`).
    """
    table = _known()
    return table.get(native) or table.get(main)


def is_common(name: str) -> bool:
    """Whether a known name is so frequent that sharing it says little."""
    return name in _common()


def may_be_surname(native: str) -> bool:
    """Whether a title or particle is also a name in East Asia: Ma, Lo, Le, Eng."""
    return native in _surnames()


def forget() -> None:
    """Read the lists anew on next use."""
    _known.cache_clear()
    _common.cache_clear()


@cache
def _roles() -> dict[str, Role]:
    listed = decoded(_source("words.json"), _Words)
    roles: dict[str, Role] = {}
    groups: tuple[tuple[Role, list[str]], ...] = (
        ("title", listed.titles),
        ("particle", listed.particles),
        ("assimilated", listed.assimilated),
        ("filial", listed.filial),
        ("kunya", listed.kunya),
    )
    for role, entries in groups:
        for entry in entries:
            roles.setdefault(_native(entry), role)
    return roles


@cache
def _surnames() -> frozenset[str]:
    return frozenset(decoded(_source("words.json"), _Words).surnames)


@cache
def _known() -> dict[str, str]:
    known: dict[str, str] = {}
    for entry in equivalents.listed():
        for spelling in entry.spellings:
            for script, native, roman in words(spelling):
                known.setdefault(native, entry.name)
                if len(roman) > 2:
                    known.setdefault(main_form(script, roman), entry.name)
    return known


@cache
def _common() -> frozenset[str]:
    return frozenset(entry.name for entry in equivalents.listed() if entry.common)


def _native(entry: str) -> str:
    return "".join(native for chunk in chunks(entry) for _, native, _ in words(chunk))


def _source(name: str) -> bytes:
    return files("rfl.matching.tables").joinpath(name).read_bytes()
