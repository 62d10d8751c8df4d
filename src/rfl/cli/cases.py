"""`rfl enquiry` and `rfl case`: for officers who script. They call the node's HTTP API."""

from itertools import islice
from typing import Annotated

import typer

from rfl.cli import calling, show, tables
from rfl.domain.purpose import Purpose

enquiry_app = typer.Typer(no_args_is_help=True, help="What comes before a case.")
case_app = typer.Typer(no_args_is_help=True, help="Cases: the enquirer's side and the search.")

_Enquiry = Annotated[str, typer.Argument(metavar="ENQUIRY", help="Id of the enquiry.")]
_Case = Annotated[str, typer.Argument(metavar="CASE", help="Id of the case.")]
_Person = Annotated[str | None, typer.Option("--person", help="Id of the sought person.")]
_Enquirer = Annotated[str | None, typer.Option("--enquirer", help="Id of the enquirer.")]
_WHY = Purpose.TRACING


@enquiry_app.command("receive", epilog=show.examples("rfl enquiry receive visit.json ..."))
def receive(
    file: calling.Body, *, token: calling.Token, url: calling.Url = None, why: calling.Why = _WHY
) -> None:
    """Keep an enquiry: channel, caller, said, is_relative; prints its id as JSON."""
    with calling.client(token, url, why) as client:
        show.as_json(client.enquiries.receive(calling.body_of(file, {})))


@enquiry_app.command("list", epilog=show.examples("rfl enquiry list --token-file me"))
def waiting(
    *,
    token: calling.Token,
    url: calling.Url = None,
    why: calling.Why = _WHY,
    limit: calling.Most = 200,
    as_json: show.Json = False,
) -> None:
    """List the branch's open enquiries, the oldest first; no name is opened."""
    with calling.client(token, url, why) as client:
        tables.rows(islice(client.enquiries.waiting(), limit), as_json=as_json)


@enquiry_app.command("read", epilog=show.examples("rfl enquiry read enq_... --token-file me"))
def read_enquiry(
    enquiry: _Enquiry, *, token: calling.Token, url: calling.Url = None, why: calling.Why = _WHY
) -> None:
    """Print an enquiry with every step of it, as JSON."""
    with calling.client(token, url, why) as client:
        show.as_json(client.enquiries.read(enquiry))


@enquiry_app.command("turn", epilog=show.examples("rfl enquiry turn enq_... triage.json ..."))
def turn(
    enquiry: _Enquiry,
    file: calling.Body,
    *,
    token: calling.Token,
    url: calling.Url = None,
    why: calling.Why = _WHY,
) -> None:
    """Move an enquiry one step: state, and said, reason or interview_on where they belong."""
    with calling.client(token, url, why) as client:
        version = client.enquiries.read(enquiry)["version"]
        show.as_json(client.enquiries.move(enquiry, version, calling.body_of(file, {})))


@case_app.command("open", epilog=show.examples("rfl case open request.json --enquiry enq_... ..."))
def open_case(
    file: calling.Body,
    *,
    token: calling.Token,
    enquiry: Annotated[str | None, typer.Option(help="The eligible enquiry it was.")] = None,
    url: calling.Url = None,
    why: calling.Why = _WHY,
) -> None:
    """Open a case from a tracing request; prints its id as JSON."""
    body = calling.body_of(file, {})
    with calling.client(token, url, why) as client:
        show.as_json(client.open_case(body, intake=enquiry))  # type: ignore[arg-type]


