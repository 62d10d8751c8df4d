"""Table `honey`: the cases that nobody has a reason to open; whoever does sets off an alarm.

One row, or none. The ids are sealed under a key that never lies with the database, in a document
that is always of the same size: nobody with the database sees which cases they are, or how many.
"""

import os
from collections.abc import Collection

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Column, Integer, Table, insert, select, update
from sqlalchemy.sql import ColumnElement, true

from rfl.crypto.agent import KeyAgent
from rfl.errors import Conflict, SealBroken
from rfl.storage.columns import Sealed, metadata
from rfl.storage.work import Work

OPENED = "honey-opened"
MOST = 60
_ID = 30
_NONCE = 12
_PLACE = b"rfl1-honey"

honey = Table(
    "honey",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("content", Sealed, nullable=False),
)


def listed(agent: KeyAgent, content: bytes | None) -> frozenset[str]:
    """Return the ids that the sealed document names."""
    if content is None:
        return frozenset()
    try:
        opened = _cipher(agent).decrypt(content[:_NONCE], content[_NONCE:], _PLACE)
    except (InvalidTag, ValueError) as cause:
        raise SealBroken from cause
    text = opened.decode("ascii").rstrip()
    return frozenset(text[start : start + _ID] for start in range(0, len(text), _ID))


def among(work: Work) -> frozenset[str]:
    """Return the ids of all honey cases; nothing of them is opened."""
    if work.honey is None:
        work.honey = listed(work.agent, work.connection.scalar(select(honey.c.content)))
    return work.honey


def keep(work: Work, cases: Collection[str]) -> None:
    """Keep these as the honey cases, or raise Conflict: they are too many."""
    if len(cases) > MOST:
        raise Conflict(f"There are at most {MOST} honey cases.")
    content = "".join(sorted(cases)).ljust(MOST * _ID).encode("ascii")
    nonce = os.urandom(_NONCE)
    sealed = nonce + _cipher(work.agent).encrypt(nonce, content, _PLACE)
    if not work.connection.execute(update(honey).values(content=sealed)).rowcount:
        work.connection.execute(insert(honey), {"number": 1, "content": sealed})
    work.honey = frozenset(cases)


def outside(work: Work, column: ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition that a record is none of them: for whatever is matched or counted, put
    into a queue or sent.
    """
    names = among(work)
    return column.is_(None) | column.not_in(sorted(names)) if names else true()


def is_touched(work: Work) -> bool:
    """True if this work has unwrapped a key of one of them."""
    return bool(work.honey) and any(record in among(work) for record, _half in work.keys)


def _cipher(agent: KeyAgent) -> AESGCM:
    return AESGCM(agent.derived("honey"))
