"""Sentences in six languages: each is there, whole, with its numbers, and nothing is left over."""

import re
import string
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

import rfl.matching.sentences
from rfl.domain.match import MatchKind
from rfl.domain.person import Sex
from rfl.matching import bands, dates, kin, places, scoring
from rfl.matching.bands import Band
from rfl.matching.evidence import contribution
from rfl.matching.explain import (
    FIELDS,
    LANGUAGES,
    band_sentence,
    kind_sentence,
    language_of,
    sentence,
    text_of,
    unknown_fields,
)
from rfl.matching.sentences.english import ENGLISH, REASONS
from tests.matching.people import make_person

FOLDER = Path(rfl.matching.sentences.__file__).parent
OTHERS = [language for language in LANGUAGES if language != "en"]
LETTERS = {
    "ar": re.compile("[\u0600-\u06ff]"),
    "ru": re.compile("[\u0400-\u04ff]"),
    "mk": re.compile("[\u0400-\u04ff]"),
    "fr": re.compile("[a-zà-ÿœ]"),
    "es": re.compile("[a-zà-ÿ]"),
}


def catalogue(language: str) -> Catalog:
    with (FOLDER / f"{language}.po").open("rb") as text:
        return read_po(text, locale=language)


def placeholders(text: str) -> set[str | None]:
    return {name for _text, name, _form, _conversion in string.Formatter().parse(text) if name}


def test_every_catalogue_is_one_of_the_languages() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.po")) == sorted(OTHERS)


@pytest.mark.parametrize("language", OTHERS)
def test_every_code_has_a_sentence_and_no_catalogue_has_more(language: str) -> None:
    found = {message.context: message.id for message in catalogue(language) if message.id}
    assert found == dict(ENGLISH)


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_is_translated_with_the_same_placeholders(language: str) -> None:
    found = catalogue(language)
    for message in found:
        if not message.id:
            continue
        english = [message.id] if isinstance(message.id, str) else [*message.id]
        texts = [message.string] if isinstance(message.string, str) else [*message.string]
        assert len(texts) == (1 if len(english) == 1 else found.num_plurals)
        for text in texts:
            assert text not in english
            assert LETTERS[language].search(text.lower()), text
            assert placeholders(text) == placeholders(english[0]), text
            assert text.strip() == text
        assert not message.fuzzy


@pytest.mark.parametrize("language", ["ar", "ru", "mk"])
def test_no_latin_letters_are_left_in_other_scripts(language: str) -> None:
    for message in catalogue(language):
        texts = [message.string] if isinstance(message.string, str) else [*message.string]
        for text in texts if message.id else []:
            assert not re.search("[A-Za-z]", re.sub(r"\{\w+\}", "", text)), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_holds_no_direction_marks_since_it_holds_no_foreign_word(language: str) -> None:
    for code in ENGLISH:
        assert not re.search("[\u200e\u200f\u202a-\u202e\u2066-\u2069]", text_of(code, language))


PLURALS = [
    ("en", 1, "1 child has"),
    ("en", 2, "2 children have"),
    ("fr", 1, "1 enfant porte"),
    ("fr", 3, "3 enfants portent"),
    ("es", 1, "1 hijo o hija tiene"),
    ("es", 5, "5 hijos o hijas tienen"),
    ("ru", 1, "1 ребёнок"),
    ("ru", 3, "3 ребёнка"),
    ("ru", 5, "5 детей"),
    ("ru", 21, "21 ребёнок"),
    ("mk", 1, "1 дете"),
    ("mk", 11, "11 деца"),
    ("mk", 21, "21 дете"),
    ("ar", 1, "ولد واحد"),
    ("ar", 2, "ولدان"),
    ("ar", 3, "3 أولاد"),
    ("ar", 11, "11 ولدًا"),
    ("ar", 100, "100 ولد "),
]


@pytest.mark.parametrize(("language", "number", "start"), PLURALS)
def test_numbers_take_the_form_that_the_language_gives_them(
    language: str, number: int, start: str
) -> None:
    reason = contribution("kin.children_agree", 2.0, number)
    assert sentence(reason, language).startswith(start)


SIDES = [
    ((), ("birth",), "Not known of the second person: date of birth."),
    (("birth",), (), "Not known of the first person: date of birth."),
    (("birth",), ("birth", "sex"), "Not known of either person: date of birth."),
    ((), (), "No dates of birth can be compared."),
]


@pytest.mark.parametrize(("first", "second", "expected"), SIDES)
def test_what_is_unknown_is_said_of_the_side_that_lacks_it(
    first: tuple[str, ...], second: tuple[str, ...], expected: str
) -> None:
    reason = contribution("birth.unknown", 0.0)
    assert sentence(reason, "en", first=first, second=second) == expected


def test_a_description_says_what_it_does_not_know() -> None:
    assert unknown_fields(make_person()) == FIELDS
    known = make_person("Ana", sex=Sex.FEMALE, birth="1961", town="Ohrid", nationalities=("MK",))
    assert unknown_fields(known) == ("kin",)


def test_every_code_in_the_source_has_a_sentence() -> None:
    code = re.compile(r'"((?:names|birth|sex|places|kin|nationalities|identifiers|prior)\.\w+)"')
    found = {
        match
        for module in (dates, kin, places, scoring)
        for match in code.findall(Path(str(module.__file__)).read_text("utf-8"))
    }
    found |= {f"kin.{who}_{what}" for who in ("father", "mother") for what in _OF_PARENTS}
    found |= {f"kin.{many}_agree" for many in kin._PLURAL.values()}
    assert found == set(REASONS) - {"other.reason"}


_OF_PARENTS = ("agrees", "differs", "unclear")


@pytest.mark.parametrize("language", LANGUAGES)
def test_bands_and_kinds_have_their_sentences(language: str) -> None:
    texts = [band_sentence(one, language) for one in Band]
    texts += [kind_sentence(one, language) for one in MatchKind]
    assert len(set(texts)) == len(Band) + len(MatchKind)
    assert bands.SHOW_THRESHOLD < 0.5


HEADERS = [
    (None, "en"),
    ("", "en"),
    ("mk", "mk"),
    ("ar-SY,en;q=0.8", "ar"),
    ("de, fr;q=0.5, es;q=0.9", "es"),
    ("de", "en"),
    ("FR_ch", "fr"),
    ("ru;q=0, mk;q=0.1", "mk"),
    ("ru;q=nonsense, fr;q=0.2", "fr"),
    ("*", "en"),
    (";;;,,,q=1" * 500, "en"),
]


@pytest.mark.parametrize(("header", "language"), HEADERS)
def test_the_language_is_the_best_that_the_reader_asks_for(
    header: str | None, language: str
) -> None:
    assert language_of(header) == language


def test_an_unknown_language_gets_english_and_an_unknown_code_a_sentence() -> None:
    assert text_of("sex.agrees", "xx") == "The sex agrees."
    later = contribution("names.by_a_later_version", 1.0)
    assert sentence(later, "fr") == "Un motif d'une autre version du comparateur."
