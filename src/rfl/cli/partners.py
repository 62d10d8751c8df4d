"""`rfl case send` and what follows: requests to other societies; and the work of who leaves."""

from itertools import islice
from typing import Annotated

import typer

from rfl.cli import calling, show, tables
from rfl.domain.purpose import Purpose

app = typer.Typer(help="Requests to other societies, and the work of who leaves.")

_Case = Annotated[str, typer.Argument(metavar="CASE", help="Id of the case.")]
_Sent = Annotated[str, typer.Argument(metavar="TRANSMISSION", help="Id of the request.")]
_WHY = Purpose.TRACING


@app.command("request", epilog=show.examples("rfl case request cas_... --token-file me"))
def read_request(
    case: _Case, *, token: calling.Token, url: calling.Url = None, why: calling.Why = _WHY
) -> None:
    """Print the tracing request of a case, as JSON."""
    with calling.client(token, url, why) as client:
        show.as_json(client.read_request(case))


@app.command("send", epilog=show.examples("rfl case send cas_... to_south.json --token-file me"))
def send(
    case: _Case,
    file: calling.Body,
    *,
    token: calling.Token,
    url: calling.Url = None,
    why: calling.Why = _WHY,
) -> None:
    """Queue a request to one society: peer, methods, due_on; prints its id as JSON."""
    with calling.client(token, url, why) as client:
        show.as_json(client.transmissions.queue(case, calling.body_of(file, {})))


@app.command("sent", epilog=show.examples("rfl case sent cas_... --token-file me"))
def sent(
    case: _Case,
    *,
    token: calling.Token,
    url: calling.Url = None,
    why: calling.Why = _WHY,
    as_json: show.Json = False,
) -> None:
    """List the requests of a case to other societies, the oldest first."""
    with calling.client(token, url, why) as client:
        tables.rows(client.transmissions.of_case(case), as_json=as_json)


@app.command("partners", epilog=show.examples("rfl case partners --overdue --token-file me"))
def partners(  # noqa: PLR0913 (each argument is an option of the command)
    *,
    token: calling.Token,
    peer: Annotated[str | None, typer.Option(help="Code of one society.")] = None,
    mine: Annotated[bool, typer.Option("--mine", help="Of my cases alone.")] = False,
    overdue: Annotated[bool, typer.Option("--overdue", help="Those whose day is over.")] = False,
    url: calling.Url = None,
    why: calling.Why = _WHY,
    limit: calling.Most = 200,
    as_json: show.Json = False,
) -> None:
    """List the requests that wait for another society, the first due first."""
    with calling.client(token, url, why) as client:
        found = client.transmissions.waiting(peer, mine=mine, overdue=overdue)
        tables.rows(islice(found, limit), as_json=as_json)


@app.command("answer", epilog=show.examples("rfl case answer trm_... --token-file me"))
def read_answer(
    transmission: _Sent, *, token: calling.Token, url: calling.Url = None, why: calling.Why = _WHY
) -> None:
    """Print a request to another society, and what came back, as JSON."""
    with calling.client(token, url, why) as client:
        show.as_json(client.transmissions.read(transmission))


@app.command("move", epilog=show.examples("rfl case move trm_... accepted.json --token-file me"))
def move(
    transmission: _Sent,
    file: calling.Body,
    *,
    token: calling.Token,
    url: calling.Url = None,
    why: calling.Why = _WHY,
) -> None:
    """Enter what the other society did: state, and reason, answer_on or results with it."""
    body = calling.body_of(file, {})
    with calling.client(token, url, why) as client:
        version = client.transmissions.read(transmission)["version"]
        show.as_json(client.transmissions.move(transmission, version, body))


@app.command("remind", epilog=show.examples("rfl case remind trm_... --token-file me"))
def remind(
    transmission: _Sent, *, token: calling.Token, url: calling.Url = None, why: calling.Why = _WHY
) -> None:
    """Remind a society with a node of its decision or its answer, by a template."""
    with calling.client(token, url, why) as client:
        version = client.transmissions.read(transmission)["version"]
        show.as_json(client.transmissions.remind(transmission, version))


@app.command("withdraw", epilog=show.examples("rfl case withdraw cas_... share --token-file me"))
def withdraw(
    case: _Case,
    uses: Annotated[
        list[str], typer.Argument(metavar="USE", help="search, share, publish or contact.")
    ],
    *,
    token: calling.Token,
    url: calling.Url = None,
    why: calling.Why = _WHY,
) -> None:
    """Take back what the enquirer agreed to, at once; requests under way are recalled."""
    with calling.client(token, url, why) as client:
        version = client.files.read(case)["version"]
        show.as_json(client.transmissions.withdraw(case, version, uses))


@app.command(
    "reassign",
    epilog=show.examples(
        "rfl case reassign acc_... acc_... --token-file supervisor",
        "rfl case reassign acc_... acc_... --searches --token-file supervisor",
    ),
)
def reassign(  # noqa: PLR0913 (each argument is an option of the command)
    leaving: Annotated[str, typer.Argument(metavar="LEAVING", help="Who leaves.")],
    officer: Annotated[str, typer.Argument(metavar="OFFICER", help="Who comes in their place.")],
    *,
    token: calling.Token,
    searches: Annotated[
        bool, typer.Option("--searches", help="Their searches, not what they do for enquirers.")
    ] = False,
    url: calling.Url = None,
    why: calling.Why = _WHY,
    as_json: show.Json = False,
) -> None:
    """Give everything of an officer who leaves to another, and list it; supervisors do this.

    Without `--searches`: cases with their tasks, requests and letters, enquiries, letters and
    approvals asked for. What is left says why.
    """
    with calling.client(token, url, why) as client:
        office = client.office
        give = office.pass_on_searches if searches else office.reassign
        tables.rows(give(leaving, officer), as_json=as_json)
