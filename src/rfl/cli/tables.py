"""Rows of lists, as a table or as JSON."""

from collections.abc import Iterable

from rfl.cli import show
from rfl.client.shapes import Answer


def rows(found: Iterable[Answer], *, as_json: bool) -> None:
    """Print rows that have the same columns; no row is an empty table."""
    items = list(found)
    if as_json:
        show.as_json({"items": items})
        return
    columns = list(items[0]) if items else ["id"]
    show.as_table(None, columns, [[row[name] for name in columns] for row in items])
