"""API7:2023, server side request forgery: the node calls where its settings and its trusted peers
say, and nowhere inside the house.

That a key or address in a token's header is not asked, and no redirect of the identity provider is
followed, is in tests/signin/test_access_tokens.py.
"""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from rfl import wiring
from rfl.audit.bells import Ring, Webhook
from rfl.audit.syslog import NotReceived
from rfl.errors import Misconfigured
from rfl.exchange.addresses import parse_networks, require_allowed
from rfl.exchange.hop import HopRequest
from rfl.exchange.transport import Transport
from tests.flows.test_bells import HOST, serving
from tests.security.attack import SCHEMAS

INSIDE = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0.0.0.0",  # noqa: S104 (an address to refuse)
    "localhost",
    "10.0.0.7",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "[::1]",
    "[::]",
    "[::ffff:169.254.169.254]",
    "[fe80::1]",
    "[fd00:ec2::254]",
    "224.0.0.1",
    "255.255.255.255",
    "",
]


@pytest.mark.parametrize("host", INSIDE)
def test_a_peers_address_leads_to_no_machine_of_the_house(host: str) -> None:
    with pytest.raises(OSError, match="peer's"):
        require_allowed(f"https://{host}:8460/rfl/v1/inbox", ())
    with pytest.raises(OSError, match="peer's"):
        require_allowed(f"https://public.example@{host}/", ())


def test_a_peers_address_leads_to_the_public_and_to_networks_that_were_named() -> None:
    require_allowed("https://93.184.215.14/rfl/v1/inbox", ())
    require_allowed("https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/", ())
    require_allowed("https://10.8.0.7/", parse_networks("10.8.0.0/16"))
    with pytest.raises(OSError, match="not a public one"):
        require_allowed("https://10.9.0.7/", parse_networks("10.8.0.0/16"))


class _Elsewhere(BaseHTTPRequestHandler):
    """Answers everybody that what they want is inside the house."""

    server: Any

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_response(307)
        self.send_header("Location", f"http://{HOST}:{self.server.server_address[1]}/inside")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_arguments: object) -> None:
        pass


def test_no_redirect_is_followed_by_a_hop_or_a_webhook() -> None:
    server: Any = ThreadingHTTPServer((HOST, 0), _Elsewhere)
    server.asked = []
    with serving(server):
        url = f"http://{HOST}:{server.server_address[1]}/there"
        with pytest.raises(NotReceived):
            Webhook(url, b"secret").ring(Ring("alm_1", "x", "", "north", "now", 1), 0)
        line = Transport(None, plain=True)
        assert line.carry(HopRequest("GET", url, {})).status_code == 307
        line.close()
    assert server.asked == ["/there", "/there"]


def test_a_live_hop_is_never_plain() -> None:
    line = Transport(None, plain=False)
    with pytest.raises(OSError, match="plain HTTP"):
        line.carry(HopRequest("GET", "http://93.184.215.14/rfl/v1/status", {}))
    line.close()


@pytest.mark.parametrize(
    "wrong",
    [
        {"alarm_webhook": "http://127.0.0.1:80@evil.example/"},
        {"alarm_webhook": "http://watch.example/"},
        {"oidc_issuer": "https://id.example", "oidc_keys_url": "http://127.0.0.1@evil.example/k"},
        {"oidc_issuer": "https://id.example", "oidc_keys_url": "http://id.example/keys"},
    ],
)
def test_an_address_of_the_settings_is_https_or_this_machine(
    wrong: dict[str, Any], tmp_path: Any
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("a secret that is long enough, and then some more")
    made = wiring.settings(alarm_webhook_secret_file=secret, oidc_audience="x", **wrong)
    with pytest.raises(Misconfigured, match="https"):
        _ = [*wiring.rules(made).bells, wiring.issuer(made)]


def test_no_body_of_the_api_names_an_address_to_call() -> None:
    words = {"url", "uri", "href", "callback", "webhook", "host", "endpoint", "link"}
    fields = {name for shape in SCHEMAS.values() for name in shape.get("properties", ())}
    assert {one for one in fields if words & set(one.split("_"))} == set()
