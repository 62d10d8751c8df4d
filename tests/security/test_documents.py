"""docs/security: every test that it names is there, and every requirement has its line.

The commands of the first hour are run in tests/cli/test_first_hour.py.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "security"
PAGES = sorted(FOLDER.glob("*.md"))
_TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(test_\w+))?`")
_LINE = re.compile(
    r"^\| (\d+\.\d+\.\d+)(?: to (\d+\.\d+\.\d+))? \| (.+?) \| (.+) \|$", re.MULTILINE
)
_LINK = re.compile(r"\]\((?!https:)([^)#]+)\)")

# How many requirements of levels 1 and 2 each section of ASVS 5.0.0 has: they come first in it.
SECTIONS = {
    **{"1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1},
    **{"3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2, "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4},
    **{"5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3, "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5},
    **{"6.6": 3, "6.8": 4, "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2, "8.1": 2},
    **{"8.2": 3, "8.3": 1, "8.4": 1, "9.1": 3, "9.2": 4, "10.1": 2, "10.2": 2, "10.3": 4},
    **{"10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3, "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4},
    **{"11.5": 1, "11.6": 1, "12.1": 3, "12.2": 2, "12.3": 4, "13.1": 1, "13.2": 5, "13.3": 2},
    **{"13.4": 5, "14.1": 2, "14.2": 4, "14.3": 3, "15.1": 3, "15.2": 3, "15.3": 7, "16.1": 1},
    **{"16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3, "17.1": 1, "17.2": 4, "17.3": 2},
}
# Of level 3, these were chosen beside them.
CHOSEN = {"4.1.5"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_test_that_a_page_names_is_there(page: Path) -> None:
    named = _TEST.findall(page.read_text("utf-8"))
    assert named or page.stem == "incident"
    for file, test in named:
        text = (ROOT / file).read_text("utf-8")
        assert not test or f"\ndef {test}(" in text, f"{file}::{test}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    for link in _LINK.findall(page.read_text("utf-8")):
        assert (FOLDER / link).exists(), link


def test_every_requirement_has_its_line_with_a_test_or_a_reason() -> None:
    found: list[str] = []
    for first, last, state, how in _LINE.findall((FOLDER / "asvs.md").read_text("utf-8")):
        section, _, begin = first.rpartition(".")
        end = (last or first).rpartition(".")
        assert end[0] == section, first
        found += [f"{section}.{number}" for number in range(int(begin), int(end[2]) + 1)]
        assert state in ("met", "by design", "operator", "open"), first
        assert state != "met" or "`" in how or "decision" in how or "operators.md" in how, first
    wanted = {f"{name}.{one + 1}" for name, many in SECTIONS.items() for one in range(many)}
    assert sorted(found) == sorted(wanted | CHOSEN)
