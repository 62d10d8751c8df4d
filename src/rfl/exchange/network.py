"""What a node says of itself on the network, as its society has set it."""

from dataclasses import dataclass

import msgspec

from rfl.crypto.hpke import Suite
from rfl.exchange.descriptor import Limits, Mode, Reach


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """The node's place among the others.

    `base_url` is the address that others call, whatever stands before the node. Envelopes leave
    at multiples of `tick_seconds`, so that nobody can lay one beside a visit at a door. `branch`
    decides about requests that come from other societies.
    """

    code: str
    name: str
    base_url: str
    contact: str
    branch: str = "headquarters"
    mode: Mode = Mode.LIVE
    reach: Reach = Reach.CALLED
    tick_seconds: int = 300
    minimum_suite: Suite = Suite.S1
    limits: Limits = Limits()  # noqa: RUF009 (a frozen struct)

    def status(self, now: int) -> bytes:
        """Return versions, limits, mode and clock (seconds since 1970) as JSON."""
        said = {"versions": [1], "mode": self.mode, "limits": self.limits, "time": now}
        return msgspec.json.encode(said)
