"""log leaves the house

Revision: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Expand. Nothing was given to anybody and nothing has expired before.

    What an entry names refers to it no longer: each body that expires would be looked for in the
    whole table.
    """
    _without_reference()
    op.create_table(
        "log_expiries",
        sa.Column("end", SERIAL, autoincrement=False, nullable=False),
        sa.Column("done", SERIAL, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("end", name=op.f("pk_log_expiries")),
    )
    op.create_table(
        "log_shares",
        sa.Column("number", SERIAL, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("recipient", sa.String(length=40), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("begin", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=30), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_log_shares")),
    )
    op.create_table(
        "log_streams",
        sa.Column("recipient", sa.String(length=40), nullable=False),
        sa.Column("next", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("recipient", name=op.f("pk_log_streams")),
    )
    op.create_table(
        "log_stamps",
        sa.Column("size", SERIAL, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["size"], ["checkpoints.size"], name=op.f("fk_log_stamps_size")),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_log_stamps")),
    )


def downgrade() -> None:
    """Take it back. Which bodies may be absent still stands in the log itself."""
    op.drop_table("log_stamps")
    op.drop_table("log_streams")
    op.drop_table("log_shares")
    op.drop_table("log_expiries")
    _with_reference()


def _without_reference() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("fk_ledger_objects_seq", "ledger_objects")
    else:
        _remade()


def _with_reference() -> None:
    """Put the reference back; what names an entry that has expired went with it."""
    if op.get_bind().dialect.name == "postgresql":
        columns = (["seq"], ["seq"])
        op.create_foreign_key("fk_ledger_objects_seq", "ledger_objects", "ledger", *columns)
    else:
        name = op.f("fk_ledger_objects_seq")
        _remade(sa.ForeignKeyConstraint(["seq"], ["ledger.seq"], name=name))


def _remade(*more: sa.ForeignKeyConstraint) -> None:
    """SQLite changes no constraint of a table that is there, so it is made anew."""
    op.create_table(
        "ledger_objects_new",
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", SERIAL, nullable=False, autoincrement=False),
        *more,
        sa.PrimaryKeyConstraint("log_id", "seq", name=op.f("pk_ledger_objects")),
        sqlite_with_rowid=False,
    )
    op.execute("INSERT INTO ledger_objects_new SELECT log_id, seq FROM ledger_objects")
    op.drop_table("ledger_objects")
    op.rename_table("ledger_objects_new", "ledger_objects")
