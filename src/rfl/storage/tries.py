"""Table `tries`: how often a password was tried for a name or from a known device, in any process.

Clear: the number of a slot, since when it counts, and the count. A slot is the beginning of a keyed
hash, so that many names share one and none can be read from it. There is a fixed number of them:
made-up names neither fill the table nor push a count out. Devices that are known have slots of
their own, which nobody without such a device's mark can count in.
"""

from sqlalchemy import BigInteger, Column, Integer, Table, delete

from rfl.storage import direct
from rfl.storage.columns import metadata
from rfl.storage.work import Work

_SLOTS = 1 << 16

tries = Table(
    "tries",
    metadata,
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("since", BigInteger, nullable=False),
    Column("count", Integer, nullable=False),
)

# A try of a time that is over, or of a clock that was ahead, begins the count anew.
_COUNT = """
INSERT INTO tries (slot, since, count) VALUES ({0}, {0}, 1)
ON CONFLICT (slot) DO UPDATE SET
    count = CASE WHEN excluded.since - tries.since BETWEEN 0 AND {0} THEN tries.count + 1
        ELSE 1 END,
    since = CASE WHEN excluded.since - tries.since BETWEEN 0 AND {0} THEN tries.since
        ELSE excluded.since END
RETURNING count
"""


def count(work: Work, key: bytes, window: int, *, known: bool) -> int:
    """Count a try in its slot; return how many there were within the window, this one included."""
    mark = "?" if work.connection.dialect.name == "sqlite" else "%s"
    values = (_slot(key, known=known), work.micros, window - 1, window - 1)
    [[found]] = direct.rows(work.connection, _COUNT.format(mark), values)
    return int(found)


def forgive(work: Work, key: bytes, *, known: bool) -> None:
    """Take the tries of a slot back, since the right one came."""
    slot = _slot(key, known=known)
    work.connection.execute(delete(tries).where(tries.c.slot == slot))


def forget(work: Work, window: int) -> None:
    """Delete the counts of a time that is over."""
    work.connection.execute(delete(tries).where(tries.c.since <= work.micros - window))


def _slot(key: bytes, *, known: bool) -> int:
    return int.from_bytes(key[:2], "big") + _SLOTS * known
