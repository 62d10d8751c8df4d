"""A society adds names that are one name; a wrong file is refused, and old terms are noticed."""

import json
from collections import Counter
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from rfl import wiring
from rfl.config import Settings
from rfl.errors import InvalidInput, Misconfigured
from rfl.matching.equivalents import MAX_BYTES, norm_version, read
from rfl.matching.features import compare_names
from rfl.matching.names import prepare_name
from rfl.matching.scripts import NORM_VERSION
from rfl.matching.terms import StaleTerms, Terms, is_current, prepare, terms_of
from rfl.matching.tokens import use_equivalents
from tests.matching.people import make_person

OWN = json.dumps([{"name": "zorblat", "spellings": ["zorblat", "quimpel", "Зорблат"]}]).encode()


@pytest.fixture(autouse=True)
def _without_own_names() -> Iterator[None]:
    yield
    use_equivalents(b"")


def likeness(left: str, right: str) -> float:
    found = compare_names(prepare_name(left), prepare_name(right))
    assert found is not None
    return found.cover_short


def test_names_of_the_societys_own_list_are_one_name() -> None:
    assert likeness("Zorblat", "Quimpel") < 0.5
    use_equivalents(OWN)
    assert likeness("Zorblat", "Quimpel") > 0.9


def test_the_shipped_names_stay_beside_the_societys_own() -> None:
    use_equivalents(OWN)
    assert likeness("Yusuf", "Joseph") > 0.9


def test_an_own_row_takes_a_spelling_from_the_shipped_list() -> None:
    use_equivalents(b'[{"name": "joe", "spellings": ["joseph", "joe"]}]')
    assert likeness("Joe", "Joseph") > 0.9
    assert likeness("Yusuf", "Joseph") < 0.9


def test_terms_made_with_another_list_are_stale() -> None:
    before = terms_of(prepare(make_person("Selam Tesfaye"))).to_bytes()
    use_equivalents(OWN)
    assert not is_current(before)
    with pytest.raises(StaleTerms):
        Terms.from_bytes(before)
    assert is_current(terms_of(prepare(make_person("Selam Tesfaye"))).to_bytes())
    use_equivalents(b"")
    assert is_current(before)


def test_the_version_of_normal_forms_names_the_list() -> None:
    assert norm_version() == str(NORM_VERSION)
    use_equivalents(OWN)
    assert norm_version().startswith(f"{NORM_VERSION}+")


GOOD = '{"name": "a", "spellings": ["b"]}'
BAD = [
    ("no JSON", "[", "file", "JSON"),
    ("no UTF-8", b"\xff", "file", "JSON"),
    ("no list", GOOD, "file", "expected"),
    ("no spellings", '[{"name": "ab"}]', "row 1", "spellings"),
    ("empty spellings", f'[{GOOD}, {{"name": "ab", "spellings": []}}]', "row 2, spellings", "1"),
    ("a number", '[{"name": "ab", "spellings": [7]}]', "row 1, spellings", "expected str"),
    ("an unknown field", '[{"name": "ab", "spellings": ["b"], "x": 1}]', "row 1", "not known"),
    ("two words", '[{"name": "ab", "spellings": ["Secret Name"]}]', "row 1, spellings", "one word"),
    ("no letter", '[{"name": "--", "spellings": ["b"]}]', "row 1, name", "one word"),
    ("too long", json.dumps([{"name": "ab", "spellings": ["b" * 61]}]), "row 1, spellings", "60"),
    ("too large", b" " * (MAX_BYTES + 1), "file", "bytes"),
]


@pytest.mark.parametrize(
    ("content", "field", "rule"), [case[1:] for case in BAD], ids=[case[0] for case in BAD]
)
def test_a_wrong_file_is_refused_with_row_field_and_rule(
    content: str | bytes, field: str, rule: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(content.encode() if isinstance(content, str) else content)
    assert refused.value.field == field
    assert rule in refused.value.rule
    assert "Secret" not in str(refused.value)


def test_a_refused_file_changes_nothing() -> None:
    use_equivalents(OWN)
    with pytest.raises(InvalidInput):
        use_equivalents(b"[7]")
    assert likeness("Zorblat", "Quimpel") > 0.9


def test_the_setting_names_the_file(tmp_path: Path) -> None:
    file = tmp_path / "own.json"
    file.write_bytes(OWN)
    wiring.use_own_names(Settings(equivalents=file))
    assert likeness("Zorblat", "Quimpel") > 0.9


@pytest.mark.parametrize("content", [None, b"[7]"], ids=["missing", "wrong"])
def test_a_node_does_not_start_with_a_wrong_file(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "own.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(Misconfigured, match="RFL_EQUIVALENTS"):
        wiring.use_own_names(Settings(equivalents=file))


def test_no_spelling_of_the_shipped_list_stands_in_two_rows() -> None:
    rows = read(files("rfl.matching.tables").joinpath("equivalents.json").read_bytes())
    spellings = Counter(text for row in rows for text in set(row.spellings))
    assert [text for text, count in spellings.items() if count > 1] == []
