import io
from datetime import date

import pytest

from rfl.domain.dates import Calendar
from rfl.domain.person import IdentifierKind, Relation, Sex
from rfl.domain.registration import SourceKind, Status
from rfl.errors import InvalidInput, MalformedFile
from rfl.interchange.csvlist import LINES_IN_A_ROW, read_csv
from rfl.interchange.rows import FIELD_LIMIT, Refusal, Row
from tests.interchange.making import (
    TODAY,
    make_terms,
    names_in,
    person_in,
    rows_of_csv,
    taken,
)

HEAD = "id,full name,sex,remarks\n"


def test_a_row_with_every_kind_of_field_becomes_a_registration() -> None:
    (row,) = rows_of_csv(
        "id,full_name,other_names,father_name,mother_name,sex,birth,birth_place,nationality,town,"
        "country,phone,email,unhcr,passport,languages,location,status,remarks,stated_on\n"
        "L-1,Yusuf Ali,Joseph Ali;Yousef Ali,Ali Hassan,Maryam,M,about 1979,Herat,Afghan;syr,"
        "Tetovo,North Macedonia,+389 70 000 001,y@lists.example,795-0001,X1,Dari;Arabic,Camp 2,"
        "missing,seen,02.01.2024\n"
    )
    person, source = person_in(row), taken(row).source
    assert names_in(row) == ["Yusuf Ali", "Joseph Ali", "Yousef Ali"]
    assert {kin.relation: kin.names[0].text for kin in person.kin} == {
        Relation.FATHER: "Ali Hassan",
        Relation.MOTHER: "Maryam",
    }
    assert person.sex is Sex.MALE
    assert person.birth is not None
    assert person.birth.edtf == "1979~"
    assert person.nationalities == ("AF", "SY")
    assert person.last_address is not None
    assert person.last_address.country == "MK"
    assert person.languages == ("Dari", "Arabic")
    assert person.journey[0].place.text == "Camp 2"
    assert [one.kind for one in person.identifiers] == [
        IdentifierKind.PHONE,
        IdentifierKind.EMAIL,
        IdentifierKind.UNHCR,
        IdentifierKind.PASSPORT,
    ]
    assert taken(row).status is Status.REPORTED_MISSING
    assert (source.record_id, source.stated_on) == ("L-1", date(2024, 1, 2))
    assert isinstance(row, Row)
    assert (row.number, row.source_record) == (2, "L-1")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    text = "id,full name,sex\n1,Amina Rahimi,F\n".replace(",", delimiter)
    assert names_in(rows_of_csv(text)[0]) == ["Amina Rahimi"]


