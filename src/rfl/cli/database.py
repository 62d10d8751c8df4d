"""`rfl db`: the tables of the database, and its roles."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from rfl import wiring
from rfl.cli import show
from rfl.flows.grant_roles import grant_roles
from rfl.flows.know_version import versions

app = typer.Typer(no_args_is_help=True, help="The tables of the database, and its roles.")


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


@app.command(epilog=show.examples("rfl db grant", "rfl db grant --prefix north --json"))
def grant(
    *,
    prefix: Annotated[str, typer.Option(help="What the roles' names begin with.")] = "rfl",
    as_json: show.Json = False,
) -> None:
    """Make PostgreSQL's roles, or bring them up to date, and print what each may do.

    Run it as the owner of the tables, after each `rfl db upgrade`. PREFIX_node serves: it adds to
    the access log and changes nothing in it. PREFIX_expiry may also end entries whose retention is
    over. PREFIX_matcher reads what matching needs. PREFIX_auditor reads the log and no record.
    None owns a table. New roles have no password: set one, or let them in by a certificate.
    """
    database = wiring.database_of(wiring.settings())
    try:
        granted = grant_roles(database, prefix, datetime.now(UTC))
    finally:
        database.dispose()
    rows = [
        {
            "role": granted.roles[part],
            "table": table,
            "rights": list(one.rights),
            "columns": list(one.columns),
        }
        for table, listed in granted.tables.items()
        for part, grants in listed.items()
        for one in grants
    ]
    if as_json:
        roles = {part.value: name for part, name in granted.roles.items()}
        show.as_json({"roles": roles, "granted": rows, "missing": granted.missing})
        return
    cells = [
        (one["role"], one["table"], " ".join(one["rights"]), " ".join(one["columns"]) or "all")
        for one in rows
    ]
    show.as_table("Granted", ("role", "table", "rights", "columns"), cells)
    if granted.missing:
        show.out.print("Erasing needs more, which the server's administrator gives:")
    for statement in granted.missing:
        show.out.print(statement, markup=False)
