"""Two societies in one process that trust each other, and what carries between them."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from starlette.testclient import TestClient

from rfl.app import AppOptions, create_app
from rfl.domain.access import Verb
from rfl.domain.purpose import Purpose
from rfl.exchange.descriptor import Mode
from rfl.exchange.envelope import Envelope
from rfl.exchange.hop import HopRequest, HopResponse
from rfl.exchange.letter import Letter, LetterType
from rfl.exchange.network import Network
from rfl.exchange.post import post
from rfl.flows import know_peers, notice_keys
from rfl.flows.carry_blobs import carry_blobs
from rfl.flows.deliver import deliver_due
from rfl.flows.runtime import OFFICE_CALL, Runtime
from tests.support import Clock, make_runtime

Change = Callable[[HopRequest], HopResponse | None]


@dataclass
class Line:
    """What lies between two nodes. It can be down, lose answers after their commit, or repeat."""

    client: TestClient
    down: bool = False
    lose_answers: int = 0
    repeat: bool = False
    carried: list[HopRequest] = field(default_factory=list)

    def carry(self, request: HopRequest) -> HopResponse:
        """Carry one request to the other node."""
        if self.down:
            raise ConnectionError
        self.carried.append(request)
        answer = self._sent(request)
        if self.lose_answers:
            self.lose_answers -= 1
            raise TimeoutError
        return answer

    def _sent(self, request: HopRequest) -> HopResponse:
        target = "/" + request.url.split("/", 3)[3]
        headers = dict(request.headers)
        found = self.client.request(request.method, target, headers=headers, content=request.body)
        return HopResponse(found.status_code, dict(found.headers), request, found.content)


@dataclass(frozen=True)
class Passed:
    """One call as whoever taps the line sees it: between whom, what for, and how large."""

    sender: str
    recipient: str
    what: str
    asked: int
    status: int
    answered: int


@dataclass
class Switch(Line):
    """A line to every society by its address, that notes what passes."""

    code: str = ""
    others: dict[str, TestClient] = field(default_factory=dict)
    passed: list[Passed] = field(default_factory=list)
    away: set[str] = field(default_factory=set)

    def _sent(self, request: HopRequest) -> HopResponse:
        parts = urlsplit(request.url)
        to = (parts.hostname or "").split(".")[0]
        if to in self.away:
            raise ConnectionError
        self.client = self.others[to]
        answer = super()._sent(request)
        what = f"{request.method} {'/'.join(parts.path.split('/')[:4])}"
        sizes = (len(request.body), answer.status_code, len(answer.body))
        self.passed.append(Passed(self.code, to, what, *sizes))
        return answer


@dataclass
class Society:
    """One node with its address; `line` leads to the other one."""

    rt: Runtime
    client: TestClient
    line: Line | None = None

    @property
    def network(self) -> Network:
        """Its place on the network."""
        assert self.rt.rules.network is not None
        return self.rt.rules.network

    def write(self, to: "Society", text: str = "Is anybody there?", ref: str | None = None) -> str:
        """Put a letter into the outbox; return the envelope's id."""
        letter = Letter(
            type=LetterType.PING, purpose=Purpose.TRACING, case_ref=ref, data={"text": text}
        )
        with self.rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
            return self._posted(post(work, self.network, to.network.code, letter))

    def deliver(self) -> int:
        """Deliver what is due now."""
        assert self.line is not None
        return deliver_due(self.rt, self.line.carry)

    def carry(self) -> int:
        """Carry what is attached to letters that are due."""
        assert self.line is not None
        return carry_blobs(self.rt, self.line.carry)

    def _posted(self, envelope: Envelope) -> str:
        return envelope.header.id


def make_network(code: str) -> Network:
    """A place on the network of an exercise, whose letters leave at once."""
    return Network(
        code=code,
        name=f"Red Cross of {code}",
        base_url=f"https://{code}.example",
        contact="tracing desk",
        mode=Mode.EXERCISE,
        tick_seconds=0,
    )


def make_society(url: str, folder: Path, clock: Clock, code: str, **said: Any) -> Society:
    """A node with keys of its own that others can call; `said` changes its place."""
    folder.mkdir(exist_ok=True)
    rt = make_runtime(url, folder, clock)
    rt.rules = replace(rt.rules, society=code, network=replace(make_network(code), **said))
    notice_keys.notice_keys(rt)
    app = create_app(rt, AppOptions(matcher=False))
    return Society(rt, TestClient(app, raise_server_exceptions=False))


def befriend(one: Society, other: Society) -> None:
    """Let each add the other's descriptor and compare the digits, as two people do by phone."""
    for here, there in ((one, other), (other, one)):
        raw = there.client.get("/.well-known/rfl-node").content
        peer = know_peers.add_peer(here.rt, OFFICE_CALL, raw)
        code = there.network.code
        know_peers.trust_peer(here.rt, OFFICE_CALL, code, peer.fingerprint)
        here.line = Line(there.client)


@contextmanager
def societies(
    template: Path, folder: Path, clock: Clock, *codes: str
) -> Iterator[tuple[Society, ...]]:
    """Societies that all trust each other, with a switch between them."""
    made: dict[str, Society] = {}
    for code in codes:
        shutil.copy(template, folder / f"{code}.db")
        made[code] = make_society(f"sqlite:///{folder / code}.db", folder / code, clock, code)
    for one, other in combinations(made.values(), 2):
        befriend(one, other)
    clients = {code: one.client for code, one in made.items()}
    for code, one in made.items():
        one.line = Switch(one.client, code=code, others=clients)
    yield tuple(made.values())
    for one in made.values():
        one.rt.database.dispose()


@contextmanager
def two_societies(
    urls: tuple[str, str],
    folder: Path,
    clock: Clock,
    *,
    both: dict[str, Any] | None = None,
    **first: Any,
) -> Iterator[tuple[Society, Society]]:
    """Skopje and Belgrade, who trust each other; `first` changes Skopje's place, `both` theirs."""
    shared = both or {}
    pair = (
        make_society(urls[0], folder / "skopje", clock, "skopje", **shared | first),
        make_society(urls[1], folder / "belgrade", clock, "belgrade", **shared),
    )
    befriend(*pair)
    yield pair
    for one in pair:
        one.rt.database.dispose()
