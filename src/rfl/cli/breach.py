"""`rfl breach`: whose data could have been read, into a sealed file; and reading that file."""

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from rfl.cli import show
from rfl.cli.audit_options import first_moment, moment_after
from rfl.cli.node import Approval, Stopwatch, asking_call, office_call, opened_node
from rfl.domain.breach import Asked, Band
from rfl.domain.purpose import Purpose
from rfl.errors import InvalidInput
from rfl.flows.list_breach import Listed, list_breach
from rfl.flows.open_breach import open_breach
from rfl.flows.runtime import Call, Runtime

app = typer.Typer()

_FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M"]
File = Annotated[Path, typer.Argument(metavar="FILE", help="The sealed list.")]
Since = Annotated[
    datetime, typer.Option("--from", formats=_FORMATS, help="First day or minute, the society's.")
]
Until = Annotated[
    datetime, typer.Option("--to", formats=_FORMATS, help="Last day, or the minute that ends it.")
]
PassphraseFile = Annotated[
    Path | None, typer.Option(help="File with the passphrase; without one it is asked for.")
]


@app.command(
    "breach",
    epilog=show.examples(
        "rfl breach list.rflx --from 2026-03-01 --to 2026-03-04 --actor acc_...",
        "rfl breach list.rflx --from 2026-03-01 --to 2026-03-04 --node south",
        "rfl breach list.rflx --from 2026-03-01 --to 2026-03-04 --key 3 --json",
        "rfl breach list.rflx --from 2026-03-01 --to 2026-03-04 --key 3 --token-file officer",
    ),
)
def breach(  # noqa: PLR0913 (one option for each question)
    file: File,
    *,
    since: Since,
    until: Until,
    actor: Annotated[str | None, typer.Option(help="Account whose readings count.")] = None,
    node: Annotated[str | None, typer.Option(help="Society that was sent data.")] = None,
    key: Annotated[
        int | None, typer.Option(min=1, help="Version of the keys that leaked with the database.")
    ] = None,
    passphrase_file: PassphraseFile = None,
    token_file: Annotated[
        Path | None, typer.Option(help="File with the token of a data protection officer.")
    ] = None,
    approval: Approval = None,
    as_json: show.Json = False,
) -> None:
    """List whose data could have been read, how each is reached, and whom to tell first.

    Give exactly one of --actor, --node and --key. FILE is sealed under a passphrase and never
    overwritten; nothing of the list is shown here but numbers. `rfl breach-open` reads it.

    With two administrators on the node it needs their --approval of `breach_list`, subject
    `breach`, details: both moments (2026-03-01T00:00:00+01:00; the end of the last day), then
    `actor ACCOUNT`, `node CODE` or `key VERSION`. Or the data protection officer agrees by coming
    to the machine with a token: --token-file. In a lockdown that is the only way.
    """
    watch = Stopwatch()
    with opened_node() as rt:
        zone = rt.rules.zone
        asked = Asked(
            since=_moment(since, zone),
            until=_end(until, zone),
            actor=actor,
            node=node,
            key=key,
        )
        words = _passphrase(passphrase_file, confirm=True)
        call = _call(rt, token_file, approval)
        listed = list_breach(rt, call, asked, file, words)
    facts = {"file": str(file), **_numbers(listed), "seconds": watch.seconds}
    (show.as_json if as_json else show.as_facts)(facts)


def _call(rt: Runtime, token_file: Path | None, approval: str | None) -> Call:
    if token_file is not None:
        return asking_call(rt, Purpose.DATA_SUBJECT_REQUEST, token_file)
    return replace(office_call(), approval=approval)


def _numbers(listed: Listed) -> dict[str, Any]:
    return {
        "persons": {band.name.lower(): count for band, count in listed.persons.items()},
        "records": listed.records,
        "other_records": listed.others,
        "erased_since": listed.erased,
        "not_named": listed.unnamed,
    }


@app.command(
    "breach-open",
    epilog=show.examples("rfl breach-open list.rflx", "rfl breach-open list.rflx --json"),
)
def open_list(
    file: File, *, passphrase_file: PassphraseFile = None, as_json: show.Json = False
) -> None:
    """Read a breach list, whoever is to be told first standing first.

    It needs no node. With --json one document a line, as the file holds them. What it prints is
    data of people in danger: do not keep it.
    """
    for document in open_breach(file, _passphrase(passphrase_file, confirm=False)):
        if as_json:
            print(json.dumps(document, ensure_ascii=False))
        elif document["type"] == "person":
            show.as_facts(_person(document))
            show.out.print()
        elif document["type"] != "end":
            show.as_facts(document)
            show.out.print()


def _person(said: dict[str, Any]) -> dict[str, object]:
    reach = {name: value for name, value in said["reach"].items() if value}
    return {
        "tell": Band(said["band"]).name.lower().replace("_", " "),
        "who": f"{' / '.join(said['names'])} ({said['part']} in {said['record']})",
        "languages": ", ".join(said["languages"]) or "not known",
        "reach by": json.dumps(reach, ensure_ascii=False) if reach else "their case's team",
        "read": ", ".join(said["groups"]),
        "because": ", ".join(said["why"]),
        "photos and documents": said.get("attachments", 0),
    }


def _passphrase(file: Path | None, *, confirm: bool) -> str:
    if file is None:
        if not show.can_ask():
            raise InvalidInput("--passphrase-file", "is needed where nobody can be asked")
        return str(typer.prompt("Passphrase", hide_input=True, confirmation_prompt=confirm))
    try:
        return file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as cause:
        raise InvalidInput("--passphrase-file", "must be a text file that can be read") from cause


def _moment(given: datetime, zone: Any) -> datetime:
    return given.replace(tzinfo=zone)


def _end(given: datetime, zone: Any) -> datetime:
    is_day = (given.hour, given.minute) == (0, 0)
    end = moment_after(given.date(), zone) if is_day else first_moment(given, zone)
    assert end is not None  # noqa: S101 (a moment was given)
    return end if is_day else given.replace(tzinfo=zone)
