"""What every flow is given: the database, the keys, the clock, the pools; and `begin`.

One flow is one transaction, committed here and nowhere else. A refusal rolls everything back
and is then entered in the log in a transaction of its own.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from rfl.crypto.agent import KeyAgent
from rfl.domain.access import Actor, Role, Verb
from rfl.domain.entry import Decision
from rfl.domain.groups import Group
from rfl.domain.person import IdentifierKind
from rfl.domain.purpose import LegalBasis, Purpose
from rfl.errors import IdempotencyMismatch, RflError, StorageBusy, StorageFailed, StorageFull
from rfl.exchange.network import Network
from rfl.matching.pools import Pools
from rfl.storage import accounts, ledger
from rfl.storage.accounts import Remembered
from rfl.storage.database import Database
from rfl.storage.work import Connection, Work

POLICY = "foundation-1"


@dataclass(frozen=True, slots=True)
class Call:
    """Who asks, why, under which request id; and the idempotency key with the body's bytes."""

    actor: Actor
    purpose: Purpose | None
    request: str | None = None
    repeat: tuple[str, bytes] | None = field(default=None, repr=False)


SERVICE = Actor(id="service", role=Role.SERVICE, branch="*", client="worker")
MATCHER_CALL = Call(SERVICE, Purpose.TRACING)
OFFICE_CALL = Call(SERVICE, Purpose.ADMINISTRATION)


@dataclass(frozen=True, slots=True)
class Rules:
    """The society's settings that flows obey."""

    society: str
    zone: ZoneInfo
    identifier_kinds: frozenset[IdentifierKind]
    phone_region: str | None = None
    token_days: int = 90
    log_host: Path | None = None
    network: Network | None = None


@dataclass(slots=True)
class Runtime:
    """One node in one process."""

    database: Database
    agent: KeyAgent
    rules: Rules
    clock: Callable[[], datetime]
    pools: Pools = field(default_factory=Pools)

    @contextmanager
    def begin(self, call: Call, verb: Verb, *, basis: LegalBasis | None = None) -> Iterator[Work]:
        """One transaction; commits at the end, or leaves nothing but the refusal's entry."""
        touched: tuple[str, ...] = ()
        try:
            with self.database.write() as connection:
                work = replace(self._work(connection, call, verb), basis=basis)
                try:
                    yield work
                finally:
                    touched = work.objects
        except (StorageBusy, StorageFull, StorageFailed):
            raise
        except RflError as error:
            self.refuse(call, verb, error, touched)
            raise

    @contextmanager
    def look(self, call: Call, verb: Verb) -> Iterator[Work]:
        """A read-only view of what stands in clear; whatever opens sealed data needs `begin`."""
        with self.database.read() as connection:
            yield self._work(connection, call, verb)

    @contextmanager
    def ask(self, call: Call, verb: Verb) -> Iterator[Work]:
        """For one question to what stands in clear."""
        with self.database.ask() as connection:
            yield self._work(connection, call, verb)

    @contextmanager
    def stream(self, call: Call, verb: Verb, groups: Sequence[Group], count: int) -> Iterator[Work]:
        """A read-only view that may open `groups` of `count` records: its entry is kept first.

        For what is long: no lock is held while data is opened.
        """
        with self.begin(call, verb) as work:
            work.require()
            ledger.append(work, groups=groups, count=count)
        with self.look(call, verb) as work:
            work.entries = 1
            yield work

    def refuse(
        self, call: Call, verb: Verb, error: RflError, touched: tuple[str, ...] = ()
    ) -> None:
        """Enter a refusal in the log, in a transaction of its own."""
        with self.database.write() as connection:
            work = self._work(connection, call, verb)
            ledger.append(work, objects=touched, decision=Decision.DENIED, reason=error.code)

    def _work(self, connection: Connection, call: Call, verb: Verb) -> Work:
        now = self.clock()
        return Work(
            connection=connection,
            agent=self.agent,
            actor=call.actor,
            purpose=call.purpose,
            verb=verb,
            now=now,
            today=now.astimezone(self.rules.zone).date(),
            policy=POLICY,
            request=call.request,
        )


def earlier_result(work: Work, call: Call) -> str | None:
    """Return the id that this idempotency key led to, or None; another body is an error."""
    if call.repeat is None:
        return None
    kept = accounts.remembered(work, _key(work, call.repeat[0]))
    if kept is None:
        return None
    if kept.body != _body(work, call.repeat[1]):
        raise IdempotencyMismatch(field="Idempotency-Key")
    return kept.result_id


def remember_result(work: Work, call: Call, status: int, result_id: str) -> None:
    """Keep what this idempotency key led to, in the same transaction as the result."""
    if call.repeat is not None:
        kept = Remembered(_body(work, call.repeat[1]), status, result_id)
        accounts.remember(work, _key(work, call.repeat[0]), kept)


def _key(work: Work, key: str) -> bytes:
    return work.agent.keyed_hash("idempotency", key.encode("utf-8"))


def _body(work: Work, body: bytes) -> bytes:
    return work.agent.keyed_hash(f"idempotency-body:{work.verb}", body)
