"""`rfl audit witness`, `witnesses`, `alarms`, `compare`: who watches whose log; what is wrong."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from rfl.audit import notes, witness
from rfl.audit.notes import Note
from rfl.audit.witness import Agreement
from rfl.cli import show
from rfl.cli.node import office_call, opened_node
from rfl.errors import InvalidInput
from rfl.flows import alert, appoint
from rfl.flows.cosign import cosign, show_checkpoint
from rfl.flows.sequence import sequence_waiting, sign_checkpoint
from rfl.flows.witness_log import offer_checkpoint, take_cosignature

top = typer.Typer()
app = typer.Typer(no_args_is_help=True, help="Peers that witness this log, and logs it witnesses.")

NOT_AGREED = 1

Peer = Annotated[str, typer.Argument(metavar="PEER", help="The peer's society, as `south`.")]
In = Annotated[Path, typer.Argument(metavar="FILE", help="The message that came.")]
Out = Annotated[Path, typer.Argument(metavar="FILE", help="A new file; nothing is overwritten.")]


@top.command("witnesses", epilog=show.examples("rfl audit witnesses", "rfl audit witnesses --json"))
def page(*, as_json: show.Json = False) -> None:
    """Show on one page who has witnessed this log and when last, and which logs it witnesses.

    The two keys on top are what peers need: the log's key to witness it, the witness's key to be
    witnessed.
    """
    with opened_node() as rt:
        watch = appoint.view_watch(rt, office_call())
    if as_json:
        show.as_json(watch.as_json())
        return
    facts = {"log key": watch.log_key, "witness key": watch.witness_key, "leaves": watch.size}
    show.as_facts(facts)
    document = watch.as_json()
    for title in ("witnesses", "watched", "evidence"):
        rows = document[title]
        columns = list(rows[0]) if rows else ["nobody" if title != "evidence" else "none"]
        show.as_table(title.capitalize(), columns, [row.values() for row in rows])


@top.command("alarms", epilog=show.examples("rfl audit alarms", "rfl audit alarms --seen alm_..."))
def alarms(
    *,
    seen: Annotated[str | None, typer.Option(metavar="ALARM", help="Mark one as seen.")] = None,
    as_json: show.Json = False,
) -> None:
    """List what is or was wrong, the latest first, or say that you have looked at an alarm."""
    with opened_node() as rt:
        if seen is not None:
            alert.see_alarm(rt, office_call(), seen)
        found = [alert.as_json(alarm) for alarm in alert.list_alarms(rt, office_call())]
    if as_json:
        show.as_json({"alarms": found})
    else:
        columns = list(found[0]) if found else ["none"]
        show.as_table("Alarms", columns, [row.values() for row in found])


@app.command(
    "compare", epilog=show.examples("rfl audit witness compare ours.txt theirs.txt --key KEY")
)
def compare(
    one: Annotated[Path, typer.Argument(help="A checkpoint of a log.")],
    other: Annotated[Path, typer.Argument(help="Another one of the same log, from elsewhere.")],
    *,
    key: Annotated[list[str], typer.Option(help="A key of the log, name+id+key; repeatable.")],
    as_json: show.Json = False,
) -> None:
    """Say whether two checkpoints can be of one log; it needs no node and no network.

    `forked` is proof: the log has signed two histories, and the exit code is 1. Checkpoints of
    different sizes are `unproved`: hold both against an export (`rfl audit verify`).
    """
    found = witness.compare(_note(one), _note(other), [notes.parse_key(text) for text in key])
    if as_json:
        show.as_json({"agreement": found})
    else:
        show.out.print(found)
    if found in (Agreement.FORKED, Agreement.OTHER_LOG):
        raise typer.Exit(NOT_AGREED)


@app.command("add", epilog=show.examples("rfl audit witness add south 'rfl/south+1f2e...+BJk3...'"))
def add(
    peer: Peer,
    key: Annotated[str, typer.Argument(help="A key from the peer's `rfl audit witnesses`.")],
    *,
    as_json: show.Json = False,
) -> None:
    """Add a peer by one of its keys, compared over another channel than it came by.

    The key of its log makes this node witness that log; the key of its witness has that peer
    witness this log.
    """
    with opened_node() as rt:
        part = appoint.appoint(rt, office_call(), peer, key)
    _say({"peer": peer, "added": part}, as_json=as_json)


@app.command("remove", epilog=show.examples("rfl audit witness remove south"))
def remove(peer: Peer, *, as_json: show.Json = False) -> None:
    """Remove a peer on both sides; evidence stays."""
    with opened_node() as rt:
        appoint.dismiss(rt, office_call(), peer)
    _say({"peer": peer, "removed": True}, as_json=as_json)


@app.command("anew", epilog=show.examples("rfl audit witness anew south"))
def anew(peer: Peer, *, as_json: show.Json = False) -> None:
    """Forget what was cosigned between this node and a peer, so that witnessing begins anew.

    Only once both societies know why it broke, as after a restored database: until then the
    refusal is what protects the log.
    """
    with opened_node() as rt:
        appoint.begin_anew(rt, office_call(), peer)
    _say({"peer": peer, "begins_anew": True}, as_json=as_json)


@app.command("offer", epilog=show.examples("rfl audit witness offer south to-south.checkpoint"))
def offer(peer: Peer, file: Out, *, as_json: show.Json = False) -> None:
    """Write this log's newest checkpoint with its proof, for a witness to cosign."""
    with opened_node() as rt:
        sequence_waiting(rt)
        sign_checkpoint(rt, padded=True)
        _write(file, offer_checkpoint(rt, office_call(), peer))
    _say({"peer": peer, "file": str(file)}, as_json=as_json)