@case_app.command(
    "queue",
    epilog=show.examples(
        "rfl case queue mine --token-file me",
        "rfl case queue branch --country AF --opened-until 2025-12-31 --token-file me",
        "rfl case queue proposals --only rose --token-file me --json",
    ),
)
def queue(  # noqa: PLR0913 (each argument is an option of the command)
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="mine, branch, unassigned, to_tell, to_review, answers, judge_again; "
            "searching or proposals.",
        ),
    ],
    *,
    token: calling.Token,
    narrowed: Annotated[
        str | None,
        typer.Option(
            "--only", help="An outside state; what a search waits for; new, rose or sample."
        ),
    ] = None,
    level: Annotated[str | None, typer.Option(help="normal, restricted ...")] = None,
    country: Annotated[str | None, typer.Option(help="Country of search, as AF.")] = None,
    opened_from: Annotated[str | None, typer.Option(help="Opened on this day or later.")] = None,
    opened_until: Annotated[str | None, typer.Option(help="Opened on this day or before.")] = None,
    until: Annotated[str | None, typer.Option(help="Last day of review or answer.")] = None,
    url: calling.Url = None,
    why: calling.Why = _WHY,
    limit: calling.Most = 200,
    as_json: show.Json = False,
) -> None:
    """List what waits, the oldest first: ids, dates and states, no name.

    `answers`: whose answer date comes within two weeks. `judge_again`: judged by older rules.
    `searching`: the searches of my teams. `proposals`: those that nobody has looked at.
    """
    more = {"level": level, "country": country, "until": until}
    more |= {"opened_from": opened_from, "opened_until": opened_until}
    asked = {key: value for key, value in more.items() if value is not None}
    with calling.client(token, url, why) as client:
        queues = client.queues
        if name == "searching":
            found = queues.searches(narrowed)
        elif name == "proposals":
            found = queues.proposals(narrowed)
        else:
            found = queues.cases(name, narrowed, **asked)
        tables.rows(islice(found, limit), as_json=as_json)


@case_app.command("read", epilog=show.examples("rfl case read cas_... --token-file me"))
def read_file(
    case: _Case, *, token: calling.Token, url: calling.Url = None, why: calling.Why = _WHY
) -> None:
    """Print the enquirer's side: what was judged, agreed and told, and its timeline, as JSON."""
    with calling.client(token, url, why) as client:
        show.as_json(client.files.read(case))


@case_app.command(
    "step", epilog=show.examples("rfl case step cas_... screening answers.json --token-file me")
)
def step(  # noqa: PLR0913 (each argument is an option of the command)
    case: _Case,
    name: Annotated[str, typer.Argument(metavar="STEP", help="The step, as the API names it.")],
    file: calling.Body = None,
    *,
    token: calling.Token,
    person: _Person = None,
    url: calling.Url = None,
    why: calling.Why = _WHY,
) -> None:
    """Take a step of the enquirer's side on the version of now: credibility, screening, child,
    acceptance, notes, talks, closing and so on. `child` is how a child that asks was heard.
    """
    with calling.client(token, url, why) as client:
        version = client.files.read(case)["version"]
        body = calling.body_of(file, {"person": person})
        show.as_json(client.files.step(case, version, name, body))


@case_app.command("team", epilog=show.examples("rfl case team cas_... acc_... --token-file me"))
def team(
    case: _Case,
    officer: Annotated[str, typer.Argument(metavar="OFFICER", help="Id of the account.")],
    *,
    token: calling.Token,
    leaves: Annotated[bool, typer.Option("--leaves", help="Take them from the team.")] = False,
    url: calling.Url = None,
    why: calling.Why = _WHY,
) -> None:
    """Say who searches. Who handles the enquirer joins only if a second officer adds them."""
    with calling.client(token, url, why) as client:
        show.as_json(client.searches.team(case, officer, joins=not leaves))


@case_app.command("search", epilog=show.examples("rfl case search cas_... --token-file me"))
def read_search(
    case: _Case, *, token: calling.Token, url: calling.Url = None, why: calling.Why = _WHY
) -> None:
    """Print the searching side as JSON, with what is told outside and when; for its team."""
    with calling.client(token, url, why) as client:
        show.as_json(client.searches.read(case))


@case_app.command("take", epilog=show.examples("rfl case take cas_... answer answer.json ..."))
def take(  # noqa: PLR0913 (each argument is an option of the command)
    case: _Case,
    name: Annotated[str, typer.Argument(metavar="STEP", help="note, lead, verify, answer ...")],
    file: calling.Body = None,
    *,
    token: calling.Token,
    person: _Person = None,
    enquirer: _Enquirer = None,
    url: calling.Url = None,
    why: calling.Why = _WHY,
) -> None:
    """Take a step of the search on the version of now."""
    body = calling.body_of(file, {"person": person, "enquirer": enquirer})
    with calling.client(token, url, why) as client:
        version = client.searches.read(case)["version"]
        show.as_json(client.searches.step(case, version, name, **body))
