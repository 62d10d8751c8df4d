"""What CSV and XLSX share: finding the header, and reading a row's cells by field."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain

from rfl.domain.registration import SourceKind
from rfl.errors import InvalidInput, MalformedFile
from rfl.interchange.headers import FIELDS, NAME_FIELDS, field_of, same_header
from rfl.interchange.registrations import RegistrationMaker
from rfl.interchange.rows import (
    FIELD_LIMIT,
    RULE_FIELD_TOO_LONG,
    Listing,
    ListTerms,
    Refusal,
    RowText,
)

# A row's number and its cells, or the rule that keeps it from having any.
NumberedRow = tuple[int, Sequence[str] | InvalidInput]

MAX_COLUMNS = 200
# Titles and empty lines may come before the header.
HEADER_WITHIN = 10
HEADER_LIMIT = 200

RULE_COLUMNS = f"must have at most {MAX_COLUMNS} columns"
_RULE_MORE_CELLS = "must not have more cells than the header"
_RULE_FORMULA = "must not be a formula: text must not start with = + - or @"
_RULE_ERROR = "must not be an error of the spreadsheet"
_FORMULA_STARTS = frozenset("=+-@")
# Phone numbers and negative numbers start like formulas and are none.
_NUMBER = re.compile(r"[+-][ (]*[0-9][0-9 ().,/\-]*")
_MADE_CONTACT = "author made contact"
_YES_OR_NO = frozenset({"true", "false"})
_EMPTY = frozenset({"-", "--"})
_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"})


class DayCell(str):
    """The day of a date cell: Gregorian, whatever calendar the list's text is in."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column holds which field, by the header row that was found.

    `row` counts from 0 in the rows that were searched; `birth` and `made_contact` are the places
    of these columns, -1 if there is none.
    """

    row: int
    width: int
    places: tuple[tuple[int, str], ...]
    birth: int
    made_contact: int
    labels: dict[str, str]
    unmapped: tuple[str, ...]

    def values(self, cells: Sequence[str], undecodable: re.Pattern[str] | None) -> dict[str, str]:
        """Return the row's text by field, stripped and not empty, or raise InvalidInput.

        `undecodable` finds what stands for bytes that were no text.
        """
        if len(cells) > self.width:
            cells = self._fitted(cells)
        found: dict[str, str] = {}
        count = len(cells)
        for index, field in self.places:
            cell = cells[index].strip() if index < count else ""
            if cell:
                if not cell[0].isalnum() or len(cell) > FIELD_LIMIT:
                    cell = _checked(cell, field)
                if undecodable and not cell.isascii() and undecodable.search(cell):
                    raise InvalidInput(field, "must be valid text in the encoding of the file")
                if cell:
                    found[field] = cell
        if "birth" in found and isinstance(cells[self.birth], DayCell):
            found["birth_iso"] = found.pop("birth")
        return found

    def _fitted(self, cells: Sequence[str]) -> Sequence[str]:
        """Return the cells without empty ones at the end, or raise InvalidInput if more are left.

        Person Finder's own lists have an empty cell too many before `author_made_contact`: where
        its yes or no stands one column late, that cell is taken out.
        """
        if len(cells) > MAX_COLUMNS:
            raise InvalidInput("row", RULE_COLUMNS)
        surplus = [cell for cell in cells[self.width :] if cell.strip()]
        if not surplus:
            return cells
        at, late = self.made_contact, self.made_contact + 1
        shifted = at > 0 and not cells[at - 1].strip() and cells[late].casefold() in _YES_OR_NO
        if len(surplus) > 1 or len(cells) > self.width + 1 or not shifted:
            raise InvalidInput("row", _RULE_MORE_CELLS)
        return [*cells[: at - 1], *cells[at:]]


def listing(
    rows: Iterable[NumberedRow],
    terms: ListTerms,
    mapping: Mapping[str, str] | None,
    today: date,
    undecodable: re.Pattern[str] | None = None,
) -> Listing:
    """Return the listing of a table whose first rows are read here to find the header.

    Raises InvalidInput for a mapping that does not fit, MalformedFile where there is no header.
    """
    source = iter(rows)
    head = _head(source)
    cells = [[] if isinstance(row, InvalidInput) else row for _, row in head]
    columns = find_columns(cells, mapping, needs_name=terms.kind is not SourceKind.REMAINS)
    maker = RegistrationMaker(terms, today, columns.labels)
    rest = chain(head[columns.row + 1 :], source)
    texts = _texts(rest, columns, maker, undecodable)
    return Listing(texts, maker.row, columns.labels, columns.unmapped)


def find_columns(
    rows: Sequence[Sequence[str]], mapping: Mapping[str, str] | None, *, needs_name: bool
) -> Columns:
    """Return the columns of the first of these rows that is a header.

    With a mapping of field to header, that is the row which has them all; without, the first row
    with a known header for a name. Raises InvalidInput or MalformedFile; headers are not echoed,
    since a file without a header has people's data there.
    """
    mapped = _mapped_rows(rows, mapping) if mapping else [_recognised(row) for row in rows]
    for index, fields in enumerate(mapped):
        named = not NAME_FIELDS.isdisjoint(fields.values())
        if fields and (named or not needs_name):
            return _columns(index, rows[index], fields)
    if mapping:
        raise InvalidInput("columns", "must name a column for full_name, given_name or family_name")
    raise MalformedFile("The table has no header row that names a column with names.")


def header_score(cells: Sequence[str], mapping: Mapping[str, str] | None) -> tuple[bool, int]:
    """Return whether one of the cells is the header of a name, and how many are known headers."""
    if mapping:
        names = [same_header(cell[:HEADER_LIMIT]) for cell in cells]
        found = {field for field, header in mapping.items() if same_header(header) in names}
    else:
        found = set(_recognised(cells).values())
    return not NAME_FIELDS.isdisjoint(found), len(found)


def check_mapping(mapping: Mapping[str, str] | None) -> None:
    """Raise InvalidInput if the mapping names a field that there is not, or a header twice."""
    if mapping is None:
        return
    for field in mapping:
        if field not in FIELDS:
            raise InvalidInput("columns", f"must map fields that there are: {_all_fields()}")
    headers = [same_header(header) for header in mapping.values()]
    if len(set(headers)) < len(headers) or not all(headers):
        raise InvalidInput("columns", "must map each field to a header of its own")


def _head(rows: Iterator[NumberedRow]) -> list[NumberedRow]:
    """Return the first rows that are not blank, among which the header must be."""
    head: list[NumberedRow] = []
    for number, cells in rows:
        if isinstance(cells, InvalidInput) or not _is_blank(cells):
            head.append((number, cells))
        if len(head) == HEADER_WITHIN:
            break
    return head


def _texts(
    rows: Iterable[NumberedRow],
    columns: Columns,
    maker: RegistrationMaker,
    undecodable: re.Pattern[str] | None,
) -> Iterator[RowText | Refusal]:
    for number, cells in rows:
        if isinstance(cells, InvalidInput):
            yield maker.refusal(number, cells.field or "row", cells.rule)
            continue
        try:
            values = columns.values(cells, undecodable)
        except InvalidInput as error:
            yield maker.refusal(number, error.field or "row", error.rule)
            continue
        if values or not _is_blank(cells):
            yield RowText(number, values)


def _is_blank(cells: Sequence[str]) -> bool:
    return not any(map(str.strip, cells))


def _all_fields() -> str:
    return ", ".join(sorted(FIELDS))


def _recognised(cells: Sequence[str]) -> dict[int, str]:
    """Return index and field of the cells that are known headers, the first for each field."""
    found: dict[str, int] = {}
    for index, cell in enumerate(cells[:MAX_COLUMNS]):
        field = field_of(cell[:HEADER_LIMIT])
        if field:
            found.setdefault(field, index)
    return {index: field for field, index in found.items()}


def _mapped_rows(rows: Sequence[Sequence[str]], mapping: Mapping[str, str]) -> list[dict[int, str]]:
    """Return index and field of the mapped headers for each row, none unless it has them all."""
    wanted = {same_header(header): field for field, header in mapping.items()}
    found = []
    for row in rows:
        names = [same_header(cell[:HEADER_LIMIT]) for cell in row[:MAX_COLUMNS]]
        found.append({names.index(name): wanted[name] for name in wanted if name in names})
    most = max(found, key=len, default={})
    missing = sorted(set(mapping) - set(most.values()))
    if missing:
        raise InvalidInput(f"columns.{missing[0]}", "names a header that the file does not have")
    return [fields if len(fields) == len(mapping) else {} for fields in found]


def _columns(index: int, header: Sequence[str], fields: dict[int, str]) -> Columns:
    if len(header) > MAX_COLUMNS and any(header[MAX_COLUMNS:]):
        raise MalformedFile(f"The table {RULE_COLUMNS}.")
    names = [same_header(cell[:HEADER_LIMIT]) for cell in header]
    filled = [name for name in names if name]
    if len(set(filled)) < len(filled):
        raise InvalidInput("header", "must not name a column twice")
    cells = [_shown(cell) for cell in header]
    return Columns(
        row=index,
        width=len(cells),
        places=tuple(sorted(fields.items())),
        birth=next((place for place, field in fields.items() if field == "birth"), -1),
        made_contact=names.index(_MADE_CONTACT) if _MADE_CONTACT in names else -1,
        labels={field: cells[place] for place, field in fields.items()},
        unmapped=tuple(cell for place, cell in enumerate(cells) if cell and place not in fields),
    )


def _shown(header: str) -> str:
    """Return a header so that it can be shown on a terminal."""
    text = header.strip()[:HEADER_LIMIT]
    return "".join(ch if ch.isprintable() else "?" for ch in text)


def _checked(cell: str, field: str) -> str:
    """Return a cell that is unusual but sound, "" for a dash, or raise InvalidInput."""
    if len(cell) > FIELD_LIMIT:
        raise InvalidInput(field, RULE_FIELD_TOO_LONG)
    if cell in _EMPTY:
        return ""
    if cell[0] in _FORMULA_STARTS and not _NUMBER.fullmatch(cell):
        raise InvalidInput(field, _RULE_FORMULA)
    if cell in _ERRORS:
        raise InvalidInput(field, _RULE_ERROR)
    return cell
