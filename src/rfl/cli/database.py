"""`rfl db`: the tables of the database."""

import typer

from rfl import wiring
from rfl.cli import show
from rfl.flows.know_version import versions

app = typer.Typer(no_args_is_help=True, help="The tables of the database, by version.")


@app.command(epilog=show.examples("rfl db upgrade"))
def upgrade(*, as_json: show.Json = False) -> None:
    """Bring the database to this version's tables; an empty one gets all of them.

    Make a backup first. It runs in one transaction, and changes nothing if it fails.
    """
    wiring.upgrade(wiring.settings())
    current(as_json=as_json)


@app.command(epilog=show.examples("rfl db current --json"))
def current(*, as_json: show.Json = False) -> None:
    """Say which version the database has, and which this program needs."""
    database = wiring.database_of(wiring.settings())
    found = versions(database)
    database.dispose()
    if as_json:
        facts = {"revision": found.revision, "newest": found.newest}
        show.as_json(facts | {"is_newest": found.is_newest})
        return
    show.out.print(f"The database has {found.revision or 'no tables'}; needed is {found.newest}.")
