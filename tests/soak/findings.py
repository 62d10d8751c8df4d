"""What a soak has found: the databases, the signed logs and the receipts of both nodes compared."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import msgspec
from sqlalchemy import select

from rfl.audit.compare import Difference
from rfl.domain.access import Verb
from rfl.domain.entry import from_bytes
from rfl.errors import BadEnvelope, StreamFork
from rfl.exchange.descriptor import parse_descriptor
from rfl.exchange.encoding import to_bytes
from rfl.exchange.receipt import verify_by_any
from rfl.exchange.settling import STOPPED
from rfl.flows.fetch_mail import FETCHED
from rfl.flows.keep_post import EXPIRED
from rfl.flows.reconcile import MISMATCH
from rfl.flows.runtime import OFFICE_CALL
from rfl.storage import alarms, inbox, ledger, outbox
from rfl.storage.work import Work
from tests.soak.node import Node

NEVER = {StreamFork.code, STOPPED, EXPIRED, MISMATCH}
_MANY = 10_000
BEFORE_RESTORE = "outbox.before"
"""File beside a node: the envelopes that it had written when it lost its database."""


@dataclass
class Direction:
    """One direction of the post.

    `gone` were sent by a node that was restored and has forgotten it. `unnamed` have a receipt, and
    the log of who sent them does not say so. A receipt is false if it does
    not verify, and broken if it was given for what was not kept: the promise of a receipt.
    """

    letters: int = 0
    lost: int = 0
    twice: int = 0
    out_of_order: int = 0
    gone: int = 0
    unknown: int = 0
    unnamed: int = 0
    receipts: int = 0
    receipts_false: int = 0
    receipts_broken: int = 0

    @property
    def is_right(self) -> bool:
        """Nothing lost, nothing twice, all in order, a true receipt for each."""
        wrong = (self.lost, self.twice, self.out_of_order, self.unknown, self.unnamed)
        false = self.receipts_false or self.receipts_broken
        return not any(wrong) and not false and self.receipts == self.letters


@dataclass
class Findings:
    """What became of all letters, and what was done to them."""

    database: str
    seed: int
    seconds: float = 0.0
    directions: dict[str, Direction] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)
    logs_whole: int | None = None
    """How many of the two logs verify; None where no command was let judge."""

    disagreements: int = 0
    receipts_by_command: int = 0
    cases: dict[str, int] = field(default_factory=dict)
    """What the societies asked of each other, and what became of it, where they work cases."""

    case_disagreements: dict[str, int] = field(default_factory=dict)
    deaths: dict[str, int] = field(default_factory=dict)
    """Processes that nobody has killed: how they ended, what they said last, and how often."""

    alarms: dict[str, int] = field(default_factory=dict)
    """Of those that no fault of a soak may sound: which rang, and how often."""

    untried: dict[str, int] = field(default_factory=dict)
    """What was to go wrong and did not, so that nothing was shown about it."""

    stopped_at: str = ""
    """Where it stood when the patience was over; empty if all had arrived."""

    @property
    def is_right(self) -> bool:
        """All that the soak asks for."""
        right = all(one.is_right for one in self.directions.values())
        right = right and not (self.stopped_at or self.case_disagreements or self.deaths)
        right = right and not (self.alarms or self.untried)
        return right and self.logs_whole in (2, None) and not self.disagreements

    def as_json(self) -> str:
        """Everything, for programs."""
        return json.dumps(asdict(self) | {"right": self.is_right})

    def table(self) -> str:
        """The closing table, for people."""
        rows = [("soak on", self.database), ("seed", self.seed), ("seconds", round(self.seconds))]
        rows += [(name.replace("_", " "), count) for name, count in self.faults.items()]
        for name, one in self.directions.items():
            rows += [(f"{name}: {key.replace('_', ' ')}", n) for key, n in asdict(one).items()]
        rows += self.cases.items()
        rows += [(f"WRONG: {how}", times) for how, times in self.deaths.items()]
        rows += [(f"WRONG: {what}", count) for what, count in self.case_disagreements.items()]
        rows += [(f"WRONG: alarm {code}", count) for code, count in self.alarms.items()]
        rows += [(f"WRONG: not tried, {what}", count) for what, count in self.untried.items()]
        rows.append(
            (
                "logs that verify",
                "not asked" if self.logs_whole is None else f"{self.logs_whole} of 2",
            )
        )
        rows.append(("disagreements of the two logs", self.disagreements))
        rows.append(("receipts checked by `rfl receipt verify`", self.receipts_by_command))
        rows.append(("stopped at", self.stopped_at or "the end"))
        rows.append(("verdict", "right" if self.is_right else "WRONG"))
        width = max(len(name) for name, _value in rows)
        return "\n".join(f"{name:<{width}}  {value}" for name, value in rows)


def direction(sender: Node, recipient: Node, promised: Iterable[bytes]) -> Direction:
    """Compare what a node has sent with what the log of the other says that it took, and when."""
    with sender.opened() as rt, rt.ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        rows = _sent(work, recipient.code)
        settled = set(_named(work, recipient.code, Verb.EXCHANGE_SEND))
    with recipient.opened() as rt, rt.look(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        taken = list(_named(work, sender.code, Verb.EXCHANGE_RECEIVE))
        broken = sum(1 for receipt in promised if not _is_kept(work, receipt))
    counted = Counter(taken)
    known = {row.id for row in rows}
    forgotten = set(_journal(sender)) - known
    written = known | forgotten
    found = Direction(letters=len(rows), receipts_broken=broken)
    found.unnamed = sum(1 for row in rows if row.receipt is not None and row.id not in settled)
    found.lost = sum(1 for row in rows if not counted[row.id])
    found.twice = sum(1 for times in counted.values() if times > 1)
    found.out_of_order = _disorder(rows, taken)
    found.gone = len(forgotten)
    found.unknown = sum(1 for one in counted if one not in written)
    keys = {key.kid: key.public for key in _descriptor(sender, recipient).signing_keys}
    true = [_is_true(row, keys) for row in rows if row.receipt is not None]
    found.receipts, found.receipts_false = sum(true), len(true) - sum(true)
    return found


def alarms_of(*nodes: Node) -> Counter[str]:
    """How often an alarm rang that says that the exchange has broken a promise."""
    rang: Counter[str] = Counter()
    for node in nodes:
        with node.opened() as rt, rt.ask(OFFICE_CALL, Verb.ALARM_READ) as work:
            for one in alarms.newest(work, _MANY):
                rang[f"{node.code}: {one.code}"] += one.count * (one.code in NEVER)
    return +rang


def remember_outbox(node: Node) -> None:
    """Write down what a node has written, before its database is lost."""
    with node.opened() as rt, rt.ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        ids = list(work.connection.scalars(select(outbox.outbox.c.id)))
    (node.home / BEFORE_RESTORE).write_text("\n".join(ids))


def reasons(*senders: Node) -> Counter[str]:
    """How many letters were rejected, by the reason that their receipts say."""
    said: Counter[str] = Counter()
    for sender in senders:
        with sender.opened() as rt, rt.ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
            rejected = outbox.outbox.c.state == outbox.OutState.REJECTED
            rows = work.connection.execute(outbox.outbox.select().where(rejected)).all()
        for row in rows:
            paper = to_bytes(msgspec.json.decode(row.receipt)["p"])
            said[f"{sender.code}: rejected, {msgspec.json.decode(paper)['reason']}"] += 1
    return said


def check_receipts(sender: Node, recipient: Node, most: int) -> int:
    """Let `rfl receipt verify` judge some; return how many are true."""
    with sender.opened() as rt, rt.ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        rows = [row for row in _sent(work, recipient.code) if row.receipt is not None]
    saved = _saved(sender, recipient)
    true = 0
    for row in rows[:: max(1, len(rows) // most)][:most]:
        file = sender.home / f"{row.id}.receipt"
        file.write_bytes(row.receipt)
        answer = sender.answer("receipt", "verify", file, "--descriptor", saved)
        true += answer["verified"] and answer["status"] == row.state
    return true


def log_is_whole(node: Node) -> bool:
    """Export the log and let `rfl audit verify` judge it."""
    node.say("audit", "export", node.home / "log.rfllog")
    return bool(node.answer("audit", "verify", node.home / "log.rfllog"))


def disagreements(one: Node, other: Node, *, clock_was_ahead: bool) -> int:
    """Let each write its account of the post, and `rfl audit compare` judge both.

    It rightly shows two things that were done to them: what a restored node has forgotten that it
    sent, and what a clock that was ahead has dated. They are not counted.
    """
    for node, peer in ((one, other), (other, one)):
        node.say("exchange", "account", peer.code, node.home / "account.jsonl")
    words = ("audit", "compare", one.home / "account.jsonl", other.home / "account.jsonl")
    said = json.loads(one.say(*words, "--json", codes=(0, 1)))
    gone = {envelope for node in (one, other) for envelope in _journal(node)}

    def was_done(found: dict[str, str]) -> bool:
        if found["difference"] == Difference.BEFORE_SENDING:
            return clock_was_ahead
        return found["difference"] == Difference.NEVER_SENT and found["envelope"] in gone

    return sum(1 for found in said["differences"] if not was_done(found))


def _sent(work: Work, peer: str) -> Sequence[object]:
    table = outbox.outbox.c
    places = (table.stream, table.epoch, table.seq)
    # Not the bodies: of a hundred thousand letters they take gigabytes.
    judged = (table.id, *places, table.digest, table.state, table.receipt)
    mine = select(*judged).where(table.peer == peer).order_by(*places)
    return work.connection.execute(mine).all()


def _named(work: Work, peer: str, verb: Verb) -> Iterable[str]:
    """The letters from a peer, or to it, in the order in which the log says that they took effect.

    Of what was sent: that its receipt is here.
    """
    rows = ledger.ledger.select().where(ledger.ledger.c.peer == peer).order_by(ledger.ledger.c.seq)
    for row in work.connection.execute(rows):
        entry = from_bytes(bytes(row.body))
        if entry.action == verb and entry.reason in (None, FETCHED):
            yield from (one for one in entry.objects if one.startswith("env_"))


def _is_kept(work: Work, receipt: bytes) -> bool:
    """True if the very receipt is kept. That of a parked letter is rightly replaced."""
    said = msgspec.json.decode(to_bytes(msgspec.json.decode(receipt)["p"]))
    kept = inbox.taken(work, said["id"])
    return kept is not None and (kept.receipt == receipt or said["status"] == inbox.PARKED)


def _disorder(rows: Sequence[object], taken: Sequence[str]) -> int:
    """How often a stream's letter took effect after one that stands behind it."""
    place = {row.id: (row.stream, (row.epoch, row.seq)) for row in rows}
    last: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    wrong = 0
    for one in taken:
        if one in place:
            stream, at = place[one]
            wrong += at <= last[stream]
            last[stream] = at
    return wrong


def _journal(node: Node) -> list[str]:
    """What its clerk has written, as it noted after each commit, and what a restore forgot."""
    files = [node.home / "clerk.written", node.home / BEFORE_RESTORE]
    return [one for file in files if file.exists() for one in file.read_text().split()]


def _is_true(row: object, keys: dict[str, bytes]) -> bool:
    try:
        receipt = verify_by_any(row.receipt, keys)
    except BadEnvelope:
        return False
    settled = row.state == receipt.status
    return settled and (receipt.id, receipt.digest) == (row.id, row.digest)


def _descriptor(sender: Node, recipient: Node):
    return parse_descriptor(_saved(sender, recipient).read_bytes())


def _saved(sender: Node, recipient: Node) -> Path:
    file = sender.home / f"{recipient.code}.descriptor"
    if not file.exists():
        sender.say("peer", "show", recipient.code, "--save", file)
    return file
