"""`rfl match`: proposals, for officers who script; and the comparing of everybody anew."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from rfl.cli import calling, show
from rfl.cli.node import opened_node
from rfl.domain.purpose import Purpose
from rfl.flows.hash_again import hash_again
from rfl.flows.rematch import Progress, begin_rematch, rematch_progress

app = typer.Typer(no_args_is_help=True, help="Proposals, and comparing everybody anew.")

_Match = Annotated[str, typer.Argument(metavar="MATCH", help="Id of the proposal.")]
_WHY = Purpose.TRACING
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

    What officers have decided stays as it is. Identifiers are hashed anew before, at once: run it
    after every change of RFL_IDENTIFIER_KINDS or RFL_PHONE_REGION.
    """
    with opened_node() as rt:
        hash_again(rt)
        _show(begin_rematch(rt, again=True), as_json=as_json)


@app.command("list", epilog=show.examples("rfl match list cas_... --token-file me"))
def of_case(
    case: Annotated[str, typer.Argument(metavar="CASE", help="Id of the case.")],
    *,
    token: calling.Token,
    url: calling.Url = None,
    why: calling.Why = _WHY,
) -> None:
    """Print the proposals of a case with their reasons, the likeliest first, as JSON."""
    with calling.client(token, url, why) as client:
        show.as_json({"items": client.matches(case)})


@app.command("read", epilog=show.examples("rfl match read mat_... --token-file me"))
def read(
    match: _Match, *, token: calling.Token, url: calling.Url = None, why: calling.Why = _WHY
) -> None:
    """Print one proposal with both persons and what was decided, as JSON."""
    with calling.client(token, url, why) as client:
        show.as_json(client.read_match(match))


@app.command("decide", epilog=show.examples("rfl match decide mat_... confirmed.json ..."))
def decide(
    match: _Match,
    file: calling.Body,
    *,
    token: calling.Token,
    url: calling.Url = None,
    why: calling.Why = _WHY,
) -> None:
    """Decide about a proposal on the version of now: state, and reason in your own words."""
    body = calling.body_of(file, {})
    with calling.client(token, url, why) as client:
        version = client.read_match(match)["version"]
        state, reason = str(body.get("state", "")), str(body.get("reason", ""))
        show.as_json(client.decide(match, version, state, reason))


@app.command("put-away", epilog=show.examples("rfl match put-away mat_... --token-file me"))
def put_away(
    match: _Match, *, token: calling.Token, url: calling.Url = None, why: calling.Why = _WHY
) -> None:
    """Take a proposal off the branch's list of new ones; the proposal itself stays."""
    with calling.client(token, url, why) as client:
        client.queues.put_away(match)
        show.as_json({"id": match})


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
