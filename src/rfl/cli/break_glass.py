"""`rfl break-glass`: read further for a few hours, on record, and review it."""

from itertools import islice
from typing import Annotated

import typer

from rfl.cli import calling, show, tables
from rfl.domain.purpose import Purpose

app = typer.Typer(
    no_args_is_help=True, help="Read further when somebody would come to harm otherwise."
)

_Glass = Annotated[str, typer.Argument(metavar="GLASS", help="Its id.")]
_Version = Annotated[int, typer.Option("--version", help="The version that it has; first 1.")]
_WHY = Purpose.TRACING
_REVIEWS = Purpose.SUPERVISION


@app.command("begin", epilog=show.examples("rfl break-glass begin why.json --token-file me"))
def begin(
    file: calling.Body, *, token: calling.Token, url: calling.Url = None, why: calling.Why = _WHY
) -> None:
    """Read cases and registrations of every branch and level for a few hours.

    The file holds reason and hours, at most 4. The data protection officer is told at once, each
    reading says so in the log, and somebody else reviews it, or the account is suspended. Findings
    and cases of children stay with those who may open them anyway.
    """
    with calling.client(token, url, why) as client:
        show.as_json(client.break_glass.begin(calling.body_of(file, {})))


@app.command("end", epilog=show.examples("rfl break-glass end brk_... --token-file me"))
def end(
    glass: _Glass,
    *,
    token: calling.Token,
    version: _Version = 1,
    url: calling.Url = None,
    why: calling.Why = _WHY,
) -> None:
    """End it before its time."""
    with calling.client(token, url, why) as client:
        show.as_json(client.break_glass.end(glass, version))


@app.command("list", epilog=show.examples("rfl break-glass list --token-file dpo --json"))
def waiting(
    *,
    token: calling.Token,
    url: calling.Url = None,
    why: calling.Why = _REVIEWS,
    limit: calling.Most = 200,
    as_json: show.Json = False,
) -> None:
    """List those that wait for a review, of every branch, the first due first."""
    with calling.client(token, url, why) as client:
        tables.rows(islice(client.break_glass.waiting(), limit), as_json=as_json)


@app.command("read", epilog=show.examples("rfl break-glass read brk_... --token-file dpo"))
def read(
    glass: _Glass, *, token: calling.Token, url: calling.Url = None, why: calling.Why = _REVIEWS
) -> None:
    """Print one with its reason, as JSON."""
    with calling.client(token, url, why) as client:
        show.as_json(client.break_glass.read(glass))


@app.command(
    "review", epilog=show.examples("rfl break-glass review brk_... found.json --token-file dpo")
)
def review(
    glass: _Glass,
    file: calling.Body,
    *,
    token: calling.Token,
    url: calling.Url = None,
    why: calling.Why = _REVIEWS,
) -> None:
    """Say what was found and whether it was justified (JSON), once it is over."""
    with calling.client(token, url, why) as client:
        version = client.break_glass.read(glass)["version"]
        show.as_json(client.break_glass.review(glass, version, calling.body_of(file, {})))
