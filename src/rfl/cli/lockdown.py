"""`rfl lockdown`: nothing is opened by anybody, until two people lift it."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from rfl.cli import show
from rfl.cli.node import asking_call, opened_node
from rfl.domain.purpose import Purpose
from rfl.errors import InvalidInput
from rfl.flows.lock_down import begin_lockdown, lift_lockdown, read_lockdown

app = typer.Typer()


@app.command(
    "lockdown",
    epilog=show.examples(
        "rfl lockdown",
        "rfl lockdown --show --json",
        "rfl lockdown --lift --token-file officer",
        "rfl lockdown --lift --token-file administrator",
    ),
)
def lock(
    *,
    lift: Annotated[bool, typer.Option("--lift", help="Give one of two words to end it.")] = False,
    shown: Annotated[bool, typer.Option("--show", help="Only say whether it is in force.")] = False,
    token_file: Annotated[
        Path | None, typer.Option("--token-file", help="File with the token of who does it.")
    ] = None,
    as_json: show.Json = False,
) -> None:
    """Stop opening anything, at once and in every process of the node.

    Whoever runs it on the machine may begin it, and so may a data protection officer, an
    administrator or an auditor with their token. Enquiries can still be taken in and letters of
    other societies still come; what would open a record is refused, and matching rests.

    To lift it, two people each give their word within an hour with --lift and their own
    --token-file: a data protection officer, and another one or an administrator.
    """
    if lift and token_file is None:
        raise InvalidInput("--token-file", "is needed to lift a lockdown: two people do")
    facts: dict[str, object] = {}
    with opened_node() as rt:
        call = asking_call(rt, Purpose.ADMINISTRATION, token_file)
        if lift:
            facts["lift"] = lift_lockdown(rt, call).value
        elif not shown:
            begin_lockdown(rt, call)
        facts |= asdict(read_lockdown(rt))
    if as_json:
        show.as_json(facts)
    else:
        show.as_facts(facts)
