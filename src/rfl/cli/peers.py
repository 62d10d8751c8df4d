"""`rfl peer`: the societies that this one writes to, and what people have decided about them."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated

import typer

from rfl import wiring
from rfl.cli import show
from rfl.cli.node import Approval, office_call, opened_node
from rfl.errors import InvalidInput, Misconfigured
from rfl.exchange.descriptor import MOST_BYTES, parse_descriptor
from rfl.exchange.transport import Transport
from rfl.flows import know_peers, notice_keys
from rfl.flows.know_peers import Peer
from rfl.flows.recall_all import recall_all
from rfl.flows.runtime import Runtime, network_of

app = typer.Typer(no_args_is_help=True, help="Other societies: add, compare, trust, suspend.")

Code = Annotated[str, typer.Argument(metavar="PEER", help="The peer's society, as `south`.")]


@app.command(epilog=show.examples("rfl peer init", "rfl peer init --json"))
def init(*, as_json: show.Json = False) -> None:
    """Make this node's keys for other societies, and show the digits that they compare.

    Needs RFL_BASE_URL and RFL_CONTACT. To run it again changes nothing: keys are made, rotated and
    destroyed by their own calendar.
    """
    with opened_node() as rt:
        notice_keys.notice_keys(rt, office_call())
        descriptor = parse_descriptor(know_peers.own_descriptor(rt, office_call()))
    facts: dict[str, object] = {"society": descriptor.code, "address": descriptor.base_url}
    _say(facts | {"mode": descriptor.mode, "fingerprint": descriptor.fingerprint()}, as_json)


@app.command("list", epilog=show.examples("rfl peer list", "rfl peer list --json"))
def list_(*, as_json: show.Json = False) -> None:
    """List the societies that are known, and which of them are trusted."""
    with opened_node() as rt:
        most = network_of(rt).peer_files_bytes
        found = [_facts(peer, most) for peer in know_peers.list_peers(rt, office_call())]
    if as_json:
        show.as_json({"peers": found})
    else:
        columns = ("peer", "state", "address", "mode", "assessed_until", "at_risk", "files_bytes")
        show.as_table("Peers", columns, [[one[name] for name in columns] for one in found])


@app.command(epilog=show.examples("rfl peer add https://rfl.south.example", "rfl peer add FILE"))
def add(
    source: Annotated[
        str,
        typer.Argument(metavar="URL", help="The node's address, or a file with its descriptor."),
    ],
    *,
    as_json: show.Json = False,
) -> None:
    """Add a society, not trusted yet, and show the digits to compare by phone."""
    with opened_node() as rt:
        peer = know_peers.add_peer(rt, office_call(), _descriptor(source))
        facts = _facts(peer, network_of(rt).peer_files_bytes)
    _say(facts, as_json)


@app.command("show", epilog=show.examples("rfl peer show", "rfl peer show south --save south.json"))
def show_(
    peer: Annotated[str | None, typer.Argument(help="The peer; without it, this node.")] = None,
    *,
    save: Annotated[Path | None, typer.Option(help="Write the signed descriptor here.")] = None,
    as_json: show.Json = False,
) -> None:
    """Show a society with its digits; its descriptor verifies its receipts anywhere."""
    with opened_node() as rt:
        raw, facts = _shown(rt, peer)
    if save is not None:
        _write(save, raw)
    _say(facts, as_json)


@app.command(epilog=show.examples("rfl peer trust south '12345 67890 ...'"))
def trust(
    peer: Code,
    fingerprint: Annotated[str, typer.Argument(help="Sixty digits that its people have read out.")],
    *,
    approval: Approval = None,
    as_json: show.Json = False,
) -> None:
    """Trust a society whose digits its own people have read to you, by a number you knew before.

    With two administrators on the node it needs their --approval of `peer_trust`, subject: the
    society's code, details: the sixty digits without spaces.
    """
    with opened_node() as rt:
        call = replace(office_call(), approval=approval)
        know_peers.trust_peer(rt, call, peer, fingerprint)
    _say({"peer": peer, "state": "trusted"}, as_json)


@app.command(epilog=show.examples("rfl peer suspend south"))
def suspend(peer: Code, *, as_json: show.Json = False) -> None:
    """Stop all traffic with a society at once. What waits for it stays until its end."""
    with opened_node() as rt:
        know_peers.suspend_peer(rt, office_call(), peer)
    _say({"peer": peer, "state": "suspended"}, as_json)


@app.command(epilog=show.examples("rfl peer remove south"))
def remove(peer: Code, *, as_json: show.Json = False) -> None:
    """Trust a society no more. Its descriptor stays, so that receipts go on to verify."""
    with opened_node() as rt:
        know_peers.remove_peer(rt, office_call(), peer)
    _say({"peer": peer, "state": "removed"}, as_json)


@app.command(epilog=show.examples("rfl peer recall south", "rfl peer recall south --json"))
def recall(peer: Code, *, as_json: show.Json = False) -> None:
    """Ask a society to destroy everything that it got from this one, at once.

    For a society where data has come into danger: recall first, then suspend once `rfl exchange
    status` shows that nothing waits. What is under way with it is over, and each reference is held
    to its attestation. If the command is interrupted, run it again.
    """
    with opened_node() as rt:
        count = recall_all(rt, office_call(), peer)
    _say({"peer": peer, "references": count}, as_json)


@app.command(epilog=show.examples("rfl peer assess south --until 2027-06-30 --at-risk"))
def assess(
    peer: Code,
    *,
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Last day it holds.")],
    at_risk: Annotated[bool, typer.Option(help="Data may come into danger there.")] = False,
    as_json: show.Json = False,
) -> None:
    """Record until when a society's data protection is assessed (P-16), and its risk mark."""
    with opened_node() as rt:
        end = datetime.combine(until.date(), time.max, tzinfo=UTC)
        know_peers.assess_peer(rt, office_call(), peer, end, at_risk=at_risk)
    _say({"peer": peer, "assessed_until": until.date(), "at_risk": at_risk}, as_json)


