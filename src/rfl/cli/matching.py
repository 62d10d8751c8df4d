"""`rfl match`: how far the comparing of everybody anew has come."""

from datetime import UTC, datetime, timedelta

import typer

from rfl.cli import show
from rfl.cli.node import opened_node
from rfl.flows.rematch import Progress, begin_rematch, rematch_progress

app = typer.Typer(no_args_is_help=True, help="Comparing everybody anew, in the background.")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@app.command(epilog=show.examples("rfl match status", "rfl match status --json"))
def status(*, as_json: show.Json = False) -> None:
    """Say by which rules everybody was compared, or how far that has come.

    A node begins by itself when its model, norm or gazetteer is another than before. Fresh
    changes go first. After a crash it goes on where it stopped.
    """
    with opened_node() as rt:
        _show(rematch_progress(rt), as_json=as_json)


@app.command(epilog=show.examples("rfl match again", "rfl match again --json"))
def again(*, as_json: show.Json = False) -> None:
    """Begin to compare everybody anew; a serving node or a worker does it in the background.

    What officers have decided stays as it is.
    """
    with opened_node() as rt:
        _show(begin_rematch(rt, again=True), as_json=as_json)


def _show(progress: Progress | None, *, as_json: bool) -> None:
    if progress is None:
        facts: dict[str, object] = {"state": "never_begun"}
    else:
        facts = {
            "state": "running" if progress.finished_at is None else "finished",
            "rules": progress.rules,
            "done": progress.done,
            "total": progress.total,
            "started_at": _moment(progress.started_at),
            "finished_at": _moment(progress.finished_at),
        }
    if as_json:
        show.as_json(facts)
    else:
        show.as_facts(facts)


def _moment(micros: int | None) -> str | None:
    if micros is None:
        return None
    return (_EPOCH + timedelta(microseconds=micros)).isoformat().replace("+00:00", "Z")
