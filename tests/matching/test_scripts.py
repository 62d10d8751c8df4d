"""Letters of each script become the Latin letters that their sounds are usually written with."""

import unicodedata

import pytest

from rfl.matching.names import prepare_name
from rfl.matching.scripts import Script, chunks, words

ROMAN = [
    # Latin with marks
    (Script.LATIN, "Ćiro", "chiro"),
    (Script.LATIN, "Şahin", "shahin"),
    (Script.LATIN, "Łukasz", "lukasz"),
    (Script.LATIN, "Đorđe", "djordje"),
    (Script.LATIN, "Đặng", "dang"),
    (Script.LATIN, "Əliyev", "aliyev"),
    (Script.LATIN, "Þórður", "thordur"),
    (Script.LATIN, "O'Brien", "obrien"),
    # Cyrillic: Macedonian, Serbian, Bulgarian, Russian, Ukrainian, Tajik, Kazakh
    (Script.CYRILLIC, "Ќосев", "kjosev"),
    (Script.CYRILLIC, "Ѓорѓи", "gjorgji"),
    (Script.CYRILLIC, "Џемаил", "dzhemail"),
    (Script.CYRILLIC, "Љубица", "lubitsa"),
    (Script.CYRILLIC, "Ђорђе", "djordje"),
    (Script.CYRILLIC, "Щерев", "sherev"),
    (Script.CYRILLIC, "Юлия", "yuliya"),
    (Script.CYRILLIC, "Єгор", "yegor"),
    (Script.CYRILLIC, "Раҳмон", "rahmon"),
    (Script.CYRILLIC, "Нұрсұлтан", "nursultan"),
    # Arabic, Persian, Pashto, Urdu, Sorani
    (Script.ARABIC, "يوسف", "ywsf"),
    (Script.ARABIC, "إبراهيم", "ibrahym"),
    (Script.ARABIC, "الشريف", "shryf"),
    (Script.ARABIC, "فاطمة", "fatma"),
    (Script.ARABIC, "فاطمه", "fatma"),
    (Script.ARABIC, "پرویز", "prwyz"),
    (Script.ARABIC, "گلچهره", "glchhra"),
    (Script.ARABIC, "ګل", "gl"),
    (Script.ARABIC, "ښاغلی", "shaghly"),
    (Script.ARABIC, "ڈار", "dar"),
    (Script.ARABIC, "شێرکۆ", "sherko"),
    # Other scripts
    (Script.HEBREW, "ג'ון", "jwn"),
    (Script.HEBREW, "שרה", "shra"),
    (Script.GREEK, "Παπανδρέου", "papandreu"),
    (Script.GREEK, "Μπάμπης", "babis"),
    (Script.ARMENIAN, "Հայկ", "hayk"),
    (Script.GEORGIAN, "გიორგი", "giorgi"),
    (Script.ETHIOPIC, "ኃይሌ", "hayle"),
    (Script.ETHIOPIC, "ትግስት", "tgst"),
    (Script.INDIC, "कुमार", "kumar"),
    (Script.INDIC, "বাংলা", "banla"),
    (Script.INDIC, "தமிழ்", "tamil"),
    (Script.HANGUL, "정은", "jongun"),
    (Script.HAN, "毛泽东", "maozedong"),
    (Script.KANA, "キノシタ", "kinoshita"),
    (Script.THAI, "สมชาย", "somchay"),
    (Script.THAI, "ເລັດຕາ", "ledata"),
    (Script.KHMER, "សុខា", "sokha"),
    (Script.BURMESE, "ကျော်", "kyaw"),
    (Script.SINHALA, "මහින්ද", "mahinda"),
    (Script.OTHER, "ᏣᎳᎩ", "tsalagi"),
]


@pytest.mark.parametrize(("script", "native", "roman"), ROMAN)
def test_a_word_is_romanised_by_the_rules_of_its_script(
    script: Script, native: str, roman: str
) -> None:
    assert [(found, text) for found, _, text in words(native)] == [(script, roman)]


@pytest.mark.parametrize("native", [native for _, native, _ in ROMAN])
def test_composed_and_decomposed_forms_are_romanised_alike(native: str) -> None:
    composed = unicodedata.normalize("NFC", native)
    decomposed = unicodedata.normalize("NFD", native)
    assert words(composed) == words(decomposed)


def test_a_word_of_several_scripts_is_taken_apart() -> None:
    assert [script for script, _, _ in words("Иванivan김")] == [
        Script.CYRILLIC,
        Script.LATIN,
        Script.HANGUL,
    ]


def test_a_korean_surname_is_parted_from_the_own_name() -> None:
    assert [roman for _, _, roman in words("김정은", alone=True)] == ["kim", "jongun"]


def test_invisible_signs_and_tatweel_leave_no_trace() -> None:
    noisy = "\u202eمحـمـد\u200f\u200c"
    assert words(noisy) == words("محمد")


def test_punctuation_of_any_script_parts_words() -> None:
    assert chunks("Иван·Петров、安倍،محمد") == ["Иван", "Петров", "安倍", "محمد"]


def test_signs_that_are_no_letters_give_no_word() -> None:
    assert words("🙂") == []
    assert prepare_name("— … 🙂 !").tokens == ()
