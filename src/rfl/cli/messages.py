"""`rfl message`: Red Cross Messages, from the writer's desk and from who carries them."""

from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from rfl.cli import calling, sealing, show, tables
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


@app.command(
    "dossier", epilog=show.examples("rfl message dossier msg_... to_west.html --token-file me")
)
def dossier(
    message: _Message,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file for the sealed page.")],
    *,
    token: calling.Token,
    language: Annotated[
        str | None, typer.Option(help="en, fr, es, ar or ru; without it the society's own.")
    ] = None,
    url: calling.Url = None,
    why: calling.Why = _WHY,
) -> None:
    """Seal a letter for a society without a node, or the word that its own writer may hear.

    Prints the passphrase once. It goes by another way than the file.
    """
    sealing.require_new(file)
    with calling.client(token, url, why) as client:
        version = client.messages.read(message)["version"]
        sealing.keep(file, client.messages.make_dossier(message, version, language))


@app.command(
    "received",
    epilog=show.examples(
        "rfl message received letter.json --from west --ref W-118 --token-file me"
    ),
)
def received(
    file: calling.Body,
    *,
    token: calling.Token,
    peer: Annotated[str, typer.Option("--from", help="Code of the society, without a node.")],
    ref: Annotated[str, typer.Option(help="That society's reference of the letter.")],
    url: calling.Url = None,
    why: calling.Why = _WHY,
) -> None:
    """Keep a letter that came on paper: writer, addressee, relation, news, language.

    It is carried like any other (`rfl message carry`); what its writer may hear is in `owed`.
    """
    with calling.client(token, url, why) as client:
        show.as_json(client.messages.take(calling.body_of(file, {"peer": peer, "ref": ref})))


@app.command("owed", epilog=show.examples("rfl message owed --token-file me --json"))
def owed(
    *,
    token: calling.Token,
    url: calling.Url = None,
    why: calling.Why = _WHY,
    limit: calling.Most = 200,
    as_json: show.Json = False,
) -> None:
    """List letters of which a society without a node is to be brought word, the oldest first."""
    with calling.client(token, url, why) as client:
        tables.rows(islice(client.messages.owed(), limit), as_json=as_json)


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
