"""The society's settings, as the flows obey them."""

from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from rfl.audit.bells import Bell
from rfl.domain.approval import Approves
from rfl.domain.budget import DEFAULTS, Budgets
from rfl.domain.person import IdentifierKind
from rfl.domain.policy import Profile
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

    @property
    def matching(self) -> Matching:
        """How a case is made known to the matcher."""
        return Matching(pools.request_terms, self.identifier_kinds, self.phone_region)

    @property
    def called(self) -> frozenset[str]:
        """How the society is called: its code, its name, and the longer words of that."""
        name = self.network.name if self.network is not None else ""
        return frozenset({self.society, name, *(one for one in name.split() if len(one) > 3)})
