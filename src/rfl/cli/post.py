"""`rfl exchange` and `rfl receipt`: what is under way between societies, and its proofs."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from rfl import wiring
from rfl.cli import show
from rfl.cli.node import Stopwatch, office_call, opened_node
from rfl.errors import BadEnvelope, InvalidInput, Misconfigured
from rfl.exchange.descriptor import parse_descriptor
from rfl.exchange.envelope import parse_envelope
from rfl.exchange.receipt import Receipt, verify_by_any
from rfl.flows.begin_epoch import begin_epoch, reconcile_peers
from rfl.flows.carry_blobs import carry_blobs
from rfl.flows.deliver import deliver_due
from rfl.flows.keep_post import count_post
from rfl.flows.list_post import list_post
from rfl.flows.ping import ping, receipt_of

app = typer.Typer(no_args_is_help=True, help="What is under way between societies.")
receipt_app = typer.Typer(no_args_is_help=True, help="Signed receipts of other societies.")

WAIT_SECONDS: Final = 20.0
PAUSE_SECONDS: Final = 0.1
MOST_BYTES: Final = 2_000_000

Peer = Annotated[str, typer.Argument(metavar="PEER", help="The peer's society, as `south`.")]


@app.command(epilog=show.examples("rfl exchange status", "rfl exchange status --json"))
def status(*, as_json: show.Json = False) -> None:
    """Count letters by peer and by what became of them; nothing of a letter is opened."""
    with opened_node() as rt:
        found = count_post(rt)
    if as_json:
        show.as_json({"peers": found})
    else:
        columns = list(found[0]) if found else ["nobody"]
        show.as_table("Exchange", columns, [row.values() for row in found])


@app.command(
    "ping",
    epilog=show.examples("rfl exchange ping south", "rfl exchange ping south --attach 5000000"),
)
def ping_(
    peer: Peer,
    *,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait.")] = WAIT_SECONDS,
    attach: Annotated[int, typer.Option(min=0, help="Bytes of noise to attach.")] = 0,
    as_json: show.Json = False,
) -> None:
    """Send a letter of no content and wait for the signed receipt.

    It goes the whole way: sealed, delivered, opened, answered. Exit code 1 if no receipt came. With
    --attach the peer opens an attachment of that size too, and drops it.
    """
    line = wiring.transport(wiring.settings())
    if line is None:
        raise Misconfigured("The node has no address for other societies: set RFL_BASE_URL.")
    with opened_node() as rt:
        watch = Stopwatch()
        envelope = ping(rt, office_call(), peer, attached=attach)
        raw = None
        while raw is None and watch.seconds < wait:
            carry_blobs(rt, line.carry)
            deliver_due(rt, line.carry)
            raw = receipt_of(rt, office_call(), envelope)
            if raw is None:
                time.sleep(PAUSE_SECONDS)
    line.close()
    facts = {"peer": peer, "envelope": envelope, "answered": raw is not None}
    _say(facts | {"seconds": watch.seconds}, as_json)
    if raw is None:
        raise typer.Exit(1)


@app.command("new-epoch", epilog=show.examples("rfl exchange new-epoch south"))
def new_epoch(
    peer: Annotated[str | None, typer.Argument(help="The peer; without it, all.")] = None,
    *,
    as_json: show.Json = False,
) -> None:
    """Begin the streams to a peer anew, as `rfl restore` does.

    For a database that was brought back by other means than `rfl restore`, or a stream that a
    refused letter has stopped. What was under way and could not be placed is refused by the peer,
    and shown.
    """
    with opened_node() as rt:
        count = begin_epoch(rt, office_call(), peer)
    _say({"peer": peer or "all", "streams": count}, as_json)


@app.command("reconcile", epilog=show.examples("rfl exchange reconcile"))
def reconcile(*, as_json: show.Json = False) -> None:
    """Compare with each peer how far its streams have come; a node does so every hour by itself."""
    line = wiring.transport(wiring.settings())
    if line is None:
        raise Misconfigured("The node has no address for other societies: set RFL_BASE_URL.")
    with opened_node() as rt:
        count = reconcile_peers(rt, line.carry)
    line.close()
    _say({"queued_again": count}, as_json)


@app.command("receipt", epilog=show.examples("rfl exchange receipt env_... receipt.json"))
def receipt(
    envelope: Annotated[str, typer.Argument(metavar="ENVELOPE", help="Its id.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file for the receipt.")],
    *,
    as_json: show.Json = False,
) -> None:
    """Write the receipt that a peer has given for a letter."""
    with opened_node() as rt:
        raw = receipt_of(rt, office_call(), envelope)
    if raw is None:
        raise InvalidInput("ENVELOPE", "must be of a letter that has a receipt")
    _write_new(file, raw)
    _say({"envelope": envelope, "file": str(file)}, as_json)


@app.command("account", epilog=show.examples("rfl exchange account south account.jsonl"))
def account(
    peer: Peer,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file, JSON lines.")],
    *,
    as_json: show.Json = False,
) -> None:
    """Write what passed between this node and a peer, for `rfl audit compare`.

    A line is an envelope's id, direction, digest, receipt and time: nothing of what it says.
    """
    with opened_node() as rt:
        passed = list_post(rt, peer)
    _write_new(file, b"".join(msgspec.json.encode(one) + b"\n" for one in passed))
    _say({"peer": peer, "envelopes": len(passed), "file": str(file)}, as_json)


@receipt_app.command(
    epilog=show.examples("rfl receipt verify receipt.json --descriptor south.json --json")
)
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The receipt.")],
    *,
    descriptor: Annotated[Path, typer.Option(help="Descriptor of who gave it, a trusted copy.")],
    envelope: Annotated[Path | None, typer.Option(help="The envelope itself.")] = None,
    as_json: show.Json = False,
) -> None:
    """Check a receipt offline, without a node: who took which letter, when, and what became of it.

    `rfl peer show PEER --save FILE` writes the descriptor. Exit code 1 if the receipt is not true.
    """
    society = parse_descriptor(_read(descriptor, "--descriptor"))
    keys = {key.kid: key.public for key in society.signing_keys}
    try:
        found = verify_by_any(_read(file, "FILE"), keys)
        if found.recipient != society.code or not _is_for(found, envelope):
            raise BadEnvelope
    except BadEnvelope:
        _say({"verified": False}, as_json)
        raise typer.Exit(1) from None
    _say({"verified": True} | _facts(found), as_json)


def _is_for(receipt: Receipt, envelope: Path | None) -> bool:
    return envelope is None or receipt.belongs_to(parse_envelope(_read(envelope, "--envelope")))


def _facts(receipt: Receipt) -> dict[str, object]:
    return {
        "from": receipt.sender,
        "to": receipt.recipient,
        "envelope": receipt.id,
        "stream": receipt.stream,
        "epoch": receipt.epoch,
        "seq": receipt.seq,
        "sha256": receipt.digest.hex(),
        "status": receipt.status.value,
        "reason": receipt.reason,
        "at": datetime.fromtimestamp(receipt.at, UTC).isoformat(),
    }


def _write_new(file: Path, content: bytes) -> None:
    try:
        with file.open("xb") as sink:
            sink.write(content)
    except OSError as cause:
        raise InvalidInput("FILE", "must be a new file in a folder that can be written") from cause


def _read(path: Path, field: str) -> bytes:
    try:
        with path.open("rb") as source:
            return source.read(MOST_BYTES)
    except OSError as cause:
        raise InvalidInput(field, "must be a file that can be read") from cause


def _say(facts: dict[str, object], as_json: show.Json) -> None:
    if as_json:
        show.as_json(facts)
    else:
        show.as_facts(facts)
