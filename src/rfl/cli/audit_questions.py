"""`rfl audit ask`, `trace`, `statement`, `disclosures` and `compare`: what the log answers."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from rfl.audit import compare as comparing
from rfl.audit.compare import Side, read_side
from rfl.cli import show
from rfl.cli.audit_options import Day, TokenFile, first_moment, moment_after
from rfl.cli.node import asking_call, opened_node
from rfl.domain.entry import Decision, Entry
from rfl.domain.purpose import Purpose
from rfl.domain.question import Question
from rfl.errors import InvalidInput
from rfl.flows.ask_log import About, ask_log
from rfl.flows.list_disclosures import list_disclosures
from rfl.flows.state_for_subject import state_for_subject
from rfl.flows.trace_reading import trace_reading

app = typer.Typer()

DIFFERENT = 1
_COLUMNS = ("at", "actor", "role", "action", "purpose", "count", "decision", "reason", "peer")
_HIDDEN = ("v", "salt")

Record = Annotated[str, typer.Argument(metavar="RECORD", help="A case, registration or log id.")]
Person = Annotated[str | None, typer.Option(help="One person of the record.")]


@app.command(
    "ask",
    epilog=show.examples(
        "rfl audit ask --actor acc_... --since 2026-03-01 --until 2026-03-31",
        "rfl audit ask --decision denied --json",
        "rfl audit ask --about log_... --oldest-first",
    ),
)
def ask(  # noqa: PLR0913 (each argument is an option of the command)
    *,
    actor: Annotated[str | None, typer.Option(help="Account id, or `service`.")] = None,
    about: Annotated[str | None, typer.Option(help="A log id, case or registration.")] = None,
    person: Person = None,
    action: Annotated[str | None, typer.Option(help="As `case.read`.")] = None,
    purpose: Annotated[Purpose | None, typer.Option(help="Why it was done.")] = None,
    peer: Annotated[str | None, typer.Option(help="Code of a society.")] = None,
    decision: Annotated[Decision | None, typer.Option(help="Whether it was done.")] = None,
    since: Day = None,
    until: Day = None,
    oldest_first: Annotated[bool, typer.Option("--oldest-first")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 100,
    token_file: TokenFile = None,
    as_json: show.Json = False,
) -> None:
    """Ask the access log; everything that is given must hold, days included.

    The question is an entry itself. Entries hold no names.
    """
    with opened_node() as rt:
        question = Question(
            actor=actor,
            action=action,
            purpose=purpose,
            peer=peer,
            decision=decision,
            since=first_moment(since, rt.rules.zone),
            until=moment_after(until, rt.rules.zone),
            oldest_first=oldest_first,
        )
        wanted = About(about, person)
        call = asking_call(rt, Purpose.AUDIT, token_file)
        found = ask_log(rt, call, question, wanted, limit=limit)
    more = found.end is not None
    if as_json:
        items = [_plain(entry) for entry in found.entries]
        show.as_json({"items": items, "more": more, "note": found.note})
        return
    _lines(None, found.entries)
    for sentence in (found.note, "There is more: narrow the question." if more else None):
        if sentence:
            show.out.print(sentence, markup=False)


@app.command(
    "trace", epilog=show.examples("rfl audit trace reg_...", "rfl audit trace log_... --json")
)
def trace(
    record: Record,
    *,
    person: Person = None,
    token_file: TokenFile = None,
    as_json: show.Json = False,
) -> None:
    """Say who opened a record, when and why, and to whom it was sent.

    After an erasure the entries no longer say about whom they are; a log id still finds them.
    """
    with opened_node() as rt:
        found = trace_reading(rt, asking_call(rt, Purpose.AUDIT, token_file), record, person)
    kinds = {name: getattr(found.trace, name) for name in ("opened", "sent", "refused")}
    if as_json:
        lists = {name: [_plain(one) for one in entries] for name, entries in kinds.items()}
        show.as_json({**lists, "notes": list(found.notes)})
        return
    for name, entries in kinds.items():
        _lines(name.capitalize(), entries)
    for note in found.notes:
        show.out.print(note, markup=False)


@app.command(
    "statement",
    epilog=show.examples(
        "rfl audit statement reg_... --identity-checked",
        "rfl audit statement cas_... --person per_... --identity-checked > statement.txt",
    ),
)
def statement(
    record: Annotated[str, typer.Argument(metavar="RECORD", help="A case or a registration.")],
    *,
    person: Person = None,
    identity_checked: Annotated[
        bool, typer.Option("--identity-checked", help="You have checked who is asking.")
    ] = False,
    token_file: TokenFile = None,
    as_json: show.Json = False,
) -> None:
    """Print what was done with one person's data, to be given to that person.

    Without --identity-checked it is one sentence, the same whether anything is held.
    """
    with opened_node() as rt:
        call = asking_call(rt, Purpose.DATA_SUBJECT_REQUEST, token_file)
        found = state_for_subject(rt, call, record, person, identity_checked=identity_checked)
    if as_json:
        uses = [asdict(use) | {"at": use.at.isoformat()} for use in found.uses]
        show.as_json({"sentence": found.sentence, "uses": uses, "text": found.text})
    else:
        show.out.print(found.text, end="", markup=False)


@app.command(
    "disclosures",
    epilog=show.examples("rfl audit disclosures", "rfl audit disclosures --peer south --json"),
)
def disclosures(
    *,
    peer: Annotated[str | None, typer.Option(help="Code of a society.")] = None,
    since: Day = None,
    until: Day = None,
    token_file: TokenFile = None,
    as_json: show.Json = False,
) -> None:
    """Count what was sent to each partner, by month. `rfl audit ask --peer` lists the entries."""
    with opened_node() as rt:
        call, zone = asking_call(rt, Purpose.AUDIT, token_file), rt.rules.zone
        span = {"since": first_moment(since, zone), "until": moment_after(until, zone)}
        found = list_disclosures(rt, call, peer=peer, **span)
    if as_json:
        moments = [{"first": one.first.isoformat(), "last": one.last.isoformat()} for one in found]
        items = [asdict(one) | times for one, times in zip(found, moments, strict=True)]
        show.as_json({"items": items})
        return
    rows = [(one.peer, one.entries, one.records, one.first, one.last) for one in found]
    show.as_table(None, ("peer", "times", "records", "first", "last"), rows)


@app.command("compare", epilog=show.examples("rfl audit compare ours.jsonl theirs.jsonl"))
def compare(
    ours: Annotated[Path, typer.Argument(metavar="A", help="Envelopes of one side.")],
    theirs: Annotated[Path, typer.Argument(metavar="B", help="Envelopes of the other side.")],
    *,
    as_json: show.Json = False,
) -> None:
    """Hold both sides of an exchange against each other, by envelopes and receipts alone.

    Each line of the files is an object with `id`, `direction` (sent, received), `digest` (SHA-256),
    `receipt` (processed, parked, rejected, expired or null) and `at`. The exit code is 0 if the
    sides agree, and 1 if not. It needs no node.
    """
    found = comparing.compare(_side(ours, "A"), _side(theirs, "B"))
    if as_json:
        show.as_json({"agree": not found, "differences": [asdict(one) for one in found]})
    elif found:
        columns = ("envelope", "sender", "difference", "sender has", "receiver has")
        show.as_table(None, columns, [asdict(one).values() for one in found])
    else:
        show.out.print("Both sides agree.")
    if found:
        raise typer.Exit(DIFFERENT)


def _side(path: Path, name: str) -> Side:
    try:
        with path.open("rb") as source:
            return read_side(source)
    except OSError as cause:
        raise InvalidInput(name, "must be a file that can be read") from cause


def _plain(entry: Entry) -> dict[str, Any]:
    said = msgspec.structs.asdict(entry)
    return {name: value for name, value in said.items() if name not in _HIDDEN}


def _lines(title: str | None, entries: Sequence[Entry]) -> None:
    """One entry a line, which no terminal is too narrow for."""
    if title is not None:
        show.out.print(f"{title}: {len(entries)}", markup=False)
    for entry in entries:
        words = [str(getattr(entry, name) or "-") for name in _COLUMNS]
        show.out.print("  ".join(words), markup=False)
