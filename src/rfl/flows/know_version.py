"""Say which tables a database has, and which this version needs; no keys are needed for it."""

from dataclasses import dataclass

from rfl.storage import migrate
from rfl.storage.database import Database


@dataclass(frozen=True, slots=True)
class Versions:
    """Revisions of the tables; `revision` is None for an empty database."""

    revision: str | None
    newest: str | None

    @property
    def is_newest(self) -> bool:
        """True if nothing is left to upgrade."""
        return self.revision == self.newest


def versions(database: Database) -> Versions:
    """Return the database's revision and the newest."""
    return Versions(migrate.current(database), migrate.newest())
