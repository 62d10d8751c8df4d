"""`rfl correspondent`: societies without a node, and until when each is assessed (P-16)."""

from datetime import UTC, datetime, time
from typing import Annotated

import typer

from rfl.cli import show
from rfl.cli.node import office_call, opened_node
from rfl.flows import know_correspondents
from rfl.flows.know_correspondents import Assessed, Correspondent

app = typer.Typer(no_args_is_help=True, help="Societies that have no node.")


@app.command(
    epilog=show.examples(
        "rfl correspondent assess west --name 'West Red Cross' --language fr --until 2027-06-30"
    )
)
def assess(
    code: Annotated[str, typer.Argument(metavar="CODE", help="The society's code, as `west`.")],
    *,
    name: Annotated[str, typer.Option(help="The society's name, as it stands on a dossier.")],
    language: Annotated[str, typer.Option(help="en, fr, es, ar or ru: what it is sent.")],
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Last day it holds.")],
    at_risk: Annotated[bool, typer.Option(help="Data may come into danger there.")] = False,
    as_json: show.Json = False,
) -> None:
    """Record until when the data protection of a society without a node is assessed (P-16).

    Without it no request leaves for this society. To one at risk the enquirer is not named.
    """
    end = datetime.combine(until.date(), time.max, tzinfo=UTC)
    with opened_node() as rt:
        said = Assessed(code, name, language, end, at_risk)
        know_correspondents.assess_correspondent(rt, office_call(), said)
    facts = {"code": code, "assessed_until": str(until.date()), "at_risk": at_risk}
    show.as_json(facts) if as_json else show.as_facts(facts)


@app.command(
    "list", epilog=show.examples("rfl correspondent list", "rfl correspondent list --json")
)
def list_(*, as_json: show.Json = False) -> None:
    """List the societies without a node that are known."""
    with opened_node() as rt:
        found = know_correspondents.list_correspondents(rt, office_call())
    rows = [_facts(one) for one in found]
    if as_json:
        show.as_json({"correspondents": rows})
        return
    columns = ("code", "name", "language", "assessed_until", "at_risk")
    show.as_table("Societies without a node", columns, [list(row.values()) for row in rows])


def _facts(one: Correspondent) -> dict[str, object]:
    until = one.assessed_until
    day = None if until is None else str(datetime.fromtimestamp(until // 1_000_000, UTC).date())
    said = {"code": one.code, "name": one.name, "language": one.language}
    return {**said, "assessed_until": day, "at_risk": one.at_risk}