def test_commas_inside_the_cells_do_not_hide_a_semicolon() -> None:
    text = "full name;remarks, notes, and other things\nRahimi, Amina;a, b, c\n"
    assert names_in(rows_of_csv(text)[0]) == ["Rahimi, Amina"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_encodings_are_read(encoding: str) -> None:
    (row,) = rows_of_csv("الاسم\nأمينة رحيمي\n".encode(encoding))
    assert names_in(row) == ["أمينة رحيمي"]


@pytest.mark.parametrize(
    ("head", "row"),
    [
        ("Nom;Prénom;Sexe;Né le", "Rahimi;Amina;femme;1979"),
        ("Apellidos;Nombres;Sexo;Fecha de nacimiento", "Rahimi;Amina;mujer;1979"),
        ("LAST NAME;First_Name;Gender;D.O.B;Date of birth", "Rahimi;Amina;Female;;1979"),
    ],
)
def test_common_headers_are_known(head: str, row: str) -> None:
    (found,) = rows_of_csv(f"{head}\n{row}\n")
    assert names_in(found) == ["Amina Rahimi"]
    assert person_in(found).sex is Sex.FEMALE
    assert person_in(found).birth is not None


def test_a_mapping_names_the_columns_and_only_those() -> None:
    content = "who,id,sex\nAmina Rahimi,7,F\n"
    listing = read_csv(io.BytesIO(content.encode()), make_terms(), {"full_name": "Who "}, TODAY)
    assert listing.mapped == {"full_name": "who"}
    assert listing.unmapped == ("id", "sex")
    (row,) = listing
    assert person_in(row).sex is Sex.UNKNOWN
    assert isinstance(row, Row)
    assert row.source_record is None


MAPPINGS = [
    ({"shoe_size": "who"}, "columns"),
    ({"full_name": "absent"}, "columns.full_name"),
    ({"sex": "who"}, "columns"),
    ({"full_name": "who", "sex": "WHO"}, "columns"),
    ({"full_name": " "}, "columns"),
]


@pytest.mark.parametrize(("columns", "field"), MAPPINGS)
def test_a_mapping_that_does_not_fit_is_refused_at_once(
    columns: dict[str, str], field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        rows_of_csv("who,id\nAmina Rahimi,7\n", columns)
    assert caught.value.field == field


def test_columns_that_nobody_reads_are_named() -> None:
    content = "full name,shoe size\x1b[2J,Name\nAmina Rahimi,38,A.\n"
    listing = read_csv(io.BytesIO(content.encode()), make_terms(), None, TODAY)
    assert listing.unmapped == ("shoe size?[2J", "Name")


def test_titles_and_blank_lines_before_the_header_are_skipped_and_rows_keep_their_number() -> None:
    (row,) = rows_of_csv("List of arrivals\n\nfull name,sex\n\n , \nAmina Rahimi,F\n")
    assert row.number == 6


UNREADABLE = [
    (b"", "empty"),
    (b"\xef\xbb\xbf", "no header row"),
    (b"\n\n\n", "no header row"),
    (b"Amina Rahimi,F,1979\nZarghuna,F,1980\n", "no header row"),
    (b"sex,town\nF,Tetovo\n", "no header row"),
    (b"full name" + b",x" * 250, "200 columns"),
]


@pytest.mark.parametrize(("content", "rule"), UNREADABLE)
def test_a_file_without_a_usable_header_is_malformed(content: bytes, rule: str) -> None:
    with pytest.raises(MalformedFile) as caught:
        rows_of_csv(content)
    assert rule in caught.value.rule
    assert "Zarghuna" not in str(caught.value)


def test_a_header_alone_is_a_list_of_nobody() -> None:
    assert rows_of_csv(HEAD) == []


def test_a_duplicate_header_is_refused() -> None:
    with pytest.raises(InvalidInput, match="twice"):
        rows_of_csv("full name,sex,Sex\nAmina Rahimi,F,M\n")


def test_remains_need_no_column_of_names() -> None:
    (row,) = rows_of_csv("ref,marks\nR-1,scar\n", kind=SourceKind.REMAINS)
    assert person_in(row).marks == "scar"


REFUSED = [
    ("1,,F,", "full name", "must be present"),
    ("1,=1+1,F,", "full name", "formula"),
    ("1,@SUM(A1),F,", "full name", "formula"),
    ("1,Amina,F,-2+3+cmd|' /C calc'!A0", "remarks", "formula"),
    ("1,Amina,F,+HYPERLINK(1)", "remarks", "formula"),
    ('1,Amina,F,"\t=1+1"', "remarks", "formula"),
    ("1,Amina,F,#REF!", "remarks", "error of the spreadsheet"),
    ("1,Amina,perhaps,", "sex", "must be female"),
    ("1,A\0mina,F,", "full name", "control"),
    ("1,\u202e\u200f,F,", "full name", "visible"),
    ("1,Amina,F,,more", "row", "more cells"),
    ("1,Amina,F," + "," * 300 + "x", "row", "200 columns"),
    (f"1,Amina,F,{'x' * (FIELD_LIMIT + 1)}", "remarks", "at most 10000"),
    (f"1,{'x' * 10_000_000},F,", "full name", "at most 10000"),
    (f'1,"{"x" * 10_000_000}",F,', "full name", "at most 10000"),
    (f'1,"{"x, " * 100_000}",F,', "row", "at most 10000"),
    ('1,"Amina,F,', "row", "close each quote"),
]


@pytest.mark.parametrize(("line", "field", "rule"), REFUSED)
def test_a_bad_row_is_refused_by_field_and_rule_and_the_rest_goes_in(
    line: str, field: str, rule: str
) -> None:
    rest = "".join(f"{number},Person {number},F,\n" for number in range(200))
    refusal, *rows = rows_of_csv(f"{HEAD}{line}\n{rest}")
    assert isinstance(refusal, Refusal)
    assert (refusal.number, refusal.field) == (2, field)
    assert rule in refusal.rule
    assert "mina" not in repr(refusal)
    assert [row.number for row in rows if isinstance(row, Row)] == list(range(3, 203))


def test_an_open_quote_in_the_last_row_is_refused() -> None:
    row, refusal = rows_of_csv(f'{HEAD}1,Amina,F,\n2,"Yusuf,M,')
    assert isinstance(row, Row)
    assert refusal == Refusal(3, "row", "must close each quote that it opens")


def test_a_file_of_open_quotes_ends() -> None:
    rows = rows_of_csv("full name\n" + '"\n\n' * (LINES_IN_A_ROW * 3))
    assert all(isinstance(row, Refusal) for row in rows)


SOUND = [
    ("1,Amina,F,+389 70 000 001", "+389 70 000 001"),
    ("1,Amina,F,-12.5", "-12.5"),
    ("1,Amina,F,-", None),
    ('1,Amina,F,"two\nlines"', "two\nlines"),
    ('1,Amina,F,"a ""word"""', 'a "word"'),
]


@pytest.mark.parametrize(("line", "remarks"), SOUND)
def test_what_only_looks_like_a_formula_is_taken(line: str, remarks: str | None) -> None:
    (row,) = rows_of_csv(f"{HEAD}{line}\n")
    assert taken(row).remarks == remarks


@pytest.mark.parametrize(
    "content",
    [
        HEAD.encode() + b"1,Am\xffina,F,\n2,Yusuf,M,\n",
        (HEAD + "1,Am\udcffina,F,\n2,Yusuf,M,\n").encode("utf-16", "surrogatepass"),
    ],
)
def test_bytes_that_are_no_text_cost_their_own_row_only(content: bytes) -> None:
    refusal, row = rows_of_csv(content)
    rule = "must be valid text in the encoding of the file"
    assert refusal == Refusal(2, "full name", rule)
    assert names_in(row) == ["Yusuf"]


def test_a_date_is_read_in_the_calendar_of_the_list() -> None:
    (row,) = rows_of_csv("name,dob\nAmina,1358\n", calendar=Calendar.SOLAR_HIJRI)
    birth = person_in(row).birth
    assert birth is not None
    assert (birth.earliest, birth.latest) == (date(1979, 3, 21), date(1980, 3, 20))


def test_an_expired_row_keeps_only_its_id() -> None:
    content = "id,name,expires\n1,Amina,2024-05-31\n,Yusuf,2024-05-31\n"
    assert rows_of_csv(content) == [
        Row(2, None, "1", expired=True),
        Refusal(3, "expires", "has passed"),
    ]


PFIF_HEAD = "person_record_id,full_name,sex,photo_url,author_made_contact,status,text\n"


def test_pfif_in_csv_is_read_as_it_is() -> None:
    (row,) = rows_of_csv(f"{PFIF_HEAD}1,Amina,female,,FALSE,believed_dead,a note\n")
    assert taken(row).status is Status.REPORTED_DEAD_UNCONFIRMED
    assert taken(row).remarks == "a note"


def test_the_cell_too_many_of_person_finders_lists_is_taken_out() -> None:
    (row,) = rows_of_csv(f"{PFIF_HEAD}1,Amina,female,,,FALSE,believed_dead,a note\n")
    assert taken(row).status is Status.REPORTED_DEAD_UNCONFIRMED
    (refusal,) = rows_of_csv(f"{PFIF_HEAD}1,Amina,female,,,,FALSE,believed_dead,a note\n")
    assert isinstance(refusal, Refusal)


def test_the_stream_stays_open_for_its_owner() -> None:
    stream = io.BytesIO(f"{HEAD}1,Amina,F,\n".encode())
    assert len(list(read_csv(stream, make_terms(), None, TODAY))) == 1
    assert not stream.closed


def test_a_line_without_end_is_malformed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rfl.interchange.csvlist.LINE_LIMIT", 1_000)
    with pytest.raises(MalformedFile, match="more than 1000 characters"):
        rows_of_csv(HEAD + "x," * 1_000)
