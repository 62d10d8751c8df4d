"""The fixed words of what is handed to a society without a node, in five languages.

Whoever reads has no rfl and need not know English. Every word is one of a closed list, so that no
free text leaves with it.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

LANGUAGES: Final = ("en", "fr", "es", "ar", "ru")
RIGHT_TO_LEFT: Final = frozenset({"ar"})


def label(code: str, language: str) -> str:
    """Return the words for a code of `labels.json` in one of the languages."""
    return labels()[code][language]


def direction(language: str) -> str:
    """Return the `dir` of HTML for a language."""
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"


@cache
def labels() -> Mapping[str, Mapping[str, str]]:
    """Return every label by its code, each by language."""
    text = files("rfl.exchange").joinpath("labels.json").read_text("utf-8")
    found: Mapping[str, Mapping[str, str]] = json.loads(text)
    return found
