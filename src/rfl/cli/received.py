"""`rfl received`: requests that other societies sent, and what others were asked to destroy."""

from itertools import islice
from typing import Annotated

import typer

from rfl.cli import calling, show, tables
from rfl.client.calls import Client
from rfl.domain.purpose import Purpose
from rfl.domain.request import Level
from rfl.domain.transmission import WhyReturned

app = typer.Typer(no_args_is_help=True, help="Requests that other societies sent.")

_Request = Annotated[str, typer.Argument(metavar="REQUEST", help="Id of the request that came.")]
_Reason = Annotated[WhyReturned, typer.Argument(help="What the society is told.")]
_WHY = Purpose.TRACING


@app.command("list", epilog=show.examples("rfl received list --token-file me"))
def waiting(
    *,
    token: calling.Token,
    url: calling.Url = None,
    why: calling.Why = _WHY,
    limit: calling.Most = 200,
    as_json: show.Json = False,
) -> None:
    """List the open requests of other societies, the oldest first; none is opened."""
    with calling.client(token, url, why) as client:
        tables.rows(islice(client.received.waiting(), limit), as_json=as_json)


@app.command("read", epilog=show.examples("rfl received read rcv_... --token-file me"))
def read(
    request: _Request, *, token: calling.Token, url: calling.Url = None, why: calling.Why = _WHY
) -> None:
    """Print what another society asks, as JSON. Nothing of it is matched before it is accepted."""
    with calling.client(token, url, why) as client:
        show.as_json(client.received.read(request))


@app.command("accept", epilog=show.examples("rfl received accept rcv_... --token-file me"))
def accept(
    request: _Request,
    *,
    token: calling.Token,
    level: Annotated[Level, typer.Option(help="Sensitivity of the case here.")] = Level.NORMAL,
    url: calling.Url = None,
    why: calling.Why = _WHY,
) -> None:
    """Make it a case here; the society is told the day of the answer. Prints the case's id."""
    with calling.client(token, url, why) as client:
        version = client.received.read(request)["version"]
        show.as_json(client.received.accept(request, version, level))


@app.command(
    "return", epilog=show.examples("rfl received return rcv_... more_on_person --token-file me")
)
def return_for_information(
    request: _Request,
    reason: _Reason,
    *,
    token: calling.Token,
    url: calling.Url = None,
    why: calling.Why = _WHY,
) -> None:
    """Return it for information; what does not come again within 30 days is destroyed."""
    _refuse(calling.client(token, url, why), request, "returned_for_information", reason)


@app.command("decline", epilog=show.examples("rfl received decline rcv_... rules --token-file me"))
def decline(
    request: _Request,
    reason: _Reason,
    *,
    token: calling.Token,
    url: calling.Url = None,
    why: calling.Why = _WHY,
) -> None:
    """Decline it: what came with it is destroyed at once, and attested."""
    _refuse(calling.client(token, url, why), request, "declined", reason)


@app.command("recalls", epilog=show.examples("rfl received recalls --token-file me --json"))
def recalls(
    *,
    token: calling.Token,
    url: calling.Url = None,
    why: calling.Why = _WHY,
    as_json: show.Json = False,
) -> None:
    """List what other societies were asked to destroy, and which have attested it."""
    with calling.client(token, url, why) as client:
        tables.rows(client.received.recalls(), as_json=as_json)


def _refuse(opening: Client, request: str, state: str, reason: WhyReturned) -> None:
    with opening as client:
        version = client.received.read(request)["version"]
        refusal = {"state": state, "reason": reason.value}
        show.as_json(client.received.refuse(request, version, refusal))
