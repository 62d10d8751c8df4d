"""Imports go down the map of the code, never up or sideways.

Every file under `src/rfl` and `migrations` is parsed, not run: what counts is what is written,
inside functions and under `TYPE_CHECKING` too.
"""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

_STEPS = {"domain", "crypto", "matching", "interchange", "storage", "exchange", "audit", "signin"}
FLOWS_SHARE = {"runtime", "rules"}
_BELOW_WIRING = {"errors", "config", *_STEPS, "flows", "conformance"}
_ABOVE_WIRING = {"client", "wiring", "waiting", "matcher", "app", "asgi", "worker"}

# A part of rfl (a package or a file at its top), and the parts that it may import.
MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "config": set(),
    "logs": set(),
    "domain": {"errors"},
    "crypto": {"errors"},
    "matching": {"errors", "domain"},
    "interchange": {"errors", "domain"},
    "storage": {"errors", "domain", "crypto"},
    "exchange": {"errors", "domain", "crypto", "storage"},
    "audit": {"errors", "domain", "crypto", "storage"},
    "signin": {"errors", "domain"},
    "flows": {"errors", *_STEPS},
    "conformance": {"errors", "domain", "crypto", "exchange"},
    "api": {"errors", "domain", "flows"},
    "client": {"errors", "domain"},
    "wiring": _BELOW_WIRING,
    "matcher": {"errors", "flows"},
    "opener": {"crypto", "matching"},
    "background": {"errors", "logs", "flows", "matcher"},
    "app": {"errors", "logs", "flows", "api", "background"},
    "waiting": {"errors", "config", "storage", "flows", "wiring"},
    "asgi": {"waiting", "wiring", "app", "logs"},
    "worker": {"errors", "waiting", "wiring", "logs", "background", "matcher"},
    "cli": (_BELOW_WIRING | _ABOVE_WIRING) - {"storage"},
    "migrations": {"config", "storage"},
}

# A library, and the parts that alone may import it.
LIBRARY_ONLY_IN: dict[str, set[str]] = {
    "sqlalchemy": {"storage", "migrations"},
    "alembic": {"storage", "migrations"},
    "psycopg": {"storage"},
    "sqlite3": {"storage"},
    "fastapi": {"api", "app"},
    "starlette": {"api", "app"},
    "typer": {"cli"},
    "rich": {"cli"},
    "pydantic_settings": {"config"},
    "joserfc": {"signin"},
    "argon2": {"signin"},
    "pyotp": {"signin"},
}

# What reads the environment, and what imports past the table.
ENVIRONMENT = {"os.environ", "os.environb", "os.getenv", "os.getenvb"}
IMPORT_BY_NAME = {"importlib.import_module", "__import__"}

OPENING = "open_sealed"
OPENING_ONLY_IN = {"crypto/sealing.py", "storage/vault.py"}


def test_imports_go_down_the_map() -> None:
    assert broken_rules(ROOT) == []


def test_the_table_has_no_circle_and_names_known_parts_only() -> None:
    TopologicalSorter(MAY_IMPORT).prepare()
    assert set().union(*MAY_IMPORT.values()) <= set(MAY_IMPORT)


PLANTED = [
    ("domain/case.py", "import rfl.storage.cases", "domain may not import storage"),
    ("domain/case.py", "from rfl import flows", "domain may not import flows"),
    ("domain/case.py", "def load():\n    from rfl.storage import cases", "may not import storage"),
    ("domain/case.py", "from ..crypto import keys", "domain may not import crypto"),
    ("domain/case.py", "if TYPE_CHECKING:\n    import rfl.api", "domain may not import api"),
    ("api/routers/cases.py", "from ...storage import cases", "api may not import storage"),
    ("api/__init__.py", "from ..storage import cases", "api may not import storage"),
    ("cli/case.py", "from rfl.api import schemas", "cli may not import api"),
    ("flows/share.py", "from rfl.flows import follow", "flows do not import flows (follow)"),
    ("flows/share.py", "from . import follow", "flows do not import flows (follow)"),
    ("flows/share.py", "import rfl.flows.follow", "flows do not import flows (follow)"),
    ("flows/share.py", "from rfl import flows", "flows do not import flows"),
    ("flows/runtime.py", "from rfl.flows.share import share", "flows do not import flows (share"),
    ("domain/case.py", "import rfl", "an import of rfl names the part"),
    ("domain/case.py", "from .. import *", "an import of rfl names the part"),
    ("flows/share.py", "import rfl.config", "flows may not import config"),
    ("extras/case.py", "import json", "extras is not in the table"),
    (
        "flows/share.py",
        "from sqlalchemy import select",
        "sqlalchemy belongs to migrations, storage",
    ),
    ("matching/names.py", "import fastapi.responses", "fastapi belongs to api, app"),
    ("client/calls.py", "from rich.table import Table", "rich belongs to cli"),
    ("wiring.py", "import os\nport = os.environ['PORT']", "os.environ belongs to config.py"),
    ("wiring.py", "from os import getenv", "os.getenv belongs to config.py"),
    ("flows/share.py", "from rfl.crypto.sealing import open_sealed", "open_sealed belongs to"),
    (
        "flows/share.py",
        "def f(s):\n    return s.sealing.open_sealed(b'')",
        "open_sealed belongs to",
    ),
    ("flows/share.py", "print('case')", "print belongs to cli"),
    ("wiring.py", "import importlib\nm = importlib.import_module('x')", "importlib.import_module"),
]


