"""`rfl peer introduce` and what belongs to it: a society vouches for another, as the CTA does."""

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from rfl.cli import show
from rfl.cli.node import Approval, office_call, opened_node
from rfl.cli.peers import Code
from rfl.errors import InvalidInput
from rfl.exchange.introduction import MOST_BYTES, Introduces
from rfl.flows import introduce as flow

app = typer.Typer()

Days = Annotated[int, typer.Option(min=1, help="Days that the word holds.")]
DAYS = 365


class Counts(StrEnum):
    """What a society's introductions count for."""

    KNOWN = "known"
    TRUSTED = "trusted"
    NOBODY = "nobody"


@app.command(epilog=show.examples("rfl peer introduce south south.intro --days 365 --tell"))
def introduce(
    peer: Code,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file for the signed word.")],
    *,
    days: Days = DAYS,
    withdraw: Annotated[bool, typer.Option(help="Take the word back instead.")] = False,
    tell: Annotated[bool, typer.Option(help="Tell all other trusted peers by letter too.")] = False,
    as_json: show.Json = False,
) -> None:
    """Vouch for a society whose digits this one has compared, for others who let it do so."""
    with opened_node() as rt:
        call = office_call()
        said = flow.introduce(rt, call, peer, days=days, withdrawn=withdraw, tell=tell)
    try:
        with file.open("xb") as sink:
            sink.write(said)
    except OSError as cause:
        raise InvalidInput("FILE", "must be a new file in a folder that is there") from cause
    _say({"peer": peer, "file": str(file), "withdrawn": withdraw, "told": tell}, as_json)


@app.command(epilog=show.examples("rfl peer introduced south.intro --json"))
def introduced(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The signed word of a peer.")],
    *,
    as_json: show.Json = False,
) -> None:
    """Take a peer's word for a society, if `rfl peer introducer` lets it count.

    What people have decided here stands: whom they suspended or removed stays so.
    """
    try:
        with file.open("rb") as source:
            raw = source.read(MOST_BYTES + 1)
    except OSError as cause:
        raise InvalidInput("FILE", "must be a file that can be read") from cause
    with opened_node() as rt:
        by, outcome = flow.take_introduction(rt, office_call(), raw)
    _say({"by": by, "outcome": outcome.value}, as_json)


@app.command(
    epilog=show.examples("rfl peer introducer cta known", "rfl peer introducer cta nobody")
)
def introducer(
    peer: Code,
    counts: Annotated[Counts, typer.Argument(help="What its introductions count for here.")],
    *,
    approval: Approval = None,
    as_json: show.Json = False,
) -> None:
    """Say whether a society may introduce others: they become known, or trusted at once.

    `known`: people still compare the digits. `nobody`: whoever is trusted by its word alone is not
    any more, from now on. With two administrators on the node it needs their --approval of
    `peer_trust`, subject: the society's code, details: `introduces`, then `known` or `trusted`.
    """
    chosen = None if counts is Counts.NOBODY else Introduces(counts.value)
    with opened_node() as rt:
        call = replace(office_call(), approval=approval)
        gone = flow.let_introduce(rt, call, peer, chosen)
    _say({"peer": peer, "introduces": counts.value, "no_longer_trusted": gone}, as_json)


def _say(facts: dict[str, object], as_json: show.Json) -> None:
    if as_json:
        show.as_json(facts)
    else:
        show.as_facts(facts)
