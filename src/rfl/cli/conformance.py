"""`rfl conformance` and `rfl conformance-peer`: play the other society against any node."""

import shlex
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from rfl.cli import show
from rfl.cli.node import Stopwatch
from rfl.conformance import identity
from rfl.conformance.case import GROUPS, Failed
from rfl.conformance.identity import PLAYER, SUSPENDED, make_identity
from rfl.conformance.line import connector
from rfl.conformance.play import Play
from rfl.conformance.suite import Result, passed, perform, table
from rfl.errors import InvalidInput
from rfl.exchange.descriptor import Mode, parse_descriptor
from rfl.exchange.transport import Transport

app = typer.Typer()

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="A new folder for keys.")]
Keys = Annotated[Path, typer.Option("--identity", help="Folder that conformance-peer has made.")]


@app.command(
    "conformance-peer",
    epilog=show.examples("rfl conformance-peer played", "rfl conformance-peer played --json"),
)
def make_peer(folder: Folder, *, as_json: show.Json = False) -> None:
    """Make the two test societies that `rfl conformance` plays.

    The node under test, which must be in exercise mode, adds and trusts both by the digits shown
    here, and then suspends the second. Their keys are for tests alone.
    """
    if (folder / identity.KEYS).exists():
        raise InvalidInput("DIR", "must be a new folder: its keys are not overwritten")
    made = [make_identity(code) for code in (PLAYER, SUSPENDED)]
    identity.keep(folder, made)
    facts = [
        {
            "society": one.code,
            "descriptor": str(folder / f"{one.code}.json"),
            "fingerprint": one.descriptor().fingerprint(),
        }
        for one in made
    ]
    if as_json:
        show.as_json({"societies": facts})
    else:
        for one in facts:
            show.as_facts(one)


@app.command(
    "conformance",
    epilog=show.examples(
        "rfl conformance https://rfl.south.example --identity played",
        "rfl conformance http://127.0.0.1:8460 --identity played --only C1,C4 --json",
        "rfl conformance URL --identity played --crash-command ./kill-and-restart.sh",
    ),
)
def conformance(
    url: Annotated[str, typer.Argument(metavar="URL", help="Address of the node under test.")],
    *,
    keys: Keys,
    only: Annotated[str, typer.Option(help="Groups to play, as C1,C4.")] = ",".join(GROUPS),
    ca_file: Annotated[Path | None, typer.Option(help="What its certificate leads to.")] = None,
    crash_command: Annotated[
        str | None, typer.Option(help="Kills the node and starts it again; for group C7.")
    ] = None,
    as_json: show.Json = False,
) -> None:
    """Play the other society against a node, and show which rules of rfl/1 it keeps.

    It calls any implementation by its address and needs none of its code. docs/partners.md says how
    the node is made to trust the societies that are played. Exit code 1 if a rule is broken.
    """
    groups = _groups(only)
    watch = Stopwatch()
    with _playing(url, keys, ca_file, crash_command) as play:
        results = list(perform(play, groups))
        node = play.node.code
    whole = passed(results)
    if as_json:
        rows = [_fact(one) for one in results]
        facts = {"node": node, "url": url, "passed": whole, "seconds": watch.seconds}
        show.as_json(facts | {"groups": table(results), "cases": rows})
    else:
        _print(results)
    if not whole:
        raise typer.Exit(1)


@contextmanager
def _playing(url: str, folder: Path, ca_file: Path | None, crash: str | None) -> Iterator[Play]:
    player, suspended = identity.kept(folder)
    line = Transport(ca_file, plain=True)
    try:
        node = parse_descriptor(line.fetch_descriptor(url))
        if node.mode is not Mode.EXERCISE:
            raise InvalidInput("URL", "must be a node in exercise mode: test keys stay out of live")
        yield Play(
            url=url,
            node=node,
            player=player,
            suspended=suspended,
            carry=line.carry,
            connect=connector(url, ca_file),
            keep=lambda changed: identity.keep(folder, [changed, suspended]),
            crash=_crash(crash) if crash else None,
        )
    finally:
        line.close()


def _crash(command: str) -> Callable[[], None]:
    """Whoever calls this names the command: it is their own machine."""

    def crash() -> None:
        done = subprocess.run(shlex.split(command), check=False)  # noqa: S603 (the caller's own)
        if done.returncode:
            raise Failed(f"the crash command ended with {done.returncode}")

    return crash


def _groups(only: str) -> list[str]:
    chosen = [one.strip().upper() for one in only.split(",") if one.strip()]
    if not chosen or set(chosen) - set(GROUPS):
        raise InvalidInput("--only", f"must be some of {', '.join(GROUPS)}")
    return chosen


def _fact(one: Result) -> dict[str, str]:
    facts = {"group": one.case.group, "kind": one.case.kind.value, "rule": one.case.rule}
    return facts | {"outcome": one.outcome.value, "why": one.why}


def _print(results: Sequence[Result]) -> None:
    rows = table(results)
    show.as_table("Conformance with rfl/1", rows[0], [row.values() for row in rows])
    for one in results:
        if one.why:
            said = f"{one.case.group} {one.outcome}: {one.case.kind} {one.case.rule}: {one.why}"
            show.out.print(said, markup=False)
