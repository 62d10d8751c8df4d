"""`rfl account` and `rfl token`: who may call the node."""

from dataclasses import asdict
from typing import Annotated

import typer

from rfl.cli import show
from rfl.cli.node import office_call, opened_node
from rfl.domain.access import Role, Scope
from rfl.domain.purpose import Purpose
from rfl.flows.admit import add_account, revoke_token
from rfl.flows.grant import add_token, link_account, remove_account
from rfl.flows.invite import invite

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


@account_app.command("link", epilog=show.examples("rfl account link acc_... 3e1f0b52-6f5c-4bb2"))
def link(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="Its id.")],
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="The `sub` of its holder.")],
    *,
    as_json: show.Json = False,
) -> None:
    """Let a subject of the identity provider (RFL_OIDC_ISSUER) sign in as an account.

    Only a keyed hash of the subject is kept. Role and branch stay the account's.
    """
    with opened_node() as rt:
        link_account(rt, office_call(), account, subject)
    if as_json:
        show.as_json({"account": account, "linked": True})
    else:
        show.out.print("The account is linked.")


@account_app.command("invite", epilog=show.examples("rfl account invite acc_..."))
def invite_holder(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="Its id.")],
    *,
    as_json: show.Json = False,
) -> None:
    """Invite the holder of an account to choose name and password, for three days.

    Their program sends it with both to /v1/sign-in/invitations, and is given the secret of their
    one-time codes. Every token that the account had ends then. It replaces a forgotten password
    or a lost telephone too.
    """
    with opened_node() as rt:
        made = invite(rt, office_call(), account)
    facts = {"account": account, "invitation": made.invitation}
    if as_json:
        show.as_json(facts)
    else:
        show.as_facts(facts)


@account_app.command("remove", epilog=show.examples("rfl account remove acc_..."))
def remove(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="Its id.")],
    *,
    as_json: show.Json = False,
) -> None:
    """End an account and all its tokens at once; what it has done stays in the log.

    Give its cases to another officer with `rfl case reassign` first.
    """
    with opened_node() as rt:
        remove_account(rt, office_call(), account)
    if as_json:
        show.as_json({"account": account, "removed": True})
    else:
        show.out.print("The account is removed.")


@token_app.command(
    "add",
    epilog=show.examples(
        "rfl token add acc_... --days 7",
        "rfl token add acc_... --reads-only --purpose tracing --purpose supervision",
    ),
)
def add_one(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="Whose token.")],
    *,
    purpose: Annotated[
        list[Purpose] | None, typer.Option(help="A purpose that it is for; default: every one.")
    ] = None,
    reads_only: Annotated[bool, typer.Option("--reads-only", help="Changes no record.")] = False,
    days: Annotated[int, typer.Option(min=1, max=400, help="Days that it is valid.")] = 1,
    as_json: show.Json = False,
) -> None:
    """Make a token for an account and show it, this once. It may be for less than the account."""
    scope = Scope(frozenset(purpose) if purpose else None, reads_only)
    with opened_node() as rt:
        made = add_token(rt, office_call(), account, scope, days)
    facts = {"account": account, "token_id": made.id, "token": made.token}
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
