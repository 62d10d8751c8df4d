"""What every flow is given: the database, the keys, the clock, the pools; and `begin`.

One flow is one transaction, committed here and nowhere else. A refusal rolls everything back
and is then entered in the log in a transaction of its own.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from rfl.crypto.agent import KeyAgent
from rfl.domain.access import Actor, Role, Verb, require
from rfl.domain.approval import BY_COMMAND, Exact
from rfl.domain.attempts import Attempts
from rfl.domain.budget import BULK, What
from rfl.domain.bulk_rate import BulkRate
from rfl.domain.call_rate import CallRate
from rfl.domain.entry import Decision
from rfl.domain.groups import Group
from rfl.domain.ids import new_id
from rfl.domain.key_use import KeyTally
from rfl.domain.purpose import LegalBasis, Purpose
from rfl.errors import (
    BudgetSpent,
    IdempotencyMismatch,
    Misconfigured,
    RflError,
    StorageBusy,
    StorageFailed,
    StorageFull,
)
from rfl.exchange.entrance import Entrance
from rfl.exchange.network import Network
from rfl.flows.rules import Rules
from rfl.matching.pools import Pools
from rfl.signin.gate import Gate
from rfl.signin.issuer import Issuer
from rfl.storage import accounts, alarms, approvals, budgets, honey, ledger
from rfl.storage.accounts import Remembered
from rfl.storage.database import Database
from rfl.storage.reach import reach_of
from rfl.storage.work import Connection, Work, micros

POLICY = "foundation-1"
INTERRUPTED = "interrupted"
STORAGE_ERRORS = (StorageBusy, StorageFull, StorageFailed)


@dataclass(frozen=True, slots=True)
class Call:
    """Who asks, why, by which request; the idempotency key with the body; an approval's id."""

    actor: Actor
    purpose: Purpose | None
    request: str | None = None
    repeat: tuple[str, bytes] | None = field(default=None, repr=False)
    approval: str | None = None


SERVICE = Actor(id="service", role=Role.SERVICE, branch="*", client="worker")
MATCHER_CALL = Call(SERVICE, Purpose.TRACING)
OFFICE_CALL = Call(SERVICE, Purpose.ADMINISTRATION)


