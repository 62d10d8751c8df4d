"""Is the server of a database away? A machine that starts begins a node beside it, or before."""

import psycopg
from psycopg.pq import PGconn, Ping

from rfl.storage.database import Database

ANSWERS_SECONDS = 3
_AWAY = {Ping.REJECT, Ping.NO_RESPONSE}


def is_away(database: Database) -> bool:
    """True while nobody answers at the database's address, or who answers takes no calls yet.

    libpq's PQping asks without signing in: a wrong password is no absence. A file is never away.
    """
    if database.is_sqlite:
        return False
    _none, named = database.engine.dialect.create_connect_args(database.url)
    words = {name: str(one) for name, one in named.items() if isinstance(one, str | int)}
    asked = psycopg.conninfo.make_conninfo(**words, connect_timeout=ANSWERS_SECONDS)
    return Ping(PGconn.ping(asked.encode("utf-8"))) in _AWAY
