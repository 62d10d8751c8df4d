"""`rfl init`: keys, tables and the first accounts of a new node."""

from dataclasses import asdict
from typing import Annotated

import typer

from rfl import wiring
from rfl.cli import show
from rfl.cli.node import BRANCH, office_call
from rfl.domain.access import Role
from rfl.flows.admit import NewAccount, add_account
from rfl.flows.runtime import Runtime

app = typer.Typer()


@app.command(
    epilog=show.examples(
        "RFL_KEY_FILE=/media/keys/rfl.key rfl init --with-officer skopje",
        "RFL_PASSPHRASE_FILE=/run/secrets/rfl rfl init --json > first-tokens.json",
    )
)
def init(
    *,
    branch: Annotated[str, typer.Option(help="Branch of the first account.")] = BRANCH,
    name: Annotated[str, typer.Option(help="Name of its holder; kept sealed.")] = "First account",
    role: Annotated[Role, typer.Option(help="What the first account is.")] = Role.ADMINISTRATOR,
    with_officer: Annotated[
        str | None, typer.Option(metavar="BRANCH", help="Also make a supervisor of this branch.")
    ] = None,
    as_json: show.Json = False,
) -> None:
    """Make a new node: its keys, its database, and the token of its first account.

    The keys are locked by RFL_KEY_FILE (made here, readable by you alone, if it is missing) or
    by RFL_PASSPHRASE_FILE or RFL_PASSPHRASE. Keep them on another disk than the database.

    Administrators make accounts but may not read cases. For casework use --with-officer, which
    makes a supervisor as well, or `rfl account add` later.

    Each token is shown once and kept only as a hash. Nothing that exists is overwritten.
    """
    chosen = wiring.settings()
    rt = wiring.prepare(chosen)
    try:
        given = _accounts(rt, role, branch, name, with_officer)
    finally:
        rt.database.dispose()
    if as_json:
        show.as_json({"society": chosen.society, "accounts": [_plain(*one) for one in given]})
    else:
        _show(given)


def _accounts(
    rt: Runtime, role: Role, branch: str, name: str, officer: str | None
) -> list[tuple[Role, str, NewAccount]]:
    call = office_call()
    given = [(role, branch, add_account(rt, call, role, branch, name))]
    if officer is not None:
        made = add_account(rt, call, Role.SUPERVISOR, officer, f"Supervisor of {officer}")
        given.append((Role.SUPERVISOR, officer, made))
    return given


def _plain(role: Role, branch: str, made: NewAccount) -> dict[str, str]:
    return {"role": role.value, "branch": branch, **asdict(made)}


def _show(given: list[tuple[Role, str, NewAccount]]) -> None:
    show.out.print("The node is ready. Its tokens are shown this once:\n")
    for role, branch, made in given:
        facts = {"role": role, "branch": branch, "account": made.account}
        show.as_facts(facts | {"token id": made.token_id, "token": made.token})
        show.out.print()
    show.out.print("Next: rfl serve")