@app.command(epilog=show.examples("rfl peer limit south --persons-a-day 50"))
def limit(
    peer: Code,
    *,
    persons_a_day: Annotated[int, typer.Option(min=0, help="0 stops new requests.")],
    as_json: show.Json = False,
) -> None:
    """Set how many distinct sought persons a society may ask about in a day."""
    with opened_node() as rt:
        know_peers.limit_peer(rt, office_call(), peer, persons_a_day)
    _say({"peer": peer, "persons_a_day": persons_a_day}, as_json)


@app.command("new-keys", epilog=show.examples("rfl peer new-keys", "rfl peer new-keys --json"))
def new_keys(*, as_json: show.Json = False) -> None:
    """End this node's keys of calls and sealing at once, and make new ones.

    For keys that may be in other hands. Peers fetch the new ones within the hour; ask them by phone
    to run `rfl peer refresh` now. If the signing key may be in other hands too, ask them to suspend
    this society, and join anew under a new code.
    """
    with opened_node() as rt:
        count = notice_keys.replace_keys(rt, office_call())
    _say({"new_keys": count}, as_json)


@app.command(epilog=show.examples("rfl peer refresh", "rfl peer refresh --json"))
def refresh(*, as_json: show.Json = False) -> None:
    """Fetch the descriptors of trusted societies now; a node does so every hour by itself."""
    line = _line()
    with opened_node() as rt:
        count = notice_keys.refresh_peers(rt, line.fetch_descriptor)
    line.close()
    _say({"newer": count}, as_json)


def _shown(rt: Runtime, peer: str | None) -> tuple[bytes, dict[str, object]]:
    if peer is not None:
        found = know_peers.load_peer(rt, office_call(), peer)
        return found.row.descriptor, _facts(found, network_of(rt).peer_files_bytes)
    raw = know_peers.own_descriptor(rt, office_call())
    own = parse_descriptor(raw)
    return raw, {"society": own.code, "address": own.base_url, "fingerprint": own.fingerprint()}


def _facts(peer: Peer, most_bytes: int) -> dict[str, object]:
    """What people see of a peer; of its files, against the most bytes that are kept of them."""
    ends, room = peer.row.assessed_until, peer.room
    return {
        "peer": peer.row.code,
        "name": peer.descriptor.name,
        "state": peer.row.state.value,
        "address": peer.descriptor.base_url,
        "mode": peer.descriptor.mode.value,
        "contact": peer.descriptor.contact,
        "assessed_until": ends and datetime.fromtimestamp(ends // 1_000_000, UTC).date(),
        "at_risk": peer.row.at_risk,
        "persons_a_day": peer.row.daily_limit,
        "files_bytes": room.held,
        "files_waiting_bytes": room.waiting,
        "files_bytes_most": most_bytes,
        "fingerprint": peer.fingerprint,
    }


def _descriptor(source: str) -> bytes:
    if not source.startswith(("https://", "http://")):
        return _read(Path(source))
    line = _line()
    try:
        return line.fetch_descriptor(source)
    finally:
        line.close()


def _line() -> Transport:
    line = wiring.transport(wiring.settings())
    if line is None:
        raise Misconfigured("The node has no address for other societies: set RFL_BASE_URL.")
    return line


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as source:
            return source.read(MOST_BYTES + 1)
    except OSError as cause:
        raise InvalidInput("URL", "must be an address, or a file that can be read") from cause


def _write(path: Path, content: bytes) -> None:
    try:
        with path.open("xb") as sink:
            sink.write(content)
    except OSError as cause:
        raise InvalidInput(
            "--save", "must be a new file in a folder that can be written"
        ) from cause


def _say(facts: dict[str, object], as_json: show.Json) -> None:
    plain = {name: str(one) if isinstance(one, date) else one for name, one in facts.items()}
    if as_json:
        show.as_json(plain)
    else:
        show.as_facts(plain)
