"""`rfl case disclosure`: what an authority is told, by permission or under an order."""

from itertools import islice
from typing import Annotated

import typer

from rfl.cli import calling, show, tables
from rfl.domain.purpose import Purpose

app = typer.Typer(
    no_args_is_help=True,
    help="What authorities are told: asked by one officer, decided by another, given once.",
)

_Disclosure = Annotated[str, typer.Argument(metavar="DISCLOSURE", help="Id of the request.")]
_WHY = Purpose.TRACING


@app.command(
    "ask",
    epilog=show.examples(
        "rfl case disclosure ask asked.json --record cas_... --person per_... ..."
    ),
)
def ask(
    file: calling.Body,
    *,
    token: calling.Token,
    record: Annotated[str | None, typer.Option(help="Id of the case or registration.")] = None,
    person: Annotated[str | None, typer.Option(help="Id of the person it is about.")] = None,
    url: calling.Url = None,
    why: calling.Why = _WHY,
) -> None:
    """Ask that an authority is told: about (enquirer, sought, registered), authority, items,
    reason; and order (reference, law, dated) where a law compels.
    """
    body = calling.body_of(file, {"record": record, "person": person})
    with calling.client(token, url, why) as client:
        show.as_json(client.authorities.ask(body))


@app.command("list", epilog=show.examples("rfl case disclosure list --token-file me"))
def waiting(
    *,
    token: calling.Token,
    url: calling.Url = None,
    why: calling.Why = _WHY,
    limit: calling.Most = 200,
    as_json: show.Json = False,
) -> None:
    """List the requests that wait to be decided or given, the oldest first; none is opened."""
    with calling.client(token, url, why) as client:
        tables.rows(islice(client.authorities.waiting(), limit), as_json=as_json)


@app.command("read", epilog=show.examples("rfl case disclosure read dsc_... --token-file me"))
def read(
    disclosure: _Disclosure,
    *,
    token: calling.Token,
    url: calling.Url = None,
    why: calling.Why = _WHY,
) -> None:
    """Print exactly what is asked for and what became of it, as JSON; not what is given."""
    with calling.client(token, url, why) as client:
        show.as_json(client.authorities.read(disclosure))


@app.command(
    "decide",
    epilog=show.examples(
        "rfl case disclosure decide dsc_... agreed.json --token-file second",
        "rfl case disclosure decide dsc_... lawful.json --purpose data_subject_request ...",
    ),
)
def decide(
    disclosure: _Disclosure,
    file: calling.Body,
    *,
    token: calling.Token,
    url: calling.Url = None,
    why: calling.Why = _WHY,
) -> None:
    """Decide as the second officer: agrees, reason. About an order the data protection officer
    decides, with agency: told_on, or forbidden_by.
    """
    with calling.client(token, url, why) as client:
        version = client.authorities.read(disclosure)["version"]
        body = calling.body_of(file, {})
        show.as_json(client.authorities.decide(disclosure, version, body))


@app.command("give", epilog=show.examples("rfl case disclosure give dsc_... --token-file me"))
def give(
    disclosure: _Disclosure,
    *,
    token: calling.Token,
    url: calling.Url = None,
    why: calling.Why = _WHY,
) -> None:
    """Print what is to be handed over, as JSON, once; the log says to whom and which items."""
    with calling.client(token, url, why) as client:
        version = client.authorities.read(disclosure)["version"]
        show.as_json(client.authorities.give(disclosure, version))
