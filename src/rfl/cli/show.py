"""How commands answer: JSON for programs, tables and sentences for people."""

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document, for programs.")]


def as_json(document: object) -> None:
    """Print one JSON document on standard output."""
    print(json.dumps(document, ensure_ascii=False, indent=2))


def as_facts(facts: Mapping[str, object]) -> None:
    """Print names and values, one a line."""
    width = max(map(len, facts), default=0)
    for name, value in facts.items():
        out.print(Text(f"{name:{width}}  ", style="bold").append(str(value), style="not bold"))


def as_table(title: str | None, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Print a table; nothing in it is taken for markup."""
    table = Table(title=title, title_justify="left", title_style="bold", header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    out.print(table)


def can_ask() -> bool:
    """True if somebody sits at a terminal and can answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def examples(*lines: str) -> str:
    """Return the end of a command's help."""
    return "\n\n".join(["**Examples**", *(f"$ {line}" for line in lines)])