@pytest.mark.parametrize(("path", "source", "message"), PLANTED)
def test_a_planted_breach_is_found(tmp_path: Path, path: str, source: str, message: str) -> None:
    _plant(tmp_path / "src" / "rfl" / path, source)
    (found,) = broken_rules(tmp_path)
    assert message in found


def test_a_planted_breach_in_a_migration_is_found(tmp_path: Path) -> None:
    _plant(tmp_path / "migrations" / "versions" / "0001_first.py", "from rfl.domain import ids")
    (found,) = broken_rules(tmp_path)
    assert "migrations may not import domain" in found


ALLOWED = [
    ("domain/case.py", "from rfl.domain import ids\nfrom . import consent\nimport rfl.errors"),
    ("flows/share.py", "from rfl.flows import runtime\nfrom rfl.flows.runtime import Runtime"),
    ("api/routers/cases.py", "from ...flows import share\nfrom ..schemas import Case"),
    ("storage/vault.py", "import sqlalchemy\nfrom rfl.crypto.sealing import open_sealed"),
    ("config.py", "import os\nport = os.environ['PORT']"),
    ("cli/main.py", "from rfl import __version__\nimport typer\nprint(__version__)"),
]


@pytest.mark.parametrize(("path", "source"), ALLOWED)
def test_what_the_table_allows_is_not_reported(tmp_path: Path, path: str, source: str) -> None:
    _plant(tmp_path / "src" / "rfl" / path, source)
    assert broken_rules(tmp_path) == []


def broken_rules(root: Path) -> list[str]:
    """Return one line for each breach in the tree: file, line number, rule."""
    return [
        f"{file.relative_to(root)}:{line} {rule}"
        for base in (root / "src" / "rfl", root / "migrations")
        for file in sorted(base.rglob("*.py"))
        for line, rule in _breaches_in(file, base)
    ]


def _breaches_in(file: Path, base: Path) -> Iterator[tuple[int, str]]:
    path = file.relative_to(base).as_posix()
    part = "migrations" if base.name == "migrations" else _part_of(path)
    tree = ast.parse(file.read_text(encoding="utf-8"))
    if part and part not in MAY_IMPORT:
        yield 1, f"{part} is not in the table"
        return
    for node in ast.walk(tree):
        for rule in _import_rules(node, part, path):
            yield node.lineno, rule
        for rule in _name_rules(node, part, path):
            yield node.lineno, rule


def _part_of(path: str) -> str:
    """Return `storage` for `storage/vault.py`, `app` for `app.py`, "" for the top `__init__`."""
    first = path.split("/")[0].removesuffix(".py")
    return "" if first == "__init__" else first


def _import_rules(node: ast.AST, part: str, path: str) -> Iterator[str]:
    for name in _imported(node, path):
        library, _, rest = name.partition(".")
        if library == "rfl":
            yield from _own_import_rules(rest, part)
        elif part not in LIBRARY_ONLY_IN.get(library, {part}):
            yield f"{library} belongs to {', '.join(sorted(LIBRARY_ONLY_IN[library]))}"


def _own_import_rules(name: str, part: str) -> Iterator[str]:
    target, _, inside = name.partition(".")
    if target in {"", "*"}:
        yield "an import of rfl names the part that it wants"
    elif target in MAY_IMPORT and target not in MAY_IMPORT.get(part, set()) | {part}:
        yield f"{part} may not import {target}"
    elif target == part == "flows" and inside.partition(".")[0] not in FLOWS_SHARE:
        yield f"flows do not import flows ({inside})"


def _imported(node: ast.AST, path: str) -> Iterator[str]:
    """Yield the dotted name of everything that an import statement brings in."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        module = ".".join(filter(None, [_start_of_relative(node, path), node.module]))
        yield from (f"{module}.{alias.name}" for alias in node.names)


def _start_of_relative(node: ast.ImportFrom, path: str) -> str:
    """Return the package that the leading dots of a relative import stand for, or ""."""
    if not node.level:
        return ""
    package = ["rfl", *path.split("/")[:-1]]
    return ".".join(package[: len(package) - node.level + 1])


def _name_rules(node: ast.AST, part: str, path: str) -> Iterator[str]:
    names = set(_used(node, path))
    for name in sorted(names & ENVIRONMENT):
        if path != "config.py":
            yield f"{name} belongs to config.py"
    for name in sorted(names & IMPORT_BY_NAME):
        yield f"{name} hides what is imported"
    if OPENING in {name.rpartition(".")[2] for name in names} and path not in OPENING_ONLY_IN:
        yield f"{OPENING} belongs to {', '.join(sorted(OPENING_ONLY_IN))}"
    if "print" in names and part != "cli":
        yield "print belongs to cli"


def _used(node: ast.AST, path: str) -> Iterator[str]:
    """Yield the names that a node uses or imports, dotted where their owner is written out."""
    yield from (name for name in _imported(node, path) if isinstance(node, ast.ImportFrom))
    if isinstance(node, ast.Name):
        yield node.id
    if isinstance(node, ast.Attribute):
        owner = node.value.id if isinstance(node.value, ast.Name) else ""
        yield f"{owner}.{node.attr}"


def _plant(file: Path, source: str) -> None:
    file.parent.mkdir(parents=True)
    file.write_text(source + "\n", encoding="utf-8")
