"""Whatever the bytes, a reader gives rows, gives refusals, or raises an error of ours."""

import contextlib
import io
from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rfl.errors import RflError
from rfl.interchange.rows import Refusal, Row
from tests.interchange.making import (
    Rows,
    make_note,
    make_person,
    make_pfif,
    make_workbook,
    rows_of_csv,
    rows_of_pfif,
    rows_of_xlsx,
)

MANY = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
PFIF = make_pfif(make_person(make_note(status="believed_alive", text="hi"), age="3-4"))
CSV = b'id,full name,age,nationality,remarks\n1,Amina,3-4,AF,"a\nb"\n2,Yusuf,,,\n'
XLSX = make_workbook(["id", "full name", "age"], [1, "Amina", 3], [2, "Yusuf", None])
READERS: list[Callable[[bytes], Rows]] = [rows_of_pfif, rows_of_csv, rows_of_xlsx]


def _reads(read: Callable[[bytes], Rows], content: bytes) -> None:
    with contextlib.suppress(RflError):
        for row in read(content):
            assert isinstance(row, Row | Refusal)


@MANY
@given(st.binary(max_size=500), st.sampled_from(READERS))
def test_any_bytes_at_all(content: bytes, read: Callable[[bytes], Rows]) -> None:
    _reads(read, content)


@MANY
@given(st.sampled_from([PFIF, CSV, XLSX]), st.integers(0, 8_000), st.binary(max_size=8))
def test_any_bytes_inside_a_list(content: bytes, at: int, change: bytes) -> None:
    at %= len(content)
    changed = content[:at] + change + content[at + len(change) :]
    for read in READERS:
        _reads(read, changed)


CELL = st.text(max_size=30)


@MANY
@given(st.lists(st.tuples(CELL, CELL, CELL, CELL, CELL, CELL), max_size=5))
def test_any_text_in_the_cells_of_a_table(rows: list[tuple[str, ...]]) -> None:
    head = ["full name", "other names", "sex", "birth", "age", "country"]
    lines = [";".join(f'"{cell}"' for cell in row) for row in rows]
    content = io.StringIO()
    content.write(";".join(head) + "\n" + "\n".join(lines))
    _reads(rows_of_csv, content.getvalue().encode("utf-8", "surrogatepass"))


@MANY
@given(st.text(max_size=60), st.sampled_from(["full_name", "age", "source_date", "photo_url"]))
def test_any_text_in_a_field_of_pfif(text: str, field: str) -> None:
    safe = text.replace("&", "&amp;").replace("<", "&lt;").encode("utf-8", "replace").decode()
    _reads(rows_of_pfif, make_pfif(make_person(**{field: safe})))
