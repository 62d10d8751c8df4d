"""What carries to other societies follows nobody else's lead, and a live node is never plain."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from rfl import wiring
from rfl.errors import InvalidInput, Misconfigured
from rfl.exchange.hop import HopRequest
from rfl.exchange.transport import ANSWER_BYTES, Transport

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