@app.command("cosign", epilog=show.examples("rfl audit witness cosign from-north answer.txt"))
def answer(file: In, answer: Out, *, as_json: show.Json = False) -> None:
    """Answer a peer's checkpoint; the exit code is 1 if it was refused."""
    with opened_node() as rt:
        message = cosign(rt, office_call(), _read(file))
        _write(answer, message)
    refusal = witness.parse_answer(message).refusal
    _say({"file": str(answer), "refused": refusal}, as_json=as_json)
    if refusal is not None:
        raise typer.Exit(NOT_AGREED)


@app.command("take", epilog=show.examples("rfl audit witness take south answer.txt"))
def take(peer: Peer, file: In, *, as_json: show.Json = False) -> None:
    """Take a witness's answer; the exit code is 1 if it refuses."""
    with opened_node() as rt:
        taken = take_cosignature(rt, office_call(), peer, _read(file))
    _say({"peer": peer, "size": taken.size, "refused": taken.refusal}, as_json=as_json)
    if taken.refusal is not None:
        raise typer.Exit(NOT_AGREED)


@app.command("show", epilog=show.examples("rfl audit witness show north what-west-was-shown.txt"))
def shown(
    peer: Peer,
    file: Annotated[Path, typer.Argument(help="A checkpoint of the peer's log, from elsewhere.")],
    *,
    as_json: show.Json = False,
) -> None:
    """Compare what somebody else was shown of a peer's log with what this node has cosigned.

    Where the sizes differ, nothing more of that log is cosigned until it has proved both one.
    """
    with opened_node() as rt:
        found = show_checkpoint(rt, office_call(), peer, _note(file))
    _say({"peer": peer, "agreement": found}, as_json=as_json)
    if found in (Agreement.FORKED, Agreement.OTHER_LOG):
        raise typer.Exit(NOT_AGREED)


def _say(facts: dict[str, object], *, as_json: bool) -> None:
    say: Callable[[dict[str, object]], None] = show.as_json if as_json else show.as_facts
    say(facts)


def _note(path: Path) -> Note:
    return notes.parse_note(_read(path))


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as source:
            return source.read(witness.MOST_BYTES + 1)
    except OSError as cause:
        raise InvalidInput("FILE", "must be a file that can be read") from cause


def _write(path: Path, content: bytes) -> None:
    try:
        with path.open("xb") as sink:
            sink.write(content)
            sink.flush()
            os.fsync(sink.fileno())
    except OSError as cause:
        raise InvalidInput("FILE", "must be a new file in a folder that can be written") from cause
