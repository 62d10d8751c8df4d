"""What is left of the network demonstration, checked as anybody can check it: without the nodes."""

from dataclasses import replace
from io import BytesIO
from itertools import combinations, permutations
from pathlib import Path

from rfl.audit.compare import Side, compare
from rfl.audit.verify import verify
from rfl.cli.demo_network_steps import Story
from rfl.cli.demo_society import Society
from rfl.cli.demo_steps import Facts, expect
from rfl.cli.node import office_call
from rfl.domain.purpose import Purpose
from rfl.exchange.descriptor import Descriptor, parse_descriptor
from rfl.exchange.receipt import verify_by_any
from rfl.flows import know_peers
from rfl.flows.export_log import export_log
from rfl.flows.list_post import list_post
from rfl.flows.ping import receipt_of

Files = dict[str, bytes]


def check_all(story: Story, keep: Path | None) -> Facts:
    """Check each receipt, both sides of each pair, and each log; keep the files if asked to."""
    nodes = story.nodes
    files = {f"{code}.descriptor": _descriptor(node) for code, node in nodes.items()}
    societies = {code: parse_descriptor(files[f"{code}.descriptor"]) for code in nodes}
    receipts: Files = {}
    for here, there in permutations(nodes, 2):
        receipts |= _receipts(nodes[here], societies[there])
    for here, there in combinations(nodes, 2):
        differ = compare(_side(nodes[here], there), _side(nodes[there], here))
        expect(not differ, "both sides of a pair know the same envelopes and receipts")
    logs = {f"{code}.rfllog": _log(node) for code, node in nodes.items()}
    leaves = {code: _leaves(logs[f"{code}.rfllog"]) for code in nodes}
    if keep is not None:
        _keep(keep, files | receipts | logs)
    return {"receipts_verified": len(receipts), "pairs_agree": len(nodes), "log_entries": leaves}


def _receipts(here: Society, there: Descriptor) -> Files:
    """Return every receipt that one society holds of another, each verified offline."""
    keys = {key.kid: key.public for key in there.signing_keys}
    found = {}
    with here.opened() as rt:
        for one in list_post(rt, there.code):
            if one.direction == "sent":
                raw = receipt_of(rt, office_call(), one.id)
                expect(raw is not None, "each letter has a receipt")
                assert raw is not None  # noqa: S101 (expected in the line before)
                said = verify_by_any(raw, keys)
                expect((said.id, said.recipient) == (one.id, there.code), "it is this letter's")
                found[f"{here.code}-{there.code}-{said.stream}-{said.seq}.receipt"] = raw
    return found


def _side(here: Society, peer: str) -> Side:
    with here.opened() as rt:
        return {(one.direction, one.id): one for one in list_post(rt, peer)}


def _log(node: Society) -> bytes:
    sink = BytesIO()
    with node.opened() as rt:
        export_log(rt, replace(office_call(), purpose=Purpose.AUDIT), sink)
    return sink.getvalue()


def _leaves(log: bytes) -> int:
    verdict = verify(BytesIO(log))
    expect(verdict.finding is None, "each log is whole")
    return verdict.size


def _descriptor(node: Society) -> bytes:
    with node.opened() as rt:
        return know_peers.own_descriptor(rt, office_call())


def _keep(folder: Path, files: Files) -> None:
    folder.mkdir(mode=0o700)
    for name, content in files.items():
        (folder / name).write_bytes(content)
