"""`rfl audit send`, `recipients`, `stream` and `expire`: how the access log leaves, and ends."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from rfl.cli import show
from rfl.cli.audit import new_file
from rfl.cli.node import office_call, opened_node
from rfl.domain.purpose import Purpose
from rfl.errors import Misconfigured
from rfl.flows.expire_log import expire as expire_log
from rfl.flows.send_log import Form, Wish, list_shares, send_log
from rfl.flows.sequence import sequence_waiting
from rfl.flows.stream_log import stream_batch

app = typer.Typer()

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@app.command(
    epilog=show.examples(
        "rfl audit send march.ndjson --form fhir --recipient auditor-1 --until 2027-03-31",
        "rfl audit send april.csv --form csv --recipient auditor-1 --until 2027-03-31 --from 5210",
    )
)
def send(
    file: Annotated[Path, typer.Argument(help="A new file; nothing is overwritten.")],
    *,
    form: Annotated[Form, typer.Option(help="FHIR AuditEvents (IHE BALP), CSV, or OCSF events.")],
    recipient: Annotated[str, typer.Option(help="Code of who receives it, never a name.")],
    until: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="Day until which they keep it.")
    ],
    begin: Annotated[int, typer.Option("--from", min=0, help="First leaf.")] = 0,
    as_json: show.Json = False,
) -> None:
    """Write entries of the access log for a recipient, each with the number of its leaf.

    The export is an entry itself and stands in `rfl audit recipients`, before its first byte is
    written. `next` is where the recipient's next export begins.
    """
    wish = Wish(form, recipient, until.date(), begin)
    with opened_node() as rt, new_file(file) as sink:
        sending = send_log(rt, replace(office_call(), purpose=Purpose.AUDIT), wish)
        for line in sending.lines:
            sink.write(line)
    facts: dict[str, object] = {
        "from": sending.begin,
        "next": sending.end,
        "repeated": sending.repeated,
    }
    show.as_json(facts) if as_json else show.as_facts(facts)


@app.command(epilog=show.examples("rfl audit recipients", "rfl audit recipients --json"))
def recipients(*, as_json: show.Json = False) -> None:
    """List who was given which part of the access log, and until when they keep it."""
    with opened_node() as rt:
        found = list_shares(rt, replace(office_call(), purpose=Purpose.AUDIT))
    rows = [
        {
            "recipient": one.recipient,
            "form": one.form,
            "from": one.begin,
            "next": one.end,
            "at": _moment(one.at),
            "until": _moment(one.until - 1)[:10],
            "by": one.actor,
        }
        for one in found
    ]
    if as_json:
        show.as_json({"items": rows})
    else:
        columns = ("recipient", "form", "from", "next", "at", "until", "by")
        show.as_table(None, columns, (row.values() for row in rows))


@app.command(epilog=show.examples("rfl audit stream"))
def stream(*, as_json: show.Json = False) -> None:
    """Send the collector (RFL_SYSLOG) what it has not acknowledged yet, and end.

    A serving node or a worker does so by itself, every second.
    """
    sent = 0
    with opened_node() as rt:
        if rt.rules.collector is None:
            raise Misconfigured("There is no collector to stream to.", field="RFL_SYSLOG")
        sequence_waiting(rt)
        while count := stream_batch(rt):
            sent += count
    show.as_json({"leaves": sent}) if as_json else show.as_facts({"leaves": sent})


@app.command(epilog=show.examples("rfl audit expire"))
def expire(*, as_json: show.Json = False) -> None:
    """End the bodies whose retention (RFL_LOG_DAYS) is over; leaves and proofs stay.

    A serving node or a worker does so by itself, once in thirty days.
    """
    with opened_node() as rt:
        sequence_waiting(rt)
        done = expire_log(rt, office_call())
    facts: dict[str, object] = {
        "below": done.end if done else None,
        "leaves": done.deleted if done else 0,
    }
    show.as_json(facts) if as_json else show.as_facts(facts)


def _moment(micros: int) -> str:
    return (_EPOCH + timedelta(microseconds=micros)).isoformat().replace("+00:00", "Z")
