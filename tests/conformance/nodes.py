"""A node on a socket in a thread, which trusts the society that the suite plays."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import uvicorn

from rfl.app import AppOptions, create_app
from rfl.conformance.identity import PLAYER, SUSPENDED, Identity, make_identity
from rfl.conformance.line import connector
from rfl.conformance.play import Play
from rfl.exchange.descriptor import parse_descriptor
from rfl.exchange.transport import Transport
from rfl.flows import know_peers, notice_keys
from rfl.flows.runtime import OFFICE_CALL, Runtime
from tests.exchange.network import make_network
from tests.support import Clock, make_runtime


class RealClock(Clock):
    """The clock of this machine."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class UnderTest:
    """A node that is called by its address, and the societies that it was told to trust."""

    rt: Runtime
    url: str
    player: Identity
    suspended: Identity

    @contextmanager
    def playing(self) -> Iterator[Play]:
        """A performance against this node."""
        line = Transport(None, plain=True)
        try:
            yield Play(
                url=self.url,
                node=parse_descriptor(line.fetch_descriptor(self.url)),
                player=self.player,
                suspended=self.suspended,
                carry=line.carry,
                connect=connector(self.url, None),
                keep=self._keep,
            )
        finally:
            line.close()

    def _keep(self, player: Identity) -> None:
        self.player = player


@contextmanager
def serving(url: str, folder: Path) -> Iterator[UnderTest]:
    """A node that serves; it has compared the digits of both societies and suspended one."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        rt = make_runtime(url, folder, RealClock())
        network = replace(make_network("under-test"), base_url=address)
        rt.rules = replace(rt.rules, society="under-test", network=network)
        notice_keys.notice_keys(rt)
        played = [make_identity(code) for code in (PLAYER, SUSPENDED)]
        for one in played:
            peer = know_peers.add_peer(rt, OFFICE_CALL, one.document())
            know_peers.trust_peer(rt, OFFICE_CALL, one.code, peer.fingerprint)
        know_peers.suspend_peer(rt, OFFICE_CALL, SUSPENDED)
        app = create_app(rt, AppOptions(matcher=False))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, server_header=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield UnderTest(rt, address, *played)
        server.should_exit = True
        thread.join(20)
    rt.database.dispose()
