"""The society's settings, as the flows obey them."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from rfl.audit.bells import Bell
from rfl.domain.approval import Approves
from rfl.domain.budget import DEFAULTS, Budgets
from rfl.domain.person import IdentifierKind
from rfl.domain.policy import AfterKeeping, DataClass, Profile
from rfl.exchange.network import Network
from rfl.interchange.profile import shipped_profile
from rfl.matching import pools
from rfl.storage.merges import Matching


@dataclass(frozen=True, slots=True)
class Collector:
    """Where the access log is streamed to (RFC 5425), who that is, and how long it keeps it."""

    host: str
    port: int
    recipient: str
    keep_days: int
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Stamping:
    """The time-stamping authority (RFC 3161) of the log, and what its certificates lead to."""

    url: str
    ca_file: Path
    minutes: int = 60


@dataclass(frozen=True, slots=True)
class Rules:
    """The society's settings that flows obey."""

    society: str
    zone: ZoneInfo
    identifier_kinds: frozenset[IdentifierKind]
    phone_region: str | None = None
    token_days: int = 90
    sign_in_minutes: int = 480
    glass_review_hours: int = 72
    log_host: Path | None = None
    sample_share: float = 0.0
    statement_names: bool = False
    log_days: int = 1096
    collector: Collector | None = None
    stamping: Stamping | None = None
    four_eyes: frozenset[Approves] = frozenset(Approves)
    policy: Profile = field(default_factory=lambda: shipped_profile("neutral"))
    network: Network | None = None
    calls: int = 6_000
    """How often each account may call in a minute, in each process."""

    peer_calls: int = 6_000
    """How often each other society may call in a minute, in each process."""

    bells: tuple[Bell, ...] = ()
    budgets: Budgets = field(default_factory=lambda: DEFAULTS)

    def removed_after(self, kind: DataClass, on: date) -> int | None:
        """Return after how many days a class of data is removed by the rules of a day, or None."""
        keeping = self.policy.on(on).any.keeping.get(kind)
        is_removed = keeping is not None and keeping.then is AfterKeeping.REMOVE
        return keeping.days if keeping is not None and is_removed else None

    def log_days_on(self, on: date) -> int:
        """Return after how many days bodies of the log end: the policy's, else the setting's."""
        return self.removed_after(DataClass.LOG_BODY, on) or self.log_days

    def registered_until(self, said: date | None, on: date) -> date | None:
        """Return until when somebody who was registered, or named again, on a day is kept.

        `said`: the day that the list names. The earlier one counts.
        """
        days = self.removed_after(DataClass.REGISTRATION, on)
        last = None if days is None else on + timedelta(days=days)
        return min((day for day in (said, last) if day is not None), default=None)

    @property
    def matching(self) -> Matching:
        """How a case is made known to the matcher."""
        return Matching(pools.request_terms, self.identifier_kinds, self.phone_region)

    @property
    def called(self) -> frozenset[str]:
        """How the society is called: its code, its name, and the longer words of that."""
        name = self.network.name if self.network is not None else ""
        return frozenset({self.society, name, *(one for one in name.split() if len(one) > 3)})
