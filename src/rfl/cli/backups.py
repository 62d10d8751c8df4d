"""`rfl backup` and `rfl restore`: a node in two sealed files, and back."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from rfl.cli import show
from rfl.cli.node import Stopwatch, office_call, opened_node
from rfl.flows.back_up import KEEP_DAYS, back_up, restore

app = typer.Typer()

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the backup.")]


@app.command(epilog=show.examples("rfl backup /backups/2026-03-01", "rfl backup DIR --json"))
def backup(
    folder: Folder,
    *,
    keep_days: Annotated[
        int, typer.Option(min=1, max=90, help="Days after which keys.rflb must be destroyed.")
    ] = KEEP_DAYS,
    as_json: show.Json = False,
) -> None:
    """Write a sealed backup of one moment into an empty or new folder.

    data.rflb has everything but the records' keys; keys.rflb has these alone. Destroy every
    keys.rflb on its day: from then on no backup can bring back what was erased. The newest
    keys.rflb opens every older data.rflb.

    Neither file holds the node's own keys: keep RFL_KEYRING and the master key elsewhere.
    """
    watch = Stopwatch()
    with opened_node() as rt:
        done = asdict(back_up(rt, office_call(), folder, keep_days=keep_days))
    _show(done | {"seconds": watch.seconds}, as_json=as_json)


@app.command("restore", epilog=show.examples("rfl db upgrade && rfl restore /backups/2026-03-01"))
def bring_back(folder: Folder, *, as_json: show.Json = False) -> None:
    """Fill an empty database from a backup, whole or not at all.

    It needs the keyring and the master key of the node that made the backup. Records that were
    erased after data.rflb was made, and so are not in a newer keys.rflb, stay erased. Tokens
    that were revoked since are valid again: revoke them again.
    """
    watch = Stopwatch()
    with opened_node() as rt:
        done = asdict(restore(rt, office_call(), folder))
    _show(done | {"seconds": watch.seconds}, as_json=as_json)


def _show(report: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        show.as_json(report)
        return
    rows = report.pop("rows")
    show.as_facts({name.replace("_", " "): value for name, value in report.items()})
    if isinstance(rows, dict):
        show.as_table("Rows", ("table", "rows"), rows.items())
