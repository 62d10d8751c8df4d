"""`rfl task`: what is to be done towards an enquirer by a day."""

from itertools import islice
from typing import Annotated

import typer

from rfl.cli import calling, show, tables
from rfl.domain.purpose import Purpose

app = typer.Typer(no_args_is_help=True, help="What is to be done by a day, and its reminders.")

_Task = Annotated[str, typer.Argument(metavar="TASK", help="Id of the task.")]
_WHY = Purpose.TRACING


@app.command(
    "list",
    epilog=show.examples(
        "rfl task list --mine --token-file me",
        "rfl task list --overdue --token-file me",
        "rfl task list --until 2027-01-31 --token-file me --json",
    ),
)
def due(  # noqa: PLR0913 (each argument is an option of the command)
    *,
    token: calling.Token,
    until: Annotated[
        str | None, typer.Option(help="Up to this day, YYYY-MM-DD; today unless given.")
    ] = None,
    mine: Annotated[bool, typer.Option("--mine", help="Mine alone.")] = False,
    overdue: Annotated[bool, typer.Option("--overdue", help="Those whose day is over.")] = False,
    url: calling.Url = None,
    why: calling.Why = _WHY,
    limit: calling.Most = 200,
    as_json: show.Json = False,
) -> None:
    """List tasks from their first reminder on, by the day to look at them; none is opened."""
    with calling.client(token, url, why) as client:
        found = client.tasks.due(until, mine=mine, overdue=overdue)
        tables.rows(islice(found, limit), as_json=as_json)


@app.command("add", epilog=show.examples("rfl task add cas_... ring.json --token-file me"))
def add(
    case: Annotated[str, typer.Argument(metavar="CASE", help="Id of the case.")],
    file: calling.Body,
    *,
    token: calling.Token,
    url: calling.Url = None,
    why: calling.Why = _WHY,
) -> None:
    """Plan a task for the officer of a case: kind, what, due_on; remind_on: days of reminder."""
    with calling.client(token, url, why) as client:
        show.as_json(client.tasks.add(case, calling.body_of(file, {})))


@app.command("read", epilog=show.examples("rfl task read tsk_... --token-file me"))
def read(
    task: _Task, *, token: calling.Token, url: calling.Url = None, why: calling.Why = _WHY
) -> None:
    """Print a task, as JSON."""
    with calling.client(token, url, why) as client:
        show.as_json(client.tasks.read(task))


@app.command("done", epilog=show.examples("rfl task done tsk_... came.json --token-file me"))
def done(
    task: _Task,
    file: calling.Body = None,
    *,
    token: calling.Token,
    url: calling.Url = None,
    why: calling.Why = _WHY,
) -> None:
    """Say that a task is done; a file may say what came of it: {"came": "..."}.

    Whether the family still searches, and the review of a case, are planned again at once.
    """
    body = calling.body_of(file, {})
    with calling.client(token, url, why) as client:
        version = client.tasks.read(task)["version"]
        show.as_json(client.tasks.done(task, version, body.get("came")))
