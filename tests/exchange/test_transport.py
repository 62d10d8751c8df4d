"""What carries to other societies follows nobody else's lead, and a live node is never plain."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from rfl import wiring
from rfl.errors import InvalidInput, Misconfigured
from rfl.exchange.addresses import parse_networks
from rfl.exchange.hop import HopRequest
from rfl.exchange.transport import ANSWER_BYTES, Transport
from tests.audit.collector import make_certificate

TARGETS: list[str] = []


class _Odd(BaseHTTPRequestHandler):
    """Leads elsewhere at /away, and says too much at /long."""

    def do_GET(self) -> None:
        TARGETS.append(self.path)
        self.send_response(302 if self.path == "/away" else 200)
        self.send_header("Location", "/followed")
        self.end_headers()
        if self.path == "/long":
            self.wfile.write(bytes(ANSWER_BYTES + 1))

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Odd) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_redirect_is_not_followed(address: str) -> None:
    TARGETS.clear()
    answer = Transport(None, plain=True).carry(HopRequest("GET", f"{address}/away", {}))
    assert (answer.status_code, TARGETS) == (302, ["/away"])


def test_an_answer_that_is_too_long_is_none(address: str) -> None:
    with pytest.raises(OSError, match="too long"):
        Transport(None, plain=True).carry(HopRequest("GET", f"{address}/long", {}))


def test_no_proxy_is_taken_from_the_environment(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert Transport(None, plain=True).carry(HopRequest("GET", address, {})).status_code == 200


def test_a_live_node_calls_nobody_without_tls(address: str) -> None:
    TARGETS.clear()
    live = Transport(None, plain=False)
    with pytest.raises(OSError, match="exercises"):
        live.carry(HopRequest("GET", address, {}))
    with pytest.raises(InvalidInput):
        live.fetch_descriptor(address)
    assert TARGETS == []


NOT_PUBLIC = [
    "https://127.0.0.1:{port}",
    "https://localhost:{port}",
    "https://[::1]:{port}",
    "https://[::ffff:127.0.0.1]:{port}",
    "https://169.254.169.254",
    "https://10.0.0.7",
    "https://192.168.1.1",
    "https://0.0.0.0:{port}",
    "https://224.0.0.1",
    "https://2130706433:{port}",
]


@pytest.mark.parametrize("url", NOT_PUBLIC)
def test_a_live_node_is_led_to_no_machine_of_its_own_house(url: str) -> None:
    """A descriptor may name any address, and a trusted peer may change its own at any time."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(0.05)
        live = Transport(None, plain=False)
        target = url.format(port=listener.getsockname()[1]) + "/rfl/v1/inbox"
        with pytest.raises(OSError, match=r"not a public one|leads nowhere"):
            live.carry(HopRequest("POST", target, {}, b"{}"))
        with pytest.raises(TimeoutError):
            listener.accept()


def test_a_network_that_the_society_names_is_called(tmp_path: Path) -> None:
    with https(tmp_path, ssl.TLSVersion.TLSv1_3) as (url, ca_file):
        inside = Transport(ca_file, plain=False, networks=parse_networks("10.0.0.0/8,127.0.0.0/8"))
        assert inside.carry(HopRequest("GET", f"{url}/here", {})).status_code == 200
        with pytest.raises(OSError, match="not a public one"):
            Transport(ca_file, plain=False).carry(HopRequest("GET", f"{url}/here", {}))
    with pytest.raises(Misconfigured):
        parse_networks("10.0.0.0/99")


def test_a_peer_that_speaks_no_tls_1_3_is_not_spoken_to(tmp_path: Path) -> None:
    with https(tmp_path, ssl.TLSVersion.TLSv1_2) as (url, ca_file):
        line = Transport(ca_file, plain=True)
        with pytest.raises(OSError, match="cannot be reached"):
            line.carry(HopRequest("GET", f"{url}/here", {}))


@contextmanager
def https(folder: Path, newest: ssl.TLSVersion) -> Iterator[tuple[str, Path]]:
    """A server whose TLS goes up to a version, and what its certificate leads to."""
    certificate, key = make_certificate(folder / "tls")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = newest
    context.load_cert_chain(certificate, key)
    with HTTPServer(("127.0.0.1", 0), _Odd) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"https://127.0.0.1:{server.server_port}", certificate
        server.shutdown()


@pytest.mark.parametrize(
    "wrong",
    [
        {"base_url": "http://rfl.south.example"},
        {"contact": ""},
        {"society": "0south"},
        {"tick_seconds": 0},
    ],
)
def test_a_live_exchange_that_would_not_be_safe_is_refused(wrong: dict[str, object]) -> None:
    right = {"base_url": "https://rfl.south.example", "contact": "desk", "society": "south"}
    assert wiring.rules(wiring.settings(**right)).network is not None
    with pytest.raises(Misconfigured):
        wiring.rules(wiring.settings(**right | wrong))
