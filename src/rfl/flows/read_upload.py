"""Read a list that came as one body: its stated type must be its true one, and all of it sound.

A file that turns out to be broken after thousands of rows is refused before any row is stored,
so it is read twice. It stays in memory: a temporary file would hold names.
"""

import io
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from rfl.errors import InvalidInput, UnsupportedMedia
from rfl.flows.runtime import Runtime
from rfl.interchange.csvlist import read_csv
from rfl.interchange.detect import HEAD_SIZE, ListFormat, detect_format
from rfl.interchange.pfif import read_pfif
from rfl.interchange.rows import Listing, ListTerms
from rfl.interchange.xlsxlist import read_xlsx

MEDIA_TYPES = {
    "text/csv": ListFormat.CSV,
    "text/csv;charset=utf-8": ListFormat.CSV,
    "application/xml": ListFormat.PFIF,
    "text/xml": ListFormat.PFIF,
    "application/pfif+xml": ListFormat.PFIF,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ListFormat.XLSX,
}


@dataclass(frozen=True, slots=True)
class Upload:
    """A whole file in memory, with what its sender says of it."""

    content: bytes = field(repr=False)
    media_type: str
    columns: Mapping[str, str] | None = None


def read_upload(rt: Runtime, terms: ListTerms, upload: Upload) -> Listing:
    """Return the rows of an upload, or raise UnsupportedMedia, InvalidInput or MalformedFile."""
    today = rt.clock().astimezone(rt.rules.zone).date()
    read = _reader(_true_format(upload), upload, terms, today)
    deque(read(), maxlen=0)
    return read()


def _true_format(upload: Upload) -> ListFormat:
    stated = MEDIA_TYPES[upload.media_type]
    if detect_format(upload.content[:HEAD_SIZE]) is not stated:
        raise UnsupportedMedia("The body is not of the type that it is sent as.", field="body")
    return stated


def _reader(
    form: ListFormat, upload: Upload, terms: ListTerms, today: date
) -> Callable[[], Listing]:
    def stream() -> io.BytesIO:
        return io.BytesIO(upload.content)

    if form is ListFormat.PFIF:
        if upload.columns is not None:
            raise InvalidInput("column", "is for tables: PFIF has fields of its own")
        return lambda: read_pfif(stream(), terms, today)
    if form is ListFormat.CSV:
        return lambda: read_csv(stream(), terms, upload.columns, today)
    return lambda: read_xlsx(stream(), terms, upload.columns, today)
