"""`rfl message`: Red Cross Messages, from the writer's desk and from who carries them."""

from itertools import islice
from typing import Annotated

import typer

from rfl.cli import calling, show, tables
from rfl.domain.purpose import Purpose

app = typer.Typer(no_args_is_help=True, help="Red Cross Messages, and calls of families.")

_Message = Annotated[str, typer.Argument(metavar="MESSAGE", help="Id of the message.")]
_Case = Annotated[str | None, typer.Option("--case", help="Id of the case that it belongs to.")]
_WHY = Purpose.FAMILY_CONTACT


@app.command("collect", epilog=show.examples("rfl message collect letter.json --token-file me"))
def collect(
    file: calling.Body,
    *,
    token: calling.Token,
    case: _Case = None,
    url: calling.Url = None,
    why: calling.Why = _WHY,
) -> None:
    """Keep a letter: writer, addressee, relation, news, language; prints its id as JSON."""
    with calling.client(token, url, why) as client:
        show.as_json(client.messages.collect(calling.body_of(file, {"case_id": case})))


@app.command("list", epilog=show.examples("rfl message list --token-file me --json"))
def waiting(
    *,
    token: calling.Token,
    url: calling.Url = None,
    why: calling.Why = _WHY,
    limit: calling.Most = 200,
    as_json: show.Json = False,
) -> None:
    """List the branch's open letters, the oldest first; none is opened."""
    with calling.client(token, url, why) as client:
        tables.rows(islice(client.messages.waiting(), limit), as_json=as_json)


@app.command("read", epilog=show.examples("rfl message read msg_... --token-file me"))
def read(
    message: _Message, *, token: calling.Token, url: calling.Url = None, why: calling.Why = _WHY
) -> None:
    """Print a letter as its writer hears of it, with the reply once there is one, as JSON."""
    with calling.client(token, url, why) as client:
        show.as_json(client.messages.read(message))


@app.command(
    "step",
    epilog=show.examples(
        "rfl message step msg_... checks --token-file me",
        "rfl message step msg_... checks returned.json --token-file me",
        "rfl message step msg_... transmission country.json --token-file me",
    ),
)
def step(
    message: _Message,
    name: Annotated[
        str,
        typer.Argument(metavar="STEP", help="checks, news, transmission or handing-over."),
    ],
    file: calling.Body = None,
    *,
    token: calling.Token,
    url: calling.Url = None,
    why: calling.Why = _WHY,
) -> None:
    """Take a step for the writer, on the version of now.

    `checks` lets a letter go, or returns it where the file says why; `news` keeps what was written
    anew; `transmission` sends it; `handing-over` gives the reply to the writer.
    """
    body = calling.body_of(file, {})
    with calling.client(token, url, why) as client:
        version = client.messages.read(message)["version"]
        said = None if name == "handing-over" else body
        show.as_json(client.messages.step(message, version, name, said))


@app.command("way", epilog=show.examples("rfl message way msg_... --token-file carrier"))
def way(
    message: _Message, *, token: calling.Token, url: calling.Url = None, why: calling.Why = _WHY
) -> None:
    """Print what became of a letter, as JSON, for who carries it and does not handle the writer."""
    with calling.client(token, url, why) as client:
        show.as_json(client.deliveries.read(message))


@app.command(
    "carry",
    epilog=show.examples(
        "rfl message carry msg_... delivered handed.json --token-file carrier",
        "rfl message carry msg_... reply reply.json --token-file carrier",
        "rfl message carry msg_... failure reason.json --token-file carrier",
    ),
)
def carry(
    message: _Message,
    name: Annotated[str, typer.Argument(metavar="STEP", help="delivered, reply or failure.")],
    file: calling.Body,
    *,
    token: calling.Token,
    url: calling.Url = None,
    why: calling.Why = _WHY,
) -> None:
    """Enter what became of a letter.

    Its writer hears what may be told, on the day on which it may (P-38).
    """
    body = calling.body_of(file, {})
    with calling.client(token, url, why) as client:
        version = client.deliveries.read(message)["version"]
        end = None if name == "delivered" else name
        show.as_json(client.deliveries.step(message, version, end, body))


@app.command("call", epilog=show.examples("rfl message call spoke.json --token-file me"))
def record_call(
    file: calling.Body,
    *,
    token: calling.Token,
    case: _Case = None,
    url: calling.Url = None,
    why: calling.Why = _WHY,
) -> None:
    """Keep the fact that a family spoke: on, way, both_agreed; no number, nothing that was said."""
    with calling.client(token, url, why) as client:
        show.as_json(client.messages.record_call(calling.body_of(file, {"case_id": case})))


@app.command("spoke", epilog=show.examples("rfl message spoke cal_... --token-file me"))
def read_call(
    call: Annotated[str, typer.Argument(metavar="CALL", help="Id of the call.")],
    *,
    token: calling.Token,
    url: calling.Url = None,
    why: calling.Why = _WHY,
) -> None:
    """Print the record of a call, as JSON."""
    with calling.client(token, url, why) as client:
        show.as_json(client.messages.read_call(call))


@app.command("calls", epilog=show.examples("rfl message calls cas_... --token-file me --json"))
def list_calls(
    case: Annotated[str, typer.Argument(metavar="CASE", help="Id of the case.")],
    *,
    token: calling.Token,
    url: calling.Url = None,
    why: calling.Why = _WHY,
    as_json: show.Json = False,
) -> None:
    """List a case's calls: when a family spoke and how, and who kept it."""
    with calling.client(token, url, why) as client:
        tables.rows(client.messages.calls(case), as_json=as_json)
