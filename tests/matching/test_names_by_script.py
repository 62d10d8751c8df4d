"""Each script has a list of pairs that must meet and of pairs that must stay apart.

The lists are made for this test: persons of history, and names put together from parts.
"""

from pathlib import Path

import pytest

from rfl.matching.features import compare_names
from rfl.matching.names import prepare_name

LISTS = Path(__file__).parent / "names"
MEET = 0.8


def pairs(rule: str) -> list[tuple[str, str, str]]:
    rows = []
    for file in sorted(LISTS.glob("*.tsv")):
        for line in file.read_text(encoding="utf-8").splitlines():
            wanted, left, right = line.split("\t")
            assert wanted in ("meet", "apart"), f"{file.name}: {wanted}"
            if wanted == rule:
                rows.append((file.stem, left, right))
    return rows


def likeness(left: str, right: str) -> float:
    """How alike two names are, over the weight of the parts that go together."""
    found = compare_names(prepare_name(left), prepare_name(right))
    assert found is not None
    return found.cover_short


@pytest.mark.parametrize(("script", "left", "right"), pairs("meet"))
def test_one_name_in_two_writings_meets(script: str, left: str, right: str) -> None:
    assert likeness(left, right) >= MEET, script


@pytest.mark.parametrize(("script", "left", "right"), pairs("apart"))
def test_two_names_stay_apart(script: str, left: str, right: str) -> None:
    assert likeness(left, right) < MEET, script
