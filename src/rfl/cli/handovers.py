"""`rfl case handover`: the responsibility towards an enquirer, given to another society."""

from itertools import islice
from typing import Annotated

import typer

from rfl.cli import calling, show, tables
from rfl.domain.purpose import Purpose

app = typer.Typer(no_args_is_help=True, help="Cases given to, and taken from, other societies.")

_Case = Annotated[str, typer.Argument(metavar="CASE", help="Id of the case.")]
_Handover = Annotated[str, typer.Argument(metavar="HANDOVER", help="Id of the handover.")]
_WHY = Purpose.TRACING


@app.command(
    "offer",
    epilog=show.examples("rfl case handover offer cas_... south --approval apr_... --token-file a"),
)
def offer(
    case: _Case,
    peer: Annotated[str, typer.Argument(metavar="PEER", help="Code of the society.")],
    *,
    token: calling.Token,
    approval: Annotated[
        str | None, typer.Option(help="Id of a second officer's approval of `handover`.")
    ] = None,
    url: calling.Url = None,
    why: calling.Why = _WHY,
) -> None:
    """Offer a case with everything the enquirer said; it rests here as it is until then."""
    with calling.client(token, url, why) as client:
        version = client.files.read(case)["version"]
        show.as_json(client.handovers.offer(case, version, peer, approval))


@app.command("list", epilog=show.examples("rfl case handover list --token-file me"))
def waiting(
    *,
    token: calling.Token,
    url: calling.Url = None,
    why: calling.Why = _WHY,
    limit: calling.Most = 200,
    as_json: show.Json = False,
) -> None:
    """List the open handovers, both ways, the oldest first; none is opened."""
    with calling.client(token, url, why) as client:
        tables.rows(islice(client.handovers.waiting(), limit), as_json=as_json)


@app.command("read", epilog=show.examples("rfl case handover read hnd_... --token-file me"))
def read(
    handover: _Handover, *, token: calling.Token, url: calling.Url = None, why: calling.Why = _WHY
) -> None:
    """Print a handover, as JSON, with the whole request where another society offers it."""
    with calling.client(token, url, why) as client:
        show.as_json(client.handovers.read(handover))


@app.command("accept", epilog=show.examples("rfl case handover accept hnd_... --token-file me"))
def accept(
    handover: _Handover, *, token: calling.Token, url: calling.Url = None, why: calling.Why = _WHY
) -> None:
    """Accept a case; it is yours, and opened, once the other society has let go of it."""
    with calling.client(token, url, why) as client:
        version = client.handovers.read(handover)["version"]
        show.as_json(client.handovers.accept(handover, version))


@app.command("decline", epilog=show.examples("rfl case handover decline hnd_... --token-file me"))
def decline(
    handover: _Handover, *, token: calling.Token, url: calling.Url = None, why: calling.Why = _WHY
) -> None:
    """Decline a case: what came with it is destroyed at once, and attested."""
    with calling.client(token, url, why) as client:
        client.handovers.decline(handover, client.handovers.read(handover)["version"])


@app.command("withdraw", epilog=show.examples("rfl case handover withdraw hnd_... --token-file me"))
def withdraw(
    handover: _Handover, *, token: calling.Token, url: calling.Url = None, why: calling.Why = _WHY
) -> None:
    """Withdraw an offer before it is accepted; what was sent is recalled."""
    with calling.client(token, url, why) as client:
        version = client.handovers.read(handover)["version"]
        show.as_json(client.handovers.withdraw(handover, version))
