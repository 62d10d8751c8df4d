"""`rfl account` and `rfl token`: who may call the node."""

from dataclasses import asdict
from typing import Annotated

import typer

from rfl.cli import show
from rfl.cli.node import office_call, opened_node
from rfl.domain.access import Role
from rfl.flows.admit import add_account, revoke_token

account_app = typer.Typer(no_args_is_help=True, help="Accounts: a role in a branch.")
token_app = typer.Typer(no_args_is_help=True, help="Tokens, with which accounts sign in.")


@account_app.command(
    "add", epilog=show.examples("rfl account add --role tracing_officer --branch skopje --name Ana")
)
def add(
    *,
    role: Annotated[Role, typer.Option(help="What the account may do.")],
    branch: Annotated[str, typer.Option(help="Branch whose records it reaches.")],
    name: Annotated[str, typer.Option(help="Name of its holder; kept sealed.")],
    as_json: show.Json = False,
) -> None:
    """Make an account and show its token, this once.

    A data protection officer reaches every branch; administrators and auditors reach no case.
    """
    with opened_node() as rt:
        made = add_account(rt, office_call(), role, branch, name)
    facts = {"role": role.value, "branch": branch, **asdict(made)}
    if as_json:
        show.as_json(facts)
    else:
        show.as_facts(facts)


@token_app.command("revoke", epilog=show.examples("rfl token revoke tok_..."))
def revoke(
    token_id: Annotated[str, typer.Argument(metavar="TOKEN_ID", help="Its id, not the token.")],
    *,
    as_json: show.Json = False,
) -> None:
    """Revoke a token at once."""
    with opened_node() as rt:
        revoke_token(rt, office_call(), token_id)
    if as_json:
        show.as_json({"token_id": token_id, "revoked": True})
    else:
        show.out.print("The token is revoked.")
