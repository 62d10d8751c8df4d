"""Table `correspondents`: societies that have no node, and are written to by sealed dossiers.

What people decided about them stands here as it does for peers: until when their data protection
is assessed (P-16), and whether it is at risk. Nothing of it is about a person.
"""

from dataclasses import dataclass

from sqlalchemy import Boolean, Column, String, Table, delete, insert, select

from rfl.storage.columns import Code, Micros, metadata
from rfl.storage.work import Work

correspondents = Table(
    "correspondents",
    metadata,
    Column("code", Code, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("language", Code, nullable=False),
    Column("assessed_until", Micros),
    Column("at_risk", Boolean, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Correspondent:
    """A society without a node: its name, the language of what it is sent, and how safe it is.

    `assessed_until` in microseconds since 1970; None: never assessed.
    """

    code: str
    name: str
    language: str
    assessed_until: int | None
    at_risk: bool


def keep(work: Work, one: Correspondent) -> None:
    """Keep a society, in place of what was known of it."""
    work.connection.execute(delete(correspondents).where(correspondents.c.code == one.code))
    values = {name: getattr(one, name) for name in Correspondent.__slots__}
    work.connection.execute(insert(correspondents), values)


def find(work: Work, code: str) -> Correspondent | None:
    """Return a society without a node, or None."""
    mine = select(correspondents).where(correspondents.c.code == code)
    found = work.connection.execute(mine).first()
    return None if found is None else Correspondent(*found)


def every(work: Work) -> list[Correspondent]:
    """Return all of them by code."""
    rows = select(correspondents).order_by(correspondents.c.code)
    return [Correspondent(*row) for row in work.connection.execute(rows)]
