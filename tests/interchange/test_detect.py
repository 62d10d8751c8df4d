import io

import pytest

from rfl.errors import MalformedFile
from rfl.interchange.detect import ListFormat, detect_format
from rfl.interchange.rejects import write_rejects
from rfl.interchange.rows import Refusal
from tests.interchange.making import make_pfif, make_workbook

KNOWN = [
    (make_pfif(), ListFormat.PFIF),
    (b"\xef\xbb\xbf  \n" + make_pfif(), ListFormat.PFIF),
    (make_pfif().decode().encode("utf-16"), ListFormat.PFIF),
    (make_workbook(["Full name"]), ListFormat.XLSX),
    (b"full name,sex\n", ListFormat.CSV),
    ("الاسم\n".encode(), ListFormat.CSV),
    ("الاسم\n".encode("utf-16"), ListFormat.CSV),
    (b"\xff,\x80", ListFormat.CSV),
]


@pytest.mark.parametrize(("head", "form"), KNOWN)
def test_the_format_is_told_by_the_content(head: bytes, form: ListFormat) -> None:
    assert detect_format(head[:4_096]) is form


@pytest.mark.parametrize(
    ("head", "rule"),
    [
        (b"", "empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "encrypted"),
        (b"%PDF-1.7", "not PFIF"),
        (b"GIF89a\0\0", "not PFIF"),
    ],
)
def test_what_is_no_list_is_malformed(head: bytes, rule: str) -> None:
    with pytest.raises(MalformedFile) as caught:
        detect_format(head)
    assert rule in caught.value.rule


def test_rejects_are_written_as_row_field_and_rule() -> None:
    file = io.StringIO()
    refusals = [Refusal(2, "full name", "must be present"), Refusal(7, "=cmd", 'say "why"')]
    assert write_rejects(iter(refusals), file) == 2
    assert file.getvalue() == (
        'row,field,rule\n2,full name,must be present\n7,\'=cmd,"say ""why"""\n'
    )
