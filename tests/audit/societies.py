"""Nodes of several societies that witness each other, and a carrier between them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from rfl.audit import witness
from rfl.audit.witness import Answer
from rfl.flows import appoint
from rfl.flows.cosign import cosign
from rfl.flows.runtime import OFFICE_CALL, Runtime
from rfl.flows.sequence import sequence_waiting, sign_checkpoint
from rfl.flows.witness_log import Witnessed, offer_checkpoint, take_cosignature
from rfl.storage import alarms, witnesses
from rfl.storage.alarms import Alarm
from tests.audit.logs import add_entries
from tests.support import Clock, make_runtime


def make_society(name: str, template: Path, folder: Path, clock: Clock) -> Runtime:
    """A node of its own on SQLite."""
    home = folder / name
    home.mkdir()
    (home / "rfl.db").write_bytes(template.read_bytes())
    rt = make_runtime(f"sqlite:///{home / 'rfl.db'}", home, clock)
    rt.rules = replace(rt.rules, society=name)
    return rt


def befriend(log: Runtime, by: Runtime) -> None:
    """Have `by` witness the log of `log`; each side gets the other's key."""
    page, theirs = appoint.view_watch(log, OFFICE_CALL), appoint.view_watch(by, OFFICE_CALL)
    appoint.appoint(by, OFFICE_CALL, log.rules.society, page.log_key)
    appoint.appoint(log, OFFICE_CALL, by.rules.society, theirs.witness_key)


def grow(rt: Runtime, count: int = 3) -> None:
    """Let the log grow, and sign a checkpoint for peers."""
    add_entries(rt, count)
    sequence_waiting(rt)
    sign_checkpoint(rt, padded=True)


def offered(log: Runtime, by: Runtime) -> bytes:
    """The message with which a log asks a witness."""
    return offer_checkpoint(log, OFFICE_CALL, by.rules.society)


def answered(log: Runtime, by: Runtime) -> bytes:
    """The witness's answer to what the log offers now."""
    return cosign(by, OFFICE_CALL, offered(log, by))


def take(log: Runtime, by: Runtime, message: bytes) -> Witnessed:
    """Hand a witness's answer to the log."""
    return take_cosignature(log, OFFICE_CALL, by.rules.society, message)


def witnessed(log: Runtime, by: Runtime) -> Witnessed:
    """One round: offer, answer, take."""
    return take(log, by, answered(log, by))


def refusal_of(message: bytes) -> str | None:
    """Why a witness refused, if it did."""
    return witness.parse_answer(message).refusal


def answer_of(message: bytes) -> Answer:
    """What a witness said."""
    return witness.parse_answer(message)


def open_alarms(rt: Runtime) -> list[tuple[str, str]]:
    """Codes and subjects of the alarms that nobody has seen."""
    return [(one.code, one.subject) for one in all_alarms(rt) if one.state == "open"]


def all_alarms(rt: Runtime) -> list[Alarm]:
    """Every alarm."""
    with rt.database.read() as connection:
        return alarms.newest(rt._work(connection, OFFICE_CALL, "x"), 100)  # type: ignore[arg-type]


def evidence_of(rt: Runtime) -> list[witnesses.Evidence]:
    """The evidence that a node has."""
    return appoint.view_watch(rt, OFFICE_CALL).evidence


def size_of(log: Runtime, by: Runtime) -> int:
    """How far the log knows that it was witnessed."""
    page = appoint.view_watch(log, OFFICE_CALL)
    return next(one.size for one in page.witnesses if one.peer == by.rules.society)


@dataclass
class Wire:
    """Carries to nodes in this process; may be down, or lose answers."""

    nodes: dict[str, Runtime]
    down: set[str] = field(default_factory=set)
    lost: int = 0
    spoil: Callable[[bytes], bytes] = field(default=lambda answer: answer)

    def carry(self, peer: str, message: bytes) -> bytes | None:
        if peer in self.down:
            raise ConnectionRefusedError
        answer = cosign(self.nodes[peer], OFFICE_CALL, message)
        if self.lost:
            self.lost -= 1
            return None
        return self.spoil(answer)


def restored(rt: Runtime, change: Callable[[], object]) -> None:
    """Bring the database back to what it is now, after something has happened."""
    rt.database.scrub()
    yesterday = rt.database.path.read_bytes()
    change()
    rt.database.scrub()
    rt.database.dispose()
    rt.database.path.write_bytes(yesterday)
