"""log questions

Revision: 0004
Revises: 0002
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0002"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AT_ONCE = 10_000
REFUSED = {"postgresql_where": sa.text("denied"), "sqlite_where": sa.text("denied = 1")}
NAMED = sa.text("peer IS NOT NULL")


def upgrade() -> None:
    """Put keys in place of the words that are searched for, and expand."""
    for name in ("actor", "action"):
        op.drop_index(f"ix_ledger_{name}_at", table_name="ledger")
        op.execute(f"ALTER TABLE ledger RENAME COLUMN {name} TO {name}_word")
        op.add_column("ledger", _column(name, sa.BigInteger(), "0"))
        _put_keys(name)
        op.drop_column("ledger", f"{name}_word")
        op.create_index(f"ix_ledger_{name}_at", "ledger", [name, "at"])
    op.add_column("ledger", _column("denied", sa.Boolean(), sa.false()))
    op.add_column("ledger", sa.Column("peer", sa.String(length=40), nullable=True))
    refused = sa.text("UPDATE ledger SET denied = true WHERE seq = :seq")
    for part in _bodies():
        _each(refused, [{"seq": seq} for seq, body in part if body["decision"] == "denied"])
    op.create_index("ix_ledger_at", "ledger", ["at"])
    op.create_index("ix_ledger_denied_at", "ledger", ["at"], **REFUSED)
    where = {"postgresql_where": NAMED, "sqlite_where": NAMED}
    op.create_index("ix_ledger_peer_at", "ledger", ["peer", "at"], **where)
    _make_objects(sa.BigInteger())
    for rows in _kept_objects():
        _each(PUT_OBJECT, [{"log_id": _key(row.log_id), "seq": row.seq} for row in rows])
    op.drop_table("kept_objects")
    op.add_column("accounts", sa.Column("family_names", sa.LargeBinary(), nullable=True))
    _make_findings()


def downgrade() -> None:
    """Take it back: the words are read from the bodies that are there."""
    op.drop_table("findings")
    op.drop_column("accounts", "family_names")
    for name in ("ix_ledger_peer_at", "ix_ledger_denied_at", "ix_ledger_at"):
        op.drop_index(name, table_name="ledger")
    for name in ("peer", "denied"):
        op.drop_column("ledger", name)
    for name, length in (("actor", 30), ("action", 40)):
        op.drop_index(f"ix_ledger_{name}_at", table_name="ledger")
        op.drop_column("ledger", name)
        op.add_column("ledger", _column(name, sa.String(length), ""))
    _make_objects(sa.String(30))
    op.drop_table("kept_objects")
    put = sa.text("UPDATE ledger SET actor = :actor, action = :action WHERE seq = :seq")
    for part in _bodies():
        _each(put, [{"seq": seq, **_words(body)} for seq, body in part])
        named = [(seq, log_id) for seq, body in part for log_id in {*body["objects"]}]
        _each(PUT_OBJECT, [{"log_id": log_id, "seq": seq} for seq, log_id in named])
    for name in ("actor", "action"):
        op.create_index(f"ix_ledger_{name}_at", "ledger", [name, "at"])


PUT_OBJECT = sa.text("INSERT INTO ledger_objects (log_id, seq) VALUES (:log_id, :seq)")


def _key(word: str) -> int:
    digest = hashlib.sha256(word.encode("utf-8")).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def _put_keys(name: str) -> None:
    words = sa.text(f"SELECT DISTINCT {name}_word FROM ledger")  # noqa: S608 (our own names)
    put = sa.text(f"UPDATE ledger SET {name} = :key WHERE {name}_word = :word")  # noqa: S608
    _each(put, [{"key": _key(word), "word": word} for word in op.get_bind().scalars(words)])


def _words(body: dict[str, Any]) -> dict[str, str]:
    return {"actor": body["actor"], "action": body["action"]}


def _column(name: str, kind: Any, default: Any) -> sa.Column[Any]:
    given = sa.text(f"'{default}'") if isinstance(default, str) else default
    return sa.Column(name, kind, server_default=given, nullable=False)


def _each(statement: sa.TextClause, values: list[dict[str, Any]]) -> None:
    if values:
        op.get_bind().execute(statement, values)


def _bodies() -> Iterator[list[tuple[int, dict[str, Any]]]]:
    rows = sa.text(
        "SELECT seq, body FROM ledger WHERE seq > :last AND body IS NOT NULL "
        "ORDER BY seq LIMIT :limit"
    )
    last = -1
    while found := op.get_bind().execute(rows, {"last": last, "limit": AT_ONCE}).all():
        last = found[-1].seq
        yield [(row.seq, json.loads(bytes(row.body))) for row in found]


def _make_objects(kind: Any) -> None:
    """Make the table anew; what it held is kept aside for the moment."""
    op.execute("CREATE TABLE kept_objects AS SELECT log_id, seq FROM ledger_objects")
    op.drop_table("ledger_objects")
    op.create_table(
        "ledger_objects",
        sa.Column("log_id", kind, autoincrement=False, nullable=False),
        sa.Column("seq", SERIAL, nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["ledger.seq"], name=op.f("fk_ledger_objects_seq")),
        sa.PrimaryKeyConstraint("log_id", "seq", name=op.f("pk_ledger_objects")),
        sqlite_with_rowid=False,
    )


def _make_findings() -> None:
    op.create_table(
        "findings",
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("found", sa.LargeBinary(), nullable=False),
        sa.Column("decided", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
        sa.UniqueConstraint("key", name=op.f("uq_findings_key")),
    )
    op.create_index("ix_findings_created_at_id", "findings", ["created_at", "id"])


def _kept_objects() -> Iterator[list[Any]]:
    rows = sa.text(
        "SELECT log_id, seq FROM kept_objects WHERE (log_id, seq) > (:log_id, :seq) "
        "ORDER BY log_id, seq LIMIT :limit"
    )
    last = {"log_id": "", "seq": -1}
    while found := op.get_bind().execute(rows, last | {"limit": AT_ONCE}).all():
        last = {"log_id": found[-1].log_id, "seq": found[-1].seq}
        yield list(found)
