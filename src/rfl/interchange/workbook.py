"""What an XLSX file must be before openpyxl may open it: a plain, bounded package.

Sizes are those that the archive declares; reading stops at them, so a false one is no way around.
"""

import re
import zipfile
from typing import BinaryIO

from rfl.errors import MalformedFile, TooLarge

MAX_ENTRIES = 1_000
TOTAL_LIMIT = 1_000_000_000
# Held in memory while the sheet is read.
SHARED_STRINGS_LIMIT = 64_000_000
# Everything but sheets, shared strings and pictures: read whole.
PART_LIMIT = 8_000_000
RATIO_LIMIT = 200
# Small parts may compress well without harm.
RATIO_FROM = 1_000_000

_ENCRYPTED = 0x1
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_PARTS = re.compile(r"(\[Content_Types\]\.xml|(_rels|docProps|customXml|xl)/[^\\]*)")
_SHEETS = re.compile(r"xl/(worksheets/[^/]+\.xml|media/.*)")
_ACTIVE = re.compile(r"vbaProject|macrosheets/|activeX/|externalLinks/|embeddings/", re.IGNORECASE)
_SHARED_STRINGS = "xl/sharedStrings.xml"

# What zipfile raises on bytes that are no package. NotImplementedError is its word for a package
# of a newer or encrypted kind.
_NO_PACKAGE = (
    zipfile.BadZipFile,
    OSError,
    ValueError,
    NotImplementedError,
    EOFError,
    OverflowError,
)


def check_package(stream: BinaryIO) -> None:
    """Raise MalformedFile or TooLarge unless the stream holds a workbook that is safe to open."""
    try:
        with zipfile.ZipFile(stream) as package:
            entries = package.infolist()
    except _NO_PACKAGE:
        raise MalformedFile("The file is not an XLSX workbook.") from None
    if len(entries) > MAX_ENTRIES:
        raise TooLarge(f"The workbook must have at most {MAX_ENTRIES} parts.")
    if sum(entry.file_size for entry in entries) > TOTAL_LIMIT:
        raise TooLarge(f"The workbook must unpack to at most {TOTAL_LIMIT} bytes.")
    names = [entry.filename for entry in entries]
    if len(set(names)) < len(names) or "xl/workbook.xml" not in names:
        raise MalformedFile("The file is not an XLSX workbook.")
    for entry in entries:
        _check_entry(entry)


def _check_entry(entry: zipfile.ZipInfo) -> None:
    if entry.flag_bits & _ENCRYPTED:
        raise MalformedFile("The workbook must not be encrypted.")
    if _ACTIVE.search(entry.filename):
        raise MalformedFile("The workbook must not have macros, embedded files or external links.")
    known = _PARTS.fullmatch(entry.filename) and ".." not in entry.filename.split("/")
    if not known or entry.compress_type not in _METHODS:
        raise MalformedFile("The workbook has a part that workbooks do not have.")
    if entry.file_size > RATIO_FROM and entry.file_size > RATIO_LIMIT * entry.compress_size:
        raise TooLarge(f"A part of the workbook must unpack to at most {RATIO_LIMIT} times itself.")
    if entry.file_size > _limit_of(entry.filename):
        raise TooLarge("A part of the workbook is larger than its limit.")


def _limit_of(name: str) -> int:
    if name == _SHARED_STRINGS:
        return SHARED_STRINGS_LIMIT
    return TOTAL_LIMIT if _SHEETS.fullmatch(name) else PART_LIMIT
