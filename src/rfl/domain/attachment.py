"""A photo or a document of a case: what it is by its own bytes, never by what somebody calls it.

It has no name: names of files hold names of people.
"""

from dataclasses import dataclass
from typing import Final

from rfl.domain.masked import Masked
from rfl.errors import UnsupportedMedia

BEGINNINGS: Final = {
    "image/jpeg": b"\xff\xd8\xff",
    "image/png": b"\x89PNG\r\n\x1a\n",
    "application/pdf": b"%PDF-",
}
"""The types that are taken, and how their bytes begin."""


@dataclass(frozen=True, slots=True, repr=False)
class AttachedFile(Masked):
    """A file of a case; `key` opens the sealed blob that holds its bytes."""

    media_type: str
    size: int
    added_by: str
    blob: str
    key: bytes


def require_type(content: bytes, stated: str) -> None:
    """Return if the bytes begin as those of the stated type do, or raise UnsupportedMedia."""
    if not content.startswith(BEGINNINGS.get(stated, b"\x00never")):
        raise UnsupportedMedia("The body is not of the type that it is sent as.", field="body")
