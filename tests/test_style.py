"""Sizes and names of the source, where ruff has no rule for them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src"

MOST_LINES_IN_A_FILE = 300
MOST_LINES_IN_A_FUNCTION = 60
EMPTY_NAMES = {"util", "utils", "helper", "helpers", "manager", "managers", "common", "misc"}


def test_the_source_keeps_the_style() -> None:
    assert broken_style(SOURCE) == []


PLANTED = [
    ("rfl/domain/case.py", "x = 1\n" * 301, "301 lines; split it by subject"),
    ("rfl/domain/case.py", "def judge():\n" + "    x = 1\n" * 60, "judge has 61 lines"),
    ("rfl/domain/case.py", "class C:\n    async def go(s):\n" + "        1\n" * 60, "go has 61"),
    ("rfl/domain/__init__.py", '"""Cases."""\n\nfrom rfl import errors\n', "only a docstring"),
    ("rfl/domain/__init__.py", '"""Cases."""\n\n__version__ = "1"\n', "only a docstring"),
    ("rfl/domain/__init__.py", "", "only a docstring"),
    ("rfl/__init__.py", '"""Links."""\n\n__author__ = "x"\n', "only a docstring"),
    ("rfl/domain/case_utils.py", "", "says nothing about its subject"),
    ("rfl/helpers/case.py", "", "says nothing about its subject"),
]


@pytest.mark.parametrize(("path", "source", "message"), PLANTED)
def test_a_planted_breach_is_found(tmp_path: Path, path: str, source: str, message: str) -> None:
    _plant(tmp_path / path, source)
    (found,) = broken_style(tmp_path)
    assert message in found


ALLOWED = [
    ("rfl/domain/case.py", "x = 1\n" * 300),
    ("rfl/domain/case.py", "def judge():\n" + "    x = 1\n" * 59),
    ("rfl/domain/__init__.py", '"""Cases."""\n'),
    ("rfl/__init__.py", '"""Links."""\n\n__version__ = "0.1.0"\n'),
]


@pytest.mark.parametrize(("path", "source"), ALLOWED)
def test_what_the_style_allows_is_not_reported(tmp_path: Path, path: str, source: str) -> None:
    _plant(tmp_path / path, source)
    assert broken_style(tmp_path) == []


def broken_style(root: Path) -> list[str]:
    """Return one line for each breach under the folder: file, rule."""
    return [
        f"{path} {rule}"
        for file in sorted(root.rglob("*.py"))
        for path in [file.relative_to(root)]
        for rule in _breaches(path, file.read_text(encoding="utf-8"))
    ]


def _breaches(path: Path, source: str) -> Iterator[str]:
    lines = len(source.splitlines())
    if lines > MOST_LINES_IN_A_FILE:
        yield f"has {lines} lines; split it by subject"
    if EMPTY_NAMES.intersection(re.split("[/_]", path.with_suffix("").as_posix())):
        yield "has a name that says nothing about its subject"
    tree = ast.parse(source)
    yield from _long_functions(tree)
    if path.name == "__init__.py" and not _is_bare(tree, top=len(path.parts) == 2):
        yield "holds more or less than only a docstring"


def _long_functions(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > MOST_LINES_IN_A_FUNCTION:
                yield f"{node.name} has {lines} lines; one job per function"


def _is_bare(tree: ast.Module, *, top: bool) -> bool:
    """Tell whether a package's `__init__` is its docstring, and at the top its version."""
    return ast.get_docstring(tree) is not None and all(
        top and _is_version(statement) for statement in tree.body[1:]
    )


def _is_version(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Assign) and [
        ast.unparse(target) for target in statement.targets
    ] == ["__version__"]


def _plant(file: Path, source: str) -> None:
    file.parent.mkdir(parents=True)
    file.write_text(source, encoding="utf-8")
