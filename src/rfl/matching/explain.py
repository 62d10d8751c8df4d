"""One plain sentence for each reason, in the reader's language. None holds a value of a person.

Sentences are looked up by code when somebody reads a proposal; a code that this version does not
know still gets a sentence. The catalogues are read from their text (.po), which needs no compiled
copy that could differ from it.
"""

from collections.abc import Iterable
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO
from typing import Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from rfl.domain.match import Contribution, MatchKind
from rfl.domain.person import Person, Sex
from rfl.matching.bands import Band
from rfl.matching.sentences.english import ENGLISH

LANGUAGES: Final = ("en", "fr", "es", "ar", "ru", "mk")
FIELDS: Final = ("names", "birth", "sex", "places", "kin", "nationalities")
_OTHER: Final = "other.reason"
_UNKNOWN: Final = ".unknown"
_MOST_ASKED: Final = 20


def sentence(
    reason: Contribution,
    language: str = "en",
    *,
    first: Iterable[str] = (),
    second: Iterable[str] = (),
) -> str:
    """The sentence for a reason; `first` and `second` are what is unknown of either person.

    An unknown field names the side that lacks it; if neither does, there is just nothing that
    could be compared.
    """
    if reason.code.endswith(_UNKNOWN):
        lacking = (reason.field in first, reason.field in second)
        code = _LACKING.get(lacking)
        if code is not None:
            return text_of(code, language).format(what=text_of(f"field.{reason.field}", language))
    return text_of(reason.code, language, reason.number)


def band_sentence(band: Band, language: str = "en") -> str:
    """How often a proposal of this band is right."""
    return text_of(f"band.{band}", language)


def kind_sentence(kind: MatchKind, language: str = "en") -> str:
    """Who is compared with whom."""
    return text_of(f"kind.{kind}", language)


def text_of(code: str, language: str, number: int = 0) -> str:
    """The text of a code; English where the language has no catalogue."""
    english = ENGLISH.get(code)
    if english is None:
        code, english = _OTHER, ENGLISH[_OTHER]
    found = _catalogue(language if language in LANGUAGES else "en")
    if isinstance(english, str):
        return found.pgettext(code, english)
    return found.npgettext(code, *english, number).format(number=number)


def unknown_fields(person: Person) -> tuple[str, ...]:
    """The fields that a description says nothing of, in the order in which they are compared."""
    has = {
        "names": bool(person.names),
        "birth": person.birth is not None,
        "sex": person.sex in (Sex.FEMALE, Sex.MALE),
        "places": any((person.birth_place, person.last_address, person.journey)),
        "kin": bool(person.kin) or any(name.parts for name in person.names),
        "nationalities": bool(person.nationalities),
    }
    return tuple(field for field in FIELDS if not has[field])


def language_of(asked: str | None) -> str:
    """The first of LANGUAGES that an Accept-Language header asks for; English if none does."""
    wanted: list[tuple[float, str]] = []
    for part in (asked or "").split(",")[:_MOST_ASKED]:
        name, _, quality = part.partition(";")
        language = name.strip().replace("_", "-").partition("-")[0].lower()
        wanted.append((-_quality(quality), language))
    for refused, language in sorted(wanted, key=lambda one: one[0]):
        if refused and language in LANGUAGES:
            return language
    return "en"


def _quality(text: str) -> float:
    name, _, value = text.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    digits = value.strip()
    return float(digits) if digits[:5].replace(".", "", 1).isdecimal() else 0.0


@cache
def _catalogue(language: str) -> NullTranslations:
    if language == "en":
        return NullTranslations()
    compiled = BytesIO()
    with files("rfl.matching.sentences").joinpath(f"{language}.po").open("rb") as text:
        write_mo(compiled, read_po(text, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


_LACKING: Final = {
    (True, False): "unknown.first",
    (False, True): "unknown.second",
    (True, True): "unknown.both",
}
