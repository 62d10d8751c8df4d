"""Tells the format of a list by its first bytes; names of files are not trusted."""

from enum import StrEnum

from rfl.errors import MalformedFile

# Bytes that are enough to tell.
HEAD_SIZE = 4_096


class ListFormat(StrEnum):
    """The formats that lists come in."""

    PFIF = "pfif"
    CSV = "csv"
    XLSX = "xlsx"


_ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
_OLE_START = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PDF_START = b"%PDF-"
_UTF16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_UTF8_MARK = b"\xef\xbb\xbf"


def detect_format(head: bytes) -> ListFormat:
    """Return the format of a file that starts so, or raise MalformedFile if it is none of ours."""
    if not head:
        raise MalformedFile("The file is empty.")
    if head.startswith(_ZIP_STARTS):
        return ListFormat.XLSX
    if head.startswith(_OLE_START):
        raise MalformedFile("The workbook is encrypted or in the old XLS form: save it as XLSX.")
    text = _text(head)
    if head.startswith(_PDF_START) or "\0" in text:
        raise MalformedFile("The file is not PFIF (XML), CSV or XLSX.")
    return ListFormat.PFIF if text.lstrip().startswith("<") else ListFormat.CSV


def _text(head: bytes) -> str:
    encoding = _UTF16.get(head[:2])
    if encoding:
        return head[2:].decode(encoding, "replace")
    return head.removeprefix(_UTF8_MARK).decode("latin-1")
