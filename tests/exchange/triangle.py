"""Three societies, each with a node: one asks, one passes on, one searches."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import permutations
from pathlib import Path

from rfl.exchange.hop import HopRequest, HopResponse
from rfl.flows import know_peers
from rfl.flows.runtime import OFFICE_CALL
from tests.exchange.across import assess
from tests.exchange.network import Line, Society, make_society
from tests.support import Clock

Three = tuple[Society, Society, Society]


class Lines(Line):
    """Lines to several nodes: each request goes to the node whose address it names."""

    def __init__(self, others: dict[str, Line]) -> None:
        self._others = others

    def carry(self, request: HopRequest) -> HopResponse:
        """Carry a request by the line to its node."""
        return self._others[request.url.split("/")[2]].carry(request)

    def to(self, other: Society) -> Line:
        """The line to one of them."""
        return self._others[other.network.base_url.split("/")[2]]


@contextmanager
def three_societies(template: Path, folder: Path, clock: Clock) -> Iterator[Three]:
    """Skopje, the Central Tracing Agency, and Sofia: all trust and have assessed each other."""
    made = []
    for code in ("skopje", "cta", "sofia"):
        shutil.copy(template, folder / f"{code}.db")
        url = f"sqlite:///{folder / code}.db"
        made.append(make_society(url, folder / code, clock, code))
    for here, there in permutations(made, 2):
        raw = there.client.get("/.well-known/rfl-node").content
        peer = know_peers.add_peer(here.rt, OFFICE_CALL, raw)
        know_peers.trust_peer(here.rt, OFFICE_CALL, there.network.code, peer.fingerprint)
        assess(here, there)
    for here in made:
        others = [one for one in made if one is not here]
        here.line = Lines({one.network.base_url.split("/")[2]: Line(one.client) for one in others})
    yield made[0], made[1], made[2]
    for one in made:
        one.rt.database.dispose()
