"""Under which groups a labelled row is reported, since a class that is found less is a defect.

The sex that the data states; and Chinese, Japanese and Korean apart, because Japanese names have
many readings.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from rfl.domain.person import Sex
from rfl.matching import han
from rfl.matching.rows import Row

EAST_ASIAN: Final = ("chinese", "japanese", "korean")
_SEXES: Final = (Sex.FEMALE.value, Sex.MALE.value)


def search_groups(query: Row, answers: Sequence[Row]) -> list[str]:
    """The groups of a search, each once: its own, its language of East Asia, its sex, both."""
    given = str(query.get("group") or "")
    texts = [text for row in (query, *answers) for text in _texts(row)]
    language = given if given in EAST_ASIAN else language_of(texts)
    sex = sex_of(query, *answers)
    groups = [given, language, sex, f"{given} {sex}" if given and sex else ""]
    return [name for name in dict.fromkeys(groups) if name]


def language_of(texts: Iterable[str]) -> str:
    """The language of East Asia that one of these names is written in, or "".

    Hangul is Korean wherever it stands and kana Japanese. Characters alone are Japanese if they
    are read as a Japanese name, else Chinese; so a Korean in characters alone counts as Chinese.
    """
    whole = list(texts)
    letters = "".join(whole)
    if any("\uac00" <= letter <= "\ud7a3" for letter in letters):
        return "korean"
    if any("\u3041" <= letter <= "\u30fa" for letter in letters):
        return "japanese"
    in_characters = [text for text in whole if any(_is_character(one) for one in text)]
    if any(han.is_japanese("".join(text.split())) for text in in_characters):
        return "japanese"
    return "chinese" if in_characters else ""


def sex_of(*rows: Row) -> str:
    """The sex that the first of these rows states that states one, or ""."""
    stated = (str(row.get(key) or "") for row in rows for key in ("sex", "sex1", "sex2"))
    return next((sex for sex in stated if sex in _SEXES), "")


def _texts(row: Row) -> list[str]:
    return [str(text) for text in row.get("names", ())]


def _is_character(letter: str) -> bool:
    return "\u3400" <= letter <= "\u9fff"
