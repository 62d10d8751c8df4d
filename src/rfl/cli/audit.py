"""`rfl audit`: the access log as a file, and its check without a node."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from rfl.audit import notes, timestamps
from rfl.audit.notes import Note
from rfl.audit.verdict import Fault, Finding, Verdict
from rfl.audit.verify import verify
from rfl.cli import show
from rfl.cli.node import office_call, opened_node
from rfl.domain.entry import written_time
from rfl.domain.purpose import Purpose
from rfl.errors import InvalidInput
from rfl.flows.export_log import Part, export_log, export_part

app = typer.Typer(no_args_is_help=True, help="The access log, for those who check it.")

NOT_WHOLE = 1

_SENTENCES = {
    Fault.CHANGED: "its text is not the one that was logged",
    Fault.MISSING: "it is not there",
    Fault.INSERTED: "something that was never logged stands there",
    Fault.REORDERED: "it stands in another's place",
    Fault.TRUNCATED: "the log ends before it",
    Fault.MALFORMED: "the file is damaged there",
    Fault.EARLY: "from there on it ended before its retention was over, as witnesses' dates show",
    Fault.UNANNOUNCED: "from there on another key signs, which no key before it announced",
    Fault.UNSIGNED: "from there on no checkpoint of the log vouches for it",
    Fault.CONTRADICTED: "from there on it is not what the log's own checkpoint signed",
    Fault.FORKED: "from there on it is not what the checkpoint that you gave has signed",
    Fault.UNSTAMPED: "a time stamp of it does not hold",
    Fault.DAMAGED: "the file is not as it was written, though all of its entries are good",
    Fault.OTHER_LOG: "the file is not of the log, or not signed by the key, that you gave",
}


@app.command(
    "export",
    epilog=show.examples(
        "rfl audit export log-2026-03-01.rfllog",
        "rfl audit export part.rfllog --from 1000 --to 1200",
        "rfl audit export part.rfllog --about log_...",
    ),
)
def export(
    file: Annotated[Path, typer.Argument(help="A new file; nothing is overwritten.")],
    *,
    begin: Annotated[
        int | None, typer.Option("--from", min=0, help="First leaf of a part; default: all.")
    ] = None,
    end: Annotated[
        int | None, typer.Option("--to", min=1, help="The leaf before which a part ends.")
    ] = None,
    about: Annotated[
        str | None, typer.Option(help="Only entries that name this log id, as a part.")
    ] = None,
    as_json: show.Json = False,
) -> None:
    """Write the access log, or a part of it, into one file that anybody can check.

    Entries hold no names: accounts, times, actions and random ids that are used nowhere else. The
    export is an entry itself, and the last one in a whole log. Keep the checkpoint that is printed:
    later exports can be held against it.

    A part holds each of its entries with the proof that it is in the signed log. It does not show
    that there are no others, except of a range, of which none can be left out unseen.
    """
    call = replace(office_call(), purpose=Purpose.AUDIT)
    with opened_node() as rt, new_file(file) as sink:
        if (begin, end, about) == (None, None, None):
            done = export_log(rt, call, sink)
        else:
            done = export_part(rt, call, sink, Part(begin or 0, end, about))
    if as_json:
        show.as_json({"leaves": done.leaves, "key": done.key, "checkpoint": done.checkpoint})
        return
    show.as_facts({"leaves": done.leaves, "key": done.key})
    show.out.print(done.checkpoint, end="", markup=False)


@app.command(
    "verify",
    epilog=show.examples(
        "rfl audit verify log.rfllog", "rfl audit verify log.rfllog --checkpoint seen-in-may.txt"
    ),
)
def check(
    file: Annotated[Path, typer.Argument(help="A file that `rfl audit export` wrote.")],
    *,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(help="A checkpoint from elsewhere that the log must agree with; repeatable."),
    ] = None,
    key: Annotated[
        list[str] | None,
        typer.Option(help="The log's key as you know it, name+id+key, or a witness's; repeatable."),
    ] = None,
    timestamp_ca: Annotated[
        Path | None,
        typer.Option(help="Certificates (PEM) that the log's time stamps must lead to."),
    ] = None,
    as_json: show.Json = False,
) -> None:
    """Check an exported log or a part of one; it needs no node, no network and no key.

    Bodies may be absent only as far as an entry of the log declares that their retention is over;
    these expiries are listed. The exit code is 0 if the log is whole, and 1 if not: then the first
    bad entry is named. Without --checkpoint or --key the file is held against itself only.
    """
    given = [_note(path) for path in checkpoint or ()]
    with _opened(file) as source:
        roots = timestamps.load_roots(timestamp_ca) if timestamp_ca else []
        wanted = [notes.parse_key(one) for one in key or ()]
        verdict = verify(source, given=given, keys=wanted, roots=roots)
    if as_json:
        show.as_json(_document(verdict))
    else:
        show.as_facts(_facts(verdict, held_against=bool(given or key)))
    if verdict.finding is not None:
        raise typer.Exit(NOT_WHOLE)


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """A new file for its owner alone, on disk at the end of the block, or gone on a failure."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as cause:
        raise InvalidInput("FILE", "must be a new file in a folder that can be written") from cause
    try:
        with os.fdopen(descriptor, "wb") as sink:
            yield sink
            sink.flush()
            os.fsync(sink.fileno())
    except BaseException:
        path.unlink()
        raise


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as cause:
        raise InvalidInput("FILE", "must be a file that can be read") from cause


def _note(path: Path) -> Note:
    with _opened(path) as source:
        return notes.parse_note(source.read(notes.MOST_BYTES + 1))


def _document(verdict: Verdict) -> dict[str, object]:
    finding = verdict.finding
    return {
        "whole": finding is None,
        "origin": verdict.origin,
        "key": verdict.key,
        "earlier_keys": list(verdict.earlier_keys),
        "leaves": verdict.size,
        "checkpoints": verdict.checkpoints,
        "witnessed": {name: written_time(at) for name, at in verdict.witnessed.items()},
        "expiries": [
            {"leaf": one.leaf, "below": one.below, "at": one.at, "rule": one.rule}
            for one in verdict.expiries
        ],
        "stamped": {str(size): written_time(at) for size, at in verdict.stamped.items()},
        "shown": verdict.shown and list(verdict.shown),
        "fault": finding and {"kind": finding.fault, "first": finding.first, "last": finding.last},
    }


def _facts(verdict: Verdict, *, held_against: bool) -> dict[str, object]:
    facts: dict[str, object] = {
        "log": verdict.origin,
        "leaves": verdict.size,
        "checkpoints": verdict.checkpoints,
        "key": verdict.key,
    }
    facts |= {f"key {number}": one for number, one in enumerate(verdict.earlier_keys, 1)}
    facts |= {f"seen by {name}": written_time(at) for name, at in verdict.witnessed.items()}
    facts |= {
        f"expired below {one.below}": f"entry {one.leaf} of {one.at} ({one.rule})"
        for one in verdict.expiries
    }
    facts |= {f"stamped at {size}": written_time(at) for size, at in verdict.stamped.items()}
    if verdict.shown is not None:
        facts["entries shown"] = len(verdict.shown)
    facts["held against"] = "what you gave" if held_against else "itself only"
    facts["verdict"] = "whole" if verdict.finding is None else _sentence(verdict.finding)
    return facts


def _sentence(finding: Finding) -> str:
    where = f"entry {finding.first}"
    if finding.last > finding.first:
        where += f" or a later one, up to {finding.last}"
    return f"NOT WHOLE: {where}: {_SENTENCES[finding.fault]} ({finding.fault})"
