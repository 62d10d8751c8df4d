"""What a node says of itself on the network, as its society has set it."""

from dataclasses import dataclass
from typing import Final

import msgspec

from rfl.crypto.hpke import Suite
from rfl.exchange.descriptor import Limits, Mode, Reach

ATTEST_SECONDS: Final = 86_400
"""An attestation leaves at the first tick a day later: its moment tells nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """The node's place among the others.

    `base_url` is the address that others call, whatever stands before the node. Envelopes leave
    at multiples of `tick_seconds`, so that nobody can lay one beside a visit at a door. `branch`
    decides about requests that come from other societies. An attestation waits `attest_seconds`,
    less than a day in exercises alone, which cannot wait for one. What came of one peer's files
    and is held here has at most `peer_files_bytes`.
    """

    code: str
    name: str
    base_url: str
    contact: str
    branch: str = "headquarters"
    mode: Mode = Mode.LIVE
    reach: Reach = Reach.CALLED
    tick_seconds: int = 300
    attest_seconds: int = ATTEST_SECONDS
    minimum_suite: Suite = Suite.S1
    peer_files_bytes: int = 2_000_000_000
    limits: Limits = Limits()  # noqa: RUF009 (a frozen struct)

    def status(self, now: int) -> bytes:
        """Return versions, limits, mode and clock (seconds since 1970) as JSON."""
        said = {"versions": [1], "mode": self.mode, "limits": self.limits, "time": now}
        return msgspec.json.encode(said)
