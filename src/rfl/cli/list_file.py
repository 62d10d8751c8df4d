"""A list's file as `rfl import` reads it: opened once, known by its digest, read by its format."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO

from rfl.errors import MalformedFile, NotFound
from rfl.interchange.csvlist import read_csv
from rfl.interchange.detect import HEAD_SIZE, ListFormat, detect_format
from rfl.interchange.pfif import read_pfif
from rfl.interchange.rows import Listing, ListTerms
from rfl.interchange.xlsxlist import read_xlsx


@dataclass(slots=True)
class ListFile:
    """An open file. `digest` is its SHA-256, `size` its bytes."""

    stream: BinaryIO
    form: ListFormat
    digest: str
    size: int

    def listing(
        self, terms: ListTerms, columns: Mapping[str, str] | None, sheet: str | None, today: date
    ) -> Listing:
        """Return the rows, or raise MalformedFile or InvalidInput."""
        if self.form is ListFormat.PFIF:
            return read_pfif(self.stream, terms, today)
        if self.form is ListFormat.CSV:
            return read_csv(self.stream, terms, columns, today)
        return read_xlsx(self.stream, terms, columns, today, sheet)

    def read_so_far(self) -> int:
        """Return how many bytes the reader has come; for a progress bar only."""
        return 0 if self.stream.closed else self.stream.tell()


@contextmanager
def opened_list(path: Path) -> Iterator[ListFile]:
    """The file of a list, or NotFound or MalformedFile."""
    try:
        stream = path.open("rb")
    except OSError as cause:
        raise NotFound("The file cannot be read.", field="FILE") from cause
    with stream:
        form = _form(stream)
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        size = stream.tell()
        stream.seek(0)
        yield ListFile(stream, form, digest, size)


def _form(stream: BinaryIO) -> ListFormat:
    try:
        form = detect_format(stream.read(HEAD_SIZE))
        stream.seek(0)
    except OSError as cause:
        raise MalformedFile("The file must be a plain file that can be read twice.") from cause
    return form
