"""A sealed dossier as a file: a page that any browser opens with the passphrase, without network.

The page carries one JSON object, and its own small reader (`sealed_page.js`, WebCrypto). An opener
of another make needs this alone:

    {"format": "rfl-sealed-dossier/1", "reference", "iterations", "salt", "nonce", "ciphertext"}

Binary members are base64url without padding. Key: PBKDF2-HMAC-SHA-256 of the passphrase's digits.
AES-256-GCM, associated data `format || 0x00 || reference`; the plaintext is framed and filled up as
in an envelope (`sizes`), so that its length tells nothing, and holds `{"page", "signed"}`: HTML to
read, and the letter that a node would have got, signed by the society (`signed`).
"""

from base64 import b64encode
from functools import cache
from hashlib import sha256
from html import escape
from importlib.resources import files
from typing import Final

import msgspec

from rfl.crypto.passphrase import Sealed, seal_under
from rfl.exchange.encoding import to_text
from rfl.exchange.labels import LANGUAGES, direction, label
from rfl.exchange.sizes import filled

FORMAT: Final = "rfl-sealed-dossier/1"
MEDIA_TYPE: Final = "text/html; charset=utf-8"


def sealed_page(reference: str, passphrase: str, content: bytes) -> bytes:
    """Return the file that holds this content; beside the reference nothing of it is in clear."""
    bound = f"{FORMAT}\0{reference}".encode()
    sealed = _written(reference, seal_under(passphrase, filled(content), bound))
    words = {
        "REFERENCE": escape(reference),
        "WORDS": _each("open.what", "p"),
        "BUTTON": _joined("open.button"),
        "WRONG": _joined("open.wrong"),
        "PRINT": _joined("open.print"),
        "DATA": _joined("open.data"),
        "SEALED": sealed,
        "SCRIPT_HASH": b64encode(sha256(_part("sealed_page.js").encode()).digest()).decode(),
        "SCRIPT": _part("sealed_page.js"),
    }
    page = _part("sealed_page.html")
    for name, text in words.items():
        page = page.replace(f"%{name}%", text, 1 if name != "REFERENCE" else -1)
    return page.encode("utf-8")


def _written(reference: str, sealed: Sealed) -> str:
    """Return the JSON object; its members hold no character that HTML would read."""
    said = {
        "format": FORMAT,
        "reference": reference,
        "iterations": sealed.iterations,
        "salt": to_text(sealed.salt),
        "nonce": to_text(sealed.nonce),
        "ciphertext": to_text(sealed.ciphertext),
    }
    return msgspec.json.encode(said).decode("ascii")


def _each(code: str, tag: str) -> str:
    lines = (
        f'<{tag} lang="{one}" dir="{direction(one)}">{escape(label(code, one))}</{tag}>'
        for one in LANGUAGES
    )
    return "\n".join(lines)


def _joined(code: str) -> str:
    spans = (f'<bdi lang="{one}">{escape(label(code, one))}</bdi>' for one in LANGUAGES)
    return " / ".join(spans)


@cache
def _part(name: str) -> str:
    return files("rfl.exchange").joinpath(name).read_text("utf-8")
