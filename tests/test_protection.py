"""docs/protection.md lists, for each rule of protection, the tests that bear its number."""

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parent
PAGE = TESTS.parent / "docs" / "protection.md"
NUMBERED = re.compile(r"test_(p\d\d)")


def _numbered() -> set[tuple[str, str]]:
    return {
        (f"P-{found[1][1:]}", node.name)
        for file in TESTS.rglob("test_*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef) and (found := NUMBERED.match(node.name))
    }


def _listed() -> set[tuple[str, str]]:
    rows = re.findall(r"^\| (P-\d\d) \| [^|]+ \| (.+) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    return {(rule, name) for rule, cell in rows for name in re.findall(r"`(\w+)`", cell)}


def test_every_test_with_a_rules_number_is_listed_and_no_other() -> None:
    assert _listed() == _numbered()
