"""`rfl keys`: the versions of the keys that wrap every record's keys, and of the log's key."""

from dataclasses import replace
from typing import Annotated

import typer
from rich.progress import Progress

from rfl import wiring
from rfl.cli import show
from rfl.cli.node import Approval, Stopwatch, office_call, opened_node
from rfl.flows.rotate_keys import (
    destroy_old_keys,
    records_by_version,
    rotate_keys,
    rotate_log_key,
)
from rfl.flows.runtime import Runtime
from rfl.flows.sequence import log_key

app = typer.Typer(no_args_is_help=True, help="The node's key-encryption keys, by version.")


@app.command("rotate", epilog=show.examples("rfl keys rotate", "rfl keys rotate --destroy-old"))
def rotate(
    *,
    destroy_old: Annotated[
        bool, typer.Option("--destroy-old", help="Then destroy the versions no longer in use.")
    ] = False,
    approval: Approval = None,
    as_json: show.Json = False,
) -> None:
    """Make a new version of the keys and wrap every record's keys under it.

    It may run beside a serving node. If it is interrupted, run it again: it goes on where it
    stopped. The records themselves are not sealed anew, only their keys.

    With two administrators on the node, --destroy-old needs their --approval of `key_destruction`,
    subject `keys`, details: the version that stays. After it, backups made before this rotation
    cannot be restored: make one at once.
    """
    with opened_node() as rt:
        report = _rotated(rt, quiet=as_json)
        if destroy_old:
            destroy_old_keys(rt, replace(office_call(), approval=approval))
    report["destroyed_old"] = destroy_old
    if as_json:
        show.as_json(report)
        return
    show.as_facts(report)
    if destroy_old:
        show.out.print("Earlier backups cannot be restored any more: run rfl backup now.")


@app.command(
    "rotate-log", epilog=show.examples("rfl keys rotate-log", "rfl keys rotate-log --json")
)
def rotate_log(*, as_json: show.Json = False) -> None:
    """Make a new key for the access log, announced by a checkpoint that the old key signs too.

    Witnesses and verifiers follow by themselves; old checkpoints stay valid. Whoever has written
    the log's key down should be given the new one as well. It may run beside a serving node.
    """
    with opened_node() as rt:
        note = rotate_log_key(rt, office_call())
        key = log_key(rt).to_text()
    checkpoint = note.to_bytes().decode("utf-8")
    if as_json:
        show.as_json({"key": key, "checkpoint": checkpoint})
        return
    show.as_facts({"key": key})
    show.out.print(checkpoint, end="", markup=False)


@app.command("list", epilog=show.examples("rfl keys list --json"))
def listed(*, as_json: show.Json = False) -> None:
    """Say which versions there are and how many records use each; no key is shown."""
    held = wiring.provider(wiring.settings()).load().keys
    with opened_node() as rt:
        used = records_by_version(rt, office_call())
    versions = [
        {"key": name, "version": version, "records": used.get(version, 0)}
        for name in ("identity", "rest")
        for version in sorted(held[name])
    ]
    if as_json:
        show.as_json({"versions": versions})
    else:
        show.as_table("Keys", ("key", "version", "records"), [one.values() for one in versions])


def _rotated(rt: Runtime, *, quiet: bool) -> dict[str, object]:
    call = office_call()
    total = sum(records_by_version(rt, call).values())
    watch = Stopwatch()
    with Progress(console=show.err, transient=True, disable=quiet) as progress:
        task = progress.add_task("Wrapping keys", total=total)
        done = rotate_keys(rt, call, lambda count: progress.advance(task, count))
    return {
        "version": done.version,
        "rewrapped": done.rewrapped,
        "batches": done.batches,
        "resumed": done.resumed,
        "seconds": watch.seconds,
        "per_second": watch.per_second(done.rewrapped),
    }
