"""Planted words in every form in which bytes could give them away."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

# Nobody is called so, and nothing is written so. One word each, so that no split hides it.
LATIN, ARABIC, CYRILLIC = "Zulfiqarinax", "زمردخاتونقوقنوس", "Жарптицевскаја"
NAMES = (LATIN, ARABIC, CYRILLIC)
PHONE, EMAIL, NUMBER = "+38970987651", "zq.canary@nowhere.example", "X9Z8Q7W6V5"
_FIRST, _LAST = "Quetzalnarrative", "Qwxyzpasswards"
STORY = f"{_FIRST}: by night over the {_LAST}"
PLANTED = (*NAMES, PHONE.removeprefix("+"), EMAIL, NUMBER, _FIRST, _LAST)


def found_in(content: bytes) -> list[str]:
    """Which planted words these bytes hold, in any form: word and form."""
    return [said for needle, said in NEEDLES.items() if needle in content]


def found_in_files(folder: Path) -> list[str]:
    """Which planted words the files below a folder hold, with the file."""
    return [
        f"{path.relative_to(folder)}: {one}"
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        for one in found_in(path.read_bytes())
    ]


def forms_of(word: str) -> Iterator[tuple[str, bytes]]:
    """Every form of a word, by name."""
    for case, text in {"given": word, "lower": word.lower(), "upper": word.upper()}.items():
        raw = text.encode()
        escaped = json.dumps(text)[1:-1]
        yield f"utf-8 {case}", raw
        yield f"utf-16-le {case}", text.encode("utf-16-le")
        yield f"utf-16-be {case}", text.encode("utf-16-be")
        yield f"utf-32 {case}", text.encode("utf-32-le")
        yield f"json {case}", escaped.encode()
        yield f"json with capitals {case}", escaped.upper().replace("\\U", "\\u").encode()
        yield f"percent {case}", quote(text).encode()
        yield f"hex {case}", raw.hex().encode()
        for shift in range(3):
            yield f"base64 {case} {shift}", _base64(raw, shift)


def _base64(raw: bytes, shift: int) -> bytes:
    """The characters that these bytes alone decide, when `shift` bytes stand before them."""
    whole = base64.b64encode(b"\0" * shift + raw)
    start = -(-shift * 8 // 6)
    return whole[start : (shift + len(raw)) * 8 // 6]


# Each once: words without capitals, and plain letters, look the same in several forms.
NEEDLES = {needle: f"{word} as {form}" for word in PLANTED for form, needle in forms_of(word)}
