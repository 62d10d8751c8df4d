"""Alembic's entry: runs the migrations on the connection it is given, or on RFL_DATABASE."""

from alembic import context

from rfl.config import load
from rfl.storage.columns import metadata
from rfl.storage.database import Database
from rfl.storage.migrate import register_tables


def _run(connection: object) -> None:
    context.configure(
        connection=connection,
        target_metadata=register_tables(metadata),
        render_as_batch=True,
        compare_type=True,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    _run(given)
else:
    settings = load()
    database = Database(settings.database or f"sqlite:///{settings.data / 'rfl.db'}")
    with database.write() as connection:
        _run(connection)