@dataclass(slots=True)
class Runtime:
    """One node in one process."""

    database: Database
    agent: KeyAgent
    rules: Rules
    clock: Callable[[], datetime]
    pools: Pools = field(default_factory=Pools)
    process: str = field(default_factory=lambda: new_id("prc"))
    tally: KeyTally = field(default_factory=KeyTally)
    rate: BulkRate = field(init=False)
    attempts: Attempts = field(default_factory=Attempts)
    strangers: Attempts = field(default_factory=Attempts)
    issuer: Issuer | None = None
    gate: Gate = field(default_factory=Gate)
    calls: CallRate = field(init=False)
    office_calls: CallRate = field(init=False)
    entrance: Entrance = field(default_factory=Entrance)

    def __post_init__(self) -> None:
        self.tally.start(self.agent.unwraps)
        self.calls = CallRate(self.rules.peer_calls)
        self.office_calls = CallRate(self.rules.calls)
        self.rate = BulkRate(self.rules.budgets[Role.SERVICE][What.KEYS_HOUR])

    def today(self) -> date:
        """Return the day that it is where the society is."""
        return self.clock().astimezone(self.rules.zone).date()

    def moment(self, day: date) -> int:
        """Return the first moment of a day where the society is, as stored."""
        return micros(datetime.combine(day, time(), self.rules.zone))

    @contextmanager
    def begin(
        self, call: Call, verb: Verb, *, basis: LegalBasis | None = None, ahead: bool = False
    ) -> Iterator[Work]:
        """One transaction; commits at the end, or leaves nothing but the refusal's entry.

        What the access table does not allow never commits, so that no flow can forget to ask; and
        who may not is told that, whatever the flow found wrong. What has opened data without an
        entry does not commit. `ahead`: see `Database.write`.
        """
        work: Work | None = None
        try:
            with self.database.write(reach_of(call.actor, verb), ahead=ahead) as connection:
                work = self._work(connection, call, verb)
                work.basis = basis
                yield work
                require(call.actor, verb, call.purpose)
                _require_entry(work)
                if _has_opened_honey(work):
                    alarms.sound(work, honey.OPENED, call.actor.id)
                budgets.spend(work, self.rules.budgets, self.moment(work.today + timedelta(days=1)))
                ledger.flush(work, last=True)
        except STORAGE_ERRORS:
            raise
        except RflError as error:
            told = _denial(call, verb) or error
            self.refuse(call, verb, told, work)
            if told is error:
                raise
            raise told from None
        self.tally.account(work.micros, work.unwrapped)

    @contextmanager
    def attempt(self, call: Call, verb: Verb) -> Iterator[None]:
        """Enter in the log whatever ends this block before its time, unless it is there already.

        For what fails outside a transaction: a file that cannot be written, a command cut short.
        """
        try:
            yield
        except BaseException as error:
            self.enter_failure(call, verb, error)
            raise

    @contextmanager
    def look(self, call: Call, verb: Verb) -> Iterator[Work]:
        """A read-only view of what stands in clear; whatever opens sealed data needs `begin`."""
        with self.database.read(reach_of(call.actor, verb)) as connection:
            work = self._work(connection, call, verb)
            yield work
        if work.pending:
            raise AssertionError("a view keeps no entry")
        if work.unwrapped and not work.entries:
            self.tally.miss(work.unwrapped)
        if _has_opened_honey(work):
            self._sound(call, verb, honey.OPENED)
        _require_entry(work)
        self.tally.account(work.micros, work.unwrapped)

    @contextmanager
    def ask(self, call: Call, verb: Verb) -> Iterator[Work]:
        """For one question to what stands in clear and is no branch's."""
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

    def refuse(self, call: Call, verb: Verb, error: RflError, work: Work | None = None) -> None:
        """Enter a refusal in the log, in a transaction of its own, with what `work` had touched."""
        self._deny(call, verb, error.reason, work.objects if work is not None else ())
        if work is not None and _has_opened_honey(work):
            self._sound(call, verb, honey.OPENED)
        error.entered = True
        if work is not None:
            self.tally.account(work.micros, work.unwrapped)

    def _deny(self, call: Call, verb: Verb, reason: str, objects: tuple[str, ...] = ()) -> None:
        with self.database.write() as connection:
            work = self._work(connection, call, verb)
            ledger.append(work, objects=objects, decision=Decision.DENIED, reason=reason)
            if reason == BudgetSpent.code:
                alarms.sound(work, budgets.HARD, call.actor.id)
            ledger.flush(work, last=True)

    def _sound(self, call: Call, verb: Verb, code: str) -> None:
        with self.database.write() as connection:
            work = self._work(connection, call, verb)
            alarms.sound(work, code, call.actor.id)
            ledger.flush(work, last=True)

    def enter_failure(self, call: Call, verb: Verb, error: BaseException) -> None:
        """Enter what has failed by its code, unless the log has it or cannot be written."""
        if isinstance(error, RflError) and error.entered:
            return
        reason = INTERRUPTED if not isinstance(error, Exception) else RflError.code
        with suppress(*STORAGE_ERRORS):
            self._deny(call, verb, error.reason if isinstance(error, RflError) else reason)
        if isinstance(error, RflError):
            error.entered = True

    def enter_failed(self, count: int, verb: Verb, code: str, peer: str | None = None) -> None:
        """Enter so many failed attempts that others can make, if there are any to enter now."""
        if count:
            with self.begin(OFFICE_CALL, verb) as work:
                work.peer = peer
                ledger.append(work, count=count, decision=Decision.DENIED, reason=code)

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
            reach=reach_of(call.actor, verb),
            request=call.request,
            tally=self.tally,
            rate=self.rate if call.actor.role in BULK else None,
        )


def _has_opened_honey(work: Work) -> bool:
    """True if somebody has opened a honey case; the node's own jobs show it to nobody."""
    return work.actor.role not in BULK and honey.is_touched(work)


def _denial(call: Call, verb: Verb) -> RflError | None:
    """Return what the access table says to a call that it does not allow."""
    try:
        require(call.actor, verb, call.purpose)
    except RflError as denied:
        return denied
    return None


def _require_entry(work: Work) -> None:
    if work.unwrapped and not work.entries:
        raise AssertionError("data was opened without an entry")


def network_of(rt: Runtime) -> Network:
    """Return the node's place on the network, or raise Misconfigured if it has none."""
    if rt.rules.network is None:
        raise Misconfigured("The node has no address for other societies: set RFL_BASE_URL.")
    return rt.rules.network


def require_second(rt: Runtime, work: Work, call: Call, exact: Exact) -> None:
    """Use the second officer's approval that the call brings, or raise Forbidden.

    A command on the node's machine needs none: whoever runs it holds the keys anyway. But what is
    done by commands alone needs one as soon as there are two administrators who could agree.
    """
    is_command = work.actor.role is Role.SERVICE
    two_could_agree = exact.approves in BY_COMMAND and accounts.count_administrators(work) > 1
    if is_command and not two_could_agree:
        return
    if exact.approves in rt.rules.four_eyes:
        approvals.use(work, call.approval, exact)


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
