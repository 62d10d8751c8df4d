"""`rfl bundle`: the post by file, for where there is no network."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from rfl.cli import show
from rfl.cli.node import office_call, opened_node
from rfl.cli.peers import Code
from rfl.errors import InvalidInput
from rfl.flows.take_bundle import TakenBundle, take_bundle
from rfl.flows.write_bundle import write_bundle

app = typer.Typer(no_args_is_help=True, help="The post by file, where there is no network.")


@app.command(
    "export",
    epilog=show.examples("rfl bundle export south", "rfl bundle export south stick/south.rflb"),
)
def export(
    peer: Code,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="A new file; without it, for-PEER.rflb here."),
    ] = None,
    *,
    as_json: show.Json = False,
) -> None:
    """Write what waits for a society into a file: letters, attachments, and receipts owed to it.

    All of it is sealed and signed, so any stick will do. It goes on waiting here until the
    society's receipts come back: a file that is lost is written anew, and what arrives twice is
    taken once.
    """
    file = file or Path(f"for-{peer}.rflb")
    with opened_node() as rt:
        try:
            sink = file.open("xb")
        except OSError as cause:
            raise InvalidInput("FILE", "must be a new file in a folder that is there") from cause
        try:
            with sink:
                written = write_bundle(rt, office_call(), peer, sink)
        except BaseException as failure:
            file.unlink(missing_ok=True)
            if isinstance(failure, OSError):
                raise InvalidInput("FILE", "must stand where there is room for it") from failure
            raise
    _say(asdict(written) | {"file": str(file)}, as_json)


@app.command(
    "import", epilog=show.examples("rfl bundle import south.rflb", "rfl bundle import F --json")
)
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A bundle of a trusted society.")],
    *,
    as_json: show.Json = False,
) -> None:
    """Take in what a society has sent by file, and say what became of each thing.

    A file that was cut off or edited, or is for another society, is refused whole. The receipts
    leave with the next `rfl bundle export`. Exit code 1 if any of it was refused.
    """
    with opened_node() as rt:
        try:
            with file.open("rb") as source:
                taken = take_bundle(rt, office_call(), source)
        except OSError as cause:
            raise InvalidInput("FILE", "must be a file that can be read") from cause
    _say(_facts(taken), as_json)
    if _refused(taken):
        raise typer.Exit(1)


def _facts(taken: TakenBundle) -> dict[str, object]:
    return {
        "bundle": taken.bundle,
        "peer": taken.peer,
        "letters": dict(taken.envelopes),
        "repeated": taken.repeated,
        "attachments": dict(taken.blobs),
        "receipts": dict(taken.receipts),
    }


def _refused(taken: TakenBundle) -> bool:
    fine = {"processed", "parked", "rejected", "expired", "settled", "repeated", "taken"}
    return bool({*taken.envelopes, *taken.blobs, *taken.receipts} - fine)


def _say(facts: dict[str, object], as_json: show.Json) -> None:
    if as_json:
        show.as_json(facts)
        return
    show.as_facts(
        {name: _words(one) if isinstance(one, dict) else one for name, one in facts.items()}
    )


def _words(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {code}" for code, count in sorted(counts.items())) or "none"
