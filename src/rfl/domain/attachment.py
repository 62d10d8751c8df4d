"""A photo or a document of a case: what it is by its own bytes, never by what somebody calls it.

It has no name: names of files hold names of people.
"""

from dataclasses import dataclass
from typing import Final

from rfl.domain.ids import PersonId
from rfl.domain.masked import Masked
from rfl.domain.picture import bare
from rfl.errors import InvalidInput, UnsupportedMedia

BEGINNINGS: Final = {
    "image/jpeg": b"\xff\xd8\xff",
    "image/png": b"\x89PNG\r\n\x1a\n",
    "application/pdf": b"%PDF-",
}
"""The types that are taken, and how their bytes begin."""

PICTURES: Final = frozenset({"image/jpeg", "image/png"})


@dataclass(frozen=True, slots=True, repr=False)
class AttachedFile(Masked):
    """A file of a case; `key` opens the sealed blob that holds its bytes.

    `shows`: the person of the case whose picture it is. Only such a file may go with a request.
    """

    media_type: str
    size: int
    added_by: str
    blob: str
    key: bytes
    shows: PersonId | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Enclosed(Masked):
    """A file that came with another society's letter, and what it became here.

    `ref` is what that society calls it, `shows` its own id of the person. `own` is the attachment
    of a case of this node that it became; the case then holds the blob and its key.
    """

    ref: str
    media_type: str
    size: int
    blob: str
    key: bytes
    shows: PersonId | None = None
    own: str | None = None


def require_type(content: bytes, stated: str) -> None:
    """Return if the bytes begin as those of the stated type do, or raise UnsupportedMedia."""
    if not content.startswith(BEGINNINGS.get(stated, b"\x00never")):
        raise UnsupportedMedia("The body is not of the type that it is sent as.", field="body")


def picture_of(content: bytes, stated: str, shows: str, persons: frozenset[PersonId]) -> bytes:
    """Return the picture of a person of the case as it may leave: without what it says of itself.

    Where a photo was taken is often where somebody lives. Raises InvalidInput for another person,
    and UnsupportedMedia for what is no picture or cannot be read as one.
    """
    if shows not in persons:
        raise InvalidInput("shows", "must be a person of this case")
    if stated not in PICTURES:
        raise InvalidInput("shows", "is said of pictures alone")
    return bare(stated, content)
